/**
 * All faults of an integration, computed in one place: whether it answers, which of its data could not be read, whether
 * it is connected twice, and whether the media server of its plays is known.
 */
import { Result, Schema } from "effect"
import { fromBit } from "../storage/Rows.ts"
import { isFormer, isSealed } from "../storage/SecretBox.ts"
import { readDocument } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import type { Health, IntegrationOptions, IntegrationProblem } from "./Integration.ts"
import { type Row, selfReportOf } from "./IntegrationRow.ts"
import type { Capability, Kind } from "./Kind.ts"
import { type ConnectedServer, mayServe, serverWatched } from "./MediaServers.ts"
import type { Observation } from "./Observations.ts"
import { servedBy } from "./ObservationUse.ts"

/** A reading that has failed, or is held, since it last succeeded. */
export interface FailedReading {
  readonly integration_id: number
  readonly observation: Observation
  readonly status: "failed" | "held"
  readonly error: string | null
}

/** What the health of an integration depends on, besides its own row. */
export interface HealthContext {
  readonly rows: ReadonlyArray<Row>
  readonly kinds: ReadonlyArray<Kind>
  readonly failed: ReadonlyArray<FailedReading>
  /** As `Integration.unmanagedEntries`, by integration id. */
  readonly unmanaged: ReadonlyMap<string, number>
  readonly withheldOf: (row: Row) => ReadonlyArray<string>
}

interface About {
  readonly kind: Kind | undefined
  readonly options: IntegrationOptions
  readonly capabilities: ReadonlyArray<Capability>
}

/** The health from the last probes, with all other faults added. */
export const withProblems = (health: Health, row: Row, about: About, context: HealthContext): Health => {
  if (!fromBit(row.enabled)) return health
  const others = [
    ...damageProblem(row),
    ...withheldProblem(row, context),
    ...readingProblems(row, about, context),
    ...doubleProblem(row, context),
    ...serverProblem(row, about, context),
    ...refusalProblem(row)
  ]
  const answers = health.status === "up" || health.status === "unknown"
  return {
    ...health,
    status: answers && others.length > 0 ? "troubled" : health.status,
    problems: [...answerProblem(health), ...others]
  }
}

const answerProblem = ({ error }: Health): ReadonlyArray<IntegrationProblem> =>
  error === null ? [] : [{ code: "not-answering", severity: "error", detail: error.detail, observation: null }]

/** Found by the last check. */
const refusalProblem = ({ refuses_removal: detail }: Row): ReadonlyArray<IntegrationProblem> =>
  detail === null ? [] : [{ code: "removal-refused", severity: "warning", detail, observation: null }]

/** Why stored keys are not sent; `null` = no key is withheld. */
export const whyWithheld = (row: Row, fields: ReadonlyArray<string>): string | null => {
  if (fields.length === 0) return null
  const what = fields.join(" and ")
  const config = row.stored
  const isOld = fields.every((key) => isSealed(config[key]) && isFormer(config[key]))
  const because = isOld
    ? `its ${what} was stored by an earlier version of Tendarr, which did not record the address it was given for, and came from a restored backup`
    : `its ${what} was given for another address than ${row.url}, or its row was changed outside Tendarr`
  return `${because}. It is sent nothing: enter the key again`
}

/** Why an integration whose row is damaged is sent nothing; `null` = it is not damaged. */
export const whyDamaged = ({ damage }: Row): string | null =>
  damage.length === 0
    ? null
    : `${damage.map(({ message }) => message).join("; ")}. It is sent nothing: enter its ${damage.map(({ column }) => textOf[column] ?? column).join(" and its ")} again`

const textOf: Readonly<Record<string, string>> = { config: "configuration", options: "options" }

const damageProblem = (row: Row): ReadonlyArray<IntegrationProblem> => {
  const detail = whyDamaged(row)
  return detail === null ? [] : [{ code: "damaged", severity: "error", detail, observation: null }]
}

const withheldProblem = (row: Row, { withheldOf }: HealthContext): ReadonlyArray<IntegrationProblem> => {
  const detail = whyWithheld(row, withheldOf(row))
  return detail === null ? [] : [{ code: "key-withheld", severity: "error", detail, observation: null }]
}

const readingProblems = (row: Row, { capabilities }: About, { failed }: HealthContext) =>
  failed
    .filter(({ integration_id, observation }) => {
      // Capabilities that have been switched off since are no longer read.
      return integration_id === row.id && servedBy[observation].some((name) => capabilities.includes(name))
    })
    .map(({ error, observation, status }): IntegrationProblem => {
      const detail = error === null ? null : detailIn(row, observation, error)
      return status === "held"
        ? {
            code: "read-held",
            severity: "warning",
            detail: `its ${nouns[observation]} are held: ${detail ?? "too many entries would disappear"}`,
            observation
          }
        : {
            code: "read-failed",
            severity: "error",
            detail: `its ${nouns[observation]} could not be read: ${detail ?? "no reason was given"}`,
            observation
          }
    })

const FailedError = Schema.Struct({ detail: Schema.String })
const errorFormat = documentFormat("sources", "error", FailedError)

const detailIn = ({ id }: Row, observation: Observation, text: string): string | null =>
  Result.match(readDocument(errorFormat, `${id}/${observation}`, text), {
    onFailure: () => null,
    onSuccess: ({ detail }) => detail
  })

const doubleProblem = ({ same_as }: Row, { rows }: HealthContext): ReadonlyArray<IntegrationProblem> => {
  const first = rows.find(({ enabled, id }) => id === same_as && fromBit(enabled))
  return first === undefined
    ? []
    : [
        {
          code: "connected-twice",
          severity: "warning",
          detail: `this is the application that is already connected as "${first.name}" (integration ${first.id})`,
          observation: null
        }
      ]
}

const serverProblem = (row: Row, { capabilities, kind, options }: About, { kinds, rows }: HealthContext) => {
  if (kind?.watches === undefined || !capabilities.includes("playback")) return []
  const servers = rows.flatMap((other): ReadonlyArray<ConnectedServer> => {
    const otherKind = kinds.find(({ id }) => id === other.kind)
    if (!fromBit(other.enabled) || otherKind === undefined || !mayServe(otherKind)) return []
    const { identity } = selfReportOf(other)
    return [{ integrationId: String(other.id), name: other.name, keySpace: otherKind.keySpace, identity }]
  })
  const server = serverWatched(
    { name: row.name, watches: kind.watches, said: selfReportOf(row).watches, chosen: options.mediaServerId },
    servers
  )
  return server._tag === "Found"
    ? []
    : [{ code: "media-server", severity: "warning", detail: server.detail, observation: null } as const]
}

const nouns: Readonly<Record<Observation, string>> = {
  catalog: "items",
  disks: "disks",
  serverItems: "media server entries",
  playback: "plays",
  requests: "requests",
  watchlists: "watchlists"
}
