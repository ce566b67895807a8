/**
 * Where the Servarr applications store the data of facts. Printed in the reference; keep it in sync with the catalogs
 * in this folder.
 */
import type { FactOrigin } from "../../Kind.ts"
import type { CreatorTerms } from "./CreatorTerms.ts"

const ofPart = "A part has the value of its whole"

/** The calls for one item before it is removed, instead of the lists. */
const again = (calls: string): FactOrigin => ({
  facts: ["monitored", "tags", "sizeBytes", "path"],
  places: `for one item, before it is removed: ${calls}, and the names as above. All facts are derived from them as from the lists`,
  unknown: "404 twice, with a response of the status in between: the item is gone",
  evidence: "document"
})

/** Facts that all of them report in the same way; `list` is the call. */
const common = (list: string, evidence: FactOrigin["evidence"]): ReadonlyArray<FactOrigin> => [
  {
    facts: ["monitored"],
    places: `\`${list}\`: \`monitored\`; a part is monitored if both it and its whole are`,
    unknown: "omitted, or of the wrong type: unknown",
    evidence
  },
  {
    facts: ["tags", "qualityProfile", "qualityProfileId"],
    places: `\`${list}\`: \`tags\`, \`qualityProfileId\`; names from \`GET tag\`, \`GET qualityprofile\`. ${ofPart}`,
    unknown: "no list of tags: unknown; an id without a name is shown as `#id`; an unreadable name or id: unknown",
    evidence
  },
  {
    facts: ["path", "rootFolder"],
    places: `\`${list}\`: \`path\`, \`rootFolderPath\`, else the folder above \`path\`. ${ofPart}`,
    unknown: "omitted: none; of the wrong type: unknown",
    evidence
  }
]

const noDay = "no date, or one in the year 1: unknown"

export const movieOrigins: ReadonlyArray<FactOrigin> = [
  ...common("GET movie", "recorded"),
  {
    facts: ["addedAt"],
    places:
      "`GET movie`: `added`, the date on which the title was added to the list, and `movieFile.dateAdded`; media servers report their own",
    unknown: noDay,
    evidence: "recorded"
  },
  {
    facts: ["fileAddedAt"],
    places: "`GET movie`: `movieFile.dateAdded`; an upgrade makes it later",
    unknown: noDay,
    evidence: "recorded"
  },
  {
    facts: ["sizeBytes"],
    places: "`GET movie`: `sizeOnDisk`, else `movieFile.size`",
    unknown: "0 although there is a file: unknown",
    evidence: "recorded"
  },
  {
    facts: ["resolution", "videoCodec", "audioCodec", "hdr", "bitrate"],
    places:
      "`GET movie`: `movieFile.quality` and `movieFile.mediaInfo`; otherwise the bit rate is computed from size and running time",
    unknown: "a file that was not analysed, or an analysis without it: unknown",
    evidence: "recorded"
  },
  {
    facts: ["fileCount", "fileQuality", "releaseGroups", "fileLanguages", "newestFileAt", "filePaths"],
    places:
      "`GET movie`: `movieFile`, the only file of a movie, with `quality.quality.name`, `releaseGroup`, `languages`, `dateAdded` and `path`",
    unknown:
      "no `movieFile` although there is a file, no quality, languages, date or path: unknown; no release group: none",
    evidence: "recorded"
  },
  {
    facts: ["cutoffMet"],
    places: "`GET movie`: `movieFile.qualityCutoffNotMet`, which the application determines for its lists too",
    unknown: "omitted: unknown",
    evidence: "document"
  },
  {
    facts: ["audioLanguages", "subtitleLanguages", "videoCodecs", "audioCodecs", "audioChannels", "audioTrackCount"],
    places:
      "`GET movie`: `movieFile.mediaInfo`: `audioLanguages` and `subtitles`, the tags of the tracks, `videoCodec`, `audioCodec`, `audioChannels` and `audioStreamCount`",
    unknown:
      "not analysed, no codec, no number of channels or tracks, or no audio track with a tag: unknown; no subtitles with a tag: none",
    evidence: "recorded"
  },
  {
    facts: ["customFormatScore", "lowestCustomFormatScore"],
    places: "`GET movie`: `movieFile.customFormatScore`, if `movieFile.customFormats` is present",
    unknown:
      "the application determines custom formats only in a separate call for each movie, which is not sent; its lists contain a score of 0 without them: unknown",
    evidence: "document"
  },
  {
    facts: ["rating", "ratingImdb", "ratingTmdb", "ratingRottenTomatoes"],
    places: "`GET movie`: `ratings`; in version 3 a single `value`",
    unknown: "omitted or 0: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  {
    facts: ["ratingTrakt", "ratingMetacritic", "ratingVotes", "votesImdb", "votesTmdb", "votesTrakt"],
    places: "`GET movie`: `ratings`, with the `votes` of each; those of `rating` belong to the source it is from",
    unknown: "omitted or 0: none; of the wrong type: unknown",
    evidence: "document"
  },
  {
    facts: ["inCinemasAt", "digitalReleaseAt", "physicalReleaseAt"],
    places: "`GET movie`: `inCinemas`, `digitalRelease`, `physicalRelease`",
    unknown: "no date: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  {
    facts: ["releasedAt"],
    places: "`GET movie`: the earliest of `inCinemas`, `digitalRelease`, `physicalRelease`, `releaseDate`",
    unknown: "no date: none",
    evidence: "recorded"
  },
  {
    facts: ["year", "genres", "language", "studio", "runtimeMinutes", "contentRating", "collections"],
    places: "`GET movie`",
    unknown: "omitted, empty or 0: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  again("`GET movie/{id}`")
]

/** For an application that lists the files of one whole at a time. */
const filesOfEach = (call: string, whole: string, untold: string): FactOrigin => ({
  facts: [
    "fileCount",
    "fileQuality",
    "cutoffMet",
    "releaseGroups",
    "fileLanguages",
    "audioLanguages",
    "subtitleLanguages",
    "videoCodecs",
    "audioCodecs",
    "audioChannels",
    "audioTrackCount",
    "customFormatScore",
    "lowestCustomFormatScore",
    "newestFileAt",
    "filePaths"
  ],
  places: `\`${call}\` of each ${whole}, only if a rule or a factor needs it, and again after the figures of the ${whole} have changed`,
  unknown: `not determined, such as ${untold}: unknown; less than the lists count: the reading fails`,
  evidence: "recorded"
})

const episodesOfEach: FactOrigin = {
  facts: [
    "totalEpisodes",
    "airedEpisodes",
    "upcomingEpisodes",
    "monitoredEpisodes",
    "absentEpisodes",
    "nextAirsAt",
    "lastAiredAt",
    "latestSeasonNumber",
    "laterSeasons",
    "viewersOfEveryEpisode"
  ],
  places:
    "`GET episode?seriesId=` of each show, only if a rule or a factor needs it, and again after the figures of the show have changed: `airDateUtc`, `monitored`, `hasFile`, `episodeFileId`",
  unknown:
    "no date: not announced; a date or a flag that cannot be read: unknown; fewer with a file than the lists count: the reading fails",
  evidence: "recorded"
}

const singleEpisodes: FactOrigin = {
  facts: [
    "episodeNumber",
    "episodeRank",
    "episodeRankInSeason",
    "seasonFinale",
    "seriesFinale",
    "monitored",
    "releasedAt",
    "addedAt",
    "fileAddedAt",
    "sizeBytes"
  ],
  places:
    "of episodes that are items: `GET episode?seriesId=` and `GET episodefile?seriesId=` of each chosen show, again after its figures have changed: `episodeNumber`, `airDateUtc`, `finaleType`, `monitored`; `size`, `dateAdded`. Ranks are computed from the air dates of the episodes with a file",
  unknown:
    "an air date that is missing or cannot be read: the ranks of its show are unknown; a file that is not listed: its size and date are unknown",
  evidence: "document"
}

export const seriesOrigins: ReadonlyArray<FactOrigin> = [
  ...common("GET series", "recorded"),
  filesOfEach("GET episodefile?seriesId=", "show", "custom formats in version 3"),
  episodesOfEach,
  singleEpisodes,
  {
    facts: ["addedAt"],
    places:
      "for a show `GET series`: `added`; for a season the date of its newest file (see below), or the date of the season on a media server, but never that of its show",
    unknown:
      "for a show without a date, or with one in the year 1: unknown; for a season without a date from any source: not reported",
    evidence: "recorded"
  },
  {
    facts: ["fileAddedAt"],
    places:
      "`GET history`, events `downloadFolderImported` with their episodes: the 10,000 newest, read in up to ten pages",
    unknown:
      "a season with an older import, or whose files were found on the disk: not reported; a history that cannot be read: unknown",
    evidence: "document"
  },
  {
    facts: ["ended", "seriesType"],
    places: `\`GET series\`: \`ended\`, in old versions from \`status\`; \`seriesType\`. ${ofPart}`,
    unknown: "omitted, or a status or type that is not known: unknown",
    evidence: "recorded"
  },
  {
    facts: ["monitoredSeasons"],
    places: "`GET series`: `seasons[].monitored`, without specials",
    unknown: "a season without the flag: unknown",
    evidence: "recorded"
  },
  {
    facts: ["firstAiredAt"],
    places: `\`GET series\`: \`firstAired\`. ${ofPart}`,
    unknown: "no date: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  {
    facts: ["releasedAt"],
    places: "for a show and its first season `GET series`: `firstAired`",
    unknown: "for later seasons, the list contains only the date of the last episode: not reported",
    evidence: "recorded"
  },
  {
    facts: ["sizeBytes", "episodeCount"],
    places: "`GET series`: `statistics` and `seasons[].statistics`",
    unknown: "files without a size: unknown; no statistics: the season has no episodes",
    evidence: "recorded"
  },
  {
    facts: ["missingEpisodes"],
    places:
      "`episodeCount` - `episodeFileCount` there: monitored episodes that were broadcast and have no file; 0 for a show that is not monitored",
    unknown: "omitted counts: unknown",
    evidence: "document"
  },
  {
    facts: ["onAir", "unairedEpisodes"],
    places:
      "`nextAiring`, the next monitored episode, and `totalEpisodeCount` - `episodeCount`, the number of future and of unmonitored episodes. There are no future episodes if that is 0, if the show has ended, or if a later season was broadcast; for a monitored season on air, all of them are future episodes",
    unknown: "unmonitored episodes of a continuing show: unknown",
    evidence: "document"
  },
  {
    facts: ["latestSeason"],
    places: "later seasons in `seasons[]` with a `previousAiring`, or with episodes that were broadcast",
    unknown: "a later unmonitored season of a continuing show: unknown. For specials: not reported",
    evidence: "document"
  },
  {
    facts: ["showStatus"],
    places: `\`GET series\`: \`status\`. ${ofPart}`,
    unknown: "a value other than `continuing`, `ended`, `upcoming`, `deleted`: unknown",
    evidence: "recorded"
  },
  {
    facts: [
      ...(["year", "seasonCount", "genres", "rating", "ratingVotes"] as const),
      ...(["language", "studio", "runtimeMinutes", "contentRating"] as const)
    ],
    places: `\`GET series\`, the studio as \`network\`, votes as \`ratings.votes\`. ${ofPart}`,
    unknown: "omitted, empty or 0: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  again("`GET series/{id}` and `GET history/series?seriesId=`")
]

const ofAlbums: ReadonlyArray<FactOrigin> = [
  {
    facts: ["albumCount", "trackCount", "missingTracks"],
    places:
      "`GET artist` and `GET album`: `statistics`: `albumCount`, `totalTrackCount`, and `trackCount` - `trackFileCount`, the monitored and released tracks without a file; 0 of an artist that is not monitored",
    unknown: "omitted: unknown",
    evidence: "document"
  },
  {
    facts: ["albumTypes"],
    places: "`GET album`: `albumType` and the names of `secondaryTypes`",
    unknown: "no type: unknown",
    evidence: "document"
  }
]

const ofBooks: ReadonlyArray<FactOrigin> = [
  {
    facts: ["bookCount", "missingBooks"],
    places:
      "`GET author`: `statistics`: `totalBookCount`, and `bookCount` - `availableBookCount`, the monitored and released books without a file; 0 of an author that is not monitored",
    unknown: "omitted, as `availableBookCount` in old versions: unknown",
    evidence: "document"
  },
  {
    facts: ["bookSeries"],
    places:
      "`GET book`: `seriesTitle`, in which each series is followed by the number of the book; the number is removed",
    unknown: "omitted: unknown; empty: none",
    evidence: "document"
  }
]

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** `creator`, `work` and `file` are the application's names, `imported` is the event of its history. */
export const creatorOrigins = ({ creator, file, imported, work }: CreatorTerms): ReadonlyArray<FactOrigin> => [
  ...common(`GET ${creator}`, "document"),
  filesOfEach(`GET ${file}file?${creator}Id=`, creator, "languages"),
  {
    facts: ["addedAt"],
    places: `for the ${creator} \`GET ${creator}\`: \`added\`; for the ${work} \`GET ${work}\`: \`added\`, and the date of its newest file (see below), but never that of its ${creator}`,
    unknown: `without a date, for the ${creator}: unknown; for the ${work}: not reported`,
    evidence: "document"
  },
  {
    facts: ["fileAddedAt"],
    places: `\`GET history\`, events \`${imported}\`: the 10,000 newest, read in up to ten pages`,
    unknown:
      "files that were imported earlier, or found on the disk: not reported; a history that cannot be read: unknown",
    evidence: "document"
  },
  {
    facts: ["sizeBytes"],
    places: `\`GET ${creator}\` and \`GET ${work}\`: \`statistics\``,
    unknown: "files without a size: unknown; no statistics: no files",
    evidence: "document"
  },
  {
    facts: ["releasedAt", "year"],
    places: `\`GET ${work}\`: \`releaseDate\``,
    unknown: "omitted: none; of the wrong type: unknown",
    evidence: "document"
  },
  {
    facts: ["genres", "rating", "ratingVotes"],
    places: `\`GET ${creator}\` and \`GET ${work}\`, each for itself; ratings out of ten`,
    unknown: "omitted or 0: none; of the wrong type: unknown",
    evidence: "document"
  },
  {
    facts: ["ended", "latestReleaseAt", "nextReleaseAt"],
    places: `\`GET ${creator}\`: \`ended\`, and \`releaseDate\` of \`last${capital(work)}\` and \`next${capital(work)}\``,
    unknown: `neither of the two ${work}s: both dates are unknown; one of them alone: the other date is none; \`ended\` omitted: unknown`,
    evidence: "document"
  },
  ...(work === "album" ? ofAlbums : ofBooks),
  again(`\`GET ${creator}/{id}\`, \`GET ${work}?${creator}Id=\` and \`GET history/${creator}?${creator}Id=\``)
]
