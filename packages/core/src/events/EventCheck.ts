/** Checks events against their types. Tests check every event that is appended; a server relies on the compiler. */
import { Context, Effect, Schema } from "effect"
import { toJson } from "../storage/Rows.ts"
import type { NewEvent } from "./EventType.ts"

/** A check that runs before every event is written. None by default. */
export const EventCheck = Context.Reference<((event: NewEvent) => Effect.Effect<void>) | null>(
  "tendarr/events/EventCheck",
  { defaultValue: () => null }
)

/** Dies if the payload of an event, as stored in JSON, does not fit the schema of its type. */
export const expectFits = ({ of, payload, subject, type }: NewEvent): Effect.Effect<void> =>
  Schema.decodeUnknownEffect(of.payload)(JSON.parse(toJson(payload)), { onExcessProperty: "error" }).pipe(
    Effect.mapError((error) => new Error(`The payload of ${type} does not fit its schema: ${error.message}`)),
    Effect.andThen(
      subject === null || of.subjects.includes(subject.type)
        ? Effect.void
        : Effect.fail(new Error(`${type} is not declared to be about a ${subject.type}`))
    ),
    Effect.orDie
  )
