/**
 * Follows events, and resumes where it stopped when it is started again: no event is missed or repeated. Schedules,
 * health checks and due removals run in the meantime. Ctrl-C ends it.
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

// Event ids increase for the lifetime of the log. "0" is the beginning; without `after`, only new events would be
// returned.
const after = await readFile(bookmark, "utf8").catch(() => "0")
console.log(after === "0" ? "From the beginning:" : `Since event ${after}:`)

for await (const event of tendarr.events.stream({ after, signal: leave.signal })) {
  console.log(`${event.id} ${event.at} ${event.type}: ${event.message} (${event.actor})`)
  // Written after the event was handled: after a crash in between it is delivered again rather than lost.
  await writeFile(bookmark, event.id)
}
console.log("Until next time")
