/**
 * The rows of integrations. One whose configuration or options cannot be read is kept and reported, and is sent nothing:
 * what it reports is unknown until a person has entered what is damaged again.
 */
import { Effect, Result, Schema, Struct } from "effect"
import type { SqlClient } from "effect/sql"
import { changeOf } from "../events/Change.ts"
import { fromBit } from "../storage/Rows.ts"
import { readDocument, type StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import { documentFormat, logDamage, requireColumns, rowFormat } from "../storage/StoredRows.ts"
import { defaultIntegrationOptions, type Health, IntegrationOptions, type IntegrationPatch } from "./Integration.ts"
import { capabilities, type Capability, type Kind, type WatchedServer } from "./Kind.ts"
import { type Config, configIn, maskSecrets } from "./SecretConfig.ts"

const Text = Schema.NullOr(Schema.String)

const format = rowFormat({
  table: "integrations",
  columns: {
    id: Schema.Int,
    kind: Schema.String,
    name: Schema.String,
    url: Schema.String,
    config: Schema.String,
    enabled: Schema.Literals([0, 1]),
    options: Schema.String,
    version: Schema.Int,
    created_at: Schema.String,
    updated_at: Schema.String,
    identity: Text,
    watches: Text,
    same_as: Schema.NullOr(Schema.Int),
    health_status: Schema.NullOr(Schema.Literals(["unknown", "up", "failing", "down"])),
    app_name: Text,
    app_version: Text,
    latency_millis: Schema.NullOr(Schema.Finite),
    consecutive_failures: Schema.NullOr(Schema.Int),
    error: Text,
    refuses_removal: Text,
    checked_at: Text,
    last_ok_at: Text,
    next_check_at: Text
  }
})

type Columns = Result.Result.Success<ReturnType<(typeof format)["columns"]>>

export interface Row extends Omit<Columns, "error" | "options" | "watches"> {
  readonly options: IntegrationOptions
  /** Sealed; empty if it cannot be read. */
  readonly stored: Config
  readonly watches: WatchedServer | null
  readonly error: Health["error"]
  /** The columns `config` and `options` as they are stored, which an update keeps unless it replaces them. */
  readonly texts: { readonly config: string; readonly options: string }
  /** What cannot be read of its configuration and its options. */
  readonly damage: ReadonlyArray<StoredDocumentInvalid>
}

/** All that were not removed. Damage in another column is a defect, so that nothing is decided without the integration. */
export const loadIntegrationRows = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const rows = yield* sql<object>`SELECT i.*, h.status AS health_status, h.app_name, h.app_version, h.latency_millis,
    h.consecutive_failures, h.error, h.refuses_removal, h.checked_at, h.last_ok_at, h.next_check_at
    FROM integrations i LEFT JOIN integration_health h ON h.integration_id = i.id
    WHERE i.deleted_at IS NULL ORDER BY i.id`
  const read = rows.map((row) => toRow(requireColumns(format, row)))
  for (const { damaged } of read) for (const damage of damaged) yield* logDamage(damage)
  return read.map(({ row }) => row)
})

const toRow = (columns: Columns) => {
  const id = String(columns.id)
  const config = configIn(columns, columns.config)
  const options = readDocument(optionsFormat, id, columns.options)
  // The application reports these two again.
  const watches = columns.watches === null ? null : readDocument(watchesFormat, id, columns.watches)
  const error = columns.error === null ? null : readDocument(errorFormat, id, columns.error)
  const damageOf = (reads: ReadonlyArray<Result.Result<unknown, StoredDocumentInvalid> | null>) =>
    reads.flatMap((read) => (read !== null && Result.isFailure(read) ? [read.failure] : []))
  const row: Row = {
    ...columns,
    options: { ...defaultIntegrationOptions, ...known(Result.getOrElse(options, () => ({}))) },
    stored: Result.getOrElse(config, () => ({})),
    watches: watches === null ? null : Result.getOrElse(watches, () => null),
    error: error === null ? null : Result.getOrElse(error, () => null),
    texts: { config: columns.config, options: columns.options },
    damage: damageOf([config, options])
  }
  return { row, damaged: damageOf([config, options, watches, error]) }
}

const { disabledCapabilities: _, ...optionFields } = IntegrationOptions.fields

const StoredOptions = Schema.Struct({
  ...Schema.Struct(optionFields).mapFields(Struct.map(Schema.optionalKey)).fields,
  /** Those that do not exist any more are left out. */
  disabledCapabilities: Schema.optionalKey(Schema.Array(Schema.String))
})

const known = ({ disabledCapabilities, ...options }: typeof StoredOptions.Type): Partial<IntegrationOptions> => ({
  ...options,
  ...(disabledCapabilities === undefined ? {} : { disabledCapabilities: disabledCapabilities.filter(isCapability) })
})

const isCapability = (name: string): name is Capability => capabilities.some((each) => each === name)

const optionsFormat = documentFormat("integrations", "options", StoredOptions)
const watchesFormat = documentFormat(
  "integrations",
  "watches",
  Schema.Struct({ keySpace: Text, identity: Text, name: Text })
)
const errorFormat = documentFormat(
  "integration_health",
  "error",
  Schema.Struct({ type: Schema.String, detail: Schema.String })
)

/** What the application reported about itself when it last answered a probe. */
export interface SelfReport {
  readonly identity: string | null
  readonly watches: WatchedServer | null
}

export const selfReportOf = ({ identity, watches }: Row): SelfReport => ({ identity, watches })

/** The change for the event log: secrets are masked, and only the given settings are included. */
export const loggedChange = (kind: Kind, row: Row, stored: Config, patch: IntegrationPatch) => {
  const config = changeOf(maskSecrets(kind, stored), maskSecrets(kind, patch.config ?? {}))
  const options = changeOf(row.options, patch.options ?? {})
  const { after, before } = changeOf({ name: row.name, url: row.url, enabled: fromBit(row.enabled) }, patch)
  const part = (name: "config" | "options", change: object) => (patch[name] === undefined ? {} : { [name]: change })
  return {
    before: { ...before, ...part("config", config.before), ...part("options", options.before) },
    after: { ...after, ...part("config", config.after), ...part("options", options.after) }
  }
}
