/**
 * Whatever applications omit, no item becomes a candidate that a perfect observer would know to be watched, protected or
 * requested, or to have unknown facts.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Engine } from "../../src/capacity/Engine.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { startOfTest } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { reasonToKeep, type StackSpec, stackSpec, reportsOf } from "./TrueWorld.ts"

const sync = Effect.flatMap(Sync, (service) => service.run())

const condition = (field: string, operator: string, value: string | number | boolean): Condition => ({
  kind: "condition",
  field,
  operator,
  value
})

/** Rules of a careful owner. */
const keeping: Readonly<Record<string, Condition>> = {
  "Played stays": condition("playCount", "greaterThan", 0),
  "Labelled stays": condition("labels", "contains", "keep"),
  "Wishes stay until watched": {
    kind: "group",
    logic: "AND",
    children: [condition("requested", "equals", true), condition("watchedByAllRequesters", "equals", false)]
  }
}

const feed = (feeds: Feeds, spec: StackSpec, late: boolean) => {
  const reports = reportsOf(spec, startOfTest, late)
  feeds.of("Manager").catalog = reports.catalog
  for (const index of [0, 1] as const) {
    feeds.of(`Server ${index}`).serverItems = reports.servers[index]
    feeds.of(`Server ${index}`).playback = reports.history[index]
  }
  feeds.of("Statistics").playback = reports.statistics
  feeds.of("Wishes").requests = reports.requests
}

const down = new UpstreamUnreachable({ integration: "It", call: "GET /", detail: "refused" })

/** External ids of the candidates after both syncs, and of all that could be one. */
const candidatesOf = (spec: StackSpec) => {
  const feeds = new Feeds()
  return Effect.gen(function* () {
    feed(feeds, spec, false)
    yield* connectFeed("manager", "Manager")
    const first = yield* connectFeed("server", "Server 0")
    yield* connectFeed("server", "Server 1")
    yield* connectFeed("statistics", "Statistics", { mediaServerId: first })
    yield* connectFeed("wishes", "Wishes")
    for (const [name, one] of Object.entries(keeping)) {
      yield* Effect.flatMap(Rules, (rules) =>
        rules.create({ name, enabled: true, effect: "always-keep", condition: one })
      )
    }
    yield* sync
    const { items } = yield* Effect.flatMap(Snapshots, (snapshots) => snapshots.get)
    for (const item of items) {
      const film = spec.films[Number(item.externalId) - 1]
      if (film?.protected !== true) continue
      yield* Effect.flatMap(Protections, (protections) => protections.add({ itemId: item.id, reason: "a test" }))
    }
    feed(feeds, spec, true)
    if (spec.down !== null) {
      feeds.of(spec.down).failing = { catalog: down, serverItems: down, playback: down, requests: down }
    }
    const odd = spec.oddFilm
    if (odd !== null && odd < spec.films.length) {
      const { catalog = [] } = feeds.of("Manager")
      feeds.of("Manager").catalog = catalog.filter((item) => item.externalId !== String(odd + 1))
      feeds.of("Manager").odd = {
        catalog: (records) => records.noteUnidentified("GET movie", odd, "id: Expected number")
      }
    }
    yield* TestClock.adjust("1 hour")
    yield* sync
    const engine = yield* Engine
    const decisions = yield* engine.decideAll(yield* engine.environment)
    return decisions.filter(({ status }) => status === "candidate").map(({ item }) => item.externalId)
  }).pipe(Effect.provide(feedTest(feeds)), Effect.scoped)
}

const isUnread = (spec: StackSpec, externalId: string): boolean =>
  spec.down !== null || (spec.oddFilm !== null && externalId === String(spec.oddFilm + 1))

describe("In random stacks", () => {
  it("no item is a candidate that a perfect observer would keep", { timeout: 3_600_000 }, async () => {
    let candidates = 0
    await fc.assert(
      fc.asyncProperty(stackSpec, async (spec) => {
        const ids = await Effect.runPromise(candidatesOf(spec).pipe(Effect.provide(TestClock.layer())))
        for (const id of ids) {
          assert.isNull(reasonToKeep(spec, id), `item ${id}`)
          assert.isFalse(isUnread(spec, id), `item ${id} rests on what could not be read`)
        }
        candidates += ids.length
      }),
      { numRuns: Number(process.env["TENDARR_STACKS"] ?? 150) }
    )
    assert.isAbove(candidates, 0, "or nothing was tried")
  })
})
