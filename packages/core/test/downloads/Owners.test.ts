/** Whose a download is, while its application cannot be asked, and after its history is no longer read. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, stalled, strikeRule } from "./FakeDownloads.ts"

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
