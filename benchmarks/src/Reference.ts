/**
 * The same responses from a minimal server: node:http and node:sqlite over the same database, without access control,
 * validation, or error handling. The difference is the cost of those.
 */
import { createServer } from "node:http"
import { DatabaseSync } from "node:sqlite"

const [, , file = "", offset = "0"] = process.argv
const database = new DatabaseSync(file, { readOnly: true })

type Row = Readonly<Record<string, unknown>>

const item = (row: Row) => ({
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

const removal = ({ ids, ...row }: Row) => ({ ...row, ids: JSON.parse(String(ids)) })

const event = ({ payload, ...row }: Row) => ({ ...row, payload: JSON.parse(String(payload)) })

const page = (sql: string, shape: (row: Row) => unknown, ...values: ReadonlyArray<string | number>) => {
  const statement = database.prepare(sql)
  return () => ({ items: statement.all(...values).map(shape) })
}

const itemsWhere = (condition: string, ...values: ReadonlyArray<string | number>) =>
  page(
    `SELECT id, integration_id, external_id, kind, title, sort_title, year, ids, path, size_bytes, disk_group_id,
      collections, added_at, last_played_at, play_count, rating FROM items
    WHERE gone_at IS NULL AND ${condition} ORDER BY sort_title, id LIMIT 50`,
    item,
    ...values
  )

const found = "id IN (SELECT rowid FROM items_search WHERE items_search MATCH ?)"

const removalsWhere = (condition: string, ...values: ReadonlyArray<string | number>) =>
  page(
    `SELECT id, item_id, integration_id, disk_group_id, external_id, kind, title, ids, size_bytes, state, mode, origin,
      actor, run_id, collection, rank, scheduled_at, snoozed_until, attempts, because, reason, version, created_at,
      updated_at, ended_at FROM removals
    WHERE ${condition} LIMIT 50`,
    removal,
    ...values
  )

const eventsWhere = (condition: string, ...values: ReadonlyArray<string | number>) =>
  page(`SELECT * FROM events WHERE ${condition} ORDER BY id DESC LIMIT 50`, event, ...values)

const counters = database.prepare("SELECT name, value FROM counters")
const stats = () => Object.fromEntries(counters.all().map(({ name, value }) => [name, value]))

const days = database.prepare("SELECT * FROM disk_usage ORDER BY at DESC LIMIT 30").all()

const before = database
  .prepare("SELECT sort_title, id FROM items WHERE gone_at IS NULL ORDER BY sort_title, id LIMIT 1 OFFSET ?")
  .get(Number(offset))

const anHourAgo = () => new Date(Date.now() - 3_600_000).toISOString()

/** Of each page what makes its answer; statements are prepared when the first request for it comes. */
const pages: Readonly<Record<string, () => () => unknown>> = {
  "/stats": () => stats,
  "/trends": () => () => ({ ...stats(), days }),
  "/first": () => itemsWhere("(sort_title, id) > (?, ?)", "", 0),
  "/later": () =>
    itemsWhere("(sort_title, id) > (?, ?)", String(before?.["sort_title"] ?? ""), Number(before?.["id"] ?? 0)),
  "/common-word": () => itemsWhere(found, "the*"),
  "/rare-word": () => itemsWhere(found, "brammanstad*"),
  "/kind": () => itemsWhere("kind = ?", "album"),
  "/collection": () => itemsWhere("id IN (SELECT item_id FROM item_collections WHERE collection = ?)", "Nobody"),
  "/size": () => itemsWhere("size_bytes >= ?", 900_000_000_000_000),
  "/removals-by-rank": () => removalsWhere("1 ORDER BY rank DESC, id DESC"),
  "/removals-word": () =>
    removalsWhere(
      "item_id IN (SELECT rowid FROM items_search WHERE items_search MATCH ?) ORDER BY id DESC",
      "brammanstad*"
    ),
  "/events-hour": () => eventsWhere("category = 'audit' AND at >= ?", anHourAgo()),
  "/events-word": () => eventsWhere("message LIKE ?", "%brammanstad%")
}

const answers = new Map<string, () => unknown>()

const answerOf = (path: string) => {
  const answer = answers.get(path) ?? pages[path]?.() ?? (() => null)
  answers.set(path, answer)
  return answer()
}

const server = createServer((request, response) => {
  const body = JSON.stringify(answerOf(request.url ?? ""))
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  console.log(`Listening on ${typeof address === "object" && address !== null ? address.port : 0}`)
})
