/** Events, typed by their `type`: after `event.type === "removal.removed"`, the payload is known to have an `itemId`. */
import type { EventPayloads } from "./generated/events.gen.ts"
import type { Event } from "./generated/types.gen.ts"

/** The types of this version. */
export type KnownEventType = keyof EventPayloads

/** A later version, or a program of your own, may log others. */
export type EventType = KnownEventType | (string & {})

/** The payload of an event of this type. */
export type EventPayload<Type extends string> = Type extends KnownEventType
  ? EventPayloads[Type]
  : Readonly<Record<string, unknown>>

export type RemovalPayload = EventPayload<Extract<KnownEventType, `removal.${string}`>>
export type JobRunPayload = EventPayload<Extract<KnownEventType, `job-run.${string}`>>
export type SettingsPayload = EventPayload<"settings.changed">

declare enum Other {
  type = ""
}

/** A type that this version does not know: not comparable with a known type, since comparing would not narrow otherwise. */
export type OtherEventType = Other

/** An event, narrowed by its type. */
export type TendarrEvent<Type extends EventType = EventType> = Type extends unknown
  ? Omit<Event, "type" | "payload"> & {
      readonly type: string extends Type ? OtherEventType : Type
      readonly payload: EventPayload<Type>
    }
  : never

/** Whether an event has one of these types. Required for a type that this version does not know. */
export const isEvent = <AnEvent extends { readonly type: string }, Type extends EventType>(
  event: AnEvent,
  ...types: ReadonlyArray<Type>
): event is EventOf<AnEvent, Type> => types.some((type) => type === event.type)

declare const asked: unique symbol

type EventOf<AnEvent, Type extends EventType> = Type extends KnownEventType
  ? AnEvent & TendarrEvent<Type>
  : AnEvent extends { readonly type: infer Own }
    ? [Type] extends [Own]
      ? AnEvent & { readonly type: Type }
      : OtherEventType extends Own
        ? // Marked, so that one that is not of this type may still be of another that is not known.
          AnEvent & { readonly [asked]: Type }
        : never
    : never
