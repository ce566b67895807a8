/** Sonarr (versions 3 and 4): shows and seasons. A sync reads whole lists, never show by show. */
import { arrKind } from "./arr/ArrKind.ts"
import { seriesFamily } from "./arr/Series.ts"
import { idOf } from "./Values.ts"

export const sonarr = arrKind({
  id: "sonarr",
  title: "Sonarr",
  description: "Manages shows and their seasons: lists them and their disks, removes and restores them.",
  application: { appName: "Sonarr", api: "api/v3" },
  port: 8989,
  generations: [
    {
      family: seriesFamily(({ imdbId, tmdbId, tvdbId }) => [
        ...idOf("tvdb", tvdbId),
        ...idOf("tmdb-show", tmdbId),
        ...idOf("imdb", imdbId)
      ])
    }
  ]
})
