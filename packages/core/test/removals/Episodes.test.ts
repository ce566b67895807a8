/** Removals of single episodes: by rules and people, beside their seasons and shows. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Protections } from "../../src/library/Protections.ts"
import { RemovalStateConflict } from "../../src/removals/Removal.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { leaf } from "../rules/Samples.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  connectFakes,
  explanationOf,
  itemIdOf,
  passTime,
  plan,
  removalOf,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"
import { acting, ready, runRule } from "./ActingRun.ts"
import { planned } from "./Stocks.ts"

/** A show with two seasons; the first one consists of four episodes. Its disk is 90 % full with them. */
const daily = (total = 1000 * gib) => {
  const library = new FakeLibrary({ "/media": total })
  const { seasons } = library.addShow("Daily", [40 * gib, 50 * gib], { facts: { rating: 1, seriesType: "daily" } })
  const episodes = library.addEpisodes(seasons[0]!, [10 * gib, 10 * gib, 10 * gib, 10 * gib])
  return { library, season: seasons[0]!, episodes }
}

const first = "Daily, season 1, episode 1"
const season = "Daily, season 1"

/** Removes all but the last two episodes of each show. */
const keepLastTwo = (given: object = {}) =>
  acting({
    name: "Keep the last two",
    scope: { itemKinds: ["episode"] },
    condition: leaf("episodeRank", ">", 2),
    action: { type: "remove", graceDays: 0 },
    ...given
  } as never)

const due = Effect.andThen(passTime("31 seconds"), runDue)

const request = (title: string, options: object = {}) =>
  Effect.flatMap(itemIdOf(title), (id) => Effect.flatMap(Removals, (removals) => removals.request(id, options)))

const requestError = (title: string) => Effect.flip(request(title))

const protect = (title: string) =>
  Effect.flatMap(itemIdOf(title), (itemId) =>
    Effect.flatMap(Protections, (protections) => protections.add({ itemId, reason: "mine" })).pipe(as("ann"))
  )

describe("A rule about episodes", () => {
  it.effect("removes what it matches, and nothing else", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* keepLastTwo()
      const report = yield* runRule(rule.id)
      assert.deepInclude(report.queued, { items: 2, bytes: 20 * gib })
      yield* due
      assert.deepStrictEqual(library.removed, ["1:e101", "1:e102"])
      yield* sync
      yield* runRule(rule.id)
      yield* due
      assert.deepStrictEqual(library.removed, ["1:e101", "1:e102"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not act on episodes that its scope does not name", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({
        name: "Bad shows",
        condition: leaf("rating", "<", 2),
        action: { type: "remove", graceDays: 0 }
      })
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 2)
      yield* due
      assert.deepStrictEqual(library.removed.toSorted(), ["1:s1", "1:s2"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("leaves an episode to the removal of its season, and a season to that of an episode", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      const both = yield* keepLastTwo({
        scope: { itemKinds: ["season", "episode"] },
        condition: leaf("seasonNumber", "<", 3)
      })
      const report = yield* runRule(both.id)
      assert.strictEqual(report.queued.items, 2)
      assert.include(JSON.stringify(report), `the rule removes \\"${season}\\", to which it belongs`)
      yield* Effect.flatMap(Rules, (rules) => rules.remove(both.id))
      yield* request(first, { graceDays: 9 })
      const seasons = yield* keepLastTwo({ scope: { itemKinds: ["season"] }, condition: leaf("seasonNumber", "<", 3) })
      const beside = yield* runRule(seasons.id)
      assert.strictEqual(beside.queued.items, 1)
      assert.include(JSON.stringify(beside), "has the open removal")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("removes no file of several episodes unless it matches all of them", () => {
    const { episodes, library } = daily()
    // The second and the third are in one file; the rule matches only one of them.
    for (const episode of episodes.slice(1, 3)) episode.filePath = "/media/library/Daily/two in one.mkv"
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* keepLastTwo()
      const report = yield* runRule(rule.id)
      assert.strictEqual(report.queued.items, 1)
      assert.include(JSON.stringify(report), "which is in the same file")
      assert.include((yield* explanationOf("Daily, season 1, episode 2")).summary, "its file also contains")
      yield* due
      assert.deepStrictEqual(library.removed, ["1:e101"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("removes a file of several episodes once, if it matches them", () => {
    const { episodes, library } = daily()
    for (const episode of episodes.slice(0, 2)) episode.filePath = "/media/library/Daily/two in one.mkv"
    library.onRemove = ({ externalId }) =>
      Effect.sync(() => {
        if (externalId === "1:e101") library.items.delete("1:e102")
      })
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* keepLastTwo()
      yield* runRule(rule.id)
      yield* due
      assert.deepStrictEqual(library.removed, ["1:e101"])
      assert.include(["spared"], (yield* removalOf("Daily, season 1, episode 2")).state)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("waits if its file has become that of another episode since the last sync", () => {
    const { episodes, library } = daily()
    for (const [index, episode] of episodes.entries()) episode.filePath = `/media/library/Daily/${index}.mkv`
    return Effect.gen(function* () {
      yield* ready
      yield* protect("Daily, season 1, episode 3")
      const rule = yield* keepLastTwo()
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 2)
      for (const episode of episodes.slice(1, 3)) episode.filePath = "/media/library/Daily/two in one.mkv"
      yield* due
      assert.deepStrictEqual(library.sent, ["1:e101"])
      assert.match((yield* removalOf("Daily, season 1, episode 2")).reason ?? "", /episode 3" is now in the same place/)
      yield* sync
      yield* due
      assert.deepStrictEqual(library.sent, ["1:e101"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps the episodes of a season that another rule always keeps", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      yield* Effect.flatMap(Rules, (rules) =>
        rules.create({
          name: "First season",
          enabled: true,
          effect: "always-keep",
          scope: { itemKinds: ["season"] },
          condition: leaf("seasonNumber", "=", 1)
        })
      )
      const rule = yield* keepLastTwo()
      const report = yield* runRule(rule.id)
      assert.strictEqual(report.queued.items, 0)
      assert.include(JSON.stringify(report), "A rule always keeps")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("What somebody has decided about an episode", () => {
  for (const title of [first, season, "Daily"]) {
    it.effect(`holds for it if it is protected by "${title}"`, () => {
      const { library } = daily()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* keepLastTwo()
        yield* runRule(rule.id)
        yield* protect(title)
        yield* due
        assert.notInclude(library.removed, "1:e101")
        assert.strictEqual((yield* removalOf(first)).state, "spared")
        assert.strictEqual((yield* requestError(first))._tag, "RemovalForbidden")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("holds for its season and its show if it is protected", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      yield* protect(first)
      for (const title of [season, "Daily"]) assert.strictEqual((yield* requestError(title))._tag, "RemovalForbidden")
      const second = yield* request("Daily, season 1, episode 2")
      assert.strictEqual(second.state, "scheduled")
      assert.strictEqual((yield* request("Daily, season 2")).state, "scheduled")
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const title of [season, first]) {
    it.effect(`is final if the removal of "${title}" was cancelled`, () => {
      const { library } = daily()
      return Effect.gen(function* () {
        yield* ready
        const { id } = yield* request(title)
        yield* Effect.flatMap(Removals, (removals) => removals.cancel(id)).pipe(as("ann"))
        const rule = yield* keepLastTwo()
        const report = yield* runRule(rule.id)
        assert.strictEqual(report.queued.items, title === season ? 0 : 1)
        assert.include(JSON.stringify(report), "cancelled by")
        yield* due
        assert.notInclude(library.removed, "1:e101")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("also keeps its season from being removed for a full disk", () => {
    const { library } = daily(100 * gib)
    return Effect.gen(function* () {
      yield* planned("auto", {})
      const before = yield* states
      assert.notInclude(Object.keys(before).join(), "episode")
      yield* protect(first)
      yield* plan()
      yield* due
      assert.notInclude(library.removed, "1:s1")
      assert.include(library.removed, "1:s2")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A full disk", () => {
  it.effect("is not relieved by a season with an episode that a rule always keeps", () => {
    const { library } = daily(100 * gib)
    return Effect.gen(function* () {
      yield* Effect.flatMap(Rules, (rules) =>
        rules.create({
          name: "This one",
          enabled: true,
          effect: "always-keep",
          scope: { itemKinds: ["episode"] },
          condition: leaf("title", "=", first)
        })
      )
      yield* planned("auto")
      assert.notProperty(yield* states, season)
      assert.strictEqual((yield* requestError(season))._tag, "RemovalForbidden")
      yield* due
      assert.notInclude(library.removed, "1:s1")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is relieved by seasons, whose bytes count once", () => {
    const { library } = daily(100 * gib)
    return Effect.gen(function* () {
      const report = yield* planned("auto")
      assert.strictEqual(report.evaluated, 2)
      assert.strictEqual(report.summary.total.bytes, 90 * gib)
      assert.isTrue(Object.keys(yield* states).every((title) => !title.includes("episode")))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not count what a removal of an episode is about to free twice", () => {
    const { library } = daily(100 * gib)
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      yield* setDisk({ mode: "auto" })
      yield* request(first, { graceDays: 0 })
      const report = yield* plan()
      assert.strictEqual(report.groups[0]?.underWayBytes, 10 * gib)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A person's request", () => {
  it.effect("for an episode conflicts with one for its season, and the other way round", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      yield* request(season, { graceDays: 9 })
      assert.instanceOf(yield* requestError(first), RemovalStateConflict)
      yield* request("Daily, season 2", { graceDays: 9 })
    }).pipe(
      Effect.provide(stackTest(library)),
      Effect.andThen(() => {
        const other = daily()
        return Effect.gen(function* () {
          yield* ready
          yield* request(first, { graceDays: 9 })
          assert.instanceOf(yield* requestError(season), RemovalStateConflict)
          assert.instanceOf(yield* requestError("Daily"), RemovalStateConflict)
        }).pipe(Effect.provide(stackTest(other.library)))
      })
    )
  })

  for (const action of ["unmonitor", "delete-files", "unmonitor-and-delete-files"] as const) {
    it.effect(`for an episode is carried out as \`${action}\`, and undone`, () => {
      const { episodes, library } = daily()
      return Effect.gen(function* () {
        yield* ready
        const { id } = yield* request(first, { action })
        yield* due
        const done = yield* removalOf(first)
        assert.strictEqual(done.state, "removed")
        assert.strictEqual(done.freedBytes, action === "unmonitor" ? 0 : 10 * gib)
        assert.strictEqual(library.items.has("1:e101"), action === "unmonitor")
        yield* Effect.flatMap(Removals, (removals) => removals.restore(id)).pipe(as("ann"))
        assert.strictEqual((yield* removalOf(first)).state, "restored")
        assert.isTrue(library.items.has(episodes[0]!.externalId))
        assert.notStrictEqual(library.items.get("1:e101")?.facts.monitored, false)
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("excludes that a proposal for its season is approved, also together with one for it", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      const seasons = yield* keepLastTwo({
        scope: { itemKinds: ["season"] },
        condition: leaf("seasonNumber", "=", 1),
        action: { type: "remove", graceDays: 0, approval: true }
      })
      yield* runRule(seasons.id)
      yield* request(first, { graceDays: 9 })
      const removals = yield* Removals
      const proposal = yield* removalOf(season)
      const refused = yield* Effect.flip(removals.approve(proposal.id)).pipe(as("ann"))
      assert.include(refused.message, `"${first}" has the open removal`)
      yield* removals.reject((yield* removalOf(first)).id)
      yield* removals.unsnooze((yield* removalOf(first)).id)
      const bulk = yield* removals.bulk("approve", [(yield* removalOf(first)).id, proposal.id]).pipe(as("ann"))
      assert.deepStrictEqual([bulk.succeeded.length, bulk.failed.map(({ id }) => id)], [1, [proposal.id]])
    }).pipe(as("ann"), Effect.provide(stackTest(library)))
  })

  it.effect("cannot take the entry of an episode, which has none", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      const error = yield* Effect.flip(request(first, { action: "remove-entry" }))
      assert.strictEqual(error._tag, "RemovalForbidden")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("waits while its season is being played", () => {
    const { library, season: playing } = daily()
    return Effect.gen(function* () {
      yield* ready
      yield* request(first)
      playing.playing = true
      yield* due
      const waiting = yield* removalOf(first)
      assert.deepStrictEqual([waiting.state, library.sent.length], ["scheduled", 0])
      assert.match(waiting.reason ?? "", /is being played/)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("The removal of a season", () => {
  it.effect("takes its episodes along, and each says so", () => {
    const { library } = daily()
    return Effect.gen(function* () {
      yield* ready
      yield* request(season)
      yield* due
      assert.deepStrictEqual(library.removed, ["1:s1"])
      const explained = yield* explanationOf(first)
      assert.include(JSON.stringify(explained), `took \\"${season}\\", to which it belonged`)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
