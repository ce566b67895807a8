/** The state of each reading: when it was taken, what was wrong with it, and whether it is in effect. */
import { Result, Schema } from "effect"
import type { Observation } from "../integrations/Observations.ts"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import { readDocument } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import { type UnknownReason, unknownReasons } from "./Facts.ts"

export type SourceStatus = "ok" | "failed" | "held"

export interface SourceError {
  readonly reason: UnknownReason
  readonly detail: string
  /** Address from which a held reading was taken. */
  readonly readFrom?: string | null
  /** Faulty records of a held reading. Earlier versions stored none. */
  readonly odd?: StoredOdd
}

const reasons: Record<UpstreamError["_tag"], UnknownReason> = {
  UpstreamUnreachable: "source-down",
  UpstreamUntrusted: "source-down",
  UpstreamRateLimited: "source-down",
  UpstreamUnauthorized: "source-refused",
  UpstreamRefused: "source-refused",
  UpstreamMalformed: "source-malformed",
  UpstreamHeldBack: "source-down"
}

export const sourceErrorOf = (error: UpstreamError): Pick<SourceError, "reason" | "detail"> => ({
  reason: reasons[error._tag],
  detail: error.message
})

export interface SourceState {
  readonly integrationId: string
  readonly observation: Observation
  readonly generation: number
  readonly status: SourceStatus
  readonly error: SourceError | null
  readonly entries: number
  readonly calls: number
  /** When the current reading was taken; `null` = never. */
  readonly observedAt: string | null
  readonly attemptedAt: string
  /** Faulty records of the current reading. */
  readonly odd: OddSummary
  /** Marks of its records that could not be identified. */
  readonly unidentified?: ReadonlyArray<string>
  /** Address of the integration when the current reading was taken. */
  readonly readFrom?: string | null
  /** Integration to whose entries the reading is attached in the items; `null` = they were joined without it. */
  readonly joinedTo?: string | null
  readonly held: {
    readonly generation: number
    readonly at: string
    readonly detail: string
    readonly readFrom: string | null
    readonly odd: OddSummary
    readonly unidentified: ReadonlyArray<string>
  } | null
}

/** Faulty records of a reading. `told` contains the first few. */
export const OddSummary = Schema.Struct({
  count: Schema.Int,
  told: Schema.Array(Schema.Struct({ record: Schema.String, detail: Schema.String }))
}).annotate({
  identifier: "OddRecords",
  description: "Records with faults; facts that depend on them are unknown."
})
export type OddSummary = typeof OddSummary.Type

export interface SourceRow {
  readonly integration_id: number
  readonly observation: Observation
  readonly generation: number
  readonly status: SourceStatus
  readonly error: string | null
  readonly entries: number
  readonly calls: number
  readonly observed_at: string | null
  readonly attempted_at: string
  readonly read_from: string | null
  readonly joined_to: string | null
  readonly held_generation: number | null
  readonly held_at: string | null
  readonly held_detail: string | null
  readonly odd: string
}

/** The column `odd`. Earlier versions stored no marks. */
const StoredOdd = Schema.Struct({
  ...OddSummary.fields,
  unidentified: Schema.optionalKey(Schema.Array(Schema.String))
})
export type StoredOdd = typeof StoredOdd.Type

const oddFormat = documentFormat("sources", "odd", StoredOdd)
const errorFormat = documentFormat(
  "sources",
  "error",
  Schema.Struct({
    reason: Schema.Literals(unknownReasons),
    detail: Schema.String,
    readFrom: Schema.optionalKey(Schema.NullOr(Schema.String)),
    odd: Schema.optionalKey(StoredOdd)
  })
)

/** Which of its records a reading could not identify is needed to trust it: if that is damaged, the reading has failed. */
export const toState = (row: SourceRow): SourceState => {
  const id = `${row.observation} of integration ${row.integration_id}`
  const odd = readDocument(oddFormat, id, row.odd)
  const error = row.error === null ? null : readDocument(errorFormat, id, row.error)
  const damage = Result.isFailure(odd) ? odd.failure : error !== null && Result.isFailure(error) ? error.failure : null
  if (damage !== null)
    return stateOf({ ...row, status: "failed" }, { reason: "not-synced", detail: damage.message }, noOdd)
  return stateOf(
    row,
    error === null ? null : Result.getOrNull(error),
    Result.getOrElse(odd, () => noOdd)
  )
}

const noOdd: StoredOdd = { count: 0, told: [] }

const stateOf = (
  row: SourceRow,
  error: SourceError | null,
  { count, told, unidentified = [] }: StoredOdd
): SourceState => ({
  integrationId: String(row.integration_id),
  observation: row.observation,
  generation: row.generation,
  status: row.status,
  error,
  entries: row.entries,
  calls: row.calls,
  observedAt: row.observed_at,
  attemptedAt: row.attempted_at,
  odd: { count, told },
  unidentified,
  readFrom: row.read_from,
  joinedTo: row.joined_to,
  held:
    row.held_generation === null
      ? null
      : {
          generation: row.held_generation,
          at: row.held_at ?? row.attempted_at,
          detail: row.held_detail ?? "",
          readFrom: error?.readFrom ?? null,
          odd: { count: error?.odd?.count ?? 0, told: error?.odd?.told ?? [] },
          unidentified: error?.odd?.unidentified ?? []
        }
})
