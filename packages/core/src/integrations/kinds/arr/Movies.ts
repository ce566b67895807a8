/** The family of applications that manage movies. */
import { Effect } from "effect"
import { entryChanges } from "./EntryChanges.ts"
import { Movie, readMovies, rereadMovie } from "./MovieCatalog.ts"
import type { MovieIdentity } from "./MovieIdentity.ts"
import { movieRemoval } from "./MovieRemoval.ts"
import { movieOrigins } from "./Origins.ts"
import type { ArrFamily } from "./ArrKind.ts"
import { arrQueue } from "./Queue.ts"
import { movieQueue } from "./QueueTerms.ts"
import { isNumericId, numericId } from "./Restore.ts"

export type { MovieIdentity } from "./MovieIdentity.ts"

/**
 * For applications whose library is `GET movie`, such as Radarr. Items are movies that have a file. `identity` defines
 * which of their ids are shared with other applications, and how the application recognises a movie that is added again
 * after a removal.
 */
export const movieFamily = (identity: MovieIdentity): ArrFamily => ({
  itemKinds: ["movie"],
  capabilities: ["collections"],
  // movie, tag, qualityprofile
  listCalls: 3,
  // movie, tag, qualityprofile
  rereadCalls: 3,
  // movie, exclusions
  presenceCalls: 2,
  readsHistory: false,
  facts: movieOrigins,
  covers: ({ key }) => (isNumericId(key) ? [`${key}/poster.jpg`] : []),
  readCatalog: (access, progress, odd) => readMovies(access, identity, progress, odd),
  rereadItem: (access, target, odd) => rereadMovie(access, identity, target, odd),
  removal: (access) => movieRemoval(access, identity),
  queue: (access) => arrQueue(access, movieQueue),
  changes: (access) =>
    entryChanges(access, {
      kind: "movie",
      path: "movie",
      idsKey: "movieIds",
      entry: Effect.fnUntraced(function* ({ externalId }) {
        const path = `${access.application.api}/movie`
        const id = yield* numericId(externalId, access.integration, `GET ${path}`)
        const movie = yield* access.upstream.get(`${path}/${id}`, Movie)
        return { ...movie, ids: identity.ids(movie) }
      }),
      search: (id) => ({ name: "MoviesSearch", movieIds: [id] })
    })
})
