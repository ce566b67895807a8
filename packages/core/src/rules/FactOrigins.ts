/**
 * Where each fact comes from, when it is not known, and whether that of a part (a season, an album, a book) is about the
 * part or about its whole. For the reference and for forms; nothing decides on it.
 */
import type { FactName } from "../library/Facts.ts"

export interface FactOriginText {
  /** Who tells it. */
  readonly source: string
  /** When it is not known, beside the time in which its source is silent, held or too old. */
  readonly unknown: string
  /** What the fact of a part is about. */
  readonly ofPart: "the part" | "the whole" | "both"
}

const manager = "the managing application"
const server = "media servers"
const plays = "media servers and watch statistics"
const requests = "request managers"

const field = "the application tells it in a form that cannot be read"
const unmatched = "no media server has the item by a shared id or by its file"
const loose = "a server left it open, or something of that title was played under a key that its server no longer has"
const noId = "the item carries no id that a request could name"

const told = (source: string, unknown: string, ofPart: FactOriginText["ofPart"]): FactOriginText => ({
  source,
  unknown,
  ofPart
})

const catalogPart = told(manager, field, "the part")
const catalogWhole = told(manager, field, "the whole")
const play = told(plays, `${unmatched}; ${loose}`, "the part")
const request = told(requests, noId, "the part")

export const factOrigins: { readonly [N in FactName]: FactOriginText } = {
  title: told(manager, "never", "the part"),
  kind: told(manager, "never", "the part"),
  year: catalogWhole,
  path: catalogWhole,
  rootFolder: catalogWhole,
  sizeBytes: catalogPart,
  addedAt: told(
    "movies: the earliest of the day at media servers and the day of the file, else the day on the manager's list; parts: the latest day that any source tells of the part",
    "of a part no application tells its day",
    "the part"
  ),
  fileAddedAt: told(manager, `${field}; of a part the application may not tell it at all`, "the part"),
  releasedAt: catalogPart,
  monitored: catalogPart,
  qualityProfile: catalogWhole,
  tags: catalogWhole,
  genres: catalogWhole,
  rating: catalogWhole,
  ratingImdb: catalogWhole,
  ratingTmdb: catalogWhole,
  ratingRottenTomatoes: catalogWhole,
  language: catalogWhole,
  showStatus: catalogWhole,
  seasonNumber: catalogPart,
  seasonCount: catalogWhole,
  episodeCount: catalogPart,
  missingEpisodes: catalogPart,
  unairedEpisodes: catalogPart,
  onAir: catalogPart,
  latestSeason: catalogPart,
  studio: catalogWhole,
  runtimeMinutes: catalogWhole,
  contentRating: catalogWhole,
  resolution: catalogPart,
  videoCodec: catalogPart,
  audioCodec: catalogPart,
  hdr: catalogPart,
  bitrate: catalogPart,
  playCount: play,
  lastPlayedAt: told(plays, `${unmatched}; ${loose}; one of the plays has no date`, "the part"),
  watchedBy: play,
  plays: play,
  playing: told(plays, unmatched, "the part"),
  showPlayCount: told(plays, `${unmatched}; ${loose}`, "the whole"),
  showLastPlayedAt: told(plays, `${unmatched}; ${loose}; one of the plays has no date`, "the whole"),
  upNext: told(
    plays,
    "somebody played, or may have played, the season before it, and nobody tells when; somebody lately played a season that is no longer there",
    "the part"
  ),
  upNextFor: told(
    plays,
    "somebody played, or may have played, the season before it, and nobody tells when; somebody lately played a season that is no longer there",
    "the part"
  ),
  requested: request,
  requestCount: request,
  requestedBy: request,
  requestedAt: told(requests, `${noId}; a request has no date`, "the part"),
  lastRequestedAt: told(requests, `${noId}; a request has no date`, "the part"),
  watchedByRequester: told(
    "request managers with media servers and watch statistics",
    `${noId}; ${unmatched}; no source tells watched from begun, or when`,
    "the part"
  ),
  watchedByAllRequesters: told(
    "request managers with media servers and watch statistics",
    `${noId}; ${unmatched}; no source tells watched from begun, or when`,
    "the part"
  ),
  collections: told(`${manager} and ${server}`, `${unmatched}; a server does not list its collections whole`, "both"),
  labels: told(server, `${unmatched}; a server does not list its labels whole`, "both"),
  onWatchlist: told(server, unmatched, "both"),
  library: told(server, unmatched, "the whole")
}
