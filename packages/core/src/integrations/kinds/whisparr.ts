/**
 * Whisparr: version 2 manages sites as shows, with a season per year; version 3 ("Eros") manages scenes and movies.
 * Both are one kind, since a user knows the application but not always its version, which its status reports.
 */
import { arrKind } from "./arr/ArrKind.ts"
import { movieFamily } from "./arr/Movies.ts"
import { seriesFamily } from "./arr/Series.ts"
import { idOf, textOrNull } from "./Values.ts"

export const whisparr = arrKind({
  id: "whisparr",
  title: "Whisparr",
  description:
    "Manages sites by years (version 2) or scenes and movies (version 3): lists them and their disks, removes and restores them.",
  application: { appName: "Whisparr", api: "api/v3" },
  port: 6969,
  generations: [
    {
      majors: [2],
      // `tvdbId` contains ThePornDB's id of a site: the same number at TVDB is a different show.
      family: seriesFamily(({ tvdbId }) => idOf("tpdb", tvdbId))
    },
    {
      majors: [3],
      family: movieFamily({
        ids: ({ imdbId, stashId, tmdbId }) => [
          ...idOf("tmdb-movie", tmdbId),
          ...idOf("imdb", imdbId),
          ...idOf("stashdb", stashId)
        ],
        name: ({ foreignId, itemType, stashId, tmdbId }) => ({
          foreignId: foreignId ?? null,
          stashId: stashId ?? null,
          tmdbId: tmdbId ?? null,
          itemType: itemType ?? null
        }),
        keyOf: ({ foreignId }) => textOrNull(foreignId),
        // The parameter `stashId` looks for the foreign id, which movies from TMDB have too.
        query: (foreignId) => ({ stashId: foreignId })
      })
    }
  ]
})
