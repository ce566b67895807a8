/** Responses of the simulated applications, as far as tests read them. */
import { assert } from "@effect/vitest"

export interface Movie {
  readonly id: number
  readonly title: string
  readonly tmdbId: number
  readonly sizeOnDisk: number
  readonly hasFile: boolean
  readonly monitored: boolean
  readonly qualityProfileId: number
  readonly tags: ReadonlyArray<number>
  readonly path: string
}
export interface Season {
  readonly seasonNumber: number
  readonly monitored: boolean
  readonly statistics: { readonly sizeOnDisk: number; readonly episodeFileCount: number }
}
export interface Series {
  readonly id: number
  readonly tvdbId: number
  readonly monitored: boolean
  readonly seasons: ReadonlyArray<Season>
  readonly statistics: { readonly sizeOnDisk: number }
}
export interface Disk {
  readonly path: string
  readonly freeSpace: number
  readonly totalSpace: number
}
export interface Container<Row> {
  readonly MediaContainer: {
    readonly size: number
    readonly totalSize?: number
    readonly offset?: number
    readonly Metadata?: ReadonlyArray<Row>
    readonly Directory?: ReadonlyArray<Row>
  }
}
export interface PlexItem {
  readonly ratingKey?: string
  readonly title: string
  readonly Guid?: ReadonlyArray<{ readonly id: string }>
  readonly Label?: ReadonlyArray<{ readonly tag: string }>
  readonly leafCount?: number
  readonly viewedAt?: number
}
export interface History {
  readonly response: {
    readonly data: {
      readonly recordsFiltered: number
      readonly recordsTotal: number
      readonly data: ReadonlyArray<{
        readonly row_id: number
        readonly date: number
        readonly user: string
        readonly rating_key: number
        readonly title: string
      }>
    }
  }
}
export interface Results<Row> {
  readonly pageInfo: {
    readonly pages: number
    readonly pageSize: number
    readonly results: number
    readonly page: number
  }
  readonly results: ReadonlyArray<Row>
}
export interface SeerrRequest {
  readonly id: number
  readonly status: number
  readonly type: string
  readonly media: {
    readonly id: number
    readonly tmdbId: number
    readonly status: number
    readonly externalServiceId: number | null
  }
}

/** The first row that passes `test`; an assertion fails if there is none. */
export const first = <A>(rows: ReadonlyArray<A>, test: (row: A) => boolean = () => true): A => {
  const found = rows.find(test)
  assert.isDefined(found)
  return found
}
