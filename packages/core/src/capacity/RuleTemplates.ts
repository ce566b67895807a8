/** Templates of rules, with what each of them matches in the library now. */
import { Context, Effect, Layer, Schema } from "effect"
import { Tally } from "../library/Counting.ts"
import type { FactName } from "../library/Facts.ts"
import { type CompiledRule, factsOfRule, inScope, namesEpisodes, truthOfRule } from "../rules/RuleSet.ts"
import { itemRules } from "../rules/ItemRules.ts"
import { RuleDefinition } from "../rules/Rule.ts"
import { Rules, type RulesUnreadable } from "../rules/Rules.ts"
import { sheetOf } from "./Decision.ts"
import { Engine } from "./Engine.ts"
import { inSlices, type SlicedReading } from "./InSlices.ts"
import { type Template, templates } from "./RuleTemplates/Templates.ts"

export const RuleTemplate = Schema.Struct({
  id: Schema.String,
  description: Schema.String,
  /** A complete rule, to be created as it is or after changes. */
  rule: RuleDefinition,
  /** Items that this rule matches now, as its preview counts them. */
  matched: Tally,
  unknown: Tally
}).annotate({ identifier: "RuleTemplate" })
export type RuleTemplate = typeof RuleTemplate.Type

/** Number of items evaluated between two yields: each is evaluated once per template. */
const sliceSize = 100

export class RuleTemplates extends Context.Service<
  RuleTemplates,
  {
    /** The templates, those that match most bytes first. `matching`: only those that match something. */
    readonly list: (options?: {
      readonly matching?: boolean | undefined
    }) => Effect.Effect<ReadonlyArray<RuleTemplate>, RulesUnreadable>
  }
>()("tendarr/capacity/RuleTemplates") {
  static readonly layer = Layer.effect(
    RuleTemplates,
    Effect.gen(function* () {
      const engine = yield* Engine
      const rules = yield* Rules

      const counted = Effect.gen(function* () {
        // A template that does not compile is a bug.
        const compiled = yield* Effect.orDie(
          Effect.forEach(templates, (template) =>
            Effect.map(rules.compile(itemRules, template.rule), (rule) => ({ template, rule }))
          )
        )
        const facts = factsOfAll(compiled.map(({ rule }) => rule))
        return yield* inSlices(engine, sliceSize, ({ counting, now }) =>
          Effect.sync(() => {
            const found = compiled.map(({ rule, template }) => ({ rule, template, ...nothing() }))
            const add: SlicedReading<unknown>["add"] = (within, slice) =>
              Effect.sync(() => {
                for (const item of slice) {
                  const isEpisode = item.kind === "episode"
                  if (!isEpisode && !counting.isUnit(item)) continue
                  const sheet = sheetOf(within, item)
                  for (const one of found) {
                    if (!inScope(one.rule, item) || (isEpisode && !namesEpisodes(one.rule))) continue
                    const truth = truthOfRule(one.rule, item, sheet, now)
                    if (truth === "false") continue
                    const tally = truth === "true" ? one.matched : one.unknown
                    tally.items++
                    tally.bytes += item.sizeBytes
                  }
                }
              })
            return { facts, add, result: () => found }
          })
        )
      })

      return RuleTemplates.of({
        list: Effect.fn("RuleTemplates.list")(function* ({ matching } = {}) {
          const found = yield* counted
          return found
            .filter(({ matched }) => matching !== true || matched.items > 0)
            .toSorted((one, other) => other.matched.bytes - one.matched.bytes)
            .map(({ matched, template, unknown }) => toView(template, matched, unknown))
        })
      })
    })
  )
}

const nothing = () => ({ matched: { items: 0, bytes: 0 }, unknown: { items: 0, bytes: 0 } })

const factsOfAll = (rules: ReadonlyArray<CompiledRule<FactName>>): ReadonlyArray<FactName> => [
  ...new Set(rules.flatMap(factsOfRule))
]

const toView = ({ description, id, rule }: Template, matched: Tally, unknown: Tally): RuleTemplate => ({
  id,
  description,
  rule,
  matched,
  unknown
})
