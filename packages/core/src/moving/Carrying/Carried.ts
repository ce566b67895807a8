/** What became of one record of a file. */
import type { MoveInEntry } from "../MoveIn.ts"

export interface Carried {
  readonly key: string
  readonly entry: MoveInEntry
  /** What was created, as `rule:3`. */
  readonly created: string | null
}
