/** Explains any item: as it is now, or if it is gone, as it was when it was removed. */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { factsOfActing, traceActing } from "../capacity/Acting.ts"
import { Engine, factsOfDecisions } from "../capacity/Engine.ts"
import { explain, Explanation } from "../capacity/Explanation.ts"
import { usualActionOf } from "../integrations/Kind.ts"
import { ItemSummary, Library } from "../library/Library.ts"
import type { ItemNotFound } from "../library/LibraryErrors.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { deletesFiles } from "./ActionText.ts"
import { ItemDownload } from "../downloads/files/ItemDownloads.ts"
import { makeDownloadsOfItems, owedText } from "./DownloadsOfItems.ts"
import { makeGoneWith } from "./GoneWith.ts"
import { RefusedItems } from "./RefusedItems.ts"
import { RemovalSummary } from "./Removal.ts"
import { RemovalStore } from "./RemovalStore.ts"

export type { ConditionTrace } from "../rules/ConditionTrace.ts"

export const ItemExplanation = Schema.Struct({
  item: ItemSummary,
  /** `now`: decided for this response. `removal`: as decided for the last removal of an item that is gone. */
  basis: Schema.Literals(["now", "removal", "none"]),
  summary: Schema.String,
  /** `null` for an item that disappeared without a removal by Tendarr. */
  decision: Schema.NullOr(Explanation),
  downloads: Schema.Array(ItemDownload).annotate({
    description: "Its downloads: as they are now, or as they were directly before its last removal."
  }),
  /** Every removal of this item, newest first. */
  removals: Schema.Array(RemovalSummary)
}).annotate({ identifier: "ItemExplanation" })
export type ItemExplanation = typeof ItemExplanation.Type

export class Explain extends Context.Service<
  Explain,
  { readonly item: (itemId: string) => Effect.Effect<ItemExplanation, ItemNotFound | RulesUnreadable> }
>()("tendarr/removals/Explain") {
  static readonly layer = Layer.effect(
    Explain,
    Effect.gen(function* () {
      const library = yield* Library
      const engine = yield* Engine
      const store = yield* RemovalStore
      const refusals = yield* RefusedItems
      const itemDownloads = yield* makeDownloadsOfItems
      const goneWith = makeGoneWith(yield* SqlClient.SqlClient)

      return Explain.of({
        item: Effect.fn("Explain.item")(function* (itemId) {
          const item = yield* library.get(itemId)
          const removals = (yield* Effect.orDie(store.page({ itemId, limit: 200 }))).items
          const last = removals[0]
          if (item.goneAt === null) {
            const current = yield* engine.environment
            const found = current.snapshot.byId.get(itemId)
            if (found !== undefined) {
              const facts = [...factsOfDecisions(current), ...factsOfActing(current.rules.acting)]
              const environment = yield* engine.loaded(current, [found], facts)
              const { acting } = environment.rules
              const decision = {
                ...explain(environment, found),
                ...(acting.length === 0 ? {} : { acting: acting.map((rule) => traceActing(environment, rule, found)) })
              }
              const refusing = yield* refusals.refusing
              const files = [found, ...environment.snapshot.sameFileAs(found)]
              const refusal = files.map(refusing).find((said) => said !== undefined)
              const missing = found.sizeBytes === 0 ? yield* goneWith(itemId, null) : null
              const standing =
                last?.endedAt === null
                  ? ` Its removal${last.action === usualActionOf(last.kind) ? "" : ` (${last.action})`} is ${last.state}${last.reason === null ? "" : ` (${last.reason})`}.`
                  : missing !== null
                    ? ` Its files are gone: ${missing}.`
                    : refusal === undefined
                      ? ""
                      : ` It is not planned: removal ${refusal.removalId} was ${refusal.reason}.`
              const downloads = yield* itemDownloads.of(itemId)
              const owed = downloads.filter(({ obligation }) => obligation._tag !== "Free").map(owedText)
              const owing =
                owed.length === 0
                  ? ""
                  : ` ${owed.map((text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`).join(" ")}`
              const summary = `${decision.summary}.${standing}${owing}`
              return { item, basis: "now" as const, summary, decision, downloads, removals }
            }
          }
          const isOurs = last?.state === "removed" && deletesFiles(last.action)
          const by = isOurs ? null : yield* goneWith(itemId, item.goneAt)
          if (last === undefined) {
            return {
              item,
              basis: "none" as const,
              summary: `It is gone since ${item.goneAt ?? "unknown"}, ${by === null ? "not by Tendarr" : `by Tendarr: ${by}`}.`,
              decision: null,
              downloads: [],
              removals
            }
          }
          const detail = yield* Effect.orDie(store.detail(last.id))
          return {
            item,
            basis: "removal" as const,
            summary: `It is gone since ${item.goneAt ?? "unknown"}. Last removal: ${last.state}, because ${last.because}${last.reason === null ? "" : ` (${last.reason})`}.${by === null ? "" : ` It went by Tendarr: ${by}.`}`,
            decision: detail.decision,
            downloads: yield* itemDownloads.noted(last.id),
            removals
          }
        })
      })
    })
  )
}
