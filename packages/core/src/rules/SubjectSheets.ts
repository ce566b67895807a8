/**
 * The sheets of many things of a subject, one after the other. Heavy facts are loaded for some hundred things at a time,
 * and only those that are requested: the `facts` of a set of rules.
 */
import { Effect } from "effect"
import { type FactSheet, inapplicable } from "../library/Facts.ts"
import { heavyAmong, type LoadedFacts, loadFacts, thingsAtOnce } from "../library/Facts/Loading.ts"
import type { ReadSql } from "../storage/Database.ts"
import { storageFaultOf } from "../storage/StorageFaults.ts"
import type { FactDefinitions } from "../library/Facts/Definition.ts"
import { namesIn } from "./Field.ts"
import type { ListedThings, RuleSubject, ThingListing } from "./RuleSubject.ts"

/** Calls `visit` for each thing with its sheet, in the order of `things`. Yields to the event loop between batches. */
export const forEachSheet = Effect.fnUntraced(function* <Name extends string, Thing, Context>(
  subject: Pick<RuleSubject<Name, string, Thing, Context>, "facts">,
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

/** The things of a subject with their sheets, for code that does not know the types of the subject. */
export const listedThings = <Name extends string, Thing, Context>(
  facts: FactDefinitions<Name, Thing, Context>,
  { idOf, list, sizeOf, targetOf, titleOf }: ThingListing<Thing, Context>
): ListedThings => {
  const names = new Map<string, Name>(namesIn<Name>(facts).map((name) => [name, name]))
  return Effect.fnUntraced(function* (wanted, visit) {
    const { context, things } = yield* list
    const read = [...wanted].flatMap((name) => names.get(name) ?? [])
    yield* forEachSheet({ facts }, { things, idOf, context, facts: read }, (thing, sheet) => {
      const listed = { id: idOf(thing), title: titleOf(thing), sizeBytes: sizeOf?.(thing) ?? null, ...targetOf(thing) }
      visit(listed, {
        get: (name) => {
          const fact = names.get(name)
          return fact === undefined ? inapplicable : sheet.get(fact)
        }
      })
    })
  })
}

/**
 * Runs what lists the things of a subject where others must not suffer from a bug in its listing: it is logged. Failures
 * of the storage pass.
 */
export const unlessBuggy =
  <B>({ title }: { readonly title: string }, otherwise: B) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A | B, E, R> =>
    Effect.catchDefect(effect, (defect) =>
      storageFaultOf(defect) === null
        ? Effect.as(Effect.logError(`There is a bug in how ${title} are listed for rules`, defect), otherwise)
        : Effect.die(defect)
    )

const sheetOf = <Name extends string, Thing, Context>(
  { facts }: Pick<RuleSubject<Name, string, Thing, Context>, "facts">,
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
