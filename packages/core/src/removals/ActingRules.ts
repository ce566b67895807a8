/**
 * Runs rules that act: evaluates one over the library, queues removals for what it matches, withdraws those that it no
 * longer matches, and changes entries in the applications. A run writes everything or nothing, and never moves the due
 * time of a removal that is already queued.
 */
import { Context, Effect, Layer } from "effect"
import type { ActReport } from "../acts/Acts.ts"
import { type ActingPreview, type RuleRunReport, RunItems } from "../capacity/ActingReport.ts"
import { type RulePreview, type RulePreviewRequest, RuleTrial } from "../capacity/RuleTrial.ts"
import type { RunQueuedOtherwise } from "../jobs/JobErrors.ts"
import { ruleJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import type { Run } from "../jobs/Run.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { type ActingRule, actingRule, itemRules } from "../rules/ItemRules.ts"
import { RuleDoesNotAct } from "../rules/RuleErrors.ts"
import { defaultSubject, isItemAction } from "../rules/Rule.ts"
import { RuleNotFound, Rules, type RulesUnreadable, type StoredRule } from "../rules/Rules.ts"
import { Checkpoints } from "../storage/Checkpoints.ts"
import type { RuleRunOptions } from "./ActingRules/RuleRunOptions.ts"
import { makeChanging } from "./ActingRules/Changing.ts"
import { type ActingEvaluation, makeEvaluation } from "./ActingRules/Evaluation.ts"
import { makeHolding } from "./ActingRules/Holding.ts"
import { makeQueueing, type RunMode } from "./ActingRules/Queueing.ts"

export interface ActingRunOptions {
  /** Compute everything without writing anything. */
  readonly dryRun?: boolean | undefined
  /** A person accepts that the run acts on a large share of the library. */
  readonly force?: boolean | undefined
  readonly runId: string | null
  readonly progress?: (done: number, total: number | null, message: string) => Effect.Effect<void>
  readonly log?: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
}

export class ActingRules extends Context.Service<
  ActingRules,
  {
    /** Runs a rule. One that is switched off is only evaluated. Changes are carried out only in runs of destructive jobs. */
    readonly run: (
      ruleId: string,
      options: ActingRunOptions
    ) => Effect.Effect<RuleRunReport, RuleNotFound | RuleDoesNotAct | RulesUnreadable>
    /** As `RuleTrial.preview`; of a rule that acts also what it would do now. */
    readonly preview: (request: RulePreviewRequest) => Effect.Effect<RulePreview, InvalidRequest | RulesUnreadable>
    /**
     * Withdraws removals and changes whose rule was deleted, switched off, or no longer wants them. Runs after every change
     * of rules; a removal that is snoozed then is left until its snooze has ended.
     */
    readonly withdrawOrphans: Effect.Effect<void>
    /** The rule with an id, if it acts. */
    readonly find: (ruleId: string) => Effect.Effect<StoredRule, RuleNotFound | RuleDoesNotAct>
    /** Starts a run of the job `rule` for a rule, or queues it, as a person. */
    readonly start: (
      ruleId: string,
      options: RuleRunOptions
    ) => Effect.Effect<Run, RuleNotFound | RuleDoesNotAct | InvalidRequest | RunQueuedOtherwise>
  }
>()("tendarr/removals/ActingRules") {
  static readonly layer = Layer.effect(
    ActingRules,
    Effect.gen(function* () {
      const rules = yield* Rules
      const jobs = yield* Jobs
      const trial = yield* RuleTrial
      const { withDeferredCheckpoint } = yield* Checkpoints
      const { evaluate } = yield* makeEvaluation
      const holding = yield* makeHolding
      const queueing = yield* makeQueueing(holding)
      const changing = yield* makeChanging(holding)
      const withdrawOrphans = Effect.andThen(queueing.withdrawOrphans, changing.withdrawOrphans)
      yield* rules.onChanged(withdrawOrphans)

      /** The rule with an id as it is in force, or as it is stored if it is switched off. */
      const ruleOf = Effect.fnUntraced(function* (stored: StoredRule, acting: ReadonlyArray<ActingRule>) {
        const inForce = acting.find(({ rule }) => rule.id === stored.id)
        if (inForce !== undefined) return inForce
        const compiled = yield* Effect.orDie(rules.compile(itemRules, stored))
        return actingRule({ ...compiled, rule: stored }) ?? (yield* new RuleDoesNotAct({ ruleId: stored.id }))
      })

      const found = Effect.fnUntraced(function* (ruleId: string) {
        const stored = yield* rules.get(ruleId)
        return !isItemAction(stored.action) ? yield* new RuleDoesNotAct({ ruleId }) : stored
      })

      const act = Effect.fnUntraced(function* (evaluation: ActingEvaluation, mode: RunMode) {
        const { environment, judged, notActedOnAlone } = evaluation
        const { action } = evaluation.rule
        const items = new RunItems()
        let held: ActingPreview["held"] = null
        let proposed = 0
        if (action.type === "remove") ({ held, proposed } = yield* queueing.remove(evaluation, action, items, mode))
        else if (action.type === "change") ({ held } = yield* changing.change(evaluation, action, items, mode))
        else {
          for (const { item, verdict } of judged) {
            if (verdict._tag === "Acts") items.add("matched", item)
            else items.add(verdict._tag === "Kept" ? "kept" : "unknown", item, verdict.because)
          }
        }
        yield* Effect.yieldNow
        const evaluated = environment.counting.tally(environment.snapshot.items)
        return items.report({ evaluated, held, notActedOnAlone, proposed })
      })

      const run = Effect.fn("ActingRules.run")(function* (ruleId: string, options: ActingRunOptions) {
        const { force = false, log = () => Effect.void, progress = () => Effect.void, runId } = options
        const stored = yield* found(ruleId)
        const dryRun = options.dryRun === true || !stored.enabled
        yield* progress(0, null, "evaluating the library")
        const evaluation = yield* evaluate(({ rules: { acting } }) => ruleOf(stored, acting))
        const figures = yield* act(evaluation, { dryRun, force, runId })
        const { action } = evaluation.rule
        const { done, failed, spared, waiting } =
          action.type === "change" && !dryRun ? yield* changing.carryOut({ log, progress }) : nothing
        return {
          ruleId,
          name: stored.name,
          action,
          enabled: stored.enabled,
          dryRun,
          ...figures,
          changes: { changed: done, spared, failed, waiting }
        } satisfies RuleRunReport
      })

      /** Repeated if a person has decided about a removal in the meantime, or has set the brake: the run is then held. */
      const patiently = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.retry(effect, {
          times: 5,
          while: ({ _tag }) => _tag === "RemovalStateConflict" || _tag === "DeletionsDisabled"
        })

      const previewActing = Effect.fnUntraced(function* (request: RulePreviewRequest) {
        const { action, condition, effect = "", priority, ruleId = "new", scope } = request
        const compiled = yield* rules.compile(itemRules, {
          name: "this rule",
          enabled: true,
          effect,
          condition,
          ...(scope === undefined ? {} : { scope }),
          ...(action === undefined ? {} : { action }),
          ...(priority === undefined ? {} : { priority })
        })
        const rule = actingRule({ ...compiled, rule: { ...compiled.rule, id: ruleId } })
        if (rule === null) return undefined
        const evaluation = yield* evaluate(() => Effect.succeed(rule))
        return yield* act(evaluation, { dryRun: true, force: false, runId: null })
      })

      return ActingRules.of({
        run: (ruleId, options) =>
          patiently(run(ruleId, options)).pipe(
            Effect.catchTags({ RemovalStateConflict: Effect.die, DeletionsDisabled: Effect.die }),
            withDeferredCheckpoint
          ),
        preview: Effect.fn("ActingRules.preview")(function* (request) {
          const matches = yield* trial.preview(request)
          if ((request.subject ?? defaultSubject) !== itemRules.name || request.action === undefined) return matches
          const acting = yield* patiently(previewActing(request)).pipe(
            Effect.catchTags({ RemovalStateConflict: Effect.die, DeletionsDisabled: Effect.die })
          )
          return acting === undefined ? matches : { ...matches, acting }
        }),
        withdrawOrphans,
        find: found,
        start: Effect.fn("ActingRules.start")(function* (ruleId, options) {
          yield* found(ruleId)
          return yield* jobs.start(ruleJob, { subject: ruleId, options, startedBy: "person" }).pipe(
            // It was deleted in the meantime.
            Effect.catchTag("JobSubjectNotFound", () => Effect.fail(new RuleNotFound({ ruleId }))),
            Effect.catchTag("JobNotFound", Effect.die)
          )
        })
      })
    })
  )
}

const nothing: ActReport = { done: 0, failed: 0, spared: 0, waiting: 0 }
