/**
 * The HTTP API of a running server through the typed client: every item of a list, an error by its code, a run followed
 * by its events. Without Effect.
 *
 *   TENDARR_URL=http://127.0.0.1:8787 TENDARR_API_KEY=… node examples/client.ts
 */
import { createTendarrClient, isTendarrError } from "@tendarr/sdk-client"

const tendarr = createTendarrClient({
  baseUrl: process.env["TENDARR_URL"] ?? "http://127.0.0.1:8787",
  apiKey: process.env["TENDARR_API_KEY"] ?? ""
})

// A list is paged; `all` fetches the next page when the loop reaches it.
let bytes = 0
let items = 0
for await (const item of tendarr.all(tendarr.library.items, { query: { kind: "movie", limit: 100 } })) {
  bytes += item.sizeBytes
  items++
}
console.log(`${items} movies, ${(bytes / 1e12).toFixed(1)} TB`)

// The code identifies the error. The message is for people.
try {
  await tendarr.library.explanation({ path: { id: "4711" } })
} catch (error) {
  if (!isTendarrError(error, "item-not-found")) throw error
  console.log(`${error.status} ${error.code}: there is no item ${error.problem.itemId}`)
}

// The current end of the log: events are followed from there, so that none of the run's events is missed.
const newest = (await tendarr.events.list({ query: { limit: 1 } })).data.items[0]?.id ?? "0"
const { data: run } = await tendarr.jobs.start({ path: { name: "library-sync" }, body: {} })
console.log(`Run ${run.id} of ${run.job} has started`)

// Resumes after broken connections and restarts of the server; each event is delivered once.
for await (const event of tendarr.follow({ after: newest, categories: ["jobs"] })) {
  console.log(`${event.type}: ${event.message}`)
  if (event.subject?.id === run.id && event.type !== "job-run.started") break
}
