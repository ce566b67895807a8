/**
 * Rules for display: with the lost names that they refer to, and with parts that have no effect, such as a name that no
 * item has or a fact that no connected application can know.
 */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { ItemKind } from "../integrations/Observations.ts"
import type { FactName } from "../library/Facts.ts"
import {
  calledOf,
  type HeldName,
  lostNames,
  type NamedFact,
  nameKinds,
  namesOf,
  nameWords,
  ownerKey
} from "../library/HeldNames.ts"
import { factSheet } from "../library/ItemFacts.ts"
import { type Snapshot, Snapshots } from "../library/Snapshots.ts"
import type { SourceContext } from "../library/SourceContext.ts"
import type { Issue } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { inTransaction } from "../storage/Transactions.ts"
import { nearestName } from "../problems/Names.ts"
import { type ItemRule, itemRules } from "./ItemRules.ts"
import { type GivenName, leavesOfRule, namesGiven } from "./RuleNames.ts"
import { Rules, type RuleNotFound, StoredRule } from "./Rules.ts"
import { compileRule } from "./RuleSet.ts"
import { RuleSubjects, sparing, subjectNamed } from "./RuleSubjects.ts"
import { RulesInForce } from "./RulesInForce.ts"

export const LostName = Schema.Struct({
  /** The fact whose values are such names, or `integration`. */
  what: Schema.Literals(nameKinds),
  /** For an integration, its id. */
  name: Schema.String,
  /** Where the name was used: the media server of a library, otherwise the integration that manages the items. */
  integrationId: Schema.String,
  since: Schema.String,
  /** Number of items that had it, and that count as having it until a person has reviewed it. */
  items: Schema.Int,
  message: Schema.String
}).annotate({ identifier: "LostName" })
export type LostName = typeof LostName.Type

export const RuleView = Schema.Struct({
  ...StoredRule.fields,
  lostNames: Schema.Array(LostName).annotate({
    description:
      "Names in the rule that no longer exist. Items that it kept by these names stay kept until the rule is saved or acknowledged."
  }),
  warnings: Schema.Array(Schema.String).annotate({
    description:
      "Parts of the rule that have no effect: a name that no item has, or a fact that no connected application can know."
  })
}).annotate({ identifier: "Rule" })
export type RuleView = typeof RuleView.Type

export class RuleViews extends Context.Service<
  RuleViews,
  {
    /** All rules, or those about one subject, in their order. */
    readonly list: (subject?: string) => Effect.Effect<ReadonlyArray<RuleView>>
    readonly get: (id: string) => Effect.Effect<RuleView, RuleNotFound>
    readonly of: (rules: ReadonlyArray<StoredRule>) => Effect.Effect<ReadonlyArray<RuleView>>
    readonly one: (rule: StoredRule) => Effect.Effect<RuleView>
    /** Parts of a rule that have no effect. */
    readonly warningsOf: (rule: ItemRule) => Effect.Effect<ReadonlyArray<string>>
  }
>()("tendarr/rules/RuleViews") {
  static readonly layer = Layer.effect(
    RuleViews,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const rules = yield* Rules
      const inForce = yield* RulesInForce
      const snapshots = yield* Snapshots
      const subjects = yield* RuleSubjects
      const words = new WeakMap<Snapshot, Vocabulary>()

      const vocabulary = Effect.gen(function* () {
        const snapshot = yield* snapshots.get
        const before = words.get(snapshot)
        if (before !== undefined) return before
        const made = yield* makeVocabulary(snapshot, yield* snapshots.contextOf(snapshot))
        words.set(snapshot, made)
        return made
      })

      const integrations = Effect.gen(function* () {
        const from = (yield* inTransaction(sql)) ? sql : reader
        const rows = yield* Effect.orDie(
          from<{ id: number; name: string; deleted_at: string | null }>`SELECT id, name, deleted_at FROM integrations`
        )
        return {
          names: new Map(rows.map(({ id, name }) => [String(id), name])),
          there: new Set(rows.flatMap((row) => (row.deleted_at === null ? [String(row.id)] : [])))
        }
      })

      const of = Effect.fn("RuleViews.of")(function* (all: ReadonlyArray<StoredRule>) {
        if (all.length === 0) return []
        // First detects names that were lost since the last decision.
        yield* Effect.ignore(Effect.flatMap(snapshots.get, inForce.over))
        const from = (yield* inTransaction(sql)) ? sql : reader
        const held = yield* lostNames.pipe(Effect.provideService(SqlClient.SqlClient, from))
        const known = yield* vocabulary
        const { names, there } = yield* integrations
        return all.map((rule): RuleView => {
          const lost = held.get(ownerKey({ type: "rule", id: rule.id })) ?? []
          const lostNames = lost.map((name) => toLost(name, names, sparing(subjects, rule)))
          if (rule.subject === itemRules.name) {
            const compiled = compileRule(itemRules, rule)
            const inVain = Result.map(compiled, (one) => warnings(one, known, names, there, lost))
            return { ...rule, lostNames, warnings: Result.getOrElse(inVain, faultsIn) }
          }
          const subject = subjectNamed(subjects, rule.subject)
          return {
            ...rule,
            lostNames,
            warnings:
              subject === undefined
                ? [`Nothing here has rules about "${rule.subject}", so that the rule is not asked`]
                : Result.getOrElse(
                    Result.map(compileRule(subject, rule), () => []),
                    faultsIn
                  )
          }
        })
      })

      const one = (rule: StoredRule) => Effect.map(of([rule]), ([view]) => view!)

      return RuleViews.of({
        of,
        one,
        list: (subject) => Effect.flatMap(subject === undefined ? rules.list : rules.about(subject), of),
        get: (id) => Effect.flatMap(rules.get(id), one),
        warningsOf: Effect.fn("RuleViews.warningsOf")(function* (rule) {
          const { names, there } = yield* integrations
          return warnings(rule, yield* vocabulary, names, there, [])
        })
      })
    })
  )
}

const faultsIn = (issues: ReadonlyArray<Issue>): ReadonlyArray<string> =>
  issues.map(({ message, path }) => `${path.join(".")}: ${message}`)

const toLost = (held: HeldName, names: ReadonlyMap<string, string>, keeping: boolean): LostName => {
  const { integrationId, items, name, what } = held
  const named = what === "integration" ? `the integration "${names.get(name) ?? name}"` : nameWords(what, name)
  const did = keeping ? "kept" : "spared"
  const kept =
    items.length === 1 ? `the item that it ${did} by it stays` : `the ${items.length} items that it ${did} by it stay`
  return {
    what,
    name,
    integrationId,
    since: held.lostAt ?? "",
    items: items.length,
    message: `It names ${named}, which no longer exists: ${kept} ${did} until a person has reviewed the rule`
  }
}

const warnings = (
  rule: ItemRule,
  known: Vocabulary,
  integrations: ReadonlyMap<string, string>,
  there: ReadonlySet<string>,
  lost: ReadonlyArray<HeldName>
): ReadonlyArray<string> => {
  const found = new Set<string>()
  for (const id of rule.rule.scope?.integrationIds ?? []) {
    if (there.has(id) || lost.some(({ name, what }) => what === "integration" && name === id)) continue
    const name = integrations.get(id)
    found.add(name === undefined ? `There is no integration ${id}` : `The integration "${name}" was removed`)
  }
  // Nothing was read yet, or the library is empty: then it is not known which names have no effect.
  if (known.empty) return [...found]
  const kinds = rule.rule.scope?.itemKinds ?? []
  const never = new Set<FactName>()
  for (const { field } of leavesOfRule(rule)) {
    if (field.kinds !== null || known.knows(field.fact, kinds)) continue
    never.add(field.fact)
    found.add(`No connected application can know "${field.title}" of these items, so that nothing is decided by it`)
  }
  for (const name of namesGiven(rule)) {
    if (never.has(name.fact) || lost.some((one) => one.what === name.fact && name.means(one.name))) continue
    const warning = inVain(name, known.names(name.fact))
    if (warning !== null) found.add(warning)
  }
  return [...found]
}

const inVain = ({ fact, means, text }: GivenName, names: ReadonlySet<string>): string | null => {
  for (const name of names) if (means(name)) return null
  const near = nearestName(text, names)
  return `No item has the ${calledOf(fact)} "${text}"${near === null ? "" : `; did you mean "${near}"?`}`
}

interface Vocabulary {
  readonly empty: boolean
  readonly names: (fact: NamedFact) => ReadonlySet<string>
  /** Whether some integration can know a fact of items of these kinds; none = of any. */
  readonly knows: (fact: FactName, kinds: ReadonlyArray<ItemKind>) => boolean
}

const makeVocabulary = Effect.fnUntraced(function* (snapshot: Snapshot, context: SourceContext) {
  const names = new Map<NamedFact, Set<string>>()
  for (const kind of nameKinds) if (kind !== "integration") names.set(kind, new Set())
  let seen = 0
  for (const item of snapshot.items) {
    if (++seen % itemsAtOnce === 0) yield* Effect.yieldNow
    const sheet = factSheet(item, context, snapshot)
    for (const [fact, set] of names) for (const name of namesOf(sheet, fact)) set.add(name)
  }
  const known = new Map<string, boolean>()
  const vocabulary: Vocabulary = {
    empty: snapshot.items.length === 0,
    names: (fact) => names.get(fact) ?? new Set(),
    knows: (fact, kinds) => {
      const key = `${fact}|${kinds.join()}`
      const before = known.get(key)
      if (before !== undefined) return before
      const about = snapshot.items.filter((item) => kinds.length === 0 || kinds.includes(item.kind))
      const can =
        about.length === 0 || about.some((item) => factSheet(item, context, snapshot).get(fact)._tag !== "Inapplicable")
      known.set(key, can)
      return can
    }
  }
  return vocabulary
})

/** Number of items processed before yielding to the event loop. */
const itemsAtOnce = 500
