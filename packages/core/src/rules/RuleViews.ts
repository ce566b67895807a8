/**
 * Rules for display: with the lost names that they refer to, and with parts that have no effect, such as a name that no
 * item has or a fact that no connected application can know.
 */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { ItemKind } from "../integrations/Observations.ts"
import {
  calledOf,
  type HeldName,
  isNamedFact,
  lostNames,
  namesOf,
  nameInText,
  ownerKey,
  sheetOfNames
} from "../library/HeldNames.ts"
import type { FactName } from "../library/Facts.ts"
import { factNames, factSheet } from "../library/ItemFacts.ts"
import { type Snapshot, Snapshots } from "../library/Snapshots.ts"
import type { SourceContext } from "../library/SourceContext.ts"
import type { Issue } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { inTransaction } from "../storage/Transactions.ts"
import { nearestName } from "../problems/Names.ts"
import { itemRules } from "./ItemRules.ts"
import { calledIn, type GivenName, leavesOfRule, namesGiven } from "./RuleNames.ts"
import { Rules, type RuleNotFound, StoredRule } from "./Rules.ts"
import { type CompiledRule, compileRule } from "./RuleSet.ts"
import type { AnyRuleSubject } from "./RuleSubject.ts"
import { RuleSubjects, sparing, subjectNamed } from "./RuleSubjects.ts"
import { RulesInForce } from "./RulesInForce.ts"
import { unlessBuggy } from "./SubjectSheets.ts"

export const LostName = Schema.Struct({
  /** The fact whose values are such names, or `integration`. */
  what: Schema.String,
  /** For an integration, its id. */
  name: Schema.String,
  /** Where the name was used: the media server of a library, otherwise the integration that manages the items. */
  integrationId: Schema.String,
  since: Schema.String,
  /** Number of items, or of other things, that had it, and that count as having it until a person has reviewed it. */
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
      "Parts of the rule that have no effect: a name that nothing has, or a fact that no connected application can know; and names of people that several people have."
  })
}).annotate({ identifier: "Rule" })
export type RuleView = typeof RuleView.Type

export class RuleViews extends Context.Service<
  RuleViews,
  {
    /** All rules that can be read, or those about one subject, in their order. */
    readonly list: (subject?: string) => Effect.Effect<ReadonlyArray<RuleView>>
    readonly get: (id: string) => Effect.Effect<RuleView, RuleNotFound>
    readonly of: (rules: ReadonlyArray<StoredRule>) => Effect.Effect<ReadonlyArray<RuleView>>
    readonly one: (rule: StoredRule) => Effect.Effect<RuleView>
    /** Parts of a rule about a subject that have no effect. */
    readonly warningsOf: (subject: AnyRuleSubject, rule: CompiledRule) => Effect.Effect<ReadonlyArray<string>>
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

      const ofItems = Effect.gen(function* () {
        const snapshot = yield* snapshots.get
        const before = words.get(snapshot)
        if (before !== undefined) return before
        const made = yield* makeVocabulary(snapshot, yield* snapshots.contextOf(snapshot))
        words.set(snapshot, made)
        return made
      })

      const vocabularyOf = Effect.fnUntraced(function* (subject: AnyRuleSubject) {
        if (subject.name === itemRules.name) return yield* ofItems
        const from = (yield* inTransaction(sql)) ? sql : reader
        return yield* vocabularyOfThings(subject).pipe(
          Effect.provideService(ReadSql, from),
          unlessBuggy(subject, nothingKnown)
        )
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
        const about = subjects.filter(({ name }) => all.some(({ subject }) => subject === name))
        // First detects names that were lost since the last decision.
        for (const subject of about) {
          yield* Effect.ignore(
            subject.name === itemRules.name
              ? Effect.flatMap(snapshots.get, inForce.over)
              : unlessBuggy(subject, undefined)(inForce.about(subject))
          )
        }
        const from = (yield* inTransaction(sql)) ? sql : reader
        const held = yield* lostNames.pipe(Effect.provideService(SqlClient.SqlClient, from))
        const known = new Map<string, Vocabulary>()
        for (const subject of about) known.set(subject.name, yield* vocabularyOf(subject))
        const { names, there } = yield* integrations
        return all.map((rule): RuleView => {
          const lost = held.get(ownerKey({ type: "rule", id: rule.id })) ?? []
          const subject = subjectNamed(subjects, rule.subject)
          const words = known.get(rule.subject)
          if (subject === undefined || words === undefined) {
            const warnings = [`Nothing here has rules about "${rule.subject}", so that the rule is not asked`]
            return { ...rule, lostNames: lost.map((name) => toLost(name, names, true, calledOf, null)), warnings }
          }
          const title = subject.name === itemRules.name ? null : subject.title
          const keeping = sparing(subjects, rule)
          const compiled = compileRule(subject, rule)
          const inVain = Result.map(compiled, (one) => warnings(subject, one, words, names, there, lost))
          return {
            ...rule,
            lostNames: lost.map((name) => toLost(name, names, keeping, calledIn(subject), title)),
            warnings: Result.getOrElse(inVain, faultsIn)
          }
        })
      })

      const one = (rule: StoredRule) => Effect.map(of([rule]), ([view]) => view!)

      return RuleViews.of({
        of,
        one,
        list: (subject) => Effect.flatMap(subject === undefined ? rules.list : rules.about(subject), of),
        get: (id) => Effect.flatMap(rules.get(id), one),
        warningsOf: Effect.fn("RuleViews.warningsOf")(function* (subject, rule) {
          const { names, there } = yield* integrations
          return warnings(subject, rule, yield* vocabularyOf(subject), names, there, [])
        })
      })
    })
  )
}

const faultsIn = (issues: ReadonlyArray<Issue>): ReadonlyArray<string> =>
  issues.map(({ message, path }) => `${path.join(".")}: ${message}`)

/** `title`: the plural of the subject; `null` for items. */
const toLost = (
  held: HeldName,
  names: ReadonlyMap<string, string>,
  keeping: boolean,
  called: (fact: string) => string,
  title: string | null
): LostName => {
  const { integrationId, items, name, what } = held
  const named = what === "integration" ? `the integration "${names.get(name) ?? name}"` : nameInText(what, name, called)
  const did = keeping ? "kept" : "spared"
  const kept =
    title !== null
      ? `what it ${did} by it (${title}: ${items.length}) stays`
      : items.length === 1
        ? `the item that it ${did} by it stays`
        : `the ${items.length} items that it ${did} by it stay`
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
  subject: AnyRuleSubject,
  rule: CompiledRule,
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
  const never = new Set<string>()
  for (const { field } of leavesOfRule(rule)) {
    if (field.kinds !== null || known.knows(field.fact, kinds)) continue
    never.add(field.fact)
    const these = subject.name === itemRules.name ? "these items" : subject.title
    found.add(`No connected application can know "${field.title}" of ${these}, so that nothing is decided by it`)
  }
  for (const name of namesGiven(rule)) {
    if (never.has(name.fact) || lost.some((one) => one.what === name.fact && name.means(one.name))) continue
    const warning = inVain(subject, name, known.names(name.fact))
    if (warning !== null) found.add(warning)
    const several = [...known.ambiguous].find((one) => isPersonal(name.fact) && name.means(one))
    if (several !== undefined) {
      found.add(
        `Several people are called "${several}", so that what only some of them have watched is unknown; name the person by a name that nobody else has, or join them if they are one`
      )
    }
  }
  return [...found]
}

const inVain = (
  subject: AnyRuleSubject,
  { fact, means, text }: GivenName,
  names: ReadonlySet<string>
): string | null => {
  for (const name of names) if (means(name)) return null
  const near = nearestName(text, names)
  const none = subject.name === itemRules.name ? "No item" : `None of the ${subject.title}`
  return `${none} has the ${calledIn(subject)(fact)} "${text}"${near === null ? "" : `; did you mean "${near}"?`}`
}

/** Whether the names of a fact are those of people who play. */
const isPersonal = (fact: string): boolean => personal.has(fact)

const personal: ReadonlySet<string> = new Set<FactName>([
  "plays",
  "viewersWhoFinished",
  "viewersWhoStopped",
  "watchTimeByUser",
  "markedWatchedBy"
])

interface Vocabulary {
  readonly empty: boolean
  /** Names that several people who play have. */
  readonly ambiguous: ReadonlySet<string>
  readonly names: (fact: string) => ReadonlySet<string>
  /** Whether some integration can know a fact of items of these kinds; none = of any. */
  readonly knows: (fact: string, kinds: ReadonlyArray<ItemKind>) => boolean
}

const nothingKnown: Vocabulary = { empty: true, ambiguous: new Set(), names: () => new Set(), knows: () => true }

/** The names of the things of a subject other than items. */
const vocabularyOfThings = Effect.fnUntraced(function* ({ fields, listed }: AnyRuleSubject) {
  if (listed === null) return nothingKnown
  const named = new Set(fields.flatMap(({ fact, named: word }) => (word === null ? [] : [fact])))
  const names = new Map([...named].map((fact) => [fact, new Set<string>()]))
  const knows = new Set<string>()
  let isEmpty = true
  yield* listed(named, (_, sheet) => {
    isEmpty = false
    for (const { fact } of fields) if (sheet.get(fact)._tag !== "Inapplicable") knows.add(fact)
    for (const [fact, set] of names) for (const name of namesOf(sheet, fact)) set.add(name)
  })
  const vocabulary: Vocabulary = {
    empty: isEmpty,
    ambiguous: new Set(),
    names: (fact) => names.get(fact) ?? new Set(),
    knows: (fact) => knows.has(fact)
  }
  return vocabulary
})

const makeVocabulary = Effect.fnUntraced(function* (snapshot: Snapshot, context: SourceContext) {
  const named = factNames.filter(isNamedFact)
  const names = new Map<string, Set<string>>(named.map((fact) => [fact, new Set()]))
  const ambiguous = new Set<string>()
  let seen = 0
  for (const item of snapshot.items) {
    for (const user of item.data.playback?.users ?? []) for (const name of user.ambiguous ?? []) ambiguous.add(name)
    if (++seen % itemsAtOnce === 0) yield* Effect.yieldNow
    const sheet = factSheet(item, context, snapshot)
    const naming = sheetOfNames(sheet)
    for (const fact of named) for (const name of namesOf(naming, fact)) names.get(fact)?.add(name)
  }
  const known = new Map<string, boolean>()
  const vocabulary: Vocabulary = {
    empty: snapshot.items.length === 0,
    ambiguous,
    names: (fact) => names.get(fact) ?? new Set(),
    knows: (fact, kinds) => {
      const key = `${fact}|${kinds.join()}`
      const before = known.get(key)
      if (before !== undefined) return before
      const about = snapshot.items.filter((item) => kinds.length === 0 || kinds.includes(item.kind))
      const own = factNames.find((name) => name === fact)
      const can =
        own === undefined ||
        about.length === 0 ||
        about.some((item) => factSheet(item, context, snapshot).get(own)._tag !== "Inapplicable")
      known.set(key, can)
      return can
    }
  }
  return vocabulary
})

/** Number of items processed before yielding to the event loop. */
const itemsAtOnce = 500
