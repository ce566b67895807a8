/**
 * What is set, by group. Reads come from memory; a change is checked whole, written in one transaction with its event,
 * and told to `changes` after the commit.
 */
import { Context, DateTime, Effect, Equal, type JsonSchema, Layer, PubSub, Schema, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import { invalidField, type InvalidRequest, Problem } from "../problems/Problem.ts"
import { fromJson, toJson } from "../storage/Rows.ts"
import { matchesEtag } from "./Etag.ts"
import { isJsonObject, type JsonObject, mergePatch } from "./MergePatch.ts"
import { type SettingsGroup, settingsGroups } from "./SettingsGroup.ts"
import { type GroupName, groupNames, type SettingsOf } from "./SettingsGroups.ts"

/** Another change came first: what the caller saw (`If-Match`) is not what is set. */
export class SettingsChanged extends Problem<SettingsChanged>()(
  "SettingsChanged",
  { code: "settings-changed", status: 412, title: "The settings were changed by someone else in the meantime" },
  { group: Schema.String, etag: Schema.String }
) {}

/** What is stored does not fit this version of Tendarr; to go on with defaults could lift a brake. */
export class StoredSettingsInvalid extends Schema.TaggedError<StoredSettingsInvalid>()("StoredSettingsInvalid", {
  group: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The stored settings of the group ${this.group} are not valid: ${this.detail}`
  }
}

export interface SettingsState<G extends GroupName> {
  readonly group: G
  readonly value: SettingsOf<G>
  /** Grows by one with every change; 0 = never set. */
  readonly version: number
  /** Strong entity tag, quotes included. */
  readonly etag: string
  /** `null` = never set. */
  readonly updatedAt: string | null
}

export type AllSettings = { readonly [G in GroupName]: SettingsState<G> }

export interface ChangeOptions {
  /** The value of an `If-Match` header. */
  readonly ifMatch?: string | undefined
}

export interface GroupDescription {
  readonly group: GroupName
  readonly title: string
  readonly defaults: unknown
  /** JSON Schema (draft 2020-12), with bounds, defaults and descriptions. */
  readonly schema: JsonSchema.JsonSchema
}

export class Settings extends Context.Service<
  Settings,
  {
    readonly get: <G extends GroupName>(group: G) => Effect.Effect<SettingsOf<G>>
    readonly read: <G extends GroupName>(group: G) => Effect.Effect<SettingsState<G>>
    readonly all: Effect.Effect<AllSettings>
    /** Merges `partial` over what is set; all or nothing. Issues are reported under `payload`. */
    readonly patch: <G extends GroupName>(
      group: G,
      partial: unknown,
      options?: ChangeOptions
    ) => Effect.Effect<SettingsState<G>, InvalidRequest | SettingsChanged>
    /** Sets what is given and nothing else: what it leaves out is at its default. Issues are reported under `payload`. */
    readonly replace: <G extends GroupName>(
      group: G,
      set: JsonObject
    ) => Effect.Effect<SettingsState<G>, InvalidRequest | SettingsChanged>
    /** Back to the defaults. */
    readonly reset: <G extends GroupName>(
      group: G,
      options?: ChangeOptions
    ) => Effect.Effect<SettingsState<G>, SettingsChanged>
    /** The group that was changed, after each commit in this process. */
    readonly changes: Stream.Stream<GroupName>
    /** Every group as data, for forms. */
    readonly describe: Effect.Effect<ReadonlyArray<GroupDescription>>
  }
>()("tendarr/settings/Settings") {
  static readonly layer = Layer.effect(
    Settings,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const events = yield* EventLog
      const changed = yield* PubSub.unbounded<GroupName>()

      const stored = Effect.fn("Settings.stored")(function* (group: GroupName) {
        const rows = yield* sql<StoredRow>`
          SELECT value, version, updated_at AS "updatedAt" FROM settings WHERE name = ${group}`.pipe(Effect.orDie)
        return rows[0] ?? neverSet
      })

      const load = Effect.fn("Settings.load")(function* <G extends GroupName>(group: G) {
        const row = yield* stored(group)
        const definition: SettingsGroup<SettingsOf<G>> = settingsGroups[group]
        const value = yield* definition
          .resolve(fromJson<JsonObject>(row.value))
          .pipe(Effect.mapError(({ detail }) => new StoredSettingsInvalid({ group, detail })))
        return stateOf(group, value, row.version, row.updatedAt)
      })

      let cache: AllSettings = {
        general: yield* load("general"),
        library: yield* load("library"),
        capacity: yield* load("capacity"),
        scoring: yield* load("scoring"),
        removals: yield* load("removals"),
        retention: yield* load("retention"),
        backup: yield* load("backup"),
        access: yield* load("access"),
        telemetry: yield* load("telemetry")
      }

      // Two commits may call back in the other order; the older one must not win.
      const publish = <G extends GroupName>(state: SettingsState<G>) =>
        Effect.suspend(() => {
          if (state.version <= cache[state.group].version) return Effect.void
          cache = { ...cache, [state.group]: state }
          return Effect.asVoid(PubSub.publish(changed, state.group))
        })

      const change = Effect.fn("Settings.change")(
        function* <G extends GroupName, E>(
          group: G,
          next: (set: JsonObject) => Effect.Effect<JsonObject, E>,
          options: ChangeOptions
        ) {
          const definition: SettingsGroup<SettingsOf<G>> = settingsGroups[group]
          const row = yield* stored(group)
          const etag = etagOf(group, row.version)
          if (options.ifMatch !== undefined && !matchesEtag(options.ifMatch, etag)) {
            return yield* new SettingsChanged({ group, etag })
          }
          const set = fromJson<JsonObject>(row.value)
          const wanted = yield* next(set)
          const before = yield* Effect.orDie(definition.resolve(set))
          const after = yield* definition.resolve(wanted)
          if (Equal.equals(set, wanted)) {
            const unchanged = stateOf(group, before, row.version, row.updatedAt)
            // Another process may have written what this one has not seen yet.
            yield* sql.afterCommit(publish(unchanged))
            return unchanged
          }

          const now = DateTime.formatIso(yield* DateTime.now)
          const state = stateOf(group, after, row.version + 1, now)
          const written = yield* sql`
            INSERT INTO settings (name, value, version, updated_at)
            VALUES (${group}, ${toJson(wanted)}, ${state.version}, ${now})
            ON CONFLICT (name) DO UPDATE SET
              value = excluded.value, version = excluded.version, updated_at = excluded.updated_at
            WHERE settings.version = ${row.version}
            RETURNING version`.pipe(Effect.orDie)
          if (written.length === 0) return yield* new SettingsChanged({ group, etag })

          const difference = differenceOf(before, after)
          if (difference.keys.length > 0) {
            yield* events.append({
              type: "settings.changed",
              category: "settings",
              subject: { type: "settings", id: group },
              message: `Settings changed: ${difference.keys.map((key) => `${group}.${key}`).join(", ")}`,
              payload: { group, before: difference.before, after: difference.after }
            })
          }
          yield* sql.afterCommit(publish(state))
          return state
        },
        (effect) => sql.withTransaction(effect).pipe(Effect.catchTag("SqlError", Effect.die))
      )

      const read = <G extends GroupName>(group: G) => Effect.sync((): SettingsState<G> => cache[group])

      const get = <G extends GroupName>(group: G) => Effect.map(read(group), ({ value }) => value)

      const patch = Effect.fn("Settings.patch")(function* <G extends GroupName>(
        group: G,
        partial: unknown,
        options: ChangeOptions = {}
      ) {
        if (!isJsonObject(partial)) {
          return yield* invalidField(["payload"], "must be an object with the settings to change")
        }
        const { records } = settingsGroups[group]
        return yield* change(group, (set) => Effect.succeed(mergePatch(set, partial, records)), options)
      })

      const replace = Effect.fn("Settings.replace")(<G extends GroupName>(group: G, set: JsonObject) =>
        change(group, () => Effect.succeed(set), {})
      )

      const reset = Effect.fn("Settings.reset")(<G extends GroupName>(group: G, options: ChangeOptions = {}) =>
        // The defaults are valid by construction.
        change(group, () => Effect.succeed({}), options).pipe(Effect.catchTag("InvalidRequest", Effect.die))
      )

      return Settings.of({
        get,
        read,
        all: Effect.sync(() => cache),
        patch,
        replace,
        reset,
        changes: Stream.fromPubSub(changed),
        describe: yield* Effect.cached(Effect.sync(describeGroups))
      })
    })
  )
}

interface StoredRow {
  readonly value: string
  readonly version: number
  readonly updatedAt: string | null
}

const neverSet: StoredRow = { value: "{}", version: 0, updatedAt: null }

const etagOf = (group: GroupName, version: number): string => `"${group}-${version}"`

const stateOf = <G extends GroupName>(
  group: G,
  value: SettingsOf<G>,
  version: number,
  updatedAt: string | null
): SettingsState<G> => ({ group, value, version, etag: etagOf(group, version), updatedAt })

const describeGroups = (): ReadonlyArray<GroupDescription> =>
  groupNames.map((group) => {
    const { defaults, jsonSchema, title } = settingsGroups[group]
    return { group, title, defaults, schema: jsonSchema() }
  })

/** The keys whose values differ, with both values. */
const differenceOf = (before: JsonObject, after: JsonObject) => {
  const keys = Object.keys(after).filter((key) => !Equal.equals(before[key], after[key]))
  const pick = (value: JsonObject) => Object.fromEntries(keys.map((key) => [key, value[key]]))
  return { keys, before: pick(before), after: pick(after) }
}
