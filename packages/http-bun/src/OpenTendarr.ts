/** Tendarr embedded in a Bun program, with its own data directory. */
import { Tendarr, type TendarrOptions } from "@tendarr/core"
import { heldDirectory } from "./HeldDirectory.ts"

export interface OpenOptions extends Omit<TendarrOptions, "database"> {
  /** Created if it is missing. Only one process at a time can hold it: otherwise rejects with `DataDirectoryBusy`. */
  readonly dataDirectory: string
}

/**
 * Opens a data directory, and resolves when everything is ready. Rejects with `DataDirectoryBusy` while another process holds
 * the directory.
 *
 * @example
 * ```ts
 * import { openTendarr } from "@tendarr/http-bun/OpenTendarr"
 *
 * await using tendarr = await openTendarr({ dataDirectory: "./tendarr-data" })
 * const { items } = await tendarr.preview({ status: "candidate", limit: 10 })
 * for (const { reason, title } of items) process.stdout.write(`${title}: ${reason}\n`)
 * ```
 */
export const openTendarr = ({ dataDirectory, ...options }: OpenOptions): Promise<Tendarr> =>
  Tendarr.make({ ...options, database: heldDirectory(dataDirectory) })
