/**
 * A type of event: the name under which something stands in the log, what is told of it, and the only way to make an event
 * of it. Each room has its types in one object (`removals/RemovalEvents.ts`); a program of one's own defines its types the
 * same way and appends what they make.
 */
import { Schema } from "effect"
import type { EventCategory, EventSeverity, StoredEvent, Subject } from "./Event.ts"

/** A schema of what an event tells beside its sentence: an object that JSON holds as it is. */
export type PayloadSchema = Schema.Struct<Schema.Struct.Fields> & Schema.ConstraintDecoder<unknown>

export interface AnyEventType {
  /** `<subject>.<what happened>`, for example `removal.scheduled`. */
  readonly type: string
  readonly category: EventCategory
  /** The usual one; an event may say another. */
  readonly severity: EventSeverity
  /** Types of what its events may be about. Empty: nothing in particular. */
  readonly subjects: ReadonlyArray<string>
  /** When it is logged, in one sentence. */
  readonly description: string
  readonly payload: PayloadSchema
}

export interface EventType<
  Type extends string,
  Payload extends PayloadSchema,
  SubjectType extends string
> extends AnyEventType {
  readonly type: Type
  readonly subjects: ReadonlyArray<SubjectType>
  readonly payload: Payload
  /** An event of this type, to be given to `EventLog.append`. */
  readonly make: (event: EventInput<Payload["Type"], SubjectType>) => NewEvent
  /** Whether an event of the log is of this type; its payload is then typed. */
  readonly is: (event: StoredEvent) => event is StoredEvent & LoggedEvent<Type, Payload["Type"]>
}

/** An event of the log, of a type that is known. */
export type LoggedEvent<Type extends string, Payload> = Omit<StoredEvent, "type" | "payload"> & {
  readonly type: Type
  readonly payload: Payload
}

/** What one event tells. A type without subject or payload takes none, a type with several subjects is told which one. */
export type EventInput<Payload, SubjectType extends string> = {
  /** One sentence for people. */
  readonly message: string
  /** Where it is not the usual one of the type. */
  readonly severity?: EventSeverity
} & ([SubjectType] extends [never]
  ? { readonly subject?: never }
  : {
      /** The id of what it is about; `null` when that is not known. */
      readonly subject: SubjectGiven<SubjectType> | null
    }) &
  (keyof Payload extends never
    ? { readonly payload?: never }
    : object extends Payload
      ? { readonly payload?: Payload }
      : { readonly payload: Payload })

type SubjectGiven<Type extends string, All = Type> = Type extends unknown
  ? [All] extends [Type]
    ? string
    : { readonly type: Type; readonly id: string }
  : never

class MadeEvent {
  readonly #of: AnyEventType
  readonly type: string
  readonly category: EventCategory
  readonly severity: EventSeverity
  readonly subject: Subject | null
  readonly message: string
  readonly payload: Readonly<Record<string, unknown>>

  constructor(of: AnyEventType, { message, payload, severity, subject }: GivenEvent) {
    this.#of = of
    this.type = of.type
    this.category = of.category
    this.severity = severity ?? of.severity
    this.subject = typeof subject === "string" ? { type: of.subjects[0] ?? "", id: subject } : (subject ?? null)
    this.message = message
    this.payload = payload ?? {}
  }

  /** The type that has made it. */
  get of(): AnyEventType {
    return this.#of
  }
}

interface GivenEvent {
  readonly message: string
  readonly severity?: EventSeverity
  readonly subject?: string | Subject | null
  readonly payload?: Readonly<Record<string, unknown>>
}

/** An event to be appended. Types of events make it; nothing else does. */
export type NewEvent = MadeEvent

const names = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/

/** For types whose sentence says everything. */
export const NoPayload: Schema.Struct<Record<never, never>> = Schema.Struct({})

/** Defines a type of event. */
export const eventType = <
  const Type extends string,
  Payload extends PayloadSchema,
  const SubjectType extends string = never
>(
  type: Type,
  definition: {
    readonly category: EventCategory
    /** Default `info`. */
    readonly severity?: EventSeverity
    /** A resource of the API in the singular (`item`, `removal`, `rule`), or several. Without it: nothing in particular. */
    readonly subject?: SubjectType | ReadonlyArray<SubjectType>
    /** When it is logged, in one sentence. */
    readonly description: string
    /** A struct of what JSON holds as it is. */
    readonly payload: Payload
  }
): EventType<Type, Payload, SubjectType> => {
  const { category, description, payload, severity = "info", subject = [] } = definition
  if (!names.test(type)) throw new Error(`"${type}" cannot be the type of an event: it is like "removal.scheduled"`)
  const subjects = typeof subject === "string" ? [subject] : subject
  const of: EventType<Type, Payload, SubjectType> = {
    type,
    category,
    severity,
    subjects,
    description,
    payload,
    make: (event: GivenEvent) => new MadeEvent(of, event),
    is: (event): event is StoredEvent & LoggedEvent<Type, Payload["Type"]> => event.type === type
  }
  return of
}
