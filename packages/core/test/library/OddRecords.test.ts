import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { decide } from "../../src/capacity/Decision.ts"
import { Engine } from "../../src/capacity/Engine.ts"
import { OddRecords, untoldOf } from "../../src/integrations/OddRecords.ts"
import { Sync } from "../../src/library/Sync.ts"
import { connectFeed, Feeds, feedTest, presentTitles } from "./Feeds.ts"
import { catalogItem, playback, serverItem } from "./Samples.ts"

const at = "2026-01-10T00:00:00.000Z"
const film = (id: number) =>
  catalogItem({ externalId: String(id), title: `Film ${id}`, ids: [`tmdb-movie:${id}`], facts: { rating: 6 } })
const entry = (id: number) => serverItem({ serverItemId: `s${id}`, title: `Film ${id}`, ids: [`tmdb-movie:${id}`] })
const run = Effect.flatMap(Sync, (sync) => sync.run())

/** The decision about the film with this title. */
const decisionOn = (title: string) =>
  Effect.gen(function* () {
    const environment = yield* Effect.flatMap(Engine, (engine) => engine.environment)
    const { because, status } = decide(
      environment,
      environment.snapshot.items.find((item) => item.title === title)!
    )
    return { because, status }
  })

const stack = () => {
  const feeds = new Feeds()
  feeds.of("Manager").catalog = [1, 2, 3].map(film)
  feeds.of("Server").serverItems = [1, 2, 3].map(entry)
  feeds.of("Server").playback = [playback("s3", { ann: 1 }, at)]
  return feeds
}

const connectAll = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "Server")
})

describe("A faulty record", () => {
  it.effect("makes the fact of its faulty field unknown, and is listed in the report of the sync", () => {
    const feeds = stack()
    const odd = { ...film(1), untold: { rating: "the field ratings could not be read (Expected number)" } }
    feeds.of("Manager").catalog = [odd, film(2), film(3)]
    feeds.of("Manager").odd = { catalog: (records) => records.note("Film 1", "ratings: Expected number") }
    return Effect.gen(function* () {
      yield* connectAll
      const report = yield* run
      assert.deepStrictEqual(report.integrations[0]?.odd, {
        count: 1,
        told: [{ record: "Film 1", detail: "ratings: Expected number" }]
      })
      assert.deepStrictEqual(yield* decisionOn("Film 1"), {
        status: "undecided",
        because: "rating is unknown (the field ratings could not be read (Expected number))"
      })
      assert.strictEqual((yield* decisionOn("Film 2")).status, "candidate")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("that cannot be identified makes no item vanish: a missing item may be this record, and waits", () => {
    const feeds = stack()
    return Effect.gen(function* () {
      yield* connectAll
      yield* run
      feeds.of("Manager").catalog = [film(1), film(2)]
      feeds.of("Manager").odd = {
        catalog: (records) => records.noteUnidentified("GET movie", 2, "id: Expected number")
      }
      yield* run
      assert.deepStrictEqual(yield* presentTitles, ["Film 1", "Film 2", "Film 3"])
      const { because, status } = yield* decisionOn("Film 3")
      assert.strictEqual(status, "undecided")
      assert.match(because ?? "", /record 3 of GET movie could not be read, and may be this one/)
      assert.strictEqual((yield* decisionOn("Film 2")).status, "candidate")
      delete feeds.of("Manager").odd
      feeds.of("Manager").catalog = [film(1), film(2), film(3)]
      yield* run
      assert.strictEqual((yield* decisionOn("Film 3")).status, "candidate", "once it is read again")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("of a media server loses no plays", () => {
    const feeds = stack()
    return Effect.gen(function* () {
      yield* connectAll
      yield* run
      feeds.of("Server").serverItems = [entry(1), entry(2)]
      feeds.of("Server").odd = {
        serverItems: (records) => records.noteUnidentified("GET all", 2, "ratingKey: missing")
      }
      yield* run
      const { status } = yield* decisionOn("Film 3")
      assert.strictEqual(status, "undecided")
      assert.strictEqual((yield* decisionOn("Film 1")).status, "candidate")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it("is counted once however often its list is read, and affects only the facts of its field", () => {
    const odd = new OddRecords()
    const row = { title: "Film 1" }
    odd.noteFields(row, [
      { path: "ratings.imdb.value", detail: "Expected number" },
      { path: "images[0]", detail: "Expected object" }
    ])
    for (let attempt = 0; attempt < 2; attempt++) {
      assert.deepStrictEqual(untoldOf(odd, row, row.title, { ratings: ["rating", "ratingImdb"] }).untold, {
        rating: "the field ratings.imdb.value could not be read (Expected number)",
        ratingImdb: "the field ratings.imdb.value could not be read (Expected number)"
      })
    }
    assert.strictEqual(odd.count, 2)
    odd.noteUnidentified("GET movie", 4, "id: missing")
    odd.noteUnidentified("GET movie", 4, "id: missing")
    assert.strictEqual(odd.unidentified, 1)
  })
})
