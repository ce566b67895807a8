/** An integration as clients see it: without its secrets, and with everything known about its health. */
import { fromBit } from "../storage/Rows.ts"
import { type Health, type Integration, unknownHealth } from "./Integration.ts"
import { type HealthContext, withProblems } from "./IntegrationProblems.ts"
import type { Row } from "./IntegrationRow.ts"
import type { Kind } from "./Kind.ts"
import { maskSecrets } from "./SecretConfig.ts"

export const viewOf = (row: Row, kind: Kind | undefined, context: HealthContext): Integration => {
  const { options } = row
  const withheld = context.withheldOf(row)
  const stored = Object.entries(row.stored).filter(([key]) => !withheld.includes(key))
  const capabilities = (kind?.capabilities ?? []).filter((name) => !options.disabledCapabilities.includes(name))
  return {
    id: String(row.id),
    kind: row.kind,
    name: row.name,
    url: row.url,
    config: maskSecrets(kind, Object.fromEntries(stored)),
    enabled: fromBit(row.enabled),
    options,
    capabilities,
    unmanagedEntries: context.unmanaged.get(String(row.id)) ?? null,
    health: withProblems(healthOf(row), row, { kind, options, capabilities }, context),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at
  }
}

/** The health stored by the last probes; of one that is switched off, and not probed, it is not known. */
const healthOf = (row: Row): Health =>
  row.health_status === null || !fromBit(row.enabled)
    ? { ...unknownHealth, appName: row.app_name, appVersion: row.app_version }
    : {
        status: row.health_status,
        problems: [],
        appName: row.app_name,
        appVersion: row.app_version,
        latencyMillis: row.latency_millis,
        consecutiveFailures: row.consecutive_failures ?? 0,
        error: row.error,
        checkedAt: row.checked_at,
        lastOkAt: row.last_ok_at,
        nextCheckAt: row.next_check_at
      }
