/** A simulated Whisparr 2: its API v3 over the world's sites, each with a season per year. */
import { seriesArr } from "./arr/SeriesArr.ts"

type Told = Readonly<Record<string, unknown>>

const without = (told: Told, keys: ReadonlySet<string>): Told =>
  Object.fromEntries(Object.entries(told).filter(([key]) => !keys.has(key)))

export const whisparrSites = seriesArr({
  id: "whisparr-v2",
  kind: "whisparr",
  name: "Whisparr 2",
  onlyWhenNamed: true,
  appName: "Whisparr",
  version: "2.0.0.987",
  shelf: (world, number) => world.sitesOf(number),
  newer: false,
  told: {
    series: (told) => without(told, seriesKeys),
    // A scene has a date but no number.
    episode: (told) => ({ ...without(told, episodeKeys), releaseDate: told["airDate"], actors: [] }),
    file: (told) => without(told, fileKeys)
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
