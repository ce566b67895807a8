/**
 * Watches what happens, and takes up where it stopped when it is started again: nothing is missed and nothing is told
 * twice. Schedules, health checks and due removals run meanwhile. Ctrl-C ends it.
 *
 *   node examples/watch-events.ts
 */
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { openTendarr } from "@tendarr/http-node/OpenTendarr"

const dataDirectory = process.env["TENDARR_DATA_DIR"] ?? "./tendarr-data"
const bookmark = join(dataDirectory, "last-event")

const leave = new AbortController()
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => leave.abort())

await using tendarr = await openTendarr({ dataDirectory, background: true })

// The ids of events grow by one log for ever. "0" is its beginning; without `after` only what is new would be told.
const after = await readFile(bookmark, "utf8").catch(() => "0")
console.log(after === "0" ? "From the beginning:" : `Since event ${after}:`)

for await (const event of tendarr.events.stream({ after, signal: leave.signal })) {
  console.log(`${event.id} ${event.at} ${event.type}: ${event.message} (${event.actor})`)
  // Written when the event has been dealt with: after a crash in between it is told once more, never left out.
  await writeFile(bookmark, event.id)
}
console.log("Until next time")
