/** How an application of the movie family tells movies apart: by the number of one provider, or by the ids of several. */
import { Schema } from "effect"
import type { TypedId } from "../../Observations.ts"
import type { QueryValue } from "../../Upstream.ts"
import { maybe } from "../Lenient.ts"

/** What a movie may be named by. Movies, exclusions and what is kept for a restore all carry some of it. */
export const movieNames = {
  tmdbId: maybe(Schema.Number),
  imdbId: maybe(Schema.String),
  foreignId: maybe(Schema.String),
  stashId: maybe(Schema.String),
  itemType: maybe(Schema.String)
}
export const MovieNames = Schema.Struct(movieNames)
export type MovieNames = typeof MovieNames.Type

/** How movies are told apart; see `movieFamily`. */
export interface MovieIdentity {
  /** Typed ids, by which media servers and request managers mean the same movie. */
  readonly ids: (names: MovieNames) => ReadonlyArray<TypedId>
  /** What names the movie when it is added again. */
  readonly name: (names: MovieNames) => MovieNames
  /** What the application takes for the same movie; `null` = it cannot tell. */
  readonly keyOf: (names: MovieNames) => string | null
  /** Asks the list of movies for the one with this key. */
  readonly query: (key: string) => Readonly<Record<string, QueryValue>>
}
