/** A media server that another one replaces: names, people, and plays that go on counting. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { factSheet } from "../../src/library/ItemFacts.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { FactName } from "../../src/library/Facts.ts"
import { Replacements } from "../../src/moving/Replacements.ts"
import type { ReplacementRequest } from "../../src/moving/Replacement.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Viewers } from "../../src/viewers/Viewers.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, playback, season, serverItem, show } from "../library/Samples.ts"
import { itemIdOf } from "../support/Stack.ts"

const [played, later] = ["2026-01-10T00:00:00.000Z", "2026-01-12T00:00:00.000Z"]

const library = () => {
  const feeds = new Feeds()
  const series = show("9", ["tvdb:77"])
  const movie = (externalId: string, title: string) =>
    catalogItem({ externalId, title, ids: [`tmdb-movie:${externalId}`] })
  feeds.of("Manager").catalog = [movie("1", "Alien"), movie("2", "Heat"), movie("3", "Ran"), series, season(series, 1)]
  const on = (key: string, id: string, library: string, collections: ReadonlyArray<string> = []) =>
    serverItem({ serverItemId: key, title: key, ids: [id], library, collections })
  const seriesOn = (key: string, library: string) => [
    serverItem({ serverItemId: key, kind: "show", title: "Show 9", ids: ["tvdb:77"], library }),
    serverItem({ serverItemId: `${key}s1`, kind: "season", parentServerItemId: key, seasonNumber: 1, library })
  ]
  feeds.of("Old").serverItems = [
    on("o1", "tmdb-movie:1", "Movies", ["Best of"]),
    on("o2", "tmdb-movie:2", "Movies"),
    on("o3", "tmdb-movie:3", "Kids"),
    ...seriesOn("o9", "Series")
  ]
  feeds.of("Old").playback = [
    playback("o1", { alice: 2 }, played),
    playback("o2", { bob: 1 }, played),
    playback("o3", { alice: 1, carol: 1 }, played),
    playback("o9", { alice: 3 }, played, { kind: "show" }),
    playback("o9", { alice: 3 }, played, { kind: "season", seasonNumber: 1 })
  ]
  feeds.of("New").serverItems = [
    on("n1", "tmdb-movie:1", "Films", ["Favourites"]),
    on("n2", "tmdb-movie:2", "Films"),
    ...seriesOn("n9", "Series")
  ]
  feeds.of("New").playback = [playback("n1", { Alice: 1 }, later)]
  return feeds
}

const sync = Effect.flatMap(Sync, (service) => service.run())

const set = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  const former = yield* connectFeed("server", "Old")
  const successor = yield* connectFeed("server", "New")
  yield* sync
  return { former, successor }
})

const fact = (title: string, name: FactName) =>
  Effect.gen(function* () {
    const snapshots = yield* Snapshots
    const snapshot = yield* snapshots.get
    const item = snapshot.byId.get(yield* itemIdOf(title))
    const read = factSheet(item!, yield* snapshots.contextOf(snapshot), snapshot).get(name)
    return read._tag === "Known" ? read.value : read._tag
  })

const keepMovies = {
  name: "Keep movies",
  enabled: true,
  effect: "always-keep",
  condition: { kind: "condition", field: "library", operator: "in", value: ["Movies", "Kids"] } as const,
  scope: { libraries: ["Movies"] }
}

const test = (name: string, use: Effect.Effect<void, unknown, Layer.Success<ReturnType<typeof feedTest>>>) =>
  it.effect(name, () => Effect.provide(use, Layer.fresh(feedTest(library()))))

const films: ReplacementRequest["names"] = [{ what: "library", from: "movies", to: "Films" }]

describe("A media server that is replaced", () => {
  test(
    "is previewed: names, people, plays, and what cannot be carried over; nothing is changed",
    Effect.gen(function* () {
      const { former, successor } = yield* set
      const rules = yield* Rules
      yield* rules.create(keepMovies)
      yield* (yield* Protections).add({ collection: "Best of" })
      const before = yield* rules.list
      const plan = yield* (yield* Replacements).preview(former, { successorId: successor, names: films })
      assert.deepStrictEqual(plan.names, [
        { what: "library", name: "Movies", to: "Films", usedBy: ['the rule "Keep movies"'] },
        { what: "library", name: "Kids", to: null, usedBy: ['the rule "Keep movies"'] },
        { what: "collections", name: "Best of", to: null, usedBy: ["a protection"] }
      ])
      assert.deepStrictEqual(
        plan.rules.map(({ changes }) => changes),
        [['library "Movies" becomes "Films"']]
      )
      assert.deepStrictEqual(
        plan.accounts.map(({ because, from, to }) => [from.name, to?.name ?? null, because]),
        [
          ["alice", "Alice", "they have the same name"],
          ["bob", null, "no account of the new server has its name"],
          ["carol", null, "no account of the new server has its name"]
        ]
      )
      // Ran is not on the new server yet.
      assert.deepStrictEqual(plan.plays, { titles: 5, plays: 8, waiting: 1 })
      assert.deepStrictEqual(
        plan.notCarried.map(({ what }) => what),
        ['library "Kids"', 'collections "Best of"']
      )
      assert.deepStrictEqual(
        plan.integrations.map(({ name }) => name),
        ["Old"]
      )
      assert.deepStrictEqual(yield* rules.list, before)
      assert.isTrue((yield* (yield* Integrations).get(former)).enabled)
    })
  )

  test(
    "leaves nothing unplayed: its plays go on counting, added to those of the new one, also after it is deleted",
    Effect.gen(function* () {
      const { former, successor } = yield* set
      const replacements = yield* Replacements
      const request = { successorId: successor, names: films }
      const { fingerprint } = yield* replacements.preview(former, request)
      yield* replacements.replace(former, request, fingerprint)
      const integrations = yield* Integrations
      const expectPlays = Effect.gen(function* () {
        assert.strictEqual(yield* fact("Alien", "playCount"), 3)
        assert.strictEqual(yield* fact("Alien", "lastPlayedAt"), later)
        assert.strictEqual(yield* fact("Heat", "playCount"), 1)
        assert.deepStrictEqual(yield* fact("Heat", "watchedBy"), ["bob"])
        assert.strictEqual(yield* fact("Heat", "lastPlayedAt"), played)
        assert.strictEqual(yield* fact("Show 9", "playCount"), 3)
        assert.strictEqual(yield* fact("Show 9 season 1", "playCount"), 3)
        // It is on no server that is connected, which is not the same as "never played".
        assert.strictEqual(yield* fact("Ran", "playCount"), "Unknown")
      })
      yield* sync
      yield* expectPlays
      const { items } = yield* (yield* Viewers).list()
      assert.sameMembers(
        items.map(({ name, totals }) => `${name} ${totals.plays}`),
        ["alice 6", "bob 1", "carol 0"]
      )
      yield* integrations.remove(former)
      yield* sync
      yield* expectPlays
    })
  )

  test(
    "counts once: while it is switched on again, its own reading counts instead of what was kept",
    Effect.gen(function* () {
      const { former, successor } = yield* set
      const replacements = yield* Replacements
      const request = { successorId: successor }
      const { fingerprint } = yield* replacements.preview(former, request)
      yield* replacements.replace(former, request, fingerprint)
      yield* (yield* Integrations).update(former, { enabled: true })
      yield* sync
      assert.strictEqual(yield* fact("Alien", "playCount"), 3)
      assert.strictEqual(yield* fact("Heat", "playCount"), 1)
    })
  )

  test(
    "gives rules and protections the names of the new one, joins people, and takes all of it back",
    Effect.gen(function* () {
      const { former, successor } = yield* set
      const [rules, protections, viewers] = [yield* Rules, yield* Protections, yield* Viewers]
      const { id } = yield* rules.create(keepMovies)
      yield* protections.add({ collection: "Best of", reason: "Loved" })
      const before = yield* rules.get(id)
      const replacements = yield* Replacements
      const request: ReplacementRequest = {
        successorId: successor,
        names: [...(films ?? []), { what: "collections", from: "Best of", to: "Favourites" }]
      }
      const { fingerprint } = yield* replacements.preview(former, request)
      const done = yield* replacements.replace(former, request, fingerprint)
      const { condition, scope } = yield* rules.get(id)
      assert.deepStrictEqual(condition, {
        kind: "condition",
        field: "library",
        operator: "in",
        value: ["Films", "Kids"]
      })
      assert.deepStrictEqual(scope, { libraries: ["Films"] })
      assert.sameMembers(
        (yield* protections.list).map(({ collection, reason }) => `${collection} ${reason}`),
        ["Best of Loved", "Favourites Loved"]
      )
      assert.isFalse((yield* (yield* Integrations).get(former)).enabled)
      const people = (yield* viewers.list()).items
      assert.sameMembers(
        people.map(({ integrations, name }) => `${name}: ${integrations.toSorted().join()}`),
        ["alice: New,Old", "bob: Old", "carol: Old"]
      )
      assert.deepStrictEqual(yield* replacements.get(former), done)
      const twice = yield* Effect.flip(replacements.replace(former, request, fingerprint))
      assert.strictEqual(twice.code, "replacement-conflict")

      yield* replacements.undo(former)
      const after = yield* rules.get(id)
      assert.deepStrictEqual([after.condition, after.scope], [before.condition, before.scope])
      assert.deepStrictEqual(
        (yield* protections.list).map(({ collection }) => collection),
        ["Best of"]
      )
      assert.isTrue((yield* (yield* Integrations).get(former)).enabled)
      assert.lengthOf((yield* viewers.list()).items, 4)
      yield* sync
      assert.strictEqual(yield* fact("Alien", "playCount"), 3)
      assert.strictEqual((yield* Effect.flip(replacements.undo(former))).code, "replacement-not-found")
    })
  )

  test(
    "is replaced as previewed or not at all, and not undone after it was deleted",
    Effect.gen(function* () {
      const { former, successor } = yield* set
      const rules = yield* Rules
      const { id } = yield* rules.create(keepMovies)
      const replacements = yield* Replacements
      const request = { successorId: successor, names: films }
      const { fingerprint } = yield* replacements.preview(former, request)
      yield* rules.update(id, { name: "Renamed" })
      const outdated = yield* Effect.flip(replacements.replace(former, request, fingerprint))
      assert.strictEqual(outdated.code, "replacement-conflict")
      assert.deepStrictEqual((yield* rules.get(id)).scope, { libraries: ["Movies"] })
      const again = yield* replacements.preview(former, request)
      yield* replacements.replace(former, request, again.fingerprint)
      yield* (yield* Integrations).remove(former)
      assert.strictEqual((yield* Effect.flip(replacements.undo(former))).code, "replacement-conflict")
    })
  )

  test(
    "keeps people apart whom somebody has chosen to be different, and refuses what does not exist",
    Effect.gen(function* () {
      const { former, successor } = yield* set
      const viewers = yield* Viewers
      const alice = (yield* viewers.list({ q: "alice" })).items
      const identities = (yield* Effect.forEach(alice, ({ id }) => viewers.get(id))).flatMap((one) => one.identities)
      const from = identities.find(({ integrationId }) => integrationId === former)?.id ?? ""
      const replacements = yield* Replacements
      const request = { successorId: successor, accounts: [{ from, to: null }] }
      const { fingerprint } = yield* replacements.preview(former, request)
      yield* replacements.replace(former, request, fingerprint)
      yield* sync
      assert.deepStrictEqual(yield* fact("Alien", "watchedBy"), ["Alice", "alice"])
      const bad = yield* Effect.flip(
        replacements.preview(former, {
          successorId: successor,
          names: [{ what: "library", from: "Movies", to: "Nowhere" }],
          accounts: [{ from: "999", to: null }]
        })
      )
      assert.strictEqual(bad.code, "invalid-request")
      if (bad._tag !== "InvalidRequest") return
      assert.deepStrictEqual(
        bad.errors.map(({ path }) => path.join(".")),
        ["payload.names.0.to", "payload.accounts.0.from"]
      )
      const none = yield* Effect.flip(replacements.preview(former, { successorId: "1" }))
      assert.strictEqual(none.code, "invalid-request")
    })
  )
})
