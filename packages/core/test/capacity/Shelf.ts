/** A library on a disk that is too full, with films for each decision of the engine. */
import { Effect } from "effect"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { itemIdOf } from "../support/Stack.ts"
import { connectFeed, Feeds } from "../library/Feeds.ts"
import { catalogItem, playback, serverItem } from "../library/Samples.ts"

export const gib = 2 ** 30

/** `Film 0` … : 1 to 7 GiB, every third one played, on the server; then one that no server has, and one without files. */
export const shelfOf = (films: number): Feeds => {
  const feeds = new Feeds()
  const numbers = Array.from({ length: films }, (_, index) => index)
  feeds.of("Manager").catalog = [
    ...numbers.map((index) =>
      catalogItem({
        externalId: String(index),
        title: `Film ${index}`,
        ids: [`tmdb-movie:${index}`],
        sizeBytes: ((index % 7) + 1) * gib,
        facts: { rating: (index % 10) + 0.5, addedAt: "2025-01-01T00:00:00.000Z" }
      })
    ),
    catalogItem({ externalId: "lone", title: "Unmatched", sizeBytes: 2 * gib }),
    catalogItem({ externalId: "bare", title: "No files", ids: ["tmdb-movie:9999"], sizeBytes: 0 })
  ]
  feeds.of("Manager").disks = {
    disks: [{ path: "/data", totalBytes: 200 * gib, freeBytes: 10 * gib }],
    rootFolders: [{ path: "/data/movies", accessible: true, freeBytes: null }]
  }
  feeds.of("Server").serverItems = [
    ...numbers.map((index) => serverItem({ serverItemId: String(index), ids: [`tmdb-movie:${index}`] })),
    serverItem({ serverItemId: "bare", ids: ["tmdb-movie:9999"] })
  ]
  feeds.of("Server").playback = numbers
    .filter((index) => index % 3 === 0)
    .map((index) => playback(String(index), { ann: index + 1 }, "2026-01-10T00:00:00.000Z"))
  return feeds
}

/** Connects and reads the library; `Film 1` is protected, and a rule keeps `Film 2`. */
export const prepare = Effect.gen(function* () {
  const rules = yield* Rules
  const protections = yield* Protections
  const sync = yield* Sync
  const manager = yield* connectFeed("manager", "Manager")
  const server = yield* connectFeed("server", "Server")
  yield* rules.create({
    name: "Film 2 stays",
    enabled: true,
    effect: "always-keep",
    condition: { kind: "condition", field: "title", operator: "eq", value: "Film 2" }
  })
  yield* sync.run()
  yield* protections.add({ itemId: yield* itemIdOf("Film 1"), reason: "a favourite" })
  return { manager, server }
})
