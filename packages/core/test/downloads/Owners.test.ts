/** Whose a download is, while its application cannot be asked, and after its history is no longer read. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import {
  clean,
  connected,
  downloadsTest,
  FakeDownloads,
  live,
  processes,
  stalled,
  strikeRule
} from "./FakeDownloads.ts"

const standsStill = { kind: "condition", field: "stalledMinutes", operator: ">", value: 5 }
const nobodys = { kind: "condition", field: "application", operator: "isEmpty" }
const orphanRule = strikeRule({
  name: "Nobody's",
  condition: { kind: "group", logic: "AND", children: [standsStill, nobodys] }
})

const runs = (count: number) =>
  Effect.gen(function* () {
    for (let run = 0; run < count; run++) {
      yield* live(12)
      yield* clean
    }
  })

const fetcher = Effect.gen(function* () {
  const integrations = yield* Integrations
  const found = (yield* integrations.list).find(({ kind }) => kind === "fetcher")
  return { id: found?.id ?? "", integrations }
})

const ownershipOf = (name: string) =>
  Effect.map(
    Effect.flatMap(Downloads, ({ current }) => current),
    (all) => all.find(({ download }) => download.name === name)?.ownership._tag
  )

describe("A download whose application may not be asked", () => {
  const ways = {
    "is switched off": Effect.gen(function* () {
      const { id, integrations } = yield* fetcher
      yield* Effect.orDie(integrations.update(id, { enabled: false }))
    }),
    "may not be used for its queue": Effect.gen(function* () {
      const { id, integrations } = yield* fetcher
      yield* Effect.orDie(integrations.update(id, { options: { disabledCapabilities: ["queue"] } }))
    }),
    "was disconnected": Effect.gen(function* () {
      const { id, integrations } = yield* fetcher
      yield* Effect.orDie(integrations.remove(id))
    }),
    "has a damaged configuration": Effect.gen(function* () {
      const { id } = yield* fetcher
      const sql = yield* SqlClient.SqlClient
      yield* Effect.orDie(
        sql`UPDATE integrations SET config = 'rubbish', version = version + 1 WHERE id = ${Number(id)}`
      )
    })
  }
  for (const [why, change] of Object.entries(ways)) {
    it.effect(`is not nobody's when it ${why}`, () => {
      const fake = new FakeDownloads()
      fake.add("Bad.Movie", 1, stalled)
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule()
        yield* orphanRule
        yield* live(1)
        yield* change
        yield* runs(4)
        assert.deepStrictEqual(fake.sent, [])
        assert.strictEqual(yield* ownershipOf("Bad.Movie"), "Unknown")
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("may be that of one that is switched off, if it was never seen before", () => {
    const fake = new FakeDownloads()
    return Effect.gen(function* () {
      yield* connected
      yield* orphanRule
      const { id, integrations } = yield* fetcher
      yield* Effect.orDie(integrations.update(id, { enabled: false }))
      fake.add("Bad.Movie", 1, stalled)
      yield* runs(4)
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A download that is older than the history that is read", () => {
  /** Fetched a year before. */
  const old = (fake: FakeDownloads) => {
    fake.add("Old.Movie", 1, stalled)
    fake.queue.clear()
    fake.history = fake.history.map((entry) => ({ ...entry, at: "2025-01-01T00:00:00.000Z" }))
  }

  it.effect("is that of the application that remembers it", () => {
    const fake = new FakeDownloads()
    old(fake)
    return Effect.gen(function* () {
      yield* connected
      yield* orphanRule
      yield* runs(4)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
      assert.deepStrictEqual(fake.sent, [])
      assert.deepStrictEqual(fake.askedAbout, ["OLDMOVIE".padEnd(40, "0")])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is nobody's if no application remembers it, which is asked once, also over restarts", () => {
    const fake = new FakeDownloads()
    fake.add("By.Hand", 1)
    fake.queue.clear()
    fake.history = []
    const asks = Effect.gen(function* () {
      yield* live(3)
      assert.strictEqual(yield* ownershipOf("By.Hand"), "Nobody")
      assert.strictEqual(fake.askedAbout.length, 1)
    })
    return processes(fake, Effect.andThen(connected, asks), asks)
  })

  it.effect("may be anybody's until an application has been asked", () => {
    const fake = new FakeDownloads()
    old(fake)
    fake.down.add("search")
    return Effect.gen(function* () {
      yield* connected
      yield* orphanRule
      yield* runs(4)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Unknown")
      assert.deepStrictEqual(fake.sent, [])
      fake.down.clear()
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is found also if the application refuses to search for another one", () => {
    const fake = new FakeDownloads()
    fake.add("A.Damaged.One", 2)
    fake.refusesAbout.add("ADAMAGEDONE".padEnd(40, "0"))
    old(fake)
    return Effect.gen(function* () {
      yield* connected
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
      assert.strictEqual(yield* ownershipOf("A.Damaged.One"), "Unknown")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is looked for again once its application has another address", () => {
    const fake = new FakeDownloads()
    old(fake)
    const history = fake.history
    fake.history = []
    return Effect.gen(function* () {
      yield* connected
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Nobody")
      fake.history = history
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Nobody")
      const { id, integrations } = yield* fetcher
      yield* Effect.orDie(integrations.update(id, { url: "http://other.test" }))
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("that only a queue knew is anybody's once it has left that queue, until it was asked about", () => {
    const fake = new FakeDownloads()
    const one = fake.add("Old.Movie", 1, stalled)
    const history = fake.history.map((entry) => ({ ...entry, at: "2025-01-01T00:00:00.000Z" }))
    fake.history = []
    fake.down.add("search")
    return Effect.gen(function* () {
      yield* connected
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
      fake.queue.delete(one.id)
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Unknown")
      fake.history = history
      fake.down.clear()
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("may be that of an application that is connected later", () => {
    const fake = new FakeDownloads()
    old(fake)
    const history = fake.history
    fake.history = []
    return Effect.gen(function* () {
      yield* connected
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Nobody")
      fake.history = history
      const { integrations } = yield* fetcher
      yield* Effect.orDie(
        integrations.create({ kind: "fetcher", name: "Second", url: "http://second.test", config: {} })
      )
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A download that the history of its application once had", () => {
  it.effect("stays its, when the history is no longer read so far back", () => {
    const fake = new FakeDownloads()
    fake.add("Old.Movie", 1, stalled)
    fake.queue.clear()
    return Effect.gen(function* () {
      yield* connected
      yield* orphanRule
      yield* live(1)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
      // A new connection reads the history anew, and that has been shortened.
      fake.history = []
      const { id, integrations } = yield* fetcher
      yield* Effect.orDie(integrations.update(id, { enabled: false }))
      yield* live(1)
      yield* Effect.orDie(integrations.update(id, { enabled: true }))
      yield* runs(4)
      assert.strictEqual(yield* ownershipOf("Old.Movie"), "Owned")
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
