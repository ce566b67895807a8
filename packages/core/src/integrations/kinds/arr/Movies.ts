/** The family of applications that manage movies. */
import { readMovies } from "./MovieCatalog.ts"
import type { MovieIdentity } from "./MovieIdentity.ts"
import { movieRemoval } from "./MovieRemoval.ts"
import type { ArrFamily } from "./ArrKind.ts"

export const movieFamily = (identity: MovieIdentity): ArrFamily => ({
  itemKinds: ["movie"],
  capabilities: ["collections"],
  // movie, tag, qualityprofile
  catalogCalls: 3,
  readCatalog: (access, progress) => readMovies(access, identity, progress),
  removal: (access) => movieRemoval(access, identity)
})
