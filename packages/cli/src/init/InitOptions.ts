/** What the command line specifies about a set-up. */
import type { IntegrationKind } from "@tendarr/sdk-client"
import { Effect } from "effect"
import type { Ask } from "../connection/Connection.ts"
import { misused } from "../Failure.ts"
import { kindNamed } from "../IntegrationConfig.ts"
import { addressIn } from "./Discovery.ts"
import type { DiskOptions } from "./DiskSetup.ts"

export interface InitOptions extends DiskOptions {
  /** `KIND=ADDRESS` or `KIND:NAME=ADDRESS`. */
  readonly integrations: ReadonlyArray<string>
  /** Hosts to try instead of the usual ones. */
  readonly look: ReadonlyArray<string>
  readonly sync: boolean
}

export interface WantedIntegration {
  readonly kind: IntegrationKind
  readonly name: string | null
  readonly url: string
}

export const wantedIntegrations = (ask: Ask, texts: ReadonlyArray<string>) =>
  Effect.forEach(texts, (text) =>
    Effect.gen(function* () {
      const found = /^([^=:]+)(?::([^=]+))?=(.+)$/.exec(text)
      if (found?.[1] === undefined || found[3] === undefined) {
        return yield* misused(`"${text}" is not an integration; give one such as radarr=http://radarr:7878`)
      }
      const kind = yield* kindNamed(ask, found[1])
      const url = addressIn(found[3])
      if (url === null) return yield* misused(`"${found[3]}" is not an address; give one such as http://radarr:7878`)
      return { kind, name: found[2] ?? null, url } satisfies WantedIntegration
    })
  )
