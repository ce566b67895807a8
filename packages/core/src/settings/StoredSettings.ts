/**
 * Storage of settings of any owner: one row per name, with only the changed values. A change is validated
 * completely, guarded by the version, and written in one transaction with its event.
 */
import { Effect, Equal, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { NewEvent } from "../events/EventType.ts"
import { EventLog } from "../events/EventLog.ts"
import { matchesEtag } from "../problems/IfMatch.ts"
import { nowIso } from "../problems/Instants.ts"
import { invalidField, type InvalidRequest, Problem } from "../problems/Problem.ts"
import { toJson } from "../storage/Rows.ts"
import { readDocument, recordIn } from "../storage/StoredDocuments.ts"
import { transacting } from "../storage/Transactions.ts"
import { isJsonObject, type JsonObject, mergePatch } from "./MergePatch.ts"
import type { SettingsSchema } from "./SettingsSchema.ts"

/** Another change came first: the version that the caller saw (`If-Match`) is no longer the current one. */
export class SettingsChanged extends Problem<SettingsChanged>()(
  "SettingsChanged",
  { code: "settings-changed", status: 412, title: "The settings were changed by someone else in the meantime" },
  { group: Schema.String, etag: Schema.String }
) {}

/** The stored values do not fit this version of Tendarr; continuing with the defaults could release a brake. */
export class StoredSettingsInvalid extends Schema.TaggedError<StoredSettingsInvalid>()("StoredSettingsInvalid", {
  group: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The stored settings of the group ${this.group} are not valid: ${this.detail}`
  }
}

export interface StoredValue<A> {
  readonly value: A
  /** Increased with every change; 0 = never set. */
  readonly version: number
  /** Strong entity tag, quotes included. */
  readonly etag: string
  /** `null` = never set. */
  readonly updatedAt: string | null
}

export interface ChangeOptions {
  /** The value of an `If-Match` header. */
  readonly ifMatch?: string | undefined
}

/** The keys whose values differ, with both values. */
export interface Difference {
  readonly keys: ReadonlyArray<string>
  readonly before: JsonObject
  readonly after: JsonObject
}

export interface StoredSettings extends Effect.Success<typeof makeStoredSettings> {}

export const makeStoredSettings = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)
  const events = yield* EventLog

  /** The stored values of a name; `from` may be the read connection. */
  const stored = Effect.fn("Settings.stored")(function* (name: string, from: SqlClient.SqlClient = sql) {
    const rows = yield* from<StoredRow>`
      SELECT value, version, updated_at AS "updatedAt" FROM settings WHERE name = ${name}`.pipe(Effect.orDie)
    const row = rows[0]
    if (row === undefined) return { set: {}, version: 0, updatedAt: null }
    const set = yield* Effect.mapError(
      Effect.fromResult(readDocument(values, name, row.value)),
      ({ message }) => new StoredSettingsInvalid({ group: name, detail: message })
    )
    return { set, version: row.version, updatedAt: row.updatedAt }
  })

  /** The effective value, including defaults. */
  const load = Effect.fn("Settings.load")(function* <A>(
    name: string,
    schema: SettingsSchema<A>,
    from: SqlClient.SqlClient = sql
  ) {
    const { set, updatedAt, version } = yield* stored(name, from)
    const value = yield* schema
      .resolve(set)
      .pipe(Effect.mapError(({ detail }) => new StoredSettingsInvalid({ group: name, detail })))
    return storedValue(name, value, version, updatedAt)
  })

  const change = Effect.fn("Settings.change")(
    function* <A extends JsonObject, E>(change: {
      readonly name: string
      readonly schema: SettingsSchema<A>
      /** Computes the values to store from the stored ones. */
      readonly next: (set: JsonObject) => Effect.Effect<JsonObject, E>
      readonly ifMatch: string | undefined
      readonly eventOf: (difference: Difference) => NewEvent
      /**
       * Called after the commit, even if nothing changed: another process may have written a value that this one has
       * not seen.
       */
      readonly committed: (state: StoredValue<A>) => Effect.Effect<void>
    }) {
      const { committed, ifMatch, name, next, schema, eventOf } = change
      const { set, updatedAt, version } = yield* Effect.orDie(stored(name))
      const etag = etagOf(name, version)
      if (ifMatch !== undefined && !matchesEtag(ifMatch, etag)) return yield* new SettingsChanged({ group: name, etag })
      const wanted = yield* next(set)
      const after = yield* schema.resolve(wanted)
      if (Equal.equals(set, wanted)) {
        const unchanged = storedValue(name, after, version, updatedAt)
        yield* sql.afterCommit(committed(unchanged))
        return unchanged
      }
      const now = yield* nowIso
      const state = storedValue(name, after, version + 1, now)
      const written = yield* sql`
        INSERT INTO settings (name, value, version, updated_at)
        VALUES (${name}, ${toJson(wanted)}, ${state.version}, ${now})
        ON CONFLICT (name) DO UPDATE SET
          value = excluded.value, version = excluded.version, updated_at = excluded.updated_at
        WHERE settings.version = ${version}
        RETURNING version`.pipe(Effect.orDie)
      if (written.length === 0) return yield* new SettingsChanged({ group: name, etag })

      // Values stored by an earlier version may no longer be valid, and are repaired by this change.
      const before: JsonObject = yield* Effect.orElseSucceed(schema.resolve(set), () => set)
      const difference = differenceOf(before, after)
      if (difference.keys.length > 0) yield* events.append(eventOf(difference))
      yield* sql.afterCommit(committed(state))
      return state
    },
    (effect) => transact(effect)
  )

  return { stored, load, change }
})

/** Merges the given values into the stored ones. */
export const merging =
  (records: ReadonlyArray<string>, partial: unknown) =>
  (set: JsonObject): Effect.Effect<JsonObject, InvalidRequest> =>
    isJsonObject(partial)
      ? Effect.succeed(mergePatch(set, partial, records))
      : Effect.fail(invalidField(["payload"], "must be an object with the settings to change"))

/** The defaults are valid by construction, so resetting to them is never refused. */
export const toDefaults = () => Effect.succeed<JsonObject>({})

const values = recordIn("settings", "value")

interface StoredRow {
  readonly value: string
  readonly version: number
  readonly updatedAt: string
}

const etagOf = (name: string, version: number): string => `"${name}-${version}"`

const storedValue = <A>(name: string, value: A, version: number, updatedAt: string | null): StoredValue<A> => ({
  value,
  version,
  etag: etagOf(name, version),
  updatedAt
})

const differenceOf = (before: JsonObject, after: JsonObject): Difference => {
  const keys = Object.keys(after).filter((key) => !Equal.equals(before[key], after[key]))
  const pick = (value: JsonObject) => Object.fromEntries(keys.map((key) => [key, value[key]]))
  return { keys, before: pick(before), after: pick(after) }
}
