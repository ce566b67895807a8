/** Every type of event that there is: those of the rooms, and those of the program that they run in. */
import { Context, Layer, Schema } from "effect"
import { AccessEvents } from "../access/AccessEvents.ts"
import { ActEvents } from "../acts/ActEvents.ts"
import { CapacityEvents } from "../capacity/CapacityEvents.ts"
import { EventCategory, EventSeverity, type StoredEvent } from "../events/Event.ts"
import type { AnyEventType, LoggedEvent } from "../events/EventType.ts"
import { IntegrationEvents } from "../integrations/IntegrationEvents.ts"
import { JobEvents } from "../jobs/JobEvents.ts"
import { LibraryEvents } from "../library/LibraryEvents.ts"
import { RemovalEvents } from "../removals/RemovalEvents.ts"
import { RuleEvents } from "../rules/RuleEvents.ts"
import { SettingsEvents } from "../settings/SettingsEvents.ts"
import { jsonSchemaOf } from "../settings/SettingsSchema.ts"
import { SystemEvents } from "./SystemEvents.ts"

const rooms = [
  RemovalEvents,
  ActEvents,
  LibraryEvents,
  CapacityEvents,
  IntegrationEvents,
  RuleEvents,
  JobEvents,
  AccessEvents,
  SettingsEvents,
  SystemEvents
]

type TypesOf<Room> = Room extends unknown ? Room[keyof Room] : never
type EventOf<Type> = Type extends AnyEventType ? LoggedEvent<Type["type"], Type["payload"]["Type"]> : never

declare enum Other {
  type = ""
}

/**
 * An event of the log, narrowed by its type: `event.type === "removal.removed"`. One of a type that Tendarr does not know
 * is asked for by that type's own `is`.
 */
export type TendarrEvent = EventOf<TypesOf<(typeof rooms)[number]>> | LoggedEvent<Other, StoredEvent["payload"]>

/** In the order of their names. Two of one name are a mistake of the program, and end it. */
const catalogueOf = (types: ReadonlyArray<AnyEventType>): ReadonlyArray<AnyEventType> => {
  const byName = new Map<string, AnyEventType>()
  for (const one of types) {
    if (byName.has(one.type)) throw new Error(`Two types of event are named "${one.type}"`)
    byName.set(one.type, one)
  }
  return [...byName.values()].toSorted((a, b) => (a.type < b.type ? -1 : 1))
}

/** The types that Tendarr brings. */
export const eventCatalogue: ReadonlyArray<AnyEventType> = catalogueOf(
  rooms.flatMap((room): ReadonlyArray<AnyEventType> => Object.values(room))
)

const reference = Context.Reference<ReadonlyArray<AnyEventType>>("tendarr/system/EventTypes", {
  defaultValue: () => eventCatalogue
})

/**
 * The types of events that this installation tells of, in the order of their names. It needs no layer: without one they are
 * `eventCatalogue`. An event can be appended whether its type is listed here or not.
 */
export const EventTypes = Object.assign(reference, {
  /** Those that Tendarr brings, and `extra` ones. A name that two types go by ends the program when the layer is built. */
  layerWith: (extra: ReadonlyArray<AnyEventType>): Layer.Layer<never> =>
    Layer.sync(reference, () => catalogueOf([...eventCatalogue, ...extra]))
})

export const EventTypeInfo = Schema.Struct({
  type: Schema.String,
  category: EventCategory,
  severity: EventSeverity.annotate({ description: "The usual one; an event may have another." }),
  subjects: Schema.Array(Schema.String).annotate({
    description:
      "Types of what its events may be about, resources of the API in the singular. Empty: nothing in particular."
  }),
  description: Schema.String.annotate({ description: "When it is logged, in one sentence." }),
  payloadSchema: Schema.Record(Schema.String, Schema.Unknown).annotate({
    description: "JSON Schema (draft 2020-12) of the payload."
  })
}).annotate({ identifier: "EventTypeInfo" })
export type EventTypeInfo = typeof EventTypeInfo.Type

export const infoOf = ({ category, description, payload, severity, subjects, type }: AnyEventType): EventTypeInfo => ({
  type,
  category,
  severity,
  subjects,
  description,
  payloadSchema: { ...jsonSchemaOf(payload) }
})
