/** Tendarr inside a Node program, over a data directory of its own. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { holdFolder } from "@tendarr/core/server/DataFolder"
import { Tendarr, type TendarrOptions } from "@tendarr/core"
import { RuntimeName } from "@tendarr/core/system/System"
import { Effect, Layer } from "effect"
import { database } from "./Database.ts"

export interface OpenOptions extends Omit<TendarrOptions, "database"> {
  /** Created where it is missing. One process at a time holds it: rejects with `DataDirectoryBusy` otherwise. */
  readonly dataDirectory: string
}

/** `await using tendarr = await openTendarr({ dataDirectory: "./tendarr-data" })` */
export const openTendarr = ({ dataDirectory, ...options }: OpenOptions): Promise<Tendarr> =>
  Tendarr.make({
    ...options,
    database: Layer.unwrap(Effect.map(holdFolder(dataDirectory), (held) => database(held.path, held.database))).pipe(
      Layer.provideMerge(Layer.merge(NodeServices.layer, Layer.succeed(RuntimeName, `node ${process.versions.node}`)))
    )
  })
