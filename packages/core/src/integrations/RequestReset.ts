/** How a request manager forgets that something was requested, so that it can be requested again. */
import type { Effect } from "effect"
import type { WantedIds } from "./Kind.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

/** A movie, a show, or one season of a show. */
export interface ResetTarget extends WantedIds {
  /** `null` for a movie, and for a show with all of its seasons. */
  readonly seasonNumber: number | null
  /** Only requests for the 4K copy (`true`), or only those for the usual copy (`false`); `null` = both. */
  readonly is4k: boolean | null
}

/**
 * Entries are found in the application's own lists, never through its metadata provider. All calls fail with an
 * `UpstreamError`; whether a failed call took effect is determined with `find`.
 */
export interface RequestReset {
  /**
   * Keys of the entries by which this title counts as requested; empty if there is none. For a season, only of those
   * that are about no other season; for one copy, only of those that are not about the other copy.
   */
  readonly find: (target: ResetTarget) => Effect.Effect<ReadonlyArray<string>, UpstreamError>
  /** Deletes one of these entries with its requests, or makes it forget one of its copies. Sent once; never retried by the client. */
  readonly reset: (key: string) => Effect.Effect<void, UpstreamError>
}
