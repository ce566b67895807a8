/** Downloads that are complete, while their application still needs them. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { isoOfMillis } from "../../src/problems/Instants.ts"
import type { QueueEntry } from "../../src/integrations/QueueCapability.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, strikeRule } from "./FakeDownloads.ts"

const unregistered = {
  state: "seeding",
  progress: 1,
  bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 0 },
  trackers: [{ host: "t", tier: 0, status: "not-working", message: "Unregistered torrent" }]
} as const
const rule = strikeRule({
  name: "Unregistered",
  condition: { kind: "condition", field: "faults", operator: "containsAny", value: ["unregistered"] },
  action: { strikes: 1 }
})

/** The downloads that were removed from their client. */
const after = (
  prepare: (fake: FakeDownloads, id: string) => void,
  later: (fake: FakeDownloads, id: string, now: string) => void = () => {}
) => {
  const fake = new FakeDownloads()
  const { id } = fake.add("Dead.Movie", 1, unregistered)
  prepare(fake, id)
  return Effect.gen(function* () {
    yield* connected
    yield* rule
    yield* live(130)
    later(fake, id, isoOfMillis(yield* Clock.currentTimeMillis))
    yield* clean
    return fake.sent.filter((call) => call.startsWith("client")).length
  }).pipe(Effect.provide(downloadsTest(fake)))
}

const queued = (changes: Partial<QueueEntry>) => (fake: FakeDownloads, id: string) =>
  fake.enqueue(id, { targets: [{ kind: "movie", wholeId: "1" }], ...changes })

describe("A complete download that its trackers do not know", () => {
  it.effect("is removed when its application has done with it", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* after((fake) => fake.queue.clear()), 1)
      assert.strictEqual(yield* after(queued({ trackedState: "failed" })), 1)
    })
  )

  it.effect("stays while its application waits for it, or has yet to see that it is complete", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* after(queued({ trackedState: "importpending" })), 0)
      assert.strictEqual(yield* after(queued({ trackedState: "downloading" })), 0)
      assert.strictEqual(yield* after(queued({ trackedState: null })), 0)
    })
  )

  it.effect("stays for some minutes after its import", () =>
    Effect.gen(function* () {
      const imported = (ago: number) => (fake: FakeDownloads, id: string, now: string) => {
        fake.queue.clear()
        const at = isoOfMillis(Date.parse(now) - ago * 60_000)
        fake.history.push({ ...fake.history[0]!, downloadId: id, what: "imported", at })
      }
      assert.strictEqual(yield* after(() => {}, imported(1)), 0)
      assert.strictEqual(yield* after(() => {}, imported(30)), 1)
    })
  )
})
