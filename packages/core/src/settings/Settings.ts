/**
 * What is set, by group. Reads come from memory; a change is checked whole, written in one transaction with its event,
 * and told to `changes` after the commit.
 */
import { Context, Effect, type JsonSchema, Layer, PubSub, Stream } from "effect"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { JsonObject } from "./MergePatch.ts"
import { settingsGroups } from "./SettingsGroup.ts"
import { type GroupName, groupNames, type SettingsOf } from "./SettingsGroups.ts"
import type { SettingsSchema } from "./SettingsSchema.ts"
import {
  type ChangeOptions,
  makeStoredSettings,
  merging,
  type SettingsChanged,
  type StoredValue,
  toDefaults
} from "./StoredSettings.ts"

export interface SettingsState<G extends GroupName> extends StoredValue<SettingsOf<G>> {
  readonly group: G
}

export type AllSettings = { readonly [G in GroupName]: SettingsState<G> }

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
      const store = yield* makeStoredSettings
      const changed = yield* PubSub.unbounded<GroupName>()

      const load = Effect.fnUntraced(function* <G extends GroupName>(group: G) {
        const schema: SettingsSchema<SettingsOf<G>> = settingsGroups[group]
        return stateOf(group, yield* store.load(group, schema))
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

      const change = Effect.fnUntraced(function* <G extends GroupName, E>(
        group: G,
        next: (set: JsonObject) => Effect.Effect<JsonObject, E>,
        { ifMatch }: ChangeOptions
      ) {
        const schema: SettingsSchema<SettingsOf<G>> = settingsGroups[group]
        const state = yield* store.change({
          name: group,
          schema,
          next,
          ifMatch,
          tell: ({ after, before, keys }) => ({
            type: "settings.changed",
            category: "settings",
            subject: { type: "settings", id: group },
            message: `Settings changed: ${keys.map((key) => `${group}.${key}`).join(", ")}`,
            payload: { group, before, after }
          }),
          committed: (changed) => publish(stateOf(group, changed))
        })
        return stateOf(group, state)
      })

      const read = <G extends GroupName>(group: G) => Effect.sync((): SettingsState<G> => cache[group])

      const get = <G extends GroupName>(group: G) => Effect.map(read(group), ({ value }) => value)

      const patch = Effect.fn("Settings.patch")(
        <G extends GroupName>(group: G, partial: unknown, options: ChangeOptions = {}) =>
          change(group, merging(settingsGroups[group].records, partial), options)
      )

      const replace = Effect.fn("Settings.replace")(<G extends GroupName>(group: G, set: JsonObject) =>
        change(group, () => Effect.succeed(set), {})
      )

      const reset = Effect.fn("Settings.reset")(<G extends GroupName>(group: G, options: ChangeOptions = {}) =>
        change(group, toDefaults, options).pipe(Effect.catchTag("InvalidRequest", Effect.die))
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

const stateOf = <G extends GroupName>(group: G, stored: StoredValue<SettingsOf<G>>): SettingsState<G> => ({
  group,
  ...stored
})

const describeGroups = (): ReadonlyArray<GroupDescription> =>
  groupNames.map((group) => {
    const { defaults, jsonSchema, title } = settingsGroups[group]
    return { group, title, defaults, schema: jsonSchema() }
  })
