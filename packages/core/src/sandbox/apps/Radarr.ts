/** A simulated Radarr: its API v3 over the world's movies. */
import { movieArr } from "./arr/MovieArr.ts"

export const radarr = movieArr({
  id: "radarr",
  kind: "radarr",
  name: "Radarr",
  appName: "Radarr",
  version: "6.0.4.10291",
  shelf: (world, number) => world.moviesOf(number),
  commands: ["RefreshCollections"],
  hasCollections: true,
  newer: true,
  asked: "tmdbId",
  named: {
    body: ({ tmdbId = 0 }) => String(tmdbId),
    term: (term) => /^tmdb:(\d+)$/.exec(term)?.[1] ?? "",
    property: "TmdbId"
  },
  exclusions: {
    sortKey: "movieTitle",
    keys: { id: "tmdbId", title: "movieTitle", year: "movieYear" },
    isNumber: true
  }
})
