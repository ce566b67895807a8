/** How an application of the movie family identifies movies: by the id of one provider, or by ids of several. */
import { Schema } from "effect"
import type { TypedId } from "../../Observations.ts"
import type { QueryValue } from "../../Upstream.ts"
import { maybe } from "../Lenient.ts"

/** Possible identifiers of a movie. Movies, exclusions and restore data contain some of them. */
export const movieNames = {
  tmdbId: maybe(Schema.Number),
  imdbId: maybe(Schema.String),
  foreignId: maybe(Schema.String),
  stashId: maybe(Schema.String),
  itemType: maybe(Schema.String)
}
export const MovieNames = Schema.Struct(movieNames)
export type MovieNames = typeof MovieNames.Type

/** How movies are identified; see `movieFamily`. */
export interface MovieIdentity {
  /** Typed ids that media servers and request managers share. */
  readonly ids: (names: MovieNames) => ReadonlyArray<TypedId>
  /** The identifiers that are sent when the movie is added again. */
  readonly name: (names: MovieNames) => MovieNames
  /** The application's key of a movie; `null` = it cannot be identified. */
  readonly keyOf: (names: MovieNames) => string | null
  /** Query for the movie with this key in the list of movies. */
  readonly query: (key: string) => Readonly<Record<string, QueryValue>>
}
