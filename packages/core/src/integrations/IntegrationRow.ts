/** The row of an integration. */
import { fromBit, fromJson } from "../storage/Rows.ts"
import { changeOf } from "../events/Change.ts"
import { defaultIntegrationOptions, type IntegrationOptions, type IntegrationPatch } from "./Integration.ts"
import type { Kind, WatchedServer } from "./Kind.ts"
import { type Config, maskSecrets } from "./SecretConfig.ts"

export interface Row {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly config: string
  readonly enabled: number
  readonly options: string
  readonly version: number
  readonly created_at: string
  readonly updated_at: string
  readonly identity: string | null
  readonly watches: string | null
  readonly same_as: number | null
  readonly health_status: "unknown" | "up" | "failing" | "down" | null
  readonly app_name: string | null
  readonly app_version: string | null
  readonly latency_millis: number | null
  readonly consecutive_failures: number | null
  readonly error: string | null
  readonly checked_at: string | null
  readonly last_ok_at: string | null
  readonly next_check_at: string | null
}

/** What the application reported about itself when it last answered a probe. */
export interface SelfReport {
  readonly identity: string | null
  readonly watches: WatchedServer | null
}

export const saidOf = ({ identity, watches }: Row): SelfReport => ({
  identity,
  watches: watches === null ? null : fromJson<WatchedServer>(watches)
})

export const optionsOf = (row: Row): IntegrationOptions => ({
  ...defaultIntegrationOptions,
  ...fromJson<Partial<IntegrationOptions>>(row.options)
})

/** The change for the event log: secrets are masked, and only the given settings are included. */
export const changeTold = (kind: Kind, row: Row, stored: Config, patch: IntegrationPatch) => {
  const config = changeOf(maskSecrets(kind, stored), maskSecrets(kind, patch.config ?? {}))
  const options = changeOf(optionsOf(row), patch.options ?? {})
  const { after, before } = changeOf({ name: row.name, url: row.url, enabled: fromBit(row.enabled) }, patch)
  const part = (name: "config" | "options", change: object) => (patch[name] === undefined ? {} : { [name]: change })
  return {
    before: { ...before, ...part("config", config.before), ...part("options", options.before) },
    after: { ...after, ...part("config", config.after), ...part("options", options.after) }
  }
}
