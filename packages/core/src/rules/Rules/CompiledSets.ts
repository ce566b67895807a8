/** The rules about each subject, compiled when they are first needed and cached until rules change. */
import { Effect, Result, SynchronizedRef } from "effect"
import type { SqlClient } from "effect/sql"
import { InvalidRequest, type Issue } from "../../problems/Problem.ts"
import { inTransaction } from "../../storage/Transactions.ts"
import type { Rule, RuleDefinition } from "../Rule.ts"
import { compileRule, compileRules, type CompiledRule, type CompiledRuleSet } from "../RuleSet.ts"
import type { RuleLanguage } from "../RuleSubject.ts"

/**
 * `load` reads the rules about a subject through the write connection, or fails with what is damaged. If they do not
 * compile, fails with the errors as text.
 */
export const makeCompiledSets = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  load: (subject: string) => Effect.Effect<ReadonlyArray<Rule>, string>
) {
  const cache = yield* SynchronizedRef.make<ReadonlyArray<CompiledRuleSet>>([])

  const compile = Effect.fnUntraced(function* <Name extends string, Outcome extends string>(
    subject: RuleLanguage<Name, Outcome>
  ) {
    const set = compileRules(subject, yield* load(subject.name))
    if (Result.isSuccess(set)) return set.success
    return yield* Effect.fail(set.failure.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "))
  })

  return {
    forget: SynchronizedRef.set(cache, []),
    of: Effect.fnUntraced(function* <Name extends string, Outcome extends string>(
      subject: RuleLanguage<Name, Outcome>
    ) {
      // The fiber that fills the cache may be waiting for our connection, and the transaction may have changed the rules.
      if (yield* inTransaction(sql)) return yield* compile(subject)
      const before = (yield* SynchronizedRef.get(cache)).find((set) => isAbout(set, subject))
      if (before !== undefined) return before
      return yield* SynchronizedRef.modifyEffect(cache, (sets) => {
        const again = sets.find((set) => isAbout(set, subject))
        return again === undefined
          ? Effect.map(compile(subject), (set) => [set, [...sets, set]] as const)
          : Effect.succeed([again, sets] as const)
      })
    })
  }
})

/** One rule from a request. */
export const compileAs = <Name extends string, Outcome extends string>(
  subject: RuleLanguage<Name, Outcome>,
  draft: RuleDefinition,
  id: string
): Effect.Effect<CompiledRule<Name, Outcome>, InvalidRequest> =>
  Effect.fromResult(
    Result.mapError(
      compileRule(subject, { ...draft, id }),
      (issues) => new InvalidRequest({ detail: "The rule is not valid", errors: inPayload(issues) })
    )
  )

const isAbout = <Name extends string, Outcome extends string>(
  set: CompiledRuleSet,
  subject: RuleLanguage<Name, Outcome>
): set is CompiledRuleSet<Name, Outcome> => set.subject === subject

const inPayload = (issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.map((issue) => ({ ...issue, path: ["payload", ...issue.path] }))
