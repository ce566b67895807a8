/**
 * The cost of writing each change to the disk before responding: sequential changes, compared with the same disk sync
 * alone.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"
import { type Context, timed } from "./Context.ts"
import { type Measure, measure, spreadOf } from "./Measure.ts"
import { dropFolder, newFolder, startServer } from "./Stack.ts"

const changes = 200

export const durable = async ({ runtime }: Context): Promise<ReadonlyArray<Measure>> => {
  const folder = newFolder()
  const server = await startServer({ runtime, dataDir: folder, watched: true })
  const disk = spreadOf(await syncsOf(folder)).median
  let number = 0
  const change = () => server.call("PATCH", "/settings/general", { instanceName: `Tendarr ${(number += 1)}` })
  const look = () => server.call("GET", "/settings/general")
  await timed(50, change)
  const { pauses, value } = await server.watching(() => timed(changes, change))
  const reads = await timed(changes, look)
  await server.stop()
  dropFolder(folder)
  return [
    measure("durable", "a changed setting, with its event, on the disk", "ms", value, {
      comparison: `${disk.toFixed(2)} ms to sync 8 KB to this disk`
    }),
    measure("durable", "… the same setting read", "ms", reads),
    measure("durable", "longest pause of the event loop while settings change", "ms", [pauses.wallMillis])
  ]
}

/** Duration of one sync on the disk of the database, after writing as much as a small commit does. */
const syncsOf = async (folder: string): Promise<ReadonlyArray<number>> => {
  const file = openSync(join(folder, "sync"), "w")
  const bytes = Buffer.alloc(8192, 1)
  const samples = await timed(changes, async () => {
    writeSync(file, bytes)
    fdatasyncSync(file)
  })
  closeSync(file)
  return samples
}
