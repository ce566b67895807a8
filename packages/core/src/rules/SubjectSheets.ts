/**
 * The sheets of many things of a subject, one after the other. Heavy facts are loaded for some hundred things at a time,
 * and only those that are requested: the `facts` of a set of rules.
 */
import { Effect } from "effect"
import type { FactSheet } from "../library/Facts.ts"
import { heavyAmong, type LoadedFacts, loadFacts, thingsAtOnce } from "../library/Facts/Loading.ts"
import type { ReadSql } from "../storage/Database.ts"
import type { RuleSubject } from "./RuleSubject.ts"

/** Calls `visit` for each thing with its sheet, in the order of `things`. Yields to the event loop between batches. */
export const forEachSheet = Effect.fnUntraced(function* <Name extends string, Thing, Context>(
  subject: RuleSubject<Name, string, Thing, Context>,
  given: {
    readonly things: ReadonlyArray<Thing>
    readonly idOf: (thing: Thing) => string
    readonly context: Context
    /** Facts that will be read. Any other heavy fact is unknown. */
    readonly facts: Iterable<Name>
  },
  visit: (thing: Thing, sheet: FactSheet<Name>) => void
): Effect.fn.Return<void, never, ReadSql> {
  const { context, idOf, things } = given
  const heavy = heavyAmong<Name>(subject.facts, given.facts)
  for (let start = 0; start < things.length; start += thingsAtOnce) {
    if (start > 0) yield* Effect.yieldNow
    const piece = things.slice(start, start + thingsAtOnce)
    const loaded = yield* loadFacts<Name>(subject.facts, heavy, heavy.length === 0 ? [] : piece.map(idOf))
    for (const thing of piece) visit(thing, sheetOf(subject, { thing, id: idOf(thing), context }, loaded))
  }
})

const sheetOf = <Name extends string, Thing, Context>(
  { facts }: RuleSubject<Name, string, Thing, Context>,
  about: { readonly thing: Thing; readonly id: string; readonly context: Context },
  loaded: LoadedFacts<Name>
): FactSheet<Name> => ({
  get: (name) => {
    const definition = facts[name]
    return definition.heavy === undefined
      ? definition.read(about.thing, about.context)
      : loaded.read(name, definition, about)
  }
})
