/**
 * The settings, by group. Reads use an in-memory cache; a change is validated completely, written in one transaction
 * and published to `changes` after the commit.
 */
import { Context, Effect, type JsonSchema, Layer, PubSub, Stream } from "effect"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { JsonObject } from "./MergePatch.ts"
import { SettingsEvents } from "./SettingsEvents.ts"
import type { SettingsGroup } from "./SettingsGroup.ts"
import { groupNamed, SettingsGroups } from "./SettingsGroups.ts"
import {
  type ChangeOptions,
  makeStoredSettings,
  merging,
  type SettingsChanged,
  type StoredValue,
  toDefaults
} from "./StoredSettings.ts"

export type { JsonObject } from "./MergePatch.ts"
export type { ChangeOptions, SettingsChanged } from "./StoredSettings.ts"

export interface SettingsState<A = JsonObject> extends StoredValue<A> {
  /** Name of the group. */
  readonly group: string
}

export interface GroupDescription {
  readonly group: string
  readonly title: string
  readonly defaults: unknown
  /** JSON Schema (draft 2020-12), with bounds, defaults and descriptions. */
  readonly schema: JsonSchema.JsonSchema
}

export class Settings extends Context.Service<
  Settings,
  {
    readonly get: <A>(group: SettingsGroup<string, A>) => Effect.Effect<A>
    readonly read: <A>(group: SettingsGroup<string, A>) => Effect.Effect<SettingsState<A>>
    /** The groups of this installation, in the order in which they are shown. */
    readonly groups: ReadonlyArray<SettingsGroup>
    /** Every group, in that order. */
    readonly all: Effect.Effect<ReadonlyArray<SettingsState>>
    /** The group with a name. The issue is reported under `params.group`. */
    readonly named: (name: string) => Effect.Effect<SettingsGroup, InvalidRequest>
    /** Merges `partial` into the stored settings; all or nothing. Issues are reported under `payload`. */
    readonly patch: <A extends JsonObject>(
      group: SettingsGroup<string, A>,
      partial: unknown,
      options?: ChangeOptions
    ) => Effect.Effect<SettingsState<A>, InvalidRequest | SettingsChanged>
    /** Replaces the group: omitted keys return to their defaults. Issues are reported under `payload`. */
    readonly replace: <A extends JsonObject>(
      group: SettingsGroup<string, A>,
      set: JsonObject
    ) => Effect.Effect<SettingsState<A>, InvalidRequest | SettingsChanged>
    /** Back to the defaults. */
    readonly reset: <A extends JsonObject>(
      group: SettingsGroup<string, A>,
      options?: ChangeOptions
    ) => Effect.Effect<SettingsState<A>, SettingsChanged>
    /** The name of the group that was changed, after each commit in this process. */
    readonly changes: Stream.Stream<string>
    /** Every group as data, for forms. */
    readonly describe: Effect.Effect<ReadonlyArray<GroupDescription>>
  }
>()("tendarr/settings/Settings") {
  static readonly layer = Layer.effect(
    Settings,
    Effect.gen(function* () {
      const groups = yield* SettingsGroups
      const store = yield* makeStoredSettings
      const changed = yield* PubSub.unbounded<string>()
      const cells = new Map<string, Cell<unknown>>()
      for (const group of groups) {
        cells.set(group.name, { group, state: stateOf(group, yield* store.load(group.name, group)) })
      }

      /** Requesting a group that is not registered is a bug in the program. */
      const cellOf = <A>(group: SettingsGroup<string, A>) =>
        Effect.suspend(() => {
          const cell = cells.get(group.name)
          return cell?.group === group
            ? // Both were made from this very group.
              Effect.succeed(cell as Cell<A>)
            : Effect.die(new Error(`The group of settings "${group.name}" is not among those of this program`))
        })

      // Two commits may invoke their callbacks in reverse order; the older one must not win.
      const publish = <A>(cell: Cell<A>, state: SettingsState<A>) =>
        Effect.suspend(() => {
          if (state.version <= cell.state.version) return Effect.void
          cell.state = state
          return Effect.asVoid(PubSub.publish(changed, state.group))
        })

      const change = Effect.fnUntraced(function* <A extends JsonObject, E>(
        group: SettingsGroup<string, A>,
        next: (set: JsonObject) => Effect.Effect<JsonObject, E>,
        { ifMatch }: ChangeOptions
      ) {
        const cell = yield* cellOf(group)
        const state = yield* store.change({
          name: group.name,
          schema: group,
          next,
          ifMatch,
          eventOf: ({ after, before, keys }) =>
            SettingsEvents.changed.make({
              subject: group.name,
              message: `Settings changed: ${keys.map((key) => `${group.name}.${key}`).join(", ")}`,
              payload: { group: group.name, before, after }
            }),
          committed: (changed) => publish(cell, stateOf(group, changed))
        })
        return stateOf(group, state)
      })

      const read = <A>(group: SettingsGroup<string, A>) => Effect.map(cellOf(group), ({ state }) => state)

      return Settings.of({
        get: (group) => Effect.map(read(group), ({ value }) => value),
        read,
        groups,
        all: Effect.forEach(groups, read),
        named: (name) => groupNamed(groups, name),
        patch: (group, partial, options = {}) =>
          Effect.withSpan(change(group, merging(group.records, partial), options), "Settings.patch"),
        replace: (group, set) =>
          Effect.withSpan(
            change(group, () => Effect.succeed(set), {}),
            "Settings.replace"
          ),
        reset: (group, options = {}) =>
          change(group, toDefaults, options).pipe(defaultsAreValid, Effect.withSpan("Settings.reset")),
        changes: Stream.fromPubSub(changed),
        describe: yield* Effect.cached(Effect.sync(() => groups.map(describe)))
      })
    })
  )
}

const defaultsAreValid = <A, E>(effect: Effect.Effect<A, E | InvalidRequest>) =>
  Effect.catchTag(effect, "InvalidRequest", Effect.die)

/** A group with its state, which each commit replaces. */
interface Cell<A> {
  readonly group: SettingsGroup<string, A>
  state: SettingsState<A>
}

const stateOf = <A>(group: SettingsGroup<string, A>, stored: StoredValue<A>): SettingsState<A> => ({
  group: group.name,
  ...stored
})

const describe = ({ defaults, jsonSchema, name, title }: SettingsGroup): GroupDescription => ({
  group: name,
  title,
  defaults,
  schema: jsonSchema()
})
