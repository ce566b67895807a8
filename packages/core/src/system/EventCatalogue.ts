/** All types of events: those of the rooms, and those of a program that embeds Tendarr. */
import { Context, Layer, Schema } from "effect"
import { AccessEvents } from "../access/AccessEvents.ts"
import { ActEvents } from "../acts/ActEvents.ts"
import { CapacityEvents } from "../capacity/CapacityEvents.ts"
import { DownloadEvents } from "../downloads/DownloadEvents.ts"
import { FileEvents } from "../downloads/files/FileEvents.ts"
import { ImportEvents } from "../downloads/imports/ImportEvents.ts"
import { MalwareEvents } from "../downloads/malware/MalwareEvents.ts"
import { EventCategory, EventSeverity, type StoredEvent } from "../events/Event.ts"
import type { AnyEventType, LoggedEvent } from "../events/EventType.ts"
import { IntegrationEvents } from "../integrations/IntegrationEvents.ts"
import { JobEvents } from "../jobs/JobEvents.ts"
import { LibraryEvents } from "../library/LibraryEvents.ts"
import { MovingEvents } from "../moving/MovingEvents.ts"
import { RemovalEvents } from "../removals/RemovalEvents.ts"
import { RuleEvents } from "../rules/RuleEvents.ts"
import { SettingsEvents } from "../settings/SettingsEvents.ts"
import { jsonSchemaOf } from "../settings/SettingsSchema.ts"
import { ViewerEvents } from "../viewers/ViewerEvents.ts"
import { SystemEvents } from "./SystemEvents.ts"

const rooms = [
  RemovalEvents,
  ActEvents,
  LibraryEvents,
  ViewerEvents,
  CapacityEvents,
  IntegrationEvents,
  RuleEvents,
  DownloadEvents,
  FileEvents,
  MalwareEvents,
  ImportEvents,
  JobEvents,
  AccessEvents,
  SettingsEvents,
  SystemEvents,
  MovingEvents
]

type TypesOf<Room> = Room extends unknown ? Room[keyof Room] : never
type EventOf<Type> = Type extends AnyEventType ? LoggedEvent<Type["type"], Type["payload"]["Type"]> : never

declare enum Other {
  type = ""
}

/**
 * An event of the log, narrowed by its type: `event.type === "removal.removed"`. For a type that is not built in, use
 * the `is` of that type.
 */
export type TendarrEvent = EventOf<TypesOf<(typeof rooms)[number]>> | LoggedEvent<Other, StoredEvent["payload"]>

/** Sorted by name. Two types with the same name are a bug in the program, which ends with an error. */
const catalogueOf = (types: ReadonlyArray<AnyEventType>): ReadonlyArray<AnyEventType> => {
  const byName = new Map<string, AnyEventType>()
  for (const one of types) {
    if (byName.has(one.type)) throw new Error(`Two types of event are named "${one.type}"`)
    byName.set(one.type, one)
  }
  return [...byName.values()].toSorted((a, b) => (a.type < b.type ? -1 : 1))
}

/** The built-in types. */
export const eventCatalogue: ReadonlyArray<AnyEventType> = catalogueOf(
  rooms.flatMap((room): ReadonlyArray<AnyEventType> => Object.values(room))
)

const reference = Context.Reference<ReadonlyArray<AnyEventType>>("tendarr/system/EventTypes", {
  defaultValue: () => eventCatalogue
})

/**
 * The types of events of this installation, sorted by name. It needs no layer: without one they are `eventCatalogue`. An
 * event can be appended whether or not its type is listed here.
 */
export const EventTypes = Object.assign(reference, {
  /** The built-in types, and `extra` ones. Building the layer ends the program if two types have the same name. */
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
