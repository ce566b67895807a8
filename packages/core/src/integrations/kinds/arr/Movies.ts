/** The family of applications that manage movies. */
import { readMovies } from "./MovieCatalog.ts"
import type { MovieIdentity } from "./MovieIdentity.ts"
import { movieRemoval } from "./MovieRemoval.ts"
import type { ArrFamily } from "./ArrKind.ts"

/**
 * For an application whose library is `GET movie`, as Radarr's. Items are movies that have a file. `identity` says which
 * ids of theirs others share, and by what the application knows one again when it is added after a removal.
 */
export const movieFamily = (identity: MovieIdentity): ArrFamily => ({
  itemKinds: ["movie"],
  capabilities: ["collections"],
  // movie, tag, qualityprofile
  catalogCalls: 3,
  readCatalog: (access, progress) => readMovies(access, identity, progress),
  removal: (access) => movieRemoval(access, identity)
})
