/**
 * The properties of Maintainerr's rules, by application, and the fields here that mean the same. A property without a
 * field has no equivalent: a rule that names it is not carried over.
 */

export interface MappedProperty {
  readonly field: string
  readonly type: "number" | "date" | "text" | "boolean" | "list"
  /** By how much a number there is multiplied. */
  readonly factor?: number
  /** The field with the number of entries, where several names may be one person. */
  readonly countField?: string
  /** The comparisons that mean the same; all of the type by default. */
  readonly only?: ReadonlyArray<string>
  /** A comparison that holds for what has no value: `BEFORE`, for the last view of what was never viewed. */
  readonly neverIsBefore?: boolean
  /** Names of values that differ. */
  readonly values?: Readonly<Record<string, string>>
  readonly note?: string
  /** The levels at which the property means this; all by default. */
  readonly levels?: ReadonlyArray<"movie" | "show" | "season">
}

const earliest = "the date added here is the earliest that an application reports"
const people = { type: "list", field: "watchedBy", countField: "watchedByCount" } as const
const collections = {
  type: "list",
  field: "collections",
  note: "collections here include those of the manager, and those that Maintainerr itself creates on the media server"
} as const
const resolutions = { "4k": "2160p", "2160": "2160p", "1080": "1080p", "720": "720p", "576": "576p", "480": "480p" }
const mebibyte = 1_048_576

/** Of media servers, and of statistics about them. */
const viewing: Readonly<Record<string, MappedProperty>> = {
  addDate: { type: "date", field: "addedAt", note: earliest },
  seenBy: people,
  viewCount: { type: "number", field: "playCount" },
  lastViewedAt: { type: "date", field: "lastPlayedAt", neverIsBefore: true },
  sw_watchers: people,
  sw_amountOfViews: { type: "number", field: "playCount" },
  // The view of the newest episode that was viewed: the last play of any episode is not before it.
  sw_lastWatched: { type: "date", field: "lastPlayedAt", neverIsBefore: true, only: ["BEFORE"] },
  sw_allEpisodesSeenBy: {
    type: "list",
    field: "viewersOfEveryEpisode",
    countField: "viewersOfEveryEpisodeCount",
    only: ["EXISTS", "NOT_EXISTS", "COUNT_EQUALS", "COUNT_NOT_EQUALS", "COUNT_BIGGER", "COUNT_SMALLER"]
  }
}

const mediaServer: Readonly<Record<string, MappedProperty>> = {
  ...viewing,
  releaseDate: { type: "date", field: "releasedAt" },
  genre: { type: "list", field: "genres" },
  labels: { type: "list", field: "labels" },
  fileVideoResolution: { type: "text", field: "resolution", values: resolutions },
  fileVideoCodec: { type: "text", field: "videoCodec" },
  sw_episodes: { type: "number", field: "episodeCount" },
  sw_lastEpisodeAiredAt: { type: "date", field: "lastAiredAt" },
  collection_names: collections,
  collection_names_including_smart: collections,
  sw_collection_names_including_parent: collections,
  sw_collection_names_including_parent_and_smart: collections,
  rating_imdb: { type: "number", field: "ratingImdb", levels: ["movie", "show"] },
  rating_tmdb: { type: "number", field: "ratingTmdb", levels: ["movie", "show"] },
  rating_rottenTomatoesCritic: { type: "number", field: "ratingRottenTomatoes", factor: 10, levels: ["movie", "show"] },
  watchlist_isWatchlisted: { type: "boolean", field: "onWatchlist" }
}

const manager: Readonly<Record<string, MappedProperty>> = {
  addDate: { type: "date", field: "addedAt", note: earliest },
  tags: { type: "list", field: "tags" },
  originalLanguage: { type: "text", field: "language" },
  monitored: { type: "boolean", field: "monitored" }
}

const movies: Readonly<Record<string, MappedProperty>> = {
  ...manager,
  profile: { type: "text", field: "qualityProfile" },
  releaseDate: { type: "date", field: "releasedAt" },
  fileSize: { type: "number", field: "sizeBytes", factor: mebibyte },
  fileQuality: { type: "number", field: "resolutionNumber" },
  fileQualityName: { type: "text", field: "fileQuality" },
  fileQualityCutoffMet: { type: "boolean", field: "cutoffMet" },
  fileAudioLanguages: { type: "text", field: "audioLanguages", only: ["CONTAINS", "NOT_CONTAINS"] },
  fileDate: { type: "date", field: "fileAddedAt" },
  filePath: { type: "text", field: "filePaths" },
  runTime: { type: "number", field: "runtimeMinutes" },
  rottenTomatoesRating: { type: "number", field: "ratingRottenTomatoes" },
  imdbRating: { type: "number", field: "ratingImdb" }
}

const series: Readonly<Record<string, MappedProperty>> = {
  ...manager,
  diskSizeEntireShow: { type: "number", field: "sizeBytes", factor: mebibyte },
  qualityProfileName: { type: "text", field: "qualityProfile" },
  firstAirDate: { type: "date", field: "releasedAt", levels: ["show"] },
  seasons: { type: "number", field: "seasonCount", levels: ["show"] },
  status: { type: "text", field: "showStatus" },
  seasonNumber: { type: "number", field: "seasonNumber", levels: ["season"] },
  part_of_latest_season: { type: "boolean", field: "latestSeason", levels: ["season"] },
  filePath: { type: "text", field: "path", levels: ["show"] },
  rating: { type: "number", field: "rating", levels: ["show"] }
}

const requests: Readonly<Record<string, MappedProperty>> = {
  addUser: { type: "text", field: "requestedBy" },
  requestDate: { type: "date", field: "requestedAt" },
  amountRequested: { type: "number", field: "requestCount" },
  isRequested: { type: "boolean", field: "requested" }
}

interface Application {
  readonly id: number
  readonly names: ReadonlyArray<string>
  readonly fields: Readonly<Record<string, MappedProperty>>
  /** The names of its properties by their numbers. */
  readonly numbers: Readonly<Record<number, string>>
}

/** The numbers that media servers share. */
const sharedNumbers = {
  0: "addDate",
  1: "seenBy",
  2: "releaseDate",
  3: "rating_user",
  4: "people",
  5: "viewCount",
  6: "collections",
  7: "lastViewedAt",
  8: "fileVideoResolution",
  9: "fileBitrate",
  10: "fileVideoCodec",
  11: "genre",
  12: "sw_allEpisodesSeenBy",
  13: "sw_lastWatched",
  14: "sw_episodes",
  15: "sw_viewedEpisodes",
  16: "sw_lastEpisodeAddedAt",
  17: "sw_amountOfViews",
  18: "sw_watchers",
  19: "collection_names",
  20: "playlists",
  21: "playlist_names",
  22: "rating_critics",
  23: "rating_audience",
  24: "labels",
  25: "sw_collections_including_parent",
  26: "sw_collection_names_including_parent",
  27: "sw_lastEpisodeAiredAt",
  29: "sw_seasonLastEpisodeAiredAt",
  32: "rating_rottenTomatoesCritic",
  33: "rating_rottenTomatoesAudience",
  34: "rating_tmdb",
  35: "rating_imdbShow",
  36: "rating_rottenTomatoesCriticShow",
  37: "rating_rottenTomatoesAudienceShow",
  38: "rating_tmdbShow"
}

/** Of Jellyfin, which Emby shares. */
const jellyfinNumbers = {
  ...sharedNumbers,
  30: "playCount",
  31: "sw_playCount",
  39: "favoritedBy",
  40: "sw_favoritedBy",
  41: "sw_favoritedBy_including_parent",
  42: "isWatched",
  44: "rating_imdb",
  45: "collection_siblings_lastViewedAt"
}

const requestNumbers = {
  0: "addUser",
  1: "requestDate",
  2: "releaseDate",
  3: "approvalDate",
  4: "mediaAddedAt",
  5: "amountRequested",
  6: "isRequested"
}

/** Without `neverIsBefore`: this server's missing last view matches nothing. */
const strict: typeof mediaServer = Object.fromEntries(
  Object.entries(mediaServer).map(([name, property]) => [name, { ...property, neverIsBefore: false }])
)

const applications: ReadonlyArray<Application> = [
  {
    id: 0,
    names: ["Plex"],
    fields: mediaServer,
    numbers: {
      ...sharedNumbers,
      28: "watchlist_isListedByUsers",
      30: "watchlist_isWatchlisted",
      31: "rating_imdb",
      39: "collectionsIncludingSmart",
      40: "sw_collections_including_parent_and_smart",
      41: "sw_collection_names_including_parent_and_smart",
      42: "collection_names_including_smart",
      43: "isWatched",
      44: "collection_siblings_lastViewedAt",
      45: "sw_markedWatchedEpisodes"
    }
  },
  {
    id: 1,
    names: ["Radarr"],
    fields: movies,
    numbers: {
      0: "addDate",
      2: "tags",
      3: "profile",
      4: "releaseDate",
      5: "monitored",
      6: "inCinemas",
      7: "fileSize",
      8: "fileAudioChannels",
      9: "fileQuality",
      10: "fileDate",
      11: "runTime",
      12: "filePath",
      13: "originalLanguage",
      14: "rottenTomatoesRating",
      15: "traktRating",
      16: "imdbRating",
      17: "rottenTomatoesRatingVotes",
      18: "traktRatingVotes",
      19: "imdbRatingVotes",
      20: "fileQualityCutoffMet",
      21: "fileQualityName",
      22: "fileAudioLanguages",
      23: "diskspace_remaining_gb",
      24: "diskspace_total_gb"
    }
  },
  {
    id: 2,
    names: ["Sonarr"],
    fields: series,
    numbers: {
      0: "addDate",
      1: "diskSizeEntireShow",
      2: "tags",
      3: "qualityProfileId",
      4: "firstAirDate",
      5: "seasons",
      6: "status",
      7: "ended",
      8: "monitored (deprecated)",
      9: "monitored",
      10: "unaired_episodes",
      11: "seasons_monitored",
      12: "unaired_episodes_season",
      13: "part_of_latest_season",
      14: "filePath",
      15: "originalLanguage",
      16: "seasonFinale",
      17: "seriesFinale",
      18: "seasonNumber",
      19: "rating",
      20: "ratingVotes",
      21: "episodeFilePath",
      22: "episodeNumber",
      23: "fileQualityCutoffMet",
      24: "fileQualityName",
      25: "qualityProfileName",
      26: "fileAudioLanguages",
      27: "seriesType",
      28: "diskspace_remaining_gb",
      29: "diskspace_total_gb",
      30: "missing_episodes_season",
      31: "missing_episodes_show"
    }
  },
  { id: 3, names: ["Seerr", "Overseerr"], fields: requests, numbers: requestNumbers },
  {
    id: 4,
    names: ["Tautulli"],
    fields: viewing,
    numbers: {
      0: "seenBy",
      1: "sw_allEpisodesSeenBy",
      2: "addDate",
      3: "viewCount",
      4: "lastViewedAt",
      5: "sw_amountOfViews",
      6: "sw_viewedEpisodes",
      7: "sw_lastWatched",
      8: "sw_watchers"
    }
  },
  { id: 5, names: ["Jellyseerr"], fields: requests, numbers: requestNumbers },
  { id: 6, names: ["Jellyfin"], fields: mediaServer, numbers: jellyfinNumbers },
  { id: 7, names: ["Emby"], fields: strict, numbers: jellyfinNumbers }
]

export interface Property {
  /** As people know it: `Plex.lastViewedAt`. */
  readonly name: string
  /** `null` = there is no field that means the same. */
  readonly mapped: MappedProperty | null
}

/** The property of a pair of numbers, as in the database. */
export const propertyAt = (application: number, number: number): Property => {
  const of = applications.find(({ id }) => id === application)
  const name = of?.numbers[number]
  if (of === undefined || name === undefined) return { name: `[${application}, ${number}]`, mapped: null }
  return { name: `${of.names[0]}.${name}`, mapped: mappedIn(of, name) }
}

/** The property of a name, as in exports. */
export const propertyNamed = (given: string): Property => {
  const [application = "", property = ""] = given.split(".")
  const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
  const of = applications.find(({ names }) => names.some((name) => same(name, application)))
  const name = Object.values(of?.numbers ?? {}).find((one) => same(one, property))
  return of === undefined || name === undefined
    ? { name: given, mapped: null }
    : { name: `${of.names[0]}.${name}`, mapped: mappedIn(of, name) }
}

const mappedIn = ({ fields }: Application, name: string): MappedProperty | null =>
  Object.hasOwn(fields, name) ? (fields[name] ?? null) : null
