/** Previews a rule about another subject than items: what it matches among the things that the subject lists. */
import { Clock, Effect } from "effect"
import { invalidField } from "../../problems/Problem.ts"
import { reasonOf, trace } from "../../rules/ConditionTrace.ts"
import { factsOfRule, inScope, truthOfRule } from "../../rules/RuleSet.ts"
import type { AnyRuleSubject, ListedThing } from "../../rules/RuleSubject.ts"
import { Rules } from "../../rules/Rules.ts"
import { RuleViews } from "../../rules/RuleViews.ts"
import { ReadSql } from "../../storage/Database.ts"
import { decodeCursor, defaultPageSize, encodeCursor } from "../../storage/Pages.ts"
import type { RulePreview, RulePreviewRequest } from "../RuleTrial.ts"

export const makeThingsPreview = Effect.gen(function* () {
  const reader = yield* ReadSql
  const rules = yield* Rules
  const views = yield* RuleViews

  return Effect.fn("RuleTrial.previewThings")(function* (subject: AnyRuleSubject, request: RulePreviewRequest) {
    const { listed, title } = subject
    if (listed === null) {
      return yield* invalidField(
        ["payload", "subject"],
        `rules about ${title} cannot be previewed, because these are not listed; they can be evaluated on given facts`
      )
    }
    const rule = yield* rules.compile(subject, {
      name: "preview",
      enabled: true,
      effect: request.effect ?? (subject.effects.find(({ keeps }) => !keeps) ?? subject.effects[0])?.name ?? "",
      condition: request.condition,
      ...(request.scope === undefined ? {} : { scope: request.scope }),
      ...(request.action === undefined ? {} : { action: request.action }),
      ...(request.priority === undefined ? {} : { priority: request.priority })
    })
    const wanted = request.truth ?? "true"
    const limit = request.limit ?? defaultPageSize
    const cursorScope = `rule-preview/${subject.name}/${wanted}`
    const after = request.cursor === undefined ? null : yield* decodeCursor(cursorScope, 2, request.cursor)
    const start = after === null ? null : { sizeBytes: Number(after[0]), id: String(after[1]) }
    const now = yield* Clock.currentTimeMillis
    const tallies = { true: nothing(), false: nothing(), unknown: nothing() }
    // The page and one more entry: no more of them are ever in memory.
    const page: Array<RulePreview["items"][number]> = []
    yield* listed(factsOfRule(rule), (thing, sheet) => {
      const truth = inScope(rule, thing) ? truthOfRule(rule, thing, sheet, now) : "false"
      tallies[truth].items++
      tallies[truth].bytes += thing.sizeBytes ?? 0
      if (truth !== wanted || (start !== null && bySize(thing, start) <= 0)) return
      const at = page.findIndex((entry) => bySize(thing, { sizeBytes: entry.sizeBytes, id: entry.itemId }) < 0)
      if (at === -1 && page.length > limit) return
      const traced = trace(rule.condition, sheet, now)
      const entry = {
        itemId: thing.id,
        title: thing.title,
        kind: thing.kind,
        sizeBytes: thing.sizeBytes,
        truth,
        reason: reasonOf(traced, traced.truth),
        trace: traced
      }
      page.splice(at === -1 ? page.length : at, 0, entry)
      if (page.length > limit + 1) page.pop()
    }).pipe(Effect.provideService(ReadSql, reader))
    const items = page.slice(0, limit)
    const last = items[items.length - 1]
    return {
      total: {
        items: tallies.true.items + tallies.false.items + tallies.unknown.items,
        bytes: tallies.true.bytes + tallies.false.bytes + tallies.unknown.bytes
      },
      matched: tallies.true,
      unknown: tallies.unknown,
      notRemovedAlone: 0,
      items,
      warnings: yield* views.warningsOf(subject, rule),
      nextCursor:
        last !== undefined && page.length > limit ? encodeCursor(cursorScope, [last.sizeBytes ?? 0, last.itemId]) : null
    } satisfies RulePreview
  })
})

const nothing = () => ({ items: 0, bytes: 0 })

/** Largest things first; those of the same size, or without one, by their ids. */
const bySize = (a: Pick<ListedThing, "id" | "sizeBytes">, b: Pick<ListedThing, "id" | "sizeBytes">): number =>
  (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
