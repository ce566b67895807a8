/** Moving in from other products, and from one media server to another, for embedding programs. */
import { Effect, Stream } from "effect"
import type { MoveIn, MoveInEntry, MoveInOptions, MovingProductInfo, ProductName } from "../moving/MoveIn.ts"
import { type EntriesQuery, MovingIn } from "../moving/MovingIn.ts"
import type { Replacement, ReplacementPlan, ReplacementRequest } from "../moving/Replacement.ts"
import { Replacements } from "../moving/Replacements.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls } from "./Calls.ts"

/** Rules, protections, queues and history of other products, moved in from their files. */
export interface MovingInCalls {
  readonly products: () => Promise<ReadonlyArray<MovingProductInfo>>
  /** Newest first. */
  readonly list: () => Promise<ReadonlyArray<MoveIn>>
  /** Rejects with `MoveInNotFound`. */
  readonly get: (id: string) => Promise<MoveIn>
  /** The records of the file with what becomes of each. Rejects with `MoveInNotFound` or `InvalidRequest`. */
  readonly entries: (id: string, query?: EntriesQuery) => Promise<Page<MoveInEntry>>
  /**
   * Reads the file and stores what applying it would do; changes nothing else. Rejects with `MovingFileUnusable`,
   * `MovingFileTooLarge`, `MovingFileFailed` or `InvalidRequest`.
   */
  readonly preview: (product: ProductName, file: Uint8Array, options?: MoveInOptions) => Promise<MoveIn>
  /** Creates what the preview says, or nothing. Rejects with `MoveInNotFound`, `MoveInApplied` or `MoveInOutdated`. */
  readonly apply: (id: string) => Promise<MoveIn>
  /** Rejects with `MoveInNotFound`. */
  readonly remove: (id: string) => Promise<void>
}

export const movingInCalls = ({ run }: Calls): MovingInCalls => ({
  products: () => run(MovingIn.use((moving) => Effect.succeed(moving.products))),
  list: () => run(MovingIn.use((moving) => moving.list)),
  get: (id) => run(MovingIn.use((moving) => moving.get(id))),
  entries: (id, query) => run(MovingIn.use((moving) => moving.entries(id, query))),
  preview: (product, file, options) =>
    run(
      MovingIn.use((moving) =>
        moving.preview(product, { bytes: Stream.succeed(file), declaredBytes: file.length }, options)
      )
    ),
  apply: (id) => run(MovingIn.use((moving) => moving.apply(id))),
  remove: (id) => run(MovingIn.use((moving) => moving.remove(id)))
})

/** One media server in the place of another one, such as Jellyfin in the place of Plex. */
export interface ReplacementCalls {
  /** Changes nothing. Rejects with `IntegrationNotFound` or `InvalidRequest`. */
  readonly preview: (formerId: string, request: ReplacementRequest) => Promise<ReplacementPlan>
  /**
   * Carries out the plan with this fingerprint, or nothing. Rejects with `IntegrationNotFound`, `InvalidRequest` or
   * `ReplacementConflict`.
   */
  readonly replace: (formerId: string, request: ReplacementRequest, fingerprint: string) => Promise<Replacement>
  /** Rejects with `ReplacementNotFound`. */
  readonly get: (formerId: string) => Promise<Replacement>
  /** Rejects with `ReplacementNotFound` or `ReplacementConflict`. */
  readonly undo: (formerId: string) => Promise<void>
}

export const replacementCalls = ({ run }: Calls): ReplacementCalls => ({
  preview: (formerId, request) => run(Replacements.use((all) => all.preview(formerId, request))),
  replace: (formerId, request, fingerprint) =>
    run(Replacements.use((all) => all.replace(formerId, request, fingerprint))),
  get: (formerId) => run(Replacements.use((all) => all.get(formerId))),
  undo: (formerId) => run(Replacements.use((all) => all.undo(formerId)))
})
