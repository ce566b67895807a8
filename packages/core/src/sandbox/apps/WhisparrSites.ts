/** A simulated Whisparr 2: its API v3 over the world's sites, each with a season per year. */
import { seriesArr } from "./arr/SeriesArr.ts"

type Fields = Readonly<Record<string, unknown>>

const without = (fields: Fields, keys: ReadonlySet<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.has(key)))

export const whisparrSites = seriesArr({
  id: "whisparr-v2",
  kind: "whisparr",
  name: "Whisparr 2",
  onlyWhenNamed: true,
  appName: "Whisparr",
  version: "2.0.0.987",
  shelf: (world, number) => world.sitesOf(number),
  newer: false,
  adjust: {
    series: (fields) => without(fields, seriesKeys),
    // A scene has a date but no number.
    episode: (fields) => ({ ...without(fields, episodeKeys), releaseDate: fields["airDate"], actors: [] }),
    file: (fields) => without(fields, fileKeys)
  }
})

/** Fields of the original application that this fork does not have. */
const seriesKeys = new Set([
  "alternateTitles",
  "airTime",
  "seasonFolder",
  "monitorNewItems",
  "tvRageId",
  "tvMazeId",
  "tmdbId",
  "imdbId",
  "lastAired",
  "seriesType",
  "languageProfileId"
])
const episodeKeys = new Set([
  "episodeNumber",
  "airDate",
  "airDateUtc",
  "lastSearchTime",
  "finaleType",
  "unverifiedSceneNumbering"
])
const fileKeys = new Set(["indexerFlags", "releaseType"])
