/** Tries out a rule, on the current library or on given facts. Stores nothing. */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import { Contents } from "../library/Contents.ts"
import { Tally } from "../library/Counting.ts"
import type { FactName } from "../library/Facts.ts"
import type { LibraryItem } from "../library/Item.ts"
import { contentsOf } from "../library/ItemFacts.ts"
import { isoOf, IsoTime, nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { Condition } from "../rules/Condition.ts"
import { compile } from "../rules/Compile.ts"
import { evaluate, unknownFacts } from "../rules/CompiledCondition.ts"
import { ConditionTrace, reasonOf, trace } from "../rules/ConditionTrace.ts"
import { itemRules } from "../rules/ItemRules.ts"
import { defaultSubject, RuleDefinition, RuleScope } from "../rules/Rule.ts"
import { actEffect, modifiers } from "../rules/RuleEffect.ts"
import { type CompiledRule, factsOfRule, inScope, namesEpisodes, readEffect, truthOfRule } from "../rules/RuleSet.ts"
import { applicationOf } from "../rules/RuleSubject.ts"
import { Rules, type RulesUnreadable } from "../rules/Rules.ts"
import { RuleViews } from "../rules/RuleViews.ts"
import { Truth } from "../rules/Truth.ts"
import { decodeCursor, defaultPageSize, encodeCursor, maximumPageSize } from "../storage/Pages.ts"
import { ActingPreview } from "./ActingReport.ts"
import { sheetOf } from "./Decision.ts"
import { Engine } from "./Engine.ts"
import { inSlices, type SlicedReading } from "./InSlices.ts"
import { makeThingsPreview } from "./RuleTrial/ThingsPreview.ts"
import { invalidPayload } from "./Scoring.ts"
import { kindOf, RequestFacts, sheetFromRequest } from "./SheetFromRequest.ts"

export const RulesEvaluationRequest = Schema.Struct({
  subject: RuleDefinition.fields.subject,
  condition: Condition,
  /** With an effect, the result also says how the rule would apply. */
  effect: Schema.optionalKey(RuleDefinition.fields.effect),
  /** Of an item; `movie` by default. */
  kind: Schema.optionalKey(Schema.Literals(itemKinds)),
  facts: RequestFacts,
  at: Schema.optionalKey(IsoTime)
}).annotate({ identifier: "RulesEvaluationRequest" })
export type RulesEvaluationRequest = typeof RulesEvaluationRequest.Type

export const RulesEvaluation = Schema.Struct({
  truth: Truth,
  /** Unknown facts that made it unknown. */
  unknown: Schema.Array(Schema.String),
  effect: Schema.NullOr(Schema.String),
  application: Schema.NullOr(Schema.Literals(["applies", "undecided", "does-not-apply"])),
  /** By how much it multiplies the score of an item; `null` without an effect, for the effect `act`, and for other subjects. */
  modifier: Schema.NullOr(Schema.Finite),
  trace: ConditionTrace
}).annotate({ identifier: "RulesEvaluation" })
export type RulesEvaluation = typeof RulesEvaluation.Type

export const RulePreviewRequest = Schema.Struct({
  subject: RuleDefinition.fields.subject,
  condition: Condition,
  effect: Schema.optionalKey(RuleDefinition.fields.effect),
  scope: Schema.optionalKey(RuleScope),
  action: RuleDefinition.fields.action,
  priority: RuleDefinition.fields.priority,
  ruleId: Schema.optionalKey(Schema.String).annotate({
    description: "Id of the stored rule of which this is a draft: what it has queued already is then known."
  }),
  /** Items, or other things, with this truth value; `true` by default. */
  truth: Schema.optionalKey(Truth),
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maximumPageSize }))),
  cursor: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "RulePreviewRequest" })
export type RulePreviewRequest = typeof RulePreviewRequest.Type

/** Items are counted in units: of a show and its seasons, those that are removed. */
export const RulePreview = Schema.Struct({
  total: Tally,
  matched: Tally,
  unknown: Tally,
  /**
   * Wholes next to their parts (or parts of wholes) with the requested truth value: they are not removed on their own,
   * so they are neither counted nor listed. 0 for other subjects than items.
   */
  notRemovedAlone: Schema.Int,
  items: Schema.Array(
    Schema.Struct({
      itemId: Schema.String.annotate({
        description: "Id of the item, or of the thing that a rule about another subject is about."
      }),
      title: Schema.String,
      kind: Schema.String.annotate({ description: "Kind of the item, or of the thing." }),
      sizeBytes: Schema.NullOr(Schema.Finite).annotate({
        description: "`null` if the things of the subject have no size."
      }),
      truth: Truth,
      /** Why, as text: the conditions that decided it. */
      reason: Schema.String,
      trace: ConditionTrace
    })
  ),
  nextCursor: Schema.NullOr(Schema.String),
  /** Of a rule that acts. */
  acting: Schema.optionalKey(ActingPreview).annotate({
    description: "What the rule would do now, if it acts: what it would queue, what keeps items from it, and why."
  }),
  warnings: Schema.Array(Schema.String).annotate({
    description:
      "Parts of the rule that have no effect: a name that nothing has, or a fact that no connected application can know."
  })
}).annotate({ identifier: "RulePreview" })
export type RulePreview = typeof RulePreview.Type

/** Number of items evaluated between two yields. */
const sliceSize = 500

export class RuleTrial extends Context.Service<
  RuleTrial,
  {
    readonly evaluate: (request: RulesEvaluationRequest) => Effect.Effect<RulesEvaluation, InvalidRequest>
    /** Largest items first. Things of other subjects too, if their subject says how they are listed. */
    readonly preview: (request: RulePreviewRequest) => Effect.Effect<RulePreview, InvalidRequest | RulesUnreadable>
  }
>()("tendarr/capacity/RuleTrial") {
  static readonly layer = Layer.effect(
    RuleTrial,
    Effect.gen(function* () {
      const engine = yield* Engine
      const rules = yield* Rules
      const views = yield* RuleViews
      const contents = yield* Contents
      const previewThings = yield* makeThingsPreview

      /** The truth of a rule for all items; the items with the wanted one. */
      const evaluated = Effect.fnUntraced(function* (rule: CompiledRule<FactName>, wanted: Truth) {
        const facts = factsOfRule(rule)
        return yield* inSlices(engine, sliceSize, (environment) =>
          Effect.sync(() => {
            const tallies = {
              true: { items: 0, bytes: 0 },
              false: { items: 0, bytes: 0 },
              unknown: { items: 0, bytes: 0 }
            }
            const found: Array<LibraryItem> = []
            let notRemovedAlone = 0
            const add: SlicedReading<unknown>["add"] = (within, slice) =>
              Effect.sync(() => {
                for (const item of slice) {
                  const isEpisode = item.kind === "episode"
                  if (isEpisode && !namesEpisodes(rule)) continue
                  const truth = inScope(rule, item)
                    ? truthOfRule(rule, item, sheetOf(within, item), environment.now)
                    : "false"
                  if (isEpisode || environment.counting.isUnit(item)) {
                    tallies[truth].items++
                    tallies[truth].bytes += item.sizeBytes
                    if (truth === wanted) found.push(item)
                  } else if (truth === wanted) notRemovedAlone++
                }
              })
            return { facts, add, result: () => ({ environment, found, notRemovedAlone, tallies }) }
          })
        )
      })

      const preview = Effect.fn("RuleTrial.preview")(function* (request: RulePreviewRequest) {
        const subject = yield* rules.subject(request.subject ?? defaultSubject, ["payload", "subject"])
        if (subject.name !== itemRules.name) return yield* previewThings(subject, request)
        const rule = yield* rules.compile(itemRules, {
          name: "preview",
          enabled: true,
          effect: request.effect ?? "lean-remove",
          condition: request.condition,
          ...(request.scope === undefined ? {} : { scope: request.scope }),
          ...(request.action === undefined ? {} : { action: request.action }),
          ...(request.priority === undefined ? {} : { priority: request.priority })
        })
        const wanted = request.truth ?? "true"
        const limit = request.limit ?? defaultPageSize
        const scope = `rule-preview/${wanted}`
        const after = request.cursor === undefined ? null : yield* decodeCursor(scope, 2, request.cursor)
        yield* contents.readFor(contentsOf(factsOfRule(rule)), ({ items }) =>
          items.filter((item) => inScope(rule, item))
        )
        const { environment, found, notRemovedAlone, tallies } = yield* evaluated(rule, wanted)
        found.sort(bySize)
        const start =
          after === null
            ? 0
            : found.findIndex((item) => bySize(item, { sizeBytes: Number(after[0]), id: String(after[1]) }) > 0)
        const page = start === -1 ? [] : found.slice(start, start + limit)
        const last = page[page.length - 1]
        const within = yield* engine.loaded(environment, page, factsOfRule(rule))
        return {
          total: environment.counting.tally(concernedBy(rule, environment.snapshot.items)),
          matched: tallies.true,
          unknown: tallies.unknown,
          notRemovedAlone,
          items: page.map((item) => {
            const traced = trace(rule.condition, sheetOf(within, item), environment.now)
            return {
              itemId: item.id,
              title: item.title,
              kind: item.kind,
              sizeBytes: item.sizeBytes,
              truth: wanted,
              reason: reasonOf(traced, traced.truth),
              trace: traced
            }
          }),
          warnings: yield* views.warningsOf(itemRules, rule),
          nextCursor:
            last !== undefined && start + limit < found.length ? encodeCursor(scope, [last.sizeBytes, last.id]) : null
        }
      })

      return RuleTrial.of({
        preview,
        evaluate: Effect.fn("RuleTrial.evaluate")(function* (request) {
          const at = request.at === undefined ? yield* nowIso : isoOf(request.at)
          const subject = yield* rules.subject(request.subject ?? defaultSubject, ["payload", "subject"])
          const aboutItems = subject.name === itemRules.name
          const kind = aboutItems ? kindOf(request) : request.kind
          const sheet = sheetFromRequest(subject, request.facts, { at, ...(kind === undefined ? {} : { kind }) })
          const effect = request.effect === undefined ? Result.succeed(null) : readEffect(subject, request.effect)
          const compiled = compile(subject, request.condition, { zone: yield* rules.zone })
          if (Result.isFailure(sheet) || Result.isFailure(compiled) || Result.isFailure(effect)) {
            return yield* invalidPayload([
              ...(Result.isFailure(effect) ? effect.failure : []),
              ...(Result.isFailure(compiled)
                ? compiled.failure.map((issue) => ({ ...issue, path: ["condition", ...issue.path] }))
                : []),
              ...(Result.isFailure(sheet) ? sheet.failure : [])
            ])
          }
          const now = Date.parse(at)
          const truth = evaluate(compiled.success, sheet.success, now)
          const application = effect.success === null ? null : applicationOf(effect.success, truth)
          const named = effect.success === null ? undefined : itemRules.effectNamed(effect.success.name)
          return {
            truth,
            unknown: unknownFacts(compiled.success, sheet.success, now),
            effect: effect.success?.name ?? null,
            application,
            modifier:
              !aboutItems || named === undefined || named.name === actEffect
                ? null
                : application === "does-not-apply"
                  ? 1
                  : modifiers[named.name],
            trace: trace(compiled.success, sheet.success, now)
          }
        })
      })
    })
  )
}

/** What a rule is compared with: the library, or its episodes if the rule is only about those. */
const concernedBy = (
  { itemKinds }: Pick<CompiledRule, "itemKinds">,
  items: ReadonlyArray<LibraryItem>
): ReadonlyArray<LibraryItem> =>
  itemKinds?.size === 1 && itemKinds.has("episode") ? items.filter(({ kind }) => kind === "episode") : items

const bySize = (
  a: { readonly sizeBytes: number; readonly id: string },
  b: { readonly sizeBytes: number; readonly id: string }
): number => b.sizeBytes - a.sizeBytes || Number(a.id) - Number(b.id)
