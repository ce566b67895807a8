/** What is kept to undo the removal of a show, of a season, or of an episode. */
import { Schema } from "effect"
import { excludedBefore } from "../Arr.ts"
import { oddEpisodes } from "./Episodes.ts"

export const ShowRestore = Schema.Struct({
  kind: Schema.Literal("show"),
  tvdbId: Schema.Int.check(Schema.isGreaterThan(0)),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  qualityProfileId: Schema.Int,
  /** Only version 3 of the application has language profiles, and requires one. */
  languageProfileId: Schema.NullOr(Schema.Int),
  rootFolderPath: Schema.String,
  monitored: Schema.Boolean,
  monitorNewItems: Schema.NullOr(Schema.String),
  seasonFolder: Schema.NullOr(Schema.Boolean),
  seriesType: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.Int),
  seasons: Schema.Array(Schema.Struct({ seasonNumber: Schema.Int, monitored: Schema.Boolean })),
  ...oddEpisodes,
  ...excludedBefore
})

export const SeasonRestore = Schema.Struct({
  kind: Schema.Literal("season"),
  seriesId: Schema.Int,
  tvdbId: Schema.NullOr(Schema.Int),
  seasonNumber: Schema.Int,
  /** Whether it was monitored. Data stored by older versions does not contain it, and it was monitored then. */
  monitored: Schema.optionalKey(Schema.Boolean),
  ...oddEpisodes,
  /** The data to restore its show, if that entry was removed with its last season. */
  show: Schema.optionalKey(ShowRestore)
})

export const EpisodeRestore = Schema.Struct({
  kind: Schema.Literal("episode"),
  seriesId: Schema.Int,
  tvdbId: Schema.NullOr(Schema.Int),
  seasonNumber: Schema.Int,
  /** As `keyOf` of `Episodes.ts` names it. */
  episode: Schema.String,
  monitored: Schema.Boolean,
  /** Other monitored episodes in its file. */
  inSameFile: Schema.Array(Schema.String)
})

export const Restore = Schema.Union([ShowRestore, SeasonRestore, EpisodeRestore])
