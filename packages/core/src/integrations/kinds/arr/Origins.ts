/**
 * Where the Servarr applications store the data of facts. Printed in the reference; keep it in sync with the catalogs
 * in this folder.
 */
import type { FactOrigin } from "../../Kind.ts"
import type { CreatorTerms } from "./CreatorTerms.ts"

const ofPart = "For a part, that of its whole"

/** What is read before an item is removed, instead of the lists. */
const again = (calls: string): FactOrigin => ({
  facts: ["monitored", "tags", "sizeBytes", "path"],
  places: `of one item, before it is removed: ${calls}, and the names as above. All facts are taken from them as from the lists`,
  unknown: "404 twice while the status answers in between: the item is gone",
  evidence: "document"
})

/** Read in the same way by all of them; `list` is the call, `evidence` its proof. */
const common = (list: string, evidence: FactOrigin["evidence"]): ReadonlyArray<FactOrigin> => [
  {
    facts: ["monitored"],
    places: `\`${list}\`: \`monitored\`; a part is wanted when it and its whole are`,
    unknown: "left out, or of the wrong type: unknown",
    evidence
  },
  {
    facts: ["tags", "qualityProfile"],
    places: `\`${list}\`: \`tags\`, \`qualityProfileId\`; names from \`GET tag\`, \`GET qualityprofile\`. ${ofPart}`,
    unknown: "no list of tags: unknown; an id without a name is shown as `#id`; an unreadable name or id: unknown",
    evidence
  },
  {
    facts: ["path", "rootFolder"],
    places: `\`${list}\`: \`path\`, \`rootFolderPath\`, else the folder above \`path\`. ${ofPart}`,
    unknown: "left out: none; of the wrong type: unknown",
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
    places: "`GET movie`: `movieFile.quality` and `movieFile.mediaInfo`; the bit rate else from size and running time",
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
    places: "not read: the list does not show whether the application has determined it",
    unknown: "always unknown",
    evidence: "document"
  },
  {
    facts: ["audioLanguages", "subtitleLanguages", "videoCodecs", "audioCodecs"],
    places:
      "`GET movie`: `movieFile.mediaInfo`: `audioLanguages` and `subtitles`, the tags of the tracks, `videoCodec` and `audioCodec`",
    unknown: "not analysed, no codec, or no audio track with a tag: unknown; no subtitles with a tag: none",
    evidence: "recorded"
  },
  {
    facts: ["customFormatScore", "lowestCustomFormatScore"],
    places: "`GET movie`: `movieFile.customFormatScore`, where `movieFile.customFormats` is there",
    unknown:
      "the application determines custom formats only in a call for each movie, which is not made; its lists contain a score of 0 without them: unknown",
    evidence: "document"
  },
  {
    facts: ["rating", "ratingImdb", "ratingTmdb", "ratingRottenTomatoes"],
    places: "`GET movie`: `ratings`, of version 3 one `value`",
    unknown: "left out or 0: none; of the wrong type: unknown",
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
    unknown: "left out, empty or 0: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  again("`GET movie/{id}`")
]

/** Of an application that lists the files of one whole at a time. */
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

export const seriesOrigins: ReadonlyArray<FactOrigin> = [
  ...common("GET series", "recorded"),
  filesOfEach("GET episodefile?seriesId=", "show", "custom formats in version 3"),
  episodesOfEach,
  {
    facts: ["addedAt"],
    places:
      "of a show `GET series`: `added`; of a season the newest file's day, below, or a media server's day for the season: never its show's",
    unknown:
      "of a show no date, or one in the year 1: unknown; of a season without a date from any source: not reported",
    evidence: "recorded"
  },
  {
    facts: ["fileAddedAt"],
    places:
      "`GET history`, events `downloadFolderImported` with their episodes: the 10,000 newest, read in up to ten pages",
    unknown:
      "a season whose import lies further back, or whose files were found on the disk: not reported; a history that cannot be read: unknown",
    evidence: "document"
  },
  {
    facts: ["releasedAt"],
    places: "of a show and of its first season `GET series`: `firstAired`",
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
      "`episodeCount` - `episodeFileCount` there: broadcast and wanted, without a file; 0 of a show that is not monitored",
    unknown: "counts left out: unknown",
    evidence: "document"
  },
  {
    facts: ["onAir", "unairedEpisodes"],
    places:
      "`nextAiring`, the next episode that is monitored, and `totalEpisodeCount` - `episodeCount`, the episodes to come and those that nobody wants. None are to come when that is 0, the show has ended, or a later season was broadcast; of a monitored season on air all of them are",
    unknown: "episodes that nobody wants, of a show that goes on: unknown",
    evidence: "document"
  },
  {
    facts: ["latestSeason"],
    places: "later seasons in `seasons[]` with a `previousAiring`, or with episodes that were broadcast",
    unknown: "a later unmonitored season of a continuing show: unknown. Of specials: not reported",
    evidence: "document"
  },
  {
    facts: ["showStatus"],
    places: `\`GET series\`: \`status\`. ${ofPart}`,
    unknown: "another word than `continuing`, `ended`, `upcoming`, `deleted`: unknown",
    evidence: "recorded"
  },
  {
    facts: ["year", "seasonCount", "genres", "rating", "language", "studio", "runtimeMinutes", "contentRating"],
    places: `\`GET series\`. ${ofPart}`,
    unknown: "left out, empty or 0: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  again("`GET series/{id}` and `GET history/series?seriesId=`")
]

/** `creator`, `work` and `file` are the application's names, `imported` is the event of its history. */
export const creatorOrigins = ({ creator, file, imported, work }: CreatorTerms): ReadonlyArray<FactOrigin> => [
  ...common(`GET ${creator}`, "document"),
  filesOfEach(`GET ${file}file?${creator}Id=`, creator, "languages"),
  {
    facts: ["addedAt"],
    places: `of the ${creator} \`GET ${creator}\`: \`added\`; of the ${work} \`GET ${work}\`: \`added\`, and the day of its newest file, below: never that of its ${creator}`,
    unknown: `without a date, of the ${creator}: unknown; of the ${work}: not reported`,
    evidence: "document"
  },
  {
    facts: ["fileAddedAt"],
    places: `\`GET history\`, events \`${imported}\`: the 10,000 newest, read in up to ten pages`,
    unknown: "files that came before, or were found on the disk: not reported; a history that cannot be read: unknown",
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
    unknown: "left out: none; of the wrong type: unknown",
    evidence: "document"
  },
  {
    facts: ["genres", "rating"],
    places: `\`GET ${creator}\` and \`GET ${work}\`, each its own; ratings out of ten`,
    unknown: "left out or 0: none; of the wrong type: unknown",
    evidence: "document"
  },
  again(`\`GET ${creator}/{id}\`, \`GET ${work}?${creator}Id=\` and \`GET history/${creator}?${creator}Id=\``)
]
