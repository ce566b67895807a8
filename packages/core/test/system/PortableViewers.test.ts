/** Which accounts are of one person is a person's decision: it is exported and imported with the configuration. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EventLog } from "../../src/events/EventLog.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import type { InvalidRequest } from "../../src/problems/Problem.ts"
import type { Configuration } from "../../src/system/Configuration.ts"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { Viewers } from "../../src/viewers/Viewers.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, playback, serverItem } from "../library/Samples.ts"
import { exported, imported, sync } from "./Furnished.ts"

const at = "2026-01-10T00:00:00.000Z"

const user = (name: string, id: string, shared?: string) => ({
  name,
  account: { id, ...(shared === undefined ? {} : { sharedIds: [shared] }) },
  plays: 1,
  lastPlayedAt: at
})

const house = (users = [user("ann", "1"), user("Ann on TV", "2"), user("bob", "3")]) => {
  const feeds = new Feeds()
  feeds.of("Manager").catalog = [catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })]
  feeds.of("Server").serverItems = [serverItem({ serverItemId: "1", ids: ["tmdb-movie:1"] })]
  feeds.of("Server").playback = [playback("1", {}, at, { plays: users.length, users })]
  return Layer.fresh(feedTest(feeds))
}

const connected = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "Server")
  yield* sync
})

/** The names of the accounts of each person. */
const people = Effect.gen(function* () {
  const viewers = yield* Viewers
  const { items } = yield* viewers.list({ limit: 200 })
  const all = yield* Effect.forEach(items, ({ id }) => viewers.get(id))
  return all
    .map(({ identities }) =>
      identities
        .map(({ name }) => name)
        .sort()
        .join("+")
    )
    .sort()
})

/** The names by which each person is known who has played the film. */
const playersOf = Effect.flatMap(Snapshots, ({ get }) =>
  Effect.map(get, ({ items }) =>
    items.flatMap(({ data }) =>
      (data.playback?.users ?? []).map(({ names = [], user: first }) => [first, ...names].sort().join("+")).sort()
    )
  )
)

const idOf = (name: string) =>
  Effect.flatMap(Viewers, (viewers) =>
    Effect.map(viewers.list({ q: name }), ({ items }) => items.find((one) => one.name === name)!.id)
  )

/** Ann has two accounts, and bob is certainly somebody else. */
const document = Effect.gen(function* () {
  const viewers = yield* Viewers
  yield* connected
  yield* viewers.join(yield* idOf("ann"), [yield* idOf("Ann on TV"), yield* idOf("bob")])
  const { identities } = yield* viewers.get(yield* idOf("ann"))
  yield* viewers.split(yield* idOf("ann"), [identities.find(({ name }) => name === "bob")!.id])
  return yield* exported()
}).pipe(Effect.provide(house()))

const joined = ["Ann on TV+ann", "bob"]

describe("People whose accounts somebody has placed", () => {
  it.effect("are found by the first sync after an import into an empty installation", () =>
    Effect.gen(function* () {
      const given = yield* document
      assert.deepStrictEqual(
        given.viewers?.map(({ accounts }) => accounts.map(({ integration, key }) => `${integration} ${key}`)),
        [["Server account:id:1", "Server account:id:2"], ["Server account:id:3"]]
      )
      yield* Effect.gen(function* () {
        const { changes } = yield* imported(given)
        assert.deepStrictEqual(
          changes.flatMap(({ change, section }) => (section === "viewers" ? [change] : [])),
          ["add", "add"]
        )
        yield* sync
        assert.deepStrictEqual(yield* people, joined)
        assert.deepStrictEqual((yield* imported(given)).changes, [])
        assert.deepStrictEqual((yield* exported()).viewers, given.viewers)
        const [identity] = (yield* (yield* Viewers).get(yield* idOf("bob"))).identities
        assert.deepInclude(identity, { placedBy: "person", missingSince: null })
      }).pipe(Effect.provide(house()))
    })
  )

  it.effect("are joined and split in an installation that knows their accounts already, at once", () =>
    Effect.gen(function* () {
      const given = yield* document
      yield* Effect.gen(function* () {
        yield* connected
        const viewers = yield* Viewers
        assert.deepStrictEqual(yield* people, ["Ann on TV", "ann", "bob"])
        yield* viewers.join(yield* idOf("bob"), [yield* idOf("Ann on TV")])
        const dry = yield* (yield* ConfigurationTransfer).import(given, { dryRun: true })
        assert.isNotEmpty(dry.changes.filter(({ section }) => section === "viewers"))
        assert.deepStrictEqual(yield* people, ["Ann on TV+bob", "ann"], "a dry run changes nothing")
        yield* imported(given)
        assert.deepStrictEqual(yield* people, joined)
        assert.deepStrictEqual(yield* playersOf, joined, "the plays of the library are joined again")
        const events = (yield* (yield* EventLog).page({ type: "viewer.joined" })).items
        assert.match(events[0]?.message ?? "", /^Imported that /)
        yield* sync
        assert.deepStrictEqual(yield* people, joined)
      }).pipe(Effect.provide(house()))
    })
  )

  it.effect("are not given to somebody who has another id there, nor to an integration that is not there", () =>
    Effect.gen(function* () {
      const given = yield* Effect.gen(function* () {
        yield* connected
        yield* (yield* Viewers).join(yield* idOf("ann"), [yield* idOf("Ann on TV")])
        return yield* exported()
      }).pipe(Effect.provide(house([user("ann", "1", "plex:100"), user("Ann on TV", "2", "plex:200")])))
      yield* Effect.gen(function* () {
        yield* connected
        const [viewer] = given.viewers ?? []
        const accounts = [...viewer!.accounts, { ...viewer!.accounts[0]!, integration: "Elsewhere" }]
        const { changes, skipped } = yield* imported({ ...given, viewers: [{ name: "ann", accounts }] })
        assert.deepStrictEqual(
          skipped.map(({ path }) => path.join(".")),
          ["payload.viewers.0.accounts.0", "payload.viewers.0.accounts.2"]
        )
        assert.match(skipped[0]?.because ?? "", /is somebody else's account in Server/)
        assert.lengthOf(
          changes.filter(({ section }) => section === "viewers"),
          1
        )
        assert.deepStrictEqual(yield* people, ["Ann on TV", "carl"])
      }).pipe(Effect.provide(house([user("carl", "1", "plex:300"), user("Ann on TV", "2", "plex:200")])))
    })
  )

  it.effect("appear once, or nothing is imported", () =>
    Effect.gen(function* () {
      const given = yield* document
      const [ann, bob] = given.viewers ?? []
      const twice: Configuration = { ...given, viewers: [ann!, { ...bob!, accounts: ann!.accounts }] }
      yield* Effect.gen(function* () {
        yield* connected
        const error: InvalidRequest = yield* Effect.flip(imported(twice))
        assert.deepStrictEqual(
          error.errors.map(({ path }) => path.join(".")),
          ["payload.viewers.1.accounts.0.key", "payload.viewers.1.accounts.1.key"]
        )
        assert.deepStrictEqual(yield* people, ["Ann on TV", "ann", "bob"])
      }).pipe(Effect.provide(house()))
    })
  )
})
