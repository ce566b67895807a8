/**
 * Facts: values known about something with their source and time, or unknown with the reason. Unknown is not absent: a
 * known `null` means that the upstream said "none". ItemFacts.ts defines the facts of items.
 */
import { Schema } from "effect"
import type { itemFacts } from "./ItemFacts.ts"

/** Name of a fact of an item. */
export type FactName = keyof typeof itemFacts

/** Plays of one viewer. */
export const ViewerPlays = Schema.Struct({
  /** The display name. */
  user: Schema.String,
  /** Further names of the same person. */
  names: Schema.optionalKey(Schema.Array(Schema.String)),
  plays: Schema.Int,
  lastPlayedAt: Schema.NullOr(Schema.String),
  /** One of the plays has no date. */
  undated: Schema.optionalKey(Schema.Boolean),
  /**
   * Number of plays that count as watched; for a season or a show, of distinct episodes. Absent = no source reports it.
   */
  seen: Schema.optionalKey(Schema.Int),
  lastSeenAt: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** The largest share of a movie that one play covered, 0..1. */
  furthest: Schema.optionalKey(Schema.Finite),
  /** For how many minutes they have played it, where that is known. */
  minutes: Schema.optionalKey(Schema.Finite),
  /** How many they have only marked as watched by hand, where that is known: the movie, or episodes. */
  marked: Schema.optionalKey(Schema.Int),
  /** Those of the names that other people have too: by them it is not known who it was. */
  ambiguous: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Identifies the person, if there are such names. */
  person: Schema.optionalKey(Schema.String)
})
export type ViewerPlays = typeof ViewerPlays.Type

/** A fact's value; dates are ISO-8601 UTC. `null` = known to be none. */
export type FactValue = string | number | boolean | ReadonlyArray<string> | ReadonlyArray<ViewerPlays> | null

/** Why a fact is not known. */
export const unknownReasons = [
  "not-synced",
  "source-down",
  "source-refused",
  "source-malformed",
  "stale",
  "not-matched",
  "held",
  "not-told",
  "given"
] as const
export type UnknownReason = (typeof unknownReasons)[number]

export type Fact =
  | { readonly _tag: "Known"; readonly value: FactValue; readonly source: string; readonly at: string }
  | {
      readonly _tag: "Unknown"
      readonly reason: UnknownReason
      /** For people: the source, since when, and its message. */
      readonly detail: string
      readonly source: string
      /** The last known value, for display only; no decision depends on it. */
      readonly lastKnown?: FactValue
    }
  /** No configured integration can know it for such a thing. */
  | { readonly _tag: "Inapplicable" }

/** How rules and factors read a thing. Cheap: nothing is built until a fact is read. */
export interface FactSheet<Name extends string = FactName> {
  readonly get: (name: Name) => Fact
}

export const known = (value: FactValue, source: string, at: string): Fact => ({ _tag: "Known", value, source, at })
export const inapplicable: Fact = { _tag: "Inapplicable" }

/** A heavy fact that was not loaded. It is unknown, so that a rule that keeps by it still keeps. */
export const notLoaded = (source: string): Fact => ({
  _tag: "Unknown",
  reason: "not-told",
  detail: "it was not loaded",
  source
})
