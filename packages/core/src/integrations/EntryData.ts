/** What a media server adds to its entries: ratings, people and playlists. */

/**
 * Data about the entries of a media server that is read only if a decision needs it, since it is large or takes calls of
 * its own.
 */
export const entryDetails = ["people", "playlists"] as const
export type EntryDetail = (typeof entryDetails)[number]

/** Names of the people who have made a movie or a show. */
export interface EntryPeople {
  readonly actors: ReadonlyArray<string>
  readonly directors: ReadonlyArray<string>
  readonly writers: ReadonlyArray<string>
}

/** Ratings that a media server shows, 0..10. A key is absent if it does not show a rating of that source. */
export interface ServerRatings {
  /** By the owner of the server. */
  readonly user?: number | null
  readonly critics?: number | null
  readonly audience?: number | null
  readonly imdb?: number
  readonly tmdb?: number
  readonly rottenTomatoes?: number
  readonly rottenTomatoesAudience?: number
}

/** Facts that are read from `ServerRatings`. */
export type ServerRatingFact = "userRating" | "ratingCritics" | "ratingAudience" | "ratingRottenTomatoesAudience"
