/** A file that two applications manage, and folders that contain several titles. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Library } from "../../src/library/Library.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Preview } from "../../src/capacity/Preview.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Explain } from "../../src/removals/Explain.ts"
import { Planner } from "../../src/removals/Planner.ts"
import type { RemovalSummary } from "../../src/removals/Removal.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { System } from "../../src/system/System.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, season, show } from "../library/Samples.ts"
import { FakeLibrary } from "../support/FakeLibrary.ts"
import { connectFakes, passTime, plan, removals, runDue, setDisk, stackTest, sync } from "../support/Stack.ts"
import { CapacitySettings } from "../../src/capacity/CapacitySettings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const gib = 2 ** 30

/** A disk of 1000 GiB on which 200 GiB must be freed, and films of 50 GiB in folders of their own. */
const disk = (path = "/data") => ({
  disks: [{ path, totalBytes: 1000 * gib, freeBytes: 50 * gib }],
  rootFolders: [{ path: `${path}/movies`, accessible: true, freeBytes: 50 * gib }]
})
const film = (number: number, path = `/data/movies/${number}`) =>
  catalogItem({
    externalId: String(number),
    title: `Film ${number}`,
    ids: [`tmdb-movie:${number}`],
    path,
    sizeBytes: 50 * gib,
    facts: { rating: 5, addedAt: "2024-01-01T00:00:00.000Z" }
  })

const twoManagers = (second = [1, 2, 3, 4].map((number) => film(number)), place = "/data") => {
  const feeds = new Feeds()
  feeds.of("First").disks = disk()
  feeds.of("First").catalog = [1, 2, 3, 4].map((number) => film(number))
  feeds.of("Second").disks = disk(place)
  feeds.of("Second").catalog = second
  return feeds
}

const connect = Effect.gen(function* () {
  yield* (yield* Settings).patch(RemovalsSettings, { caps: { maxItems: null, maxBytes: null, maxLibraryShare: 1 } })
  const first = yield* connectFeed("manager", "First")
  const second = yield* connectFeed("manager", "Second")
  yield* (yield* Sync).run()
  return { first, second }
})

const itemOf = Effect.fnUntraced(function* (integrationId: string, title: string) {
  const { items } = yield* (yield* Library).page({ integrationId, limit: 100 })
  const found = items.find((item) => item.title === title)
  return found === undefined ? assert.fail(`There is no ${title}`) : found
})
const managerOf = (all: ReadonlyArray<RemovalSummary>, title: string) =>
  all.find((removal) => removal.title === title && removal.state === "removed")?.integrationId
const explained = (id: string) => Effect.flatMap(Explain, (explain) => Effect.orDie(explain.item(id)))
const dryRun = Effect.flatMap(Planner, (planner) => planner.run({ runId: null, dryRun: true }))

describe("A file that two applications manage", () => {
  it.effect("is protected in both if it is protected in one", () =>
    Effect.gen(function* () {
      const { first, second } = yield* connect
      const protectedOne = yield* itemOf(first, "Film 1")
      const twin = yield* itemOf(second, "Film 1")
      yield* (yield* Protections).add({ itemId: protectedOne.id, reason: "a favourite" })
      const { decision } = yield* explained(twin.id)
      assert.strictEqual(decision?.status, "protected")
      assert.match(decision?.summary ?? "", /a favourite.*the same file is managed by First too/)
      assert.deepStrictEqual(decision?.copies, [])
      assert.deepStrictEqual(decision?.sameFile, [
        { itemId: protectedOne.id, integrationId: first, path: "/data/movies/1" }
      ])
      const planned = (yield* dryRun).groups.flatMap(({ items }) => items)
      assert.isFalse(planned.some(({ title }) => title === "Film 1"))
      assert.strictEqual((yield* explained((yield* itemOf(second, "Film 2")).id)).decision?.status, "candidate")
    }).pipe(Effect.provide(feedTest(twoManagers())))
  )

  it.effect("is kept in both if a rule keeps it in one", () =>
    Effect.gen(function* () {
      const { first, second } = yield* connect
      yield* (yield* Rules).create({
        name: "Film 1 of the first stays",
        enabled: true,
        effect: "always-keep",
        condition: { kind: "condition", field: "title", operator: "eq", value: "Film 1" },
        scope: { integrationIds: [first] }
      })
      const twin = yield* itemOf(second, "Film 1")
      assert.deepInclude((yield* explained(twin.id)).decision, { status: "kept" })
      const refusal = yield* Effect.flip((yield* Removals).request(twin.id))
      assert.strictEqual(refusal._tag, "RemovalForbidden")
    }).pipe(Effect.provide(feedTest(twoManagers())))
  )

  it.effect("is planned once, and its bytes are counted once, in plan and preview", () =>
    Effect.gen(function* () {
      yield* connect
      const [group] = (yield* dryRun).groups
      assert.deepStrictEqual(
        group?.items.map(({ title }) => title).toSorted(),
        ["Film 1", "Film 2", "Film 3", "Film 4"],
        "200 GiB are four films, not two films twice"
      )
      assert.strictEqual((yield* (yield* System).stats).bytes, 200 * gib)
      const { summary } = yield* (yield* Preview).page({})
      assert.strictEqual(summary.candidate.bytes, 200 * gib)
      assert.deepStrictEqual(summary.planned, { items: 4, bytes: 200 * gib })
    }).pipe(Effect.provide(feedTest(twoManagers())))
  )

  it.effect("is not planned in one application if a person refused or requested its removal in the other", () =>
    Effect.gen(function* () {
      const { first } = yield* connect
      yield* setDisk({ mode: "approval" })
      const service = yield* Removals
      const asked = yield* service.request((yield* itemOf(first, "Film 1")).id)
      const refused = yield* service.request((yield* itemOf(first, "Film 2")).id)
      yield* service.cancel(refused.id)
      assert.match(asked.because, /the same file is managed by Second too/)
      const titles = (yield* dryRun).groups.flatMap(({ items }) => items.map(({ title }) => title))
      assert.deepStrictEqual(titles.toSorted(), ["Film 3", "Film 4"])
    }).pipe(Effect.provide(feedTest(twoManagers())))
  )

  it.effect("is recognised through path mappings as soon as they are set", () =>
    Effect.gen(function* () {
      const { first, second } = yield* connect
      const [one, other] = [yield* itemOf(first, "Film 1"), yield* itemOf(second, "Film 1")]
      yield* (yield* Protections).add({ itemId: one.id })
      assert.lengthOf((yield* explained(other.id)).decision?.copies ?? [], 1)
      assert.strictEqual((yield* explained(other.id)).decision?.status, "candidate")
      yield* (yield* Integrations).update(second, { options: { pathMappings: [{ from: "/films", to: "/data" }] } })
      const { decision } = yield* explained(other.id)
      assert.deepStrictEqual(decision?.copies, [])
      assert.strictEqual(decision?.status, "protected")
    }).pipe(
      Effect.provide(
        feedTest(
          twoManagers(
            [1, 2].map((number) => film(number, `/films/movies/${number}`)),
            "/films"
          )
        )
      )
    )
  )

  it.effect(
    "counts as removed by Tendarr when the other application finds it missing, as do the parts of a whole",
    () => {
      const library = new FakeLibrary({ "/media": 100 * gib })
      library.add({ title: "Alien", sizeBytes: 60 * gib })
      library.addShow("Lost", [20 * gib])
      library.disks.get("/media")!.otherBytes = 10 * gib
      return Effect.gen(function* () {
        const { shelf } = yield* connectFakes({ options: { wholeShows: true }, without: ["screen", "wishes"] })
        const integrations = yield* Integrations
        const options = { wholeShows: true }
        const { id: second } = yield* integrations.create({
          kind: "shelf",
          name: "Second",
          url: "http://second.test",
          config: {},
          options
        })
        yield* sync
        yield* setDisk({ mode: "auto", limits: { type: "percent", threshold: 1, target: 0.5 } })
        yield* (yield* Settings).patch(RemovalsSettings, {
          caps: { maxItems: null, maxBytes: null, maxLibraryShare: 1 }
        })
        const before = yield* (yield* Snapshots).get
        yield* plan()
        yield* passTime("2 days")
        yield* runDue
        // The second application has not noticed yet.
        const again = yield* plan({ dryRun: true })
        assert.isTrue(again.groups[0]?.breached)
        assert.deepStrictEqual(again.groups[0]?.items, [], "what is gone is not planned once more")
        const manager = managerOf(yield* removals, "Alien")
        const twinOfAlien = before.items.find(
          ({ integrationId, title }) => title === "Alien" && integrationId !== manager
        )
        assert.match(
          (yield* explained(twinOfAlien?.id ?? "")).summary,
          /no files.*removal \d+ took the same file through/
        )
        yield* sync
        const done = (yield* removals).filter(({ state }) => state === "removed")
        assert.deepStrictEqual(done.map(({ title }) => title).toSorted(), ["Alien", "Lost"])
        const names = new Map([
          [shelf, "Shelf"],
          [second, "Second"]
        ])
        for (const item of before.items) {
          const { summary } = yield* explained(item.id)
          assert.notInclude(summary, "not by Tendarr", item.title)
          const own = done.find(({ itemId }) => itemId === item.id)
          const twin = done.find(({ itemId }) => before.sameFileAs(item).some(({ id }) => id === itemId))
          if (own === undefined && twin !== undefined) {
            assert.include(
              summary,
              `removal ${twin.id} took the same file through ${names.get(twin.integrationId ?? "")}`
            )
          }
        }
        const stranger = library.add({ title: "Gone by hand" })
        yield* sync
        const { id } = yield* itemOf(shelf, "Gone by hand")
        library.destroy(stranger.externalId)
        yield* sync
        assert.include((yield* explained(id)).summary, "not by Tendarr")
      }).pipe(Effect.provide(stackTest(library)))
    }
  )
})

describe("A folder that contains several titles", () => {
  const feeds = () => {
    const all = new Feeds()
    all.of("First").disks = disk()
    const outer = show("1", ["tvdb:1"], { title: "Outer", path: "/data/tv/Outer", sizeBytes: 50 * gib })
    const inner = show("2", ["tvdb:2"], { title: "Inner", path: "/data/tv/Outer/Inner", sizeBytes: 50 * gib })
    all.of("First").catalog = [
      ...[outer, inner].flatMap((one) => [one, season(one, 1, { path: one.path, sizeBytes: 50 * gib })]),
      film(11, "/data/movies/Saga"),
      film(12, "/data/movies/Saga"),
      film(13)
    ].map((item) => ({ ...item, facts: { rating: 5, addedAt: "2024-01-01T00:00:00.000Z", ...item.facts } }))
    all.of("Second").disks = disk()
    return all
  }

  it.effect("is removed neither by a plan nor on request, and the reason names the other title", () =>
    Effect.gen(function* () {
      const { first } = yield* connect
      yield* setDisk({ mode: "approval" })
      yield* (yield* Integrations).update(first, { options: { wholeShows: true } })
      const statuses: Record<string, string> = {}
      for (const item of (yield* (yield* Snapshots).get).items) {
        const { decision } = yield* explained(item.id)
        statuses[item.title] = `${decision?.status}: ${decision?.summary}`
      }
      assert.match(statuses["Outer"] ?? "", /^irremovable: Its folder \/data\/tv\/Outer is shared with "Inner"/)
      assert.match(statuses["Inner"] ?? "", /^candidate/)
      assert.match(statuses["Film 11"] ?? "", /^irremovable: .*shared with "Film 12"/)
      assert.match(statuses["Film 12"] ?? "", /^irremovable: .*shared with "Film 11"/)
      assert.match(statuses["Film 13"] ?? "", /^candidate/)
      const titles = (yield* dryRun).groups.flatMap(({ items }) => items.map(({ title }) => title))
      assert.deepStrictEqual(titles.toSorted(), ["Film 13", "Inner"])
      const service = yield* Removals
      const refused = yield* Effect.flip(service.request((yield* itemOf(first, "Film 11")).id))
      assert.strictEqual(refused._tag, "RemovalForbidden")
      assert.include(refused.message, "Film 12")
    }).pipe(Effect.provide(feedTest(feeds())))
  )

  it.effect("does not block the removal of seasons, which leaves the folder", () =>
    Effect.gen(function* () {
      const { first } = yield* connect
      const { decision } = yield* explained((yield* itemOf(first, "Outer season 1")).id)
      assert.strictEqual(decision?.status, "candidate")
    }).pipe(Effect.provide(feedTest(feeds())))
  )

  it.effect("is checked again before a requested removal is carried out", () => {
    const library = new FakeLibrary({ "/media": 100 * gib })
    library.add({ title: "Alien", sizeBytes: 60 * gib })
    return Effect.gen(function* () {
      const { shelf } = yield* connectFakes({ without: ["screen", "wishes"] })
      yield* sync
      yield* setDisk({ mode: "approval" })
      yield* (yield* Removals).request((yield* itemOf(shelf, "Alien")).id)
      // The other title is added to the folder after that; folders in this library are named after titles.
      library.add({ title: "Alien/Extras" })
      yield* sync
      yield* passTime("2 days")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      const [removal] = yield* removals
      assert.deepInclude(removal, { state: "spared" })
      assert.include(removal?.reason ?? "", "Alien/Extras")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A removal whose root folder is not accessible", () => {
  it.effect("waits until the folder is accessible again, and removals there cannot be requested", () => {
    const library = new FakeLibrary({ "/media": 100 * gib, "/spare": 100 * gib })
    library.add({ title: "Alien", sizeBytes: 95 * gib })
    library.add({ title: "Heat", sizeBytes: 1 * gib, facts: { rating: 9 } })
    return Effect.gen(function* () {
      yield* connectFakes({ without: ["screen", "wishes"] })
      yield* sync
      yield* setDisk({ mode: "auto" })
      yield* (yield* Settings).patch(RemovalsSettings, { caps: { maxItems: null, maxBytes: null, maxLibraryShare: 1 } })
      yield* plan()
      library.unreachable.add("/media")
      yield* passTime("2 days")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      yield* setDisk({ mode: "approval" }, "/spare")
      yield* (yield* Settings).patch(CapacitySettings, { defaultMode: "approval" })
      const { items } = yield* (yield* Library).page({})
      const other = items.find(({ title }) => title === "Heat")
      const refused = yield* Effect.flip((yield* Removals).request(other?.id ?? ""))
      assert.deepInclude(refused, { _tag: "RemovalForbidden" })
      assert.include(refused.message, "cannot access")
      const [waiting] = yield* removals
      assert.deepInclude(waiting, { state: "scheduled" })
      assert.include(waiting?.reason ?? "", "it was planned for /media")
      library.unreachable.clear()
      yield* passTime("2 days")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(library.removed.length, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
