/**
 * A type of event: its name in the log, a description, a schema of its payload, and the only way to create an event of
 * this type. Each room has its types in one object (`removals/RemovalEvents.ts`); a program that embeds Tendarr defines
 * its types in the same way and appends the events that they create.
 */
import { Schema } from "effect"
import type { EventCategory, EventSeverity, StoredEvent, Subject } from "./Event.ts"

/** Schema of the payload of an event: an object that JSON represents unchanged. */
export type PayloadSchema = Schema.Struct<Schema.Struct.Fields> & Schema.ConstraintDecoder<unknown>

export interface AnyEventType {
  /** `<subject>.<what happened>`, for example `removal.scheduled`. */
  readonly type: string
  readonly category: EventCategory
  /** The default; an event may override it. */
  readonly severity: EventSeverity
  /** Types of the possible subjects of its events. Empty: they have no subject. */
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
  /** Creates an event of this type, for `EventLog.append`. */
  readonly make: (event: EventInput<Payload["Type"], SubjectType>) => NewEvent
  /** Whether an event of the log has this type; its payload is then typed. */
  readonly is: (event: StoredEvent) => event is StoredEvent & LoggedEvent<Type, Payload["Type"]>
}

/** An event of the log, with a known type. */
export type LoggedEvent<Type extends string, Payload> = Omit<StoredEvent, "type" | "payload"> & {
  readonly type: Type
  readonly payload: Payload
}

/** The data of one event. A type without subject or payload accepts none; for a type with several subjects, pass which. */
export type EventInput<Payload, SubjectType extends string> = {
  /** One sentence for people. */
  readonly message: string
  /** If it differs from the default of the type. */
  readonly severity?: EventSeverity
} & ([SubjectType] extends [never]
  ? { readonly subject?: never }
  : {
      /** The id of its subject; `null` if that is not known. */
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

  /** The type that created it. */
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

/** An event to be appended. Only types of events can create one. */
// An interface, so that declarations name it: the class itself is not exported.
export interface NewEvent extends MadeEvent {}

const names = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/

/** For types whose message contains everything. */
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
    /** A resource of the API in the singular (`item`, `removal`, `rule`), or several. Absent = no subject. */
    readonly subject?: SubjectType | ReadonlyArray<SubjectType>
    /** When it is logged, in one sentence. */
    readonly description: string
    /** A struct that JSON represents unchanged. */
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
