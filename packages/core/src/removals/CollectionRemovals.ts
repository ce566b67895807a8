/** A person's request to remove a collection: all of its members, as one unit unless some of them stay. */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import { Collections } from "../library/Collections.ts"
import { wholesOf } from "../library/Families.ts"
import type { CollectionNotFound } from "../library/LibraryErrors.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { Problem } from "../problems/Problem.ts"
import { transacting } from "../storage/Transactions.ts"
import { RemovalEvents } from "./RemovalEvents.ts"
import type { RequestOptions } from "./RemovalTerms.ts"
import { type RequestedRemovals, Removals } from "./Removals.ts"

/** The collection as a whole is protected. */
export class CollectionProtected extends Problem<CollectionProtected>()(
  "CollectionProtected",
  { code: "collection-protected", status: 409, title: "The collection is protected" },
  { collection: Schema.String, detail: Schema.String }
) {}

export class CollectionRemovals extends Context.Service<
  CollectionRemovals,
  {
    /**
     * Requests the removal of every member: of a show that is a member with its seasons, the show. Members that are kept,
     * protected or already queued are listed as failed; only if there are none, the others are one unit.
     */
    readonly request: (
      collectionId: string,
      options?: RequestOptions
    ) => Effect.Effect<RequestedRemovals, CollectionNotFound | CollectionProtected>
  }
>()("tendarr/removals/CollectionRemovals") {
  static readonly layer = Layer.effect(
    CollectionRemovals,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const collections = yield* Collections
      const snapshots = yield* Snapshots
      const removals = yield* Removals
      const events = yield* EventLog

      const membersOf = Effect.fnUntraced(function* (title: string) {
        const snapshot = yield* snapshots.get
        const members = snapshot.inCollection(title)
        // A part goes with its whole.
        return members.filter((item) => !wholesOf(snapshot, item).some((whole) => members.includes(whole)))
      })

      const request = Effect.fn("CollectionRemovals.request")(function* (
        collectionId: string,
        options: RequestOptions = {}
      ) {
        const { protection, title } = yield* collections.get(collectionId)
        if (protection !== null) {
          const detail = `by ${protection.actor}${protection.reason === "" ? "" : `: ${protection.reason}`}`
          return yield* new CollectionProtected({ collection: title, detail })
        }
        const ids = (yield* membersOf(title)).map(({ id }) => id)
        const unit = transact(
          Effect.flatMap(removals.requestMany(ids, options, { collection: title }), (done) =>
            done.failed.length === 0 ? Effect.succeed(done) : Effect.fail(new SomeStay())
          )
        )
        return yield* transact(
          Effect.gen(function* () {
            const done = yield* Effect.catchTag(unit, "SomeStay", () => removals.requestMany(ids, options))
            yield* events.append(
              RemovalEvents.collectionRequested.make({
                subject: collectionId,
                message: `The removal of the collection "${title}" was requested: ${done.requested.length} of ${ids.length} members`,
                payload: { collection: title, requested: done.requested.length, failed: done.failed.length }
              })
            )
            return done
          })
        )
      })

      return CollectionRemovals.of({ request })
    })
  )
}

/** Rolls the unit back. */
class SomeStay extends Schema.TaggedError<SomeStay>()("SomeStay", {}) {}
