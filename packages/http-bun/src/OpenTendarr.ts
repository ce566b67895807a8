/** Tendarr inside a Bun program, over a data directory of its own. */
import { Tendarr, type TendarrOptions } from "@tendarr/core"
import { heldDirectory } from "./HeldDirectory.ts"

export interface OpenOptions extends Omit<TendarrOptions, "database"> {
  /** Created where it is missing. One process at a time holds it: rejects with `DataDirectoryBusy` otherwise. */
  readonly dataDirectory: string
}

/** `await using tendarr = await openTendarr({ dataDirectory: "./tendarr-data" })` */
export const openTendarr = ({ dataDirectory, ...options }: OpenOptions): Promise<Tendarr> =>
  Tendarr.make({ ...options, database: heldDirectory(dataDirectory) })
