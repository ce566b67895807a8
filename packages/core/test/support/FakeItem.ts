/** The items and the journal of a `FakeLibrary`, and how its applications may misbehave. */
import type {
  CatalogEpisode,
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
  /** The mount of its files. */
  disk: string
  collections: ReadonlyArray<string>
  facts: CatalogFacts
  /** Its only file, as its manager lists it. */
  filePath?: string
  /** As its manager lists them. */
  files?: ReadonlyArray<CatalogFile>
  /** Of a show: its episodes, which its manager lists in a call of their own. */
  episodes?: ReadonlyArray<CatalogEpisode>
  /** What its lists show of the episodes; by default all of it. */
  contentsSign?: string
  /** Another link to its files remains when it is removed, so that no bytes become free. */
  hardlinked: boolean
  /** Its files were deleted, and its entry is still there; the manager does not list it any more. */
  stripped: boolean
  /** Its files, as the media server lists them. */
  serverPaths?: ReadonlyArray<string>
  /** The media server has it. */
  onServer: boolean
  /** The manager does not list it. */
  unmanaged: boolean
  plays: ReadonlyArray<ViewerObservation>
  /** Somebody is playing it now. */
  playing: boolean
  requestedBy: ReadonlyArray<string>
}

/** How calls misbehave: each entry applies to one call, in the given order. */
export interface Misbehaviours {
  /**
   * `deny`: a 409, and nothing was done. `forbid`: a 403. `refuse`: a 500, and nothing was done. `refuse-done`: a 500, although it was done. `forget-done`: it
   * forgets the files, and says that it could not delete them. `timeout`, `timeout-done`: no
   * response. `lie`: reports success and keeps the item. `hang`, `hang-done`: never responds; only an interruption ends it.
   */
  readonly remove:
    | "deny"
    | "forbid"
    | "refuse"
    | "refuse-done"
    | "forget-done"
    | "timeout"
    | "timeout-done"
    | "lie"
    | "hang"
    | "hang-done"
  /** `other-title`: returns another work under the id. `hang`: never responds. */
  readonly presence: "refuse" | "timeout" | "other-title" | "hang"
  /** `unsearched-done`: it was added again, and the search for it was refused. */
  readonly restore: "refuse" | "refuse-done" | "timeout" | "timeout-done" | "hang" | "hang-done" | "unsearched-done"
}
export type FakeCall = keyof Misbehaviours

/**
 * Parts that can be switched off: the manager's item calls and catalog, its disks, its calls for the episodes of a show,
 * the media server, the requests.
 */
export type FakePart = "manager" | "disks" | "episodes" | "server" | "requests"

export interface JournalEntry {
  readonly call: FakeCall
  readonly externalId: string
  /** `present`, `absent`, `other`, `ok`, or the tag of the error. */
  readonly answer: string
  /** It took effect: the item existed and is gone, or was added. */
  readonly done: boolean
}
