/** Checks the events of tests: each must have a listed type and match its schema, except types that a test makes up. */
import { Effect, Schema } from "effect"
import type { EventCategory, EventSeverity, Subject } from "../../src/events/Event.ts"
import { expectFits } from "../../src/events/EventCheck.ts"
import { type AnyEventType, eventType, type NewEvent } from "../../src/events/EventType.ts"
import { eventCatalogue } from "../../src/system/EventCatalogue.ts"

const listed = new Set(eventCatalogue)
const madeUp = new Set<AnyEventType>()

export const expectKnown = (event: NewEvent): Effect.Effect<void> =>
  madeUp.has(event.of)
    ? Effect.void
    : listed.has(event.of)
      ? expectFits(event)
      : Effect.die(new Error(`"${event.type}" is not in the catalogue of events`))

export interface LooseEvent {
  readonly type: string
  readonly category: EventCategory
  readonly severity?: EventSeverity
  readonly subject?: Subject
  readonly message: string
  readonly payload?: Readonly<Record<string, string | number>>
}

/** An event of any type and subject, for tests of the log itself. */
export const looseEvent = ({
  category,
  message,
  payload = {},
  severity = "info",
  subject,
  type
}: LooseEvent): NewEvent => {
  const of = eventType(type, {
    category,
    severity,
    subject: subject?.type ?? [],
    description: "Made up by a test.",
    payload: Schema.Struct(Object.fromEntries(Object.keys(payload).map((key) => [key, Schema.Unknown])))
  })
  madeUp.add(of)
  return of.make({ subject: subject?.id ?? null, message, payload })
}
