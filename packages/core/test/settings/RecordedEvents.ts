/** An event log for tests that records the committed events with their actors. */
import { Context, Effect, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import type { NewEvent } from "../../src/events/EventType.ts"
import { expectKnown } from "../support/LoggedEvents.ts"

export type RecordedEvent = Omit<NewEvent, "of"> & { readonly actor: string }

export class RecordedEvents extends Context.Service<RecordedEvents, { readonly all: ReadonlyArray<RecordedEvent> }>()(
  "tendarr/test/RecordedEvents"
) {
  static readonly layer = Layer.effectContext(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const recorded: Array<RecordedEvent> = []
      const append = Effect.fnUntraced(function* (...events: ReadonlyArray<NewEvent>) {
        yield* Effect.forEach(events, expectKnown, { discard: true })
        const actor = yield* Actor
        yield* sql.afterCommit(Effect.sync(() => void recorded.push(...events.map((event) => ({ ...event, actor })))))
      })
      return Context.make(RecordedEvents, { all: recorded }).pipe(
        Context.add(EventLog, {
          append,
          page: () => Effect.succeed({ items: [], nextCursor: null }),
          counts: () => Effect.succeed({ span: "hour" as const, since: "", until: "", items: [] }),
          stream: () => Stream.empty,
          frames: () => Effect.succeed({ next: Effect.succeed([]), moved: Effect.never }),
          checkId: () => Effect.void,
          prune: () => Effect.succeed(0)
        })
      )
    })
  )
}
