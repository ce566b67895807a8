/**
 * The same responses from a minimal server: node:http and node:sqlite over the same database, without access control,
 * validation, or error handling. The difference is the cost of those.
 */
import { createServer } from "node:http"
import { DatabaseSync } from "node:sqlite"

const [, , file = "", offset = "0"] = process.argv
const database = new DatabaseSync(file, { readOnly: true })
const counters = database.prepare("SELECT name, value FROM counters")
const page =
  database.prepare(`SELECT id, integration_id, external_id, kind, title, sort_title, year, ids, path, size_bytes,
  disk_group_id, collections, added_at, last_played_at, play_count, rating FROM items
  WHERE gone_at IS NULL AND (sort_title, id) > (?, ?) ORDER BY sort_title, id LIMIT 50`)
const before = database
  .prepare("SELECT sort_title, id FROM items WHERE gone_at IS NULL ORDER BY sort_title, id LIMIT 1 OFFSET ?")
  .get(Number(offset))

const summary = (row: Record<string, unknown>) => ({
  id: String(row["id"]),
  integrationId: String(row["integration_id"]),
  externalId: row["external_id"],
  kind: row["kind"],
  title: row["title"],
  year: row["year"],
  ids: JSON.parse(String(row["ids"])),
  path: row["path"],
  sizeBytes: row["size_bytes"],
  diskGroupId: row["disk_group_id"],
  collections: JSON.parse(String(row["collections"])),
  posterUrl: `/api/v1/items/${String(row["id"])}/poster`,
  addedAt: row["added_at"],
  lastPlayedAt: row["last_played_at"],
  playCount: row["play_count"],
  rating: row["rating"]
})

const answers: Readonly<Record<string, () => unknown>> = {
  "/stats": () => Object.fromEntries(counters.all().map(({ name, value }) => [name, value])),
  "/first": () => ({ items: page.all("", 0).map(summary) }),
  "/later": () => ({ items: page.all(before?.["sort_title"] ?? "", before?.["id"] ?? 0).map(summary) })
}

const server = createServer((request, response) => {
  const body = JSON.stringify(answers[request.url ?? ""]?.() ?? null)
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  console.log(`Listening on ${typeof address === "object" && address !== null ? address.port : 0}`)
})
