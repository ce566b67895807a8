/** The rules about each subject, compiled when they are first needed and cached until rules change. */
import { type DateTime, Effect, Equal, Result, SynchronizedRef } from "effect"
import type { SqlClient } from "effect/sql"
import { InvalidRequest, type Issue } from "../../problems/Problem.ts"
import { inTransaction } from "../../storage/Transactions.ts"
import type { Rule, RuleDefinition } from "../Rule.ts"
import { compileRule, compileRules, type CompiledRule, type CompiledRuleSet } from "../RuleSet.ts"
import type { RuleLanguage } from "../RuleSubject.ts"

/**
 * `load` reads the rules about a subject through the write connection, or fails with what is damaged. If they do not
 * compile, fails with the errors as text. `zone` is the zone of days in conditions; when it changes, rules are compiled
 * again.
 */
export const makeCompiledSets = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  load: (subject: string) => Effect.Effect<ReadonlyArray<Rule>, string>,
  zone: Effect.Effect<DateTime.TimeZone>
) {
  const cache = yield* SynchronizedRef.make<ReadonlyArray<CachedSet>>([])

  const compile = Effect.fnUntraced(function* <Name extends string, Outcome extends string>(
    subject: RuleLanguage<Name, Outcome>,
    zone: DateTime.TimeZone
  ) {
    const set = compileRules(subject, yield* load(subject.name), { zone })
    if (Result.isSuccess(set)) return set.success
    return yield* Effect.fail(set.failure.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "))
  })

  return {
    forget: SynchronizedRef.set(cache, []),
    of: Effect.fnUntraced(function* <Name extends string, Outcome extends string>(
      subject: RuleLanguage<Name, Outcome>
    ) {
      const now = yield* zone
      // The fiber that fills the cache may be waiting for our connection, and the transaction may have changed the rules.
      if (yield* inTransaction(sql)) return yield* compile(subject, now)
      const before = setIn(yield* SynchronizedRef.get(cache), subject, now)
      if (before !== undefined) return before
      return yield* SynchronizedRef.modifyEffect(cache, (sets) => {
        const again = setIn(sets, subject, now)
        if (again !== undefined) return Effect.succeed([again, sets] as const)
        const others = sets.filter((one) => !isAbout(one.set, subject))
        return Effect.map(compile(subject, now), (set) => [set, [...others, { set, zone: now }]] as const)
      })
    })
  }
})

/** One rule from a request. */
export const compileAs = <Name extends string, Outcome extends string>(
  subject: RuleLanguage<Name, Outcome>,
  draft: RuleDefinition,
  id: string,
  zone: DateTime.TimeZone
): Effect.Effect<CompiledRule<Name, Outcome>, InvalidRequest> =>
  Effect.fromResult(
    Result.mapError(
      compileRule(subject, { ...draft, id }, { zone }),
      (issues) => new InvalidRequest({ detail: "The rule is not valid", errors: inPayload(issues) })
    )
  )

interface CachedSet {
  readonly set: CompiledRuleSet
  readonly zone: DateTime.TimeZone
}

const setIn = <Name extends string, Outcome extends string>(
  sets: ReadonlyArray<CachedSet>,
  subject: RuleLanguage<Name, Outcome>,
  zone: DateTime.TimeZone
): CompiledRuleSet<Name, Outcome> | undefined => {
  for (const one of sets) if (isAbout(one.set, subject) && Equal.equals(one.zone, zone)) return one.set
  return undefined
}

const isAbout = <Name extends string, Outcome extends string>(
  set: CompiledRuleSet,
  subject: RuleLanguage<Name, Outcome>
): set is CompiledRuleSet<Name, Outcome> => set.subject === subject

const inPayload = (issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.map((issue) => ({ ...issue, path: ["payload", ...issue.path] }))
