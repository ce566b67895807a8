/** Radarr: movies. A sync reads whole lists, never movie by movie. */
import { arrKind } from "./arr/ArrKind.ts"
import { collectionPoster, readCollections } from "./arr/MovieCollections.ts"
import { movieFamily } from "./arr/Movies.ts"
import { idOf } from "./Values.ts"

export const radarr = arrKind({
  id: "radarr",
  title: "Radarr",
  description: "Manages movies: lists them and their disks, removes and restores them.",
  application: { appName: "Radarr", api: "api/v3" },
  port: 7878,
  generations: [
    {
      family: {
        ...movieFamily({
          ids: ({ imdbId, tmdbId }) => [...idOf("tmdb-movie", tmdbId), ...idOf("imdb", imdbId)],
          name: ({ tmdbId }) => ({ tmdbId: tmdbId ?? 0 }),
          keyOf: ({ tmdbId }) => (tmdbId === undefined || tmdbId === null || tmdbId <= 0 ? null : String(tmdbId)),
          query: (tmdbId) => ({ tmdbId })
        }),
        // The collections
        listCalls: 4,
        collections: { read: readCollections, poster: collectionPoster }
      }
    }
  ]
})
