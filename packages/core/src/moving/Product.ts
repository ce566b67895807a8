/** A product whose files can be moved in. Each one is a file in `products/` and a line in `Products.ts`. */
import type { Effect } from "effect"
import type { ForeignDatabase, ForeignDatabaseUnusable } from "../storage/ForeignDatabase.ts"
import type { FoundInFile } from "./Found.ts"
import type { MoveInOptions, MovingFileUnusable, MovingProductInfo } from "./MoveIn.ts"

/** A copy of the file that somebody uploaded. */
export interface MovingFile {
  /** Whether it begins like an SQLite database. */
  readonly isDatabase: boolean
  readonly database: <A, E>(
    read: (database: ForeignDatabase) => Effect.Effect<A, E>
  ) => Effect.Effect<A, E | ForeignDatabaseUnusable>
  /** As UTF-8; refused if it is longer than a text that people export. */
  readonly text: Effect.Effect<string, MovingFileUnusable>
}

export interface MovingProduct {
  readonly info: MovingProductInfo
  /** Everything in the file, including what has no place here. Reads nothing else, and changes nothing. */
  readonly read: (
    file: MovingFile,
    options: MoveInOptions
  ) => Effect.Effect<FoundInFile, MovingFileUnusable | ForeignDatabaseUnusable>
}
