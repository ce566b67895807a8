/** What an application knows about its collections, besides which items are in them. */

/** A member of a collection that the application does not have. */
export interface MissingMovie {
  readonly tmdbId: number
  readonly title: string
  readonly year: number | null
}

export interface CollectionRecord {
  /** The application's own key. */
  readonly key: string
  /** As items name it. */
  readonly title: string
  readonly tmdbId: number | null
  readonly overview: string | null
  /** Members that the application does not have; `null` = it knows only those that it has. */
  readonly missing: ReadonlyArray<MissingMovie> | null
}
