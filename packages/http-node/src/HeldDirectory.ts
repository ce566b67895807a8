/** A data directory as this process holds it: its database on node:sqlite, and the file system. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { ImageResizer } from "@tendarr/core/artwork/ImageResizer"
import { holdFolder } from "@tendarr/core/server/DataFolder"
import { RuntimeName } from "@tendarr/core/system/System"
import { Effect, Layer } from "effect"
import { database } from "./Database.ts"
import { images } from "./Images.ts"

/**
 * What the layers of `@tendarr/core/Services` need: `Services.pipe(Layer.provideMerge(heldDirectory("./tendarr-data")))`.
 * The directory is created where it is missing, and held until the layer is released. One process at a time has it: fails
 * with `DataDirectoryBusy` otherwise.
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
