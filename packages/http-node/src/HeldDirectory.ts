/** A data directory held by this process: its database on node:sqlite, and the file system. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { ImageResizer } from "@tendarr/core/artwork/ImageResizer"
import { holdFolder } from "@tendarr/core/server/DataFolder"
import { RuntimeName } from "@tendarr/core/system/System"
import { Effect, Layer } from "effect"
import { database } from "./Database.ts"
import { images } from "./Images.ts"

/**
 * The dependencies of the layers of `@tendarr/core/Services`:
 * `Services.pipe(Layer.provideMerge(heldDirectory("./tendarr-data")))`. The directory is created if it is missing, and
 * held until the layer is released. Only one process at a time can hold it: otherwise fails with `DataDirectoryBusy`.
 */
export const heldDirectory = (dataDirectory: string) =>
  Layer.unwrap(Effect.map(holdFolder(dataDirectory), (held) => database(held.path, held.database))).pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        NodeServices.layer,
        Layer.succeed(ImageResizer, images),
        Layer.succeed(RuntimeName, `node ${process.versions.node}`)
      )
    )
  )
