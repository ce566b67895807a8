/** How a kind changes the entries of items in its application: tags, quality profile, and whether they are monitored. */
import type { Effect } from "effect"
import type { ItemKind } from "./Observations.ts"
import type { RemovalTarget } from "./RemovalCapability.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

/** What can be changed about an entry, as the application currently reports it. */
export interface EntryState {
  /** Names of its tags, in lower case. A part has none of its own. */
  readonly tags: ReadonlyArray<string>
  /** Name of its quality profile; `null` for a part. */
  readonly qualityProfile: string | null
  readonly monitored: boolean
}

/** What is to differ; omitted parts stay as they are. */
export interface EntryChange {
  /** Names, in lower case. Tags that the application does not know are created. */
  readonly addTags?: ReadonlyArray<string>
  readonly removeTags?: ReadonlyArray<string>
  /** Name of a quality profile; one that the application does not have makes the change fail. */
  readonly qualityProfile?: string
  readonly monitored?: boolean
  /** Starts a search after the change. */
  readonly search?: boolean
}

/** All calls fail with an `UpstreamError`; whether a failed change took effect is determined with `state`. */
export interface ChangeCapability {
  /** Kinds of item that have tags and a quality profile. */
  readonly kinds: ReadonlyArray<ItemKind>
  /** Kinds of item that can be monitored and unmonitored. */
  readonly monitors: ReadonlyArray<ItemKind>
  /**
   * The current state; `null` only if the application itself reports that the entry is gone. Fails if the id belongs to
   * another title now.
   */
  readonly state: (target: RemovalTarget) => Effect.Effect<EntryState | null, UpstreamError>
  /** Changes the entry; each request is sent once. */
  readonly change: (target: RemovalTarget, change: EntryChange) => Effect.Effect<void, UpstreamError>
}
