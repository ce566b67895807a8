/** The event log inside a program. */
import { Effect, Stream } from "effect"
import type { StoredEvent } from "../events/Event.ts"
import type { EventCountQuery, EventCounts } from "../events/EventCounts.ts"
import { EventLog, type EventQuery, type EventStreamOptions } from "../events/EventLog.ts"
import { type CountedPage, type Page, type Window, windowAt } from "../storage/Pages.ts"
import { Activity, type ActivityEntry, type ActivityQuery } from "../system/Activity.ts"
import { type EventTypeInfo, EventTypes, infoOf, type TendarrEvent } from "../system/EventCatalogue.ts"
import type { CallOptions, Calls } from "./Calls.ts"

/** The event log. Category `audit` covers removals and their reasons. */
export interface EventCalls {
  /** Newest first, in pages. Rejects with `InvalidRequest`. */
  readonly list: (query?: EventQuery) => Promise<Page<TendarrEvent>>
  /** Every event that matches the query, newest first, fetched page by page. */
  readonly all: (query?: EventQuery) => AsyncIterable<TendarrEvent>
  /**
   * What happened, by position and with a total: the newest 100,000 events, filtered by type, actor, text, time, or an
   * item together with its collections. 50 entries from the newest on unless `window` says otherwise (at most 200).
   * Rejects with `InvalidRequest`.
   */
  readonly activity: (query?: ActivityQuery, window?: Partial<Window>) => Promise<CountedPage<ActivityEntry>>
  /** All types of events, with when each is logged and the JSON Schema of its payload. */
  readonly types: () => Promise<ReadonlyArray<EventTypeInfo>>
  /** Number of events per hour or day, including events that have been deleted since. Rejects with `InvalidRequest`. */
  readonly counts: (query?: EventCountQuery) => Promise<EventCounts>
  /**
   * The log after the event `after`, then live events, without gap or repetition. Store the `id` of the last event that
   * was handled: passed as `after` it resumes there, also in a later process; `"0"` is the beginning. Without `after`,
   * iteration starts with the next event. It ends when the loop is left, when `signal` is aborted, and when Tendarr is
   * closed.
   */
  readonly stream: (from?: EventStreamOptions & CallOptions) => AsyncIterable<TendarrEvent>
}

export const eventCalls = ({ everyPage, loop, run }: Calls): EventCalls => ({
  list: (query = {}) => run(pageOf(query)),
  all: (query = {}) => everyPage(pageOf, query),
  activity: (query = {}, window = {}) =>
    run(Effect.flatMap(windowAt(window), (at) => Activity.use((activity) => activity.page(query, at)))),
  types: () => run(Effect.map(EventTypes, (types) => types.map(infoOf))),
  counts: (query = {}) => run(EventLog.use((log) => log.counts(query))),
  stream: ({ signal, ...from } = {}) =>
    loop(Stream.map(Stream.unwrap(EventLog.useSync((log) => log.stream(from))), typed), signal)
})

const pageOf = (query: EventQuery) =>
  EventLog.use((log) => Effect.map(log.page(query), (page) => ({ ...page, items: page.items.map(typed) })))

/** The type of an event determines which member of the union it is. */
const typed = (event: StoredEvent) => event as TendarrEvent
