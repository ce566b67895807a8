/**
 * Definition of a fact of a subject, including the fields that are derived from it; its name is its key in the record of
 * the subject's facts. Rules, requests, forms and the reference take everything about a fact from its definition.
 */
import type { Effect } from "effect"
import type { ContentsList, EntryDetail } from "../../integrations/Observations.ts"
import type { ReadSql } from "../../storage/Database.ts"
import type { Fact, FactValue } from "../Facts.ts"

/** `plays`: who played it, and how often (`ViewerPlays`). */
export type FactType = "string" | "number" | "boolean" | "date" | "strings" | "plays"

/** `viewer`: plays by person; its operators take a person and in some cases a number of days. */
export const fieldTypes = ["string", "number", "boolean", "date", "strings", "viewer"] as const
export type FieldType = (typeof fieldTypes)[number]

/** Texts about a field, for people. */
export interface FieldText {
  readonly title: string
  readonly description: string
  readonly unit?: string
  /** Further names, such as those that Capacitarr and Prunerr use. */
  readonly aliases?: ReadonlyArray<string>
  /** Values that it usually has, as suggestions in a form. */
  readonly values?: ReadonlyArray<string>
}

/** A field of conditions that is derived from a fact, as `sizeGb` is from `sizeBytes`. */
export interface DerivedField extends FieldText {
  readonly type: FieldType
  /** A number of days since some time: accepts `inLast` and `overAgo` in addition to the operators of numbers. */
  readonly elapsed?: true
  /** The field's value, or `undefined` when the fact's value is not of its type. `now` is epoch milliseconds. */
  readonly read: (value: FactValue, now: number) => FactValue | undefined
}

/** What a fact of a part (a season, an album, a book) is about. */
export type AboutPart = "the part" | "the whole" | "both"

/** `Thing` is the record that is read, `Context` whatever else is needed to read it. */
export interface FactDefinition<Thing, Context> extends FieldText {
  readonly type: FactType
  /** The applications that report it. */
  readonly source: string
  /** When it is unknown, apart from times when its source is unavailable, held or too old. */
  readonly unknown: string
  /** Omitted for subjects without parts. */
  readonly ofPart?: AboutPart
  /** Kinds of things that can have it at all; omitted = every kind. For any other kind it is known to be none. */
  readonly kinds?: ReadonlyArray<string>
  /**
   * A known "none" means "it never happened" (a play) rather than "it was not recorded" (an added date). Only then does
   * `overAgo` hold for none.
   */
  readonly never?: true
  /** If its values are names that people give and change, the word for such a name: "tag", "library". */
  readonly named?: string
  /** For plays by person: they contain minutes, so that its operators include those about minutes. */
  readonly timed?: true
  /** `false` = conditions can use only the derived fields. */
  readonly plain?: false
  /** Fields derived from it, by name. They have the same kinds, and the same meaning of none. */
  readonly derived?: { readonly [name: string]: DerivedField }
  /** Reads it from the record. `loaded` is what `heavy` loaded for the thing, absent if it loaded nothing. */
  readonly read: (thing: Thing, context: Context, loaded?: FactValue) => Fact
  /** Set for a fact that is too large for the record. It is loaded only for rules that use it. */
  readonly heavy?: HeavyFact
}

export interface HeavyFact {
  /** The values of at most some hundred things, by id. Things without a value may be omitted. */
  readonly load: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, FactValue>, never, ReadSql>
  /** For a fact of items from the contents of wholes: the list of which it is read. */
  readonly contents?: ContentsList
  /** For a fact of items from data of media servers that a sync reads only for such facts: which data. */
  readonly entryDetail?: EntryDetail
  /** For a fact whose values are names: a fact in memory that contains at least these names of the same thing. */
  readonly namesFrom?: string
}

/** The facts of a subject by name, for code that only looks them up. */
export type FactDefinitions<Name extends string, Thing, Context> = {
  readonly [N in Name]: FactDefinition<Thing, Context>
}
