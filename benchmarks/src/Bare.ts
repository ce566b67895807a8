/** The bare server of Reference.ts over the database of a library, for rows to be compared with. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { runtimes } from "../../scripts/lib/Process.mjs"
import { lineOf, startChild, stopChild } from "./Children.ts"
import { requestsPerSecond } from "./Load.ts"
import { spreadOf } from "./Measure.ts"

export interface Bare {
  /** Requests per second of a page of Reference.ts. It should be asked for directly after the row that it is beside. */
  readonly perSecond: (path: string, clients?: number) => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts it over a data directory, which a server may hold; `offset` is that of the page `later`. */
export const startBare = async (folder: string, offset = 0): Promise<Bare> => {
  const child = startChild(runtimes.node, [
    fileURLToPath(new URL("Reference.ts", import.meta.url)),
    join(folder, "tendarr.db"),
    String(offset)
  ])
  const [, port] = await lineOf(child, /^Listening on (\d+)$/m)
  return {
    perSecond: async (path, clients) =>
      spreadOf(await requestsPerSecond(`http://127.0.0.1:${port}/${path}`, 1, clients)).median,
    stop: () => stopChild(child)
  }
}
