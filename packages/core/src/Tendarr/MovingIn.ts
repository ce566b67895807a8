/** Moving in from other products, for embedding programs. */
import { Effect, Stream } from "effect"
import type { MoveIn, MoveInEntry, MoveInOptions, MovingProductInfo, ProductName } from "../moving/MoveIn.ts"
import { type EntriesQuery, MovingIn } from "../moving/MovingIn.ts"
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
