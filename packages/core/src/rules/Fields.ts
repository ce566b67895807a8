/**
 * The catalogue of fields that conditions may name. Names are looked up without regard to case, `_` and `-`; `aliases`
 * are the names that Capacitarr and Prunerr use for the same thing.
 */
import { Schema } from "effect"
import { type FactName, factTypes } from "../library/Facts.ts"
import { factOrigins } from "./FactOrigins.ts"
import { FactNameSchema } from "./FactReading.ts"
import {
  asBoolean,
  asList,
  asNumber,
  asString,
  countOf,
  daysSince,
  type Field,
  fieldTypes,
  hasAny,
  inGibibytes,
  isZero,
  linesOf,
  wholeDaysSince,
  wholeDaysSincePlayed
} from "./Field.ts"
import { nameTable, nearestName } from "../problems/Names.ts"
import { operatorsOf } from "./Operators.ts"

/** What a field is apart from how it reads. */
type Traits = Partial<Pick<Field, "unit" | "aliases" | "never" | "elapsed" | "kinds" | "values">>

/** A field that shows a fact as it stands and bears its name. */
const plain = (name: FactName, title: string, description: string, traits: Traits = {}): Field => {
  const reads = {
    string: asString,
    number: asNumber,
    boolean: asBoolean,
    date: asString,
    strings: asList,
    plays: asList
  } as const
  const type = factTypes[name]
  return {
    ...untold,
    name,
    title,
    description,
    type: type === "plays" ? "viewer" : type,
    fact: name,
    read: reads[type],
    ...traits
  }
}

/** A field worked out from a fact. */
const derived = (
  name: string,
  type: Field["type"],
  fact: FactName,
  read: Field["read"],
  title: string,
  description: string,
  traits: Traits = {}
): Field => ({ ...untold, name, title, description, type, fact, read, ...traits })

const untold = { unit: null, aliases: [], never: false, elapsed: false, kinds: null, values: [] } as const

const ofShows = ["show", "season"] as const

export const fields: ReadonlyArray<Field> = [
  plain("title", "Title", "Title of the item."),
  plain("kind", "Kind", "What the item is.", {
    aliases: ["type", "item_kind", "media_type"],
    values: ["movie", "show", "season", "artist", "album", "author", "book"]
  }),
  plain("year", "Year", "Year of release.", { aliases: ["release_year"] }),
  plain("path", "Path", "Folder or file as the managing application sees it.", { aliases: ["file_path"] }),
  plain("rootFolder", "Root folder", "Folder of the library in which the item stands."),
  plain("library", "Library", "Titles of the media servers' libraries (Plex: sections) that it stands in.", {
    aliases: ["library_title", "libraries"]
  }),
  plain("studio", "Studio", "Studio or network."),
  plain("genres", "Genres", "Genres.", { aliases: ["genre"] }),
  plain("tags", "Tags", "Tags in the managing application.", { aliases: ["tag"] }),
  plain("language", "Language", "Original language.", { aliases: ["original_language"] }),
  plain("contentRating", "Content rating", "Age rating, such as PG-13.", { aliases: ["certification"] }),
  plain("runtimeMinutes", "Runtime", "Length of the movie, of an episode, or of the album.", {
    unit: "minutes",
    aliases: ["runtime"]
  }),
  plain("monitored", "Monitored", "Whether the managing application looks for it.", { aliases: ["is_monitored"] }),

  plain("sizeBytes", "Size (bytes)", "Size on disk.", { unit: "bytes", aliases: ["size", "file_size"] }),
  derived("sizeGb", "number", "sizeBytes", inGibibytes, "Size (GiB)", "Size on disk in units of 2^30 bytes.", {
    unit: "GiB",
    aliases: ["size_gib"]
  }),
  plain("qualityProfile", "Quality profile", "Name of the quality profile.", { aliases: ["quality", "profile"] }),
  plain("resolution", "Resolution", "Resolution by name.", { values: ["2160p", "1080p", "720p", "576p", "480p"] }),
  derived(
    "resolutionNumber",
    "number",
    "resolution",
    linesOf,
    "Resolution (lines)",
    "Lines of picture: 2160 for 4K, 576 for SD. None when the resolution is none."
  ),
  plain("videoCodec", "Video codec", "Video codec.", { aliases: ["codec"] }),
  plain("audioCodec", "Audio codec", "Audio codec."),
  plain("hdr", "HDR", "Dynamic range.", { values: ["none", "hdr10", "hdr10+", "dv", "hlg"] }),
  plain("bitrate", "Bit rate", "Bit rate of the file.", { unit: "bits/s" }),

  plain("rating", "Rating", "Rating by the managing application, 0 to 10.", { unit: "of 10" }),
  plain("ratingImdb", "IMDb rating", "0 to 10.", { unit: "of 10", aliases: ["imdb_rating"] }),
  plain("ratingTmdb", "TMDB rating", "0 to 10.", { unit: "of 10", aliases: ["tmdb_rating"] }),
  plain("ratingRottenTomatoes", "Rotten Tomatoes rating", "0 to 100.", { unit: "percent", aliases: ["rating_rt"] }),

  plain("addedAt", "Added at", "When it came into the library; an upgrade of its file changes nothing.", {
    aliases: ["date_added", "added"]
  }),
  derived(
    "timeInLibrary",
    "number",
    "addedAt",
    daysSince,
    "Time in library",
    "Days since it was added, with fractions; negative when that date lies ahead. None when it is none, so that nothing but isEmpty holds.",
    { unit: "days", elapsed: true }
  ),
  derived(
    "daysSinceAdded",
    "number",
    "addedAt",
    wholeDaysSince,
    "Days since added",
    "Whole days since it was added; negative when that date lies ahead.",
    { unit: "days", elapsed: true }
  ),
  plain("fileAddedAt", "File added at", "When its newest file came: the first one, or an upgrade.", {
    aliases: ["date_imported", "file_date"]
  }),
  derived(
    "daysSinceFileAdded",
    "number",
    "fileAddedAt",
    wholeDaysSince,
    "Days since its file was added",
    "Whole days since its newest file came; negative when that date lies ahead.",
    { unit: "days", elapsed: true }
  ),
  plain("releasedAt", "Released at", "Date of release.", { aliases: ["release_date", "released"] }),

  plain("playCount", "Play count", "Plays by everybody.", { unit: "plays", aliases: ["view_count"] }),
  derived("neverWatched", "boolean", "playCount", isZero, "Never watched", "Nobody ever played it.", {
    aliases: ["never_played"]
  }),
  plain("lastPlayedAt", "Last played at", "When somebody last played it; empty when nobody ever did.", {
    never: true,
    aliases: ["last_played", "last_watched", "last_watched_at", "last_viewed_at"]
  }),
  derived(
    "daysSinceWatched",
    "number",
    "lastPlayedAt",
    wholeDaysSincePlayed,
    "Days since watched",
    "Whole days since somebody last played it. Never played counts as infinitely long ago, and as empty.",
    { unit: "days", elapsed: true, never: true, aliases: ["days_since_played", "days_since_last_watched"] }
  ),
  plain("watchedBy", "Watched by", "Names of everybody who played it, all that each of them goes by.", {
    aliases: ["watched_by_users", "viewers"]
  }),
  derived("watchedByCount", "number", "plays", countOf, "Number of viewers", "How many people played it.", {
    unit: "people",
    aliases: ["viewer_count"]
  }),
  derived("watchedByUser", "viewer", "plays", asList, "Watched by a person", "Plays by one person.", {
    aliases: ["plays"]
  }),

  plain("playing", "Playing now", "Whether somebody was playing it when this was last read.", {
    aliases: ["now_playing", "is_playing"]
  }),
  plain("showPlayCount", "Play count of the show", "Plays of all seasons together, by everybody.", {
    unit: "plays",
    kinds: ["season"]
  }),
  plain("showLastPlayedAt", "Show last played at", "When somebody last played any season of the show.", {
    never: true,
    kinds: ["season"]
  }),
  derived(
    "daysSinceShowWatched",
    "number",
    "showLastPlayedAt",
    wholeDaysSincePlayed,
    "Days since the show was watched",
    "Whole days since somebody last played any season of the show.",
    { unit: "days", elapsed: true, never: true, kinds: ["season"] }
  ),
  plain(
    "upNext",
    "Up next",
    "Whether somebody who is watching the show is in the season before this one. How long ago their last play may be is a setting.",
    { kinds: ["season"] }
  ),
  plain("upNextFor", "Up next for", "Names of those for whom it is up next.", { kinds: ["season"] }),

  plain("requested", "Requested", "Whether somebody asked for it.", { aliases: ["is_requested"] }),
  plain("requestCount", "Request count", "How often it was asked for.", { unit: "requests" }),
  plain("requestedBy", "Requested by", "Names of everybody who asked for it, all that each of them goes by.", {
    aliases: ["requester"]
  }),
  plain("requestedAt", "Requested at", "When it was first asked for.", { aliases: ["request_date"] }),
  plain("lastRequestedAt", "Last requested at", "When it was last asked for."),
  plain(
    "watchedByRequester",
    "Watched by requester",
    "Whether somebody who asked for it has watched it since, and not only begun it.",
    { aliases: ["watched_by_req", "watched_by_requestor"] }
  ),
  plain(
    "watchedByAllRequesters",
    "Watched by all requesters",
    "Whether everybody who asked for it has watched it since, and not only begun it.",
    { aliases: ["watched_by_all"] }
  ),

  plain("collections", "Collections", "Titles of the collections it is in.", {
    aliases: ["collection", "collection_membership"]
  }),
  derived("inCollection", "boolean", "collections", hasAny, "In a collection", "Whether it is in any collection."),
  plain("labels", "Labels", "Labels in the media server.", { aliases: ["label"] }),
  derived("hasLabel", "boolean", "labels", hasAny, "Has a label", "Whether it has any label."),
  plain("onWatchlist", "On a watchlist", "Whether it is on a watchlist.", { aliases: ["watchlist"] }),

  plain("showStatus", "Show status", "Whether the show goes on.", {
    kinds: ofShows,
    aliases: ["series_status"],
    values: ["continuing", "ended", "upcoming", "deleted"]
  }),
  plain("seasonNumber", "Season number", "Number of the season.", { kinds: ["season"] }),
  plain("seasonCount", "Number of seasons", "How many seasons the show has.", { kinds: ["show"] }),
  plain("episodeCount", "Number of episodes", "Episodes that have a file.", { unit: "episodes", kinds: ofShows }),
  derived("empty", "boolean", "sizeBytes", isZero, "Empty", "Whether it has no file at all."),
  plain("missingEpisodes", "Missing episodes", "Episodes that were broadcast, are wanted, and have no file.", {
    unit: "episodes",
    kinds: ofShows
  }),
  plain("unairedEpisodes", "Unaired episodes", "Episodes that are announced and were not broadcast yet.", {
    unit: "episodes",
    kinds: ofShows
  }),
  plain("onAir", "On air", "Whether a further episode of it has a date ahead.", { kinds: ofShows }),
  plain("latestSeason", "Latest season", "Whether no later season of the show has been broadcast.", {
    kinds: ["season"]
  })
]

const table = nameTable(fields, (field) => [field.name, ...field.aliases])

/** The field of a name or alias. */
export const fieldNamed = (name: string): Field | undefined => table.get(name)

/** The field somebody probably meant by an unknown name. */
export const nearestField = (name: string): string | null => {
  const nearest = nearestName(name, table.names())
  return nearest === null ? null : (table.get(nearest)?.name ?? null)
}

/** A field as `GET /rules/fields` tells it. */
export const FieldDescription = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  description: Schema.String,
  type: Schema.Literals(fieldTypes),
  unit: Schema.NullOr(Schema.String),
  operators: Schema.Array(Schema.String),
  aliases: Schema.Array(Schema.String),
  /** Facts it reads. */
  facts: Schema.Array(FactNameSchema),
  /** Kinds of item that can have it; `null` = every kind. */
  kinds: Schema.NullOr(Schema.Array(Schema.String)),
  values: Schema.Array(Schema.String),
  /** Who tells it. */
  source: Schema.String,
  /** When it is not known, beside the time in which its source is silent. */
  unknown: Schema.String,
  /** Whether that of a season, an album or a book is about the part or about its whole. */
  ofPart: Schema.Literals(["the part", "the whole", "both"])
}).annotate({ identifier: "RuleField" })
export type FieldDescription = typeof FieldDescription.Type

export const fieldDescriptions: ReadonlyArray<FieldDescription> = fields.map((field) => ({
  name: field.name,
  title: field.title,
  description: field.description,
  type: field.type,
  unit: field.unit,
  operators: operatorsOf(field).map((operator) => operator.name),
  aliases: field.aliases,
  facts: [field.fact],
  kinds: field.kinds,
  values: field.values,
  ...factOrigins[field.fact]
}))
