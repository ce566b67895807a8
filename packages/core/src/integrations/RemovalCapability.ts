/** How a kind removes items from its application, and brings them back. */
import type { Effect } from "effect"
import { type ItemKind, type TypedId, wholeKindOf } from "./Observations.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

/** Identifies an item upstream at the time of a destructive call. */
export interface RemovalTarget {
  readonly externalId: string
  readonly kind: ItemKind
  readonly title: string
  readonly ids: ReadonlyArray<TypedId>
}

/** What the upstream currently reports about a target. `absent` only on an explicit response, never on a failure. */
export type Presence =
  | { readonly _tag: "Absent" }
  | {
      readonly _tag: "Present"
      readonly title: string
      readonly ids: ReadonlyArray<TypedId>
      readonly sizeBytes: number
      readonly path: string | null
      /** Whether it has files. A kind that allows an action which keeps the entry must report it: it proves the action. */
      readonly hasFiles?: boolean
      /** Whether the application searches for it, or for a part of it; likewise, for actions that unmonitor. */
      readonly monitored?: boolean
      /** Why its files must not be deleted right now, such as an import that is in progress; the removal waits. */
      readonly busy?: string
      /** Everything `restore` needs to add the item again. Opaque except to the kind that created it. */
      readonly restore: unknown
    }

/**
 * What a removal does to its item. `unmonitor` stops the application from searching for it, and deletes nothing;
 * `delete-files` deletes its files, and the entry stays as it is; `remove-entry` removes the entry with its files.
 */
export const removalActions = ["unmonitor", "delete-files", "unmonitor-and-delete-files", "remove-entry"] as const
export type RemovalAction = (typeof removalActions)[number]

/** The action if nothing else is chosen: the entry of a whole is removed; a part belongs to an entry, which stays. */
export const usualActionOf = (kind: ItemKind): RemovalAction =>
  wholeKindOf(kind) === null ? "remove-entry" : "unmonitor-and-delete-files"

/** Options of a removal that a person may choose. */
export interface RemovalOptions {
  /** One of the actions that the kind of the item allows; the usual one if absent. */
  readonly action?: RemovalAction
  /** Keep the upstream's import lists from adding the item again. */
  readonly addImportExclusion: boolean
}

/** What can be done with the entry of a show, an artist or an author whose last part is gone. */
export const emptyEntryChoices = ["keep", "unmonitor", "remove"] as const
export type EmptyEntries = (typeof emptyEntryChoices)[number]

/** What was done with such an entry, and why if nothing was done. */
export type EntryFate =
  | { readonly _tag: "Kept"; readonly reason: string }
  | { readonly _tag: "Unmonitored" }
  /** Also the result if somebody else has already deleted the entry, for both `unmonitor` and `remove`. */
  | { readonly _tag: "Removed" }

/**
 * Removing items and restoring them. All calls fail with an `UpstreamError`; whether a failed call took effect is
 * determined with `presence`.
 */
export interface RemovalCapability {
  /** Kinds of item that can be removed. */
  readonly kinds: ReadonlyArray<ItemKind>
  /**
   * The application keeps nothing from which an item could be added again: `restore` is never called, and
   * `Presence.restore` contains at most what `putBack` needs.
   */
  readonly irreversible?: true
  /** Actions that each of these kinds allows, if they are more than the usual one. */
  readonly actions?: Readonly<Partial<Record<ItemKind, ReadonlyArray<RemovalAction>>>>
  /** Whether the upstream still has the target. Called before a removal, after it, and after a crash. */
  readonly presence: (target: RemovalTarget) => Effect.Effect<Presence, UpstreamError>
  /**
   * Carries out the action. Sent once; never retried by the client. The request that carries it out says so with
   * `destroys`, unless it is a DELETE; those that prepare it, such as unmonitoring before files are deleted, come first.
   */
  readonly remove: (target: RemovalTarget, options: RemovalOptions) => Effect.Effect<void, UpstreamError>
  /**
   * Reverts what `remove` changes before it deletes, such as the monitored flag of a season, to the state in the
   * `Presence.restore` taken before. Called when a removal with the action `remove-entry` or
   * `unmonitor-and-delete-files` stopped half-way. Absent if nothing is changed before the deletion.
   */
  readonly putBack?: (
    target: RemovalTarget,
    restore: unknown,
    action?: RemovalAction
  ) => Effect.Effect<void, UpstreamError>
  /**
   * Checks the whole that a removed part belonged to, and applies the chosen action to its entry if the application
   * itself reports that no file is left and that nothing more is expected. Deletes no file; sent once. Absent if items
   * of this kind have no parts.
   */
  readonly settleEntry?: (
    part: RemovalTarget,
    choice: Exclude<EmptyEntries, "keep">,
    options: Pick<RemovalOptions, "addImportExclusion">
  ) => Effect.Effect<EntryFate, UpstreamError>
  /**
   * Undoes an action from `Presence.restore`: adds a removed entry again as it was, sets the monitored flag as it was,
   * and starts a search if files were deleted. If it is called again, it completes unfinished steps, including the
   * search, and adds nothing twice. Fails if the item may not be back, or may not be as it was; a search that the
   * application has refused is not a failure.
   */
  readonly restore: (restore: unknown, options?: UndoOptions) => Effect.Effect<CameBack, UpstreamError>
  /**
   * Whether the item is as `restore` leaves it, according to the application: `null` = it is not. Its files may still be
   * missing. `action` as in `UndoOptions`.
   */
  readonly isBack: (
    restore: unknown,
    action?: RemovalAction
  ) => Effect.Effect<{ readonly externalId: string } | null, UpstreamError>
}

/** Actions that items of a kind allow; empty if they cannot be removed. */
export const actionsOf = (
  { actions, kinds }: Pick<RemovalCapability, "actions" | "kinds">,
  kind: ItemKind
): ReadonlyArray<RemovalAction> => (kinds.includes(kind) ? (actions?.[kind] ?? [usualActionOf(kind)]) : [])

/** An item that is in its application again. */
export interface CameBack {
  readonly externalId: string
  /** Why no search was started, for people; absent if one was started. */
  readonly notSearched?: string
}

/** How an action is undone. */
export interface UndoOptions extends RestoreOptions {
  /** The action that is undone; the usual one if absent. */
  readonly action?: RemovalAction
}

/** Options of a restore that go beyond the previous state. */
export interface RestoreOptions {
  /** Sets it to monitored, whether or not it was monitored when it was removed. */
  readonly monitor?: boolean
}
