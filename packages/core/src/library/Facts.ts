/**
 * Facts: values known about an item with their source and time, or unknown with the reason. Unknown is not absent: a
 * known `null` means that the upstream said "none".
 */
import { Schema } from "effect"

export const factTypes = {
  title: "string",
  kind: "string",
  year: "number",
  path: "string",
  rootFolder: "string",
  sizeBytes: "number",
  addedAt: "date",
  fileAddedAt: "date",
  releasedAt: "date",
  monitored: "boolean",
  qualityProfile: "string",
  tags: "strings",
  genres: "strings",
  rating: "number",
  ratingImdb: "number",
  ratingTmdb: "number",
  ratingRottenTomatoes: "number",
  language: "string",
  showStatus: "string",
  seasonNumber: "number",
  seasonCount: "number",
  episodeCount: "number",
  missingEpisodes: "number",
  unairedEpisodes: "number",
  onAir: "boolean",
  latestSeason: "boolean",
  studio: "string",
  runtimeMinutes: "number",
  contentRating: "string",
  resolution: "string",
  videoCodec: "string",
  audioCodec: "string",
  hdr: "string",
  bitrate: "number",
  playCount: "number",
  lastPlayedAt: "date",
  watchedBy: "strings",
  plays: "plays",
  playing: "boolean",
  showPlayCount: "number",
  showLastPlayedAt: "date",
  upNext: "boolean",
  upNextFor: "strings",
  requested: "boolean",
  requestCount: "number",
  requestedBy: "strings",
  requestedAt: "date",
  lastRequestedAt: "date",
  watchedByRequester: "boolean",
  watchedByAllRequesters: "boolean",
  collections: "strings",
  labels: "strings",
  onWatchlist: "boolean",
  library: "strings"
} as const

export type FactName = keyof typeof factTypes
export type FactType = (typeof factTypes)[FactName]
export const factNames = Object.keys(factTypes) as ReadonlyArray<FactName>

/** Plays of one viewer. */
export const ViewerPlays = Schema.Struct({
  /** The name that is shown. */
  user: Schema.String,
  /** Further names of the same person. */
  names: Schema.optionalKey(Schema.Array(Schema.String)),
  plays: Schema.Int,
  lastPlayedAt: Schema.NullOr(Schema.String),
  /** One of the plays has no date. */
  undated: Schema.optionalKey(Schema.Boolean),
  /** Plays that count as watched; of a season or a show the different episodes. Absent = no source tells. */
  seen: Schema.optionalKey(Schema.Int),
  lastSeenAt: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** The largest share of a movie that one play covered, 0..1. */
  furthest: Schema.optionalKey(Schema.Finite)
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
      /** For people: which source, since when, what it said. */
      readonly detail: string
      readonly source: string
      /** The last value seen, for show only; nothing decides on it. */
      readonly lastKnown?: FactValue
    }
  /** No configured integration can know it for this kind of item. */
  | { readonly _tag: "Inapplicable" }

/** How rules and factors read an item. Asking is cheap: nothing is built until a fact is asked for. */
export interface FactSheet {
  readonly get: (name: FactName) => Fact
}

export const known = (value: FactValue, source: string, at: string): Fact => ({ _tag: "Known", value, source, at })
export const inapplicable: Fact = { _tag: "Inapplicable" }
