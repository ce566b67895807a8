/**
 * Heavy facts: loaded for some things before their sheets are read, and only those that are named. A heavy fact that was
 * not loaded is unknown, never absent.
 */
import { Effect } from "effect"
import type { ReadSql } from "../../storage/Database.ts"
import { type Fact, type FactValue, notLoaded } from "../Facts.ts"
import type { FactDefinition, FactDefinitions, HeavyFact } from "./Definition.ts"

/** The values of heavy facts that were loaded for some things. */
export class LoadedFacts<Name extends string> {
  readonly #values: ReadonlyMap<Name, ReadonlyMap<string, FactValue>>
  readonly #ids: ReadonlySet<string>

  constructor(values: ReadonlyMap<Name, ReadonlyMap<string, FactValue>>, ids: ReadonlySet<string>) {
    this.#values = values
    this.#ids = ids
  }

  /** The facts that were loaded. */
  get names(): ReadonlyArray<Name> {
    return [...this.#values.keys()]
  }

  /** Reads a heavy fact of a thing. */
  read<Thing, Context>(
    name: Name,
    { read, source }: FactDefinition<Thing, Context>,
    { context, id, thing }: { readonly thing: Thing; readonly id: string; readonly context: Context }
  ): Fact {
    const values = this.#values.get(name)
    return values === undefined || !this.#ids.has(id) ? notLoaded(source) : read(thing, context, values.get(id))
  }
}

/** Those of these facts that have to be loaded. */
export const heavyAmong = <Name extends string>(
  facts: FactDefinitions<Name, never, never>,
  names: Iterable<Name>
): ReadonlyArray<Name> => [...new Set(names)].filter((name) => facts[name].heavy !== undefined)

/** Loads facts of things with these ids. Facts with one loader are loaded once. */
export const loadFacts = Effect.fnUntraced(function* <Name extends string>(
  facts: FactDefinitions<Name, never, never>,
  names: ReadonlyArray<Name>,
  ids: ReadonlyArray<string>
): Effect.fn.Return<LoadedFacts<Name>, never, ReadSql> {
  const byLoader = new Map<HeavyFact["load"], ReadonlyMap<string, FactValue>>()
  const values = new Map<Name, ReadonlyMap<string, FactValue>>()
  for (const name of names) {
    const { heavy } = facts[name]
    if (heavy === undefined) continue
    const loaded = byLoader.get(heavy.load) ?? (yield* loadInPieces(heavy.load, ids))
    byLoader.set(heavy.load, loaded)
    values.set(name, loaded)
  }
  return new LoadedFacts(values, new Set(ids))
})

const loadInPieces = Effect.fnUntraced(function* (load: HeavyFact["load"], ids: ReadonlyArray<string>) {
  if (ids.length <= thingsAtOnce) return yield* load(ids)
  const all = new Map<string, FactValue>()
  for (let start = 0; start < ids.length; start += thingsAtOnce) {
    if (start > 0) yield* Effect.yieldNow
    for (const [id, value] of yield* load(ids.slice(start, start + thingsAtOnce))) all.set(id, value)
  }
  return all
})

/** Number of things whose heavy facts are loaded by one query. */
export const thingsAtOnce = 300
