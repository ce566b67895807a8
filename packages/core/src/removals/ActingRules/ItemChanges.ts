/** The acts that change entries of items: planned by runs of rules, and carried out by these and by the removals job. */
import { Context, Effect, Layer } from "effect"
import { Acts, type ActsOf } from "../../acts/Acts.ts"
import { type ChangedItem, makeChangeKind } from "./Changes.ts"

export class ItemChanges extends Context.Service<ItemChanges, ActsOf<ChangedItem>>()("tendarr/removals/ItemChanges") {
  static readonly layer = Layer.effect(
    ItemChanges,
    Effect.gen(function* () {
      const acts = yield* Acts
      return ItemChanges.of(yield* acts.define(yield* makeChangeKind))
    })
  )
}
