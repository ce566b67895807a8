/** What a `FakeLibrary` holds, what it keeps a journal of, and how its applications may misbehave. */
import type {
  CatalogFacts,
  CatalogFile,
  ItemKind,
  TypedId,
  ViewerObservation
} from "../../src/integrations/Observations.ts"

export interface FakeItem {
  readonly externalId: string
  readonly kind: ItemKind
  readonly parentExternalId: string | null
  title: string
  ids: ReadonlyArray<TypedId>
  sizeBytes: number
  /** Mount on which it stands. */
  disk: string
  collections: ReadonlyArray<string>
  facts: CatalogFacts
  /** As its manager lists them. */
  files?: ReadonlyArray<CatalogFile>
  /** Another name of its files stays when it is removed, so that nothing becomes free. */
  hardlinked: boolean
  /** Its files were deleted, and its entry is still there; the manager does not list it any more. */
  stripped: boolean
  /** The media server has it. */
  onServer: boolean
  plays: ReadonlyArray<ViewerObservation>
  /** Somebody plays it at this moment. */
  playing: boolean
  requestedBy: ReadonlyArray<string>
}

/** What a call does instead of what it should: once, in the order in which these were given. */
export interface Misbehaviours {
  /**
   * `deny`: a 409, and nothing was done. `forbid`: a 403. `refuse`: a 500, and nothing was done. `refuse-done`: a 500, and yet it was done. `timeout`, `timeout-done`: no
   * answer. `lie`: says it is done and keeps it. `hang`, `hang-done`: never answers; only an interruption ends it.
   */
  readonly remove:
    "deny" | "forbid" | "refuse" | "refuse-done" | "timeout" | "timeout-done" | "lie" | "hang" | "hang-done"
  /** `other-title`: answers another work under the id. `hang`: never answers. */
  readonly presence: "refuse" | "timeout" | "other-title" | "hang"
  /** `unsearched-done`: it is back, and the search for it was refused. */
  readonly restore: "refuse" | "refuse-done" | "timeout" | "timeout-done" | "hang" | "hang-done" | "unsearched-done"
}
export type FakeCall = keyof Misbehaviours

/** Parts that can be switched off: the manager's item calls and catalog, its disks, the media server, the requests. */
export type FakePart = "manager" | "disks" | "server" | "requests"

export interface JournalEntry {
  readonly call: FakeCall
  readonly externalId: string
  /** `present`, `absent`, `other`, `ok`, or the tag of the error. */
  readonly answer: string
  /** It took effect: the item was there and is gone, or was added. */
  readonly done: boolean
}
