/** The event log: appended to by every change, read in pages or as a stream. */
import { Context, type Effect, type Scope, type Stream } from "effect"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { Page } from "../storage/Pages.ts"
import type { EventCountQuery, EventCounts } from "./EventCounts.ts"
import type { EventCategory, StoredEvent } from "./Event.ts"
import type { NewEvent } from "./EventType.ts"

export interface EventQuery {
  readonly category?: EventCategory
  readonly type?: string
  readonly subjectType?: string
  /** Requires `subjectType`. */
  readonly subjectId?: string
  /** Substring of the message, case-insensitive. */
  readonly search?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly cursor?: string
}

export interface EventStreamOptions {
  /** Resume after this id; without it, the stream starts with the next event. */
  readonly after?: string
  readonly categories?: ReadonlyArray<EventCategory>
  readonly types?: ReadonlyArray<string>
}

/** The events of one stream as server-sent events, encoded once for all streams. */
export interface EventFrames {
  /**
   * The next whole frames, in order; none = there is nothing new as of now. They are shared by all streams, so they must
   * not be changed.
   */
  readonly next: Effect.Effect<ReadonlyArray<Uint8Array>>
  /** Completes when there may be something new, also since the last `next`. */
  readonly moved: Effect.Effect<void>
}

export class EventLog extends Context.Service<
  EventLog,
  {
    /**
     * Appends within the caller's transaction, if there is one; subscribers are notified after the commit.
     *
     * @example
     * ```ts
     * import { EventLog } from "@tendarr/core/events/EventLog"
     * import { eventType } from "@tendarr/core/events/EventType"
     * import { Effect, Schema } from "effect"
     *
     * const shelfFull = eventType("shelf.full", {
     *   category: "system",
     *   severity: "warning",
     *   description: "There is no room on a shelf.",
     *   payload: Schema.Struct({ shelf: Schema.String })
     * })
     *
     * export const report = Effect.flatMap(EventLog, (events) =>
     *   events.append(shelfFull.make({ message: "There is no room on the shelf", payload: { shelf: "upper" } }))
     * )
     * ```
     */
    readonly append: (...events: ReadonlyArray<NewEvent>) => Effect.Effect<void>
    /**
     * Newest first. With filters, a page may be short or empty and still have a `nextCursor`, from which the next one
     * continues.
     */
    readonly page: (query: EventQuery) => Effect.Effect<Page<StoredEvent>, InvalidRequest>
    /**
     * The log from `after` on and then live, without gap or repetition.
     *
     * @example
     * ```ts
     * import { EventLog } from "@tendarr/core/events/EventLog"
     * import { Console, Effect, Stream } from "effect"
     *
     * export const follow = Effect.gen(function* () {
     *   const events = yield* EventLog
     *   yield* Stream.runForEach(events.stream({ categories: ["audit"] }), ({ at, message }) =>
     *     Console.log(`${at} ${message}`)
     *   )
     * })
     * ```
     */
    readonly stream: (options: EventStreamOptions) => Stream.Stream<StoredEvent, InvalidRequest>
    /** The same as frames of an event stream of the API. Refuses an `after` from which it could not resume. */
    readonly frames: (options: EventStreamOptions) => Effect.Effect<EventFrames, InvalidRequest, Scope.Scope>
    /** Refuses an id from which a stream could not resume, before the stream begins. */
    readonly checkId: (id: string) => Effect.Effect<void, InvalidRequest>
    /** The number of events per hour or day, including events that have been deleted since. */
    readonly counts: (query: EventCountQuery) => Effect.Effect<EventCounts, InvalidRequest>
    /** Deletes events older than `before`, except audit events unless `auditBefore` is given; returns how many. */
    readonly prune: (before: string, auditBefore: string | null) => Effect.Effect<number>
  }
>()("tendarr/events/EventLog") {}
