/** Whether events tell what their types say. Tests look at every event that is appended; a server trusts the compiler. */
import { Context, Effect, Schema } from "effect"
import { fromJson, toJson } from "../storage/Rows.ts"
import type { NewEvent } from "./EventType.ts"

/** What every event is looked at by before it is written. By default nothing is. */
export const EventCheck = Context.Reference<((event: NewEvent) => Effect.Effect<void>) | null>(
  "tendarr/events/EventCheck",
  { defaultValue: () => null }
)

/** Dies with an event whose payload, as JSON keeps it, does not fit the schema of its type. */
export const expectFits = ({ of, payload, subject, type }: NewEvent): Effect.Effect<void> =>
  Schema.decodeUnknownEffect(of.payload)(fromJson(toJson(payload)), { onExcessProperty: "error" }).pipe(
    Effect.mapError((error) => new Error(`The payload of ${type} does not fit its schema: ${error.message}`)),
    Effect.andThen(
      subject === null || of.subjects.includes(subject.type)
        ? Effect.void
        : Effect.fail(new Error(`${type} is not said to be about a ${subject.type}`))
    ),
    Effect.orDie
  )
