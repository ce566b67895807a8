/**
 * What a fact of a subject is: its name stands before it in the record of the subject's facts, all else in here, with the
 * fields that are worked out from it. Rules, requests, forms and the reference take everything about a fact from its
 * definition.
 */
import type { Effect } from "effect"
import type { ReadSql } from "../../storage/Database.ts"
import type { Fact, FactValue } from "../Facts.ts"

/** `plays`: who played it, and how often (`ViewerPlays`). */
export type FactType = "string" | "number" | "boolean" | "date" | "strings" | "plays"

/** `viewer`: plays by person; its operators take a person and in some cases a number of days. */
export const fieldTypes = ["string", "number", "boolean", "date", "strings", "viewer"] as const
export type FieldType = (typeof fieldTypes)[number]

/** What people are told of a field. */
export interface FieldText {
  readonly title: string
  readonly description: string
  readonly unit?: string
  /** Further names, such as those that Capacitarr and Prunerr use. */
  readonly aliases?: ReadonlyArray<string>
  /** Values that it usually takes, for a form to offer. */
  readonly values?: ReadonlyArray<string>
}

/** A field of conditions that is worked out from a fact, as `sizeGb` is from `sizeBytes`. */
export interface DerivedField extends FieldText {
  readonly type: FieldType
  /** A number of days since some time: accepts `inLast` and `overAgo` in addition to the operators of numbers. */
  readonly elapsed?: true
  /** The field's value, or `undefined` when the fact's value is not of its type. `now` is epoch milliseconds. */
  readonly read: (value: FactValue, now: number) => FactValue | undefined
}

/** What a fact of a part (a season, an album, a book) is about. */
export type AboutPart = "the part" | "the whole" | "both"

/** `Thing` is the record that is read, `Context` whatever else must be known for it. */
export interface FactDefinition<Thing, Context> extends FieldText {
  readonly type: FactType
  /** Who tells it. */
  readonly source: string
  /** When it is unknown, apart from times when its source is unavailable, held or too old. */
  readonly unknown: string
  /** Left out for subjects that have no parts. */
  readonly ofPart?: AboutPart
  /** Kinds of thing that can have it at all; left out = every kind. That another kind has none is known. */
  readonly kinds?: ReadonlyArray<string>
  /**
   * A known "none" means "it never happened" (a play) rather than "it was not recorded" (an added date). Only then does
   * `overAgo` hold for none.
   */
  readonly never?: true
  /** Its values are names that people give and change; this is what such a name is called: "tag", "library". */
  readonly named?: string
  /** `false` = conditions ask for the derived fields alone. */
  readonly plain?: false
  /** Fields worked out from it, by name. They have its kinds, and its meaning of none. */
  readonly derived?: { readonly [name: string]: DerivedField }
  /** Reads it from the record. `loaded` is what `heavy` loaded of the thing, and absent where it loaded nothing. */
  readonly read: (thing: Thing, context: Context, loaded?: FactValue) => Fact
  /** Set for a fact that is too large to be kept in the record. It is loaded only for rules that name it. */
  readonly heavy?: HeavyFact
}

export interface HeavyFact {
  /** The values of some hundred things at most, by id. What has none may be left out. */
  readonly load: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, FactValue>, never, ReadSql>
}

/** The facts of a subject by name, as those who only look them up see them. */
export type FactDefinitions<Name extends string, Thing, Context> = {
  readonly [N in Name]: FactDefinition<Thing, Context>
}
