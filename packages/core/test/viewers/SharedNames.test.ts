/**
 * Two people of one name on two servers. Which of them a rule, a request or a count is about is not known, so that what
 * depends on it is unknown: a rule that removes does not match, and one that keeps keeps. Once somebody has said that
 * they are one, all of it is known.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import type { ServerAccount } from "../../src/integrations/Observations.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Viewers } from "../../src/viewers/Viewers.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, playback, request, season, serverItem, show } from "../library/Samples.ts"
import { leaf } from "../rules/Samples.ts"

const asked = "2026-01-01T00:00:00.000Z"
const recently = "2026-01-10T00:00:00.000Z"

const bob = { name: "Bob", names: ["bob@first.test"], account: { id: "7" } }
const otherBob = { name: "bob", names: ["bob@second.test"], account: { id: "7" } }
const watched = (who: { readonly name: string; readonly account: ServerAccount }, seen = 1) => ({
  ...who,
  plays: 1,
  lastPlayedAt: recently,
  seen,
  lastSeenAt: seen > 0 ? recently : null
})

/** What each of the two has watched. */
const films = {
  neither: [false, false],
  first: [true, false],
  second: [false, true],
  both: [true, true]
} as const
type Film = keyof typeof films
const titles = Object.keys(films) as ReadonlyArray<Film>

const feedsOf = (requester: { readonly id: string; readonly sharedIds: ReadonlyArray<string> } | null = null) => {
  const feeds = new Feeds()
  const idOf = (title: Film) => `tmdb-movie:${titles.indexOf(title) + 1}`
  feeds.of("Manager").catalog = titles.map((title) => catalogItem({ externalId: title, title, ids: [idOf(title)] }))
  for (const [index, server, who] of [
    [0, "First", bob],
    [1, "Second", otherBob]
  ] as const) {
    feeds.of(server).serverItems = titles.map((title) => serverItem({ serverItemId: title, ids: [idOf(title)] }))
    feeds.of(server).playback = titles.flatMap((title) =>
      films[title][index] ? [playback(title, {}, recently, { plays: 1, users: [watched(who)] })] : []
    )
  }
  feeds.of("Wishes").requests = titles.map((title) =>
    request([idOf(title)], ["Bob"], {
      requestId: title,
      requestedAt: asked,
      ...(requester === null ? {} : { requester })
    })
  )
  return feeds
}

const connected = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "First")
  yield* connectFeed("server", "Second")
  yield* connectFeed("wishes", "Wishes")
  yield* Effect.flatMap(Sync, (sync) => sync.run())
})

/** For which films a condition is true, and for which it is unknown. */
const truthOf = (condition: Condition) =>
  Effect.gen(function* () {
    const trial = yield* RuleTrial
    const titled = (truth: "true" | "unknown") =>
      Effect.map(trial.preview({ condition, truth }), ({ items }) =>
        items
          .map(({ title }) => title)
          .sort()
          .join(" ")
      )
    return [yield* titled("true"), yield* titled("unknown")]
  })

const person = (operator: string, name: string, days?: number) =>
  leaf("watchedByUser", operator, undefined, { user: name, ...(days === undefined ? {} : { days }) })

const joinBoth = Effect.gen(function* () {
  const viewers = yield* Viewers
  const ids = (yield* viewers.list({ q: "bob" })).items
  const mail = yield* Effect.forEach(ids, ({ id }) => viewers.get(id))
  const accounts = mail.filter(({ identities }) => identities.some(({ role }) => role === "account"))
  yield* viewers.join(
    accounts[0]!.id,
    accounts.slice(1).map(({ id }) => id)
  )
})

describe("A rule about a person whose name two people have", () => {
  const cases: ReadonlyArray<readonly [string, Condition, readonly [string, string], readonly [string, string]]> = [
    [
      // "Remove what Bob has watched": what only the other one has watched must stay.
      "that they watched it is not true of what only one of them has watched",
      person("everWatched", "Bob"),
      ["", "both first second"],
      ["both first second", ""]
    ],
    [
      // "Keep what Bob has not watched yet": what the other one has watched must stay kept.
      "that they never watched it is true of what neither has watched alone",
      person("neverWatched", "Bob"),
      ["neither", "both first second"],
      ["neither", ""]
    ],
    [
      "that they watched it lately is as uncertain",
      person("watchedSince", "BOB", 30),
      ["", "both first second"],
      ["both first second", ""]
    ],
    [
      "that they did not watch it lately, too",
      person("notWatchedSince", "Bob", 30),
      ["neither", "both first second"],
      ["neither", ""]
    ],
    [
      // "Remove what Bob asked for and has watched": the other one may be the one who asked.
      "that who asked has watched it",
      leaf("watchedByRequester", "equals", true),
      ["", "both first second"],
      ["both first second", ""]
    ],
    [
      // "Remove what nobody who asked for it has watched": the one who has watched it may be the one who asked.
      "that who asked has not watched it",
      leaf("watchedByRequester", "equals", false),
      ["neither", "both first second"],
      ["neither", ""]
    ],
    [
      "that everybody who asked has watched it",
      leaf("watchedByAllRequesters", "equals", true),
      ["", "both first second"],
      ["both first second", ""]
    ],
    [
      // "Remove what two people have watched": the two may be one.
      "that two people watched it",
      leaf("watchedByCount", ">=", 2),
      ["", "both"],
      ["", ""]
    ],
    [
      // "Remove what fewer than two people have watched": the two may be two.
      "that fewer than two people watched it",
      leaf("watchedByCount", "<", 2),
      ["first neither second", "both"],
      ["both first neither second", ""]
    ],
    [
      "that they watched it to the end",
      leaf("viewersWhoFinished", "everWatched", undefined, { user: "Bob" }),
      ["", "both first second"],
      ["both first second", ""]
    ],
    [
      "that they did not watch it to the end",
      leaf("viewersWhoFinished", "neverWatched", undefined, { user: "Bob" }),
      ["neither", "both first second"],
      ["neither", ""]
    ],
    ["that two people watched it to the end", leaf("viewersWhoFinishedCount", ">=", 2), ["", "both"], ["", ""]]
  ]
  for (const [what, condition, apart, together] of cases) {
    it.effect(`${what}, and is certain after they were joined`, () =>
      Effect.gen(function* () {
        yield* connected
        assert.deepStrictEqual(yield* truthOf(condition), [...apart])
        yield* joinBoth
        assert.deepStrictEqual(yield* truthOf(condition), [...together])
      }).pipe(Effect.provide(feedTest(feedsOf())))
    )
  }

  it.effect("is warned of, until somebody has said that they are one", () =>
    Effect.gen(function* () {
      yield* connected
      const warnings = Effect.flatMap(RuleTrial, (trial) =>
        Effect.map(trial.preview({ condition: person("everWatched", "Bob") }), (preview) => preview.warnings)
      )
      const [warning, ...others] = yield* warnings
      assert.match(warning ?? "", /^Several people are called "[Bb]ob"/)
      assert.deepStrictEqual(others, [])
      yield* joinBoth
      assert.deepStrictEqual(yield* warnings, [])
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("is certain by a name that only one of them has", () =>
    Effect.gen(function* () {
      yield* connected
      assert.deepStrictEqual(yield* truthOf(person("everWatched", "bob@first.test")), ["both first", ""])
      assert.deepStrictEqual(yield* truthOf(person("neverWatched", "bob@second.test")), ["first neither", ""])
      const finished = leaf("viewersWhoFinished", "everWatched", undefined, { user: "bob@second.test" })
      assert.deepStrictEqual(yield* truthOf(finished), ["both second", ""])
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("does not use the date of one person for the other", () => {
    const feeds = feedsOf()
    const long = "2025-01-01T00:00:00.000Z"
    feeds.of("First").playback = [
      playback("both", {}, long, { plays: 1, users: [{ ...watched(bob), lastPlayedAt: long, lastSeenAt: long }] })
    ]
    return Effect.gen(function* () {
      yield* connected
      assert.deepStrictEqual(yield* truthOf(person("watchedSince", "bob@first.test", 30)), ["", ""])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A request by a person whose name two people have", () => {
  it.effect("is certain if it contains an id that only one of them has", () => {
    const feeds = feedsOf({ id: "1", sharedIds: ["number:4007"] })
    for (const entry of feeds.of("First").playback ?? []) {
      Object.assign(entry, {
        users: entry.users.map((user) => ({ ...user, account: { id: "7", sharedIds: ["number:4007"] } }))
      })
    }
    return Effect.gen(function* () {
      yield* connected
      // The other person is certainly not the requester, so only unreported plays leave the result unknown.
      assert.deepStrictEqual(yield* truthOf(leaf("watchedByRequester", "equals", true)), ["both first", "second"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is not by the only one with that name if that one has another id", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1", title: "it", ids: ["tmdb-movie:1"] })]
    feeds.of("First").serverItems = [serverItem({ serverItemId: "1", ids: ["tmdb-movie:1"] })]
    const account = { id: "7", sharedIds: ["number:4007"] }
    feeds.of("First").playback = [playback("1", {}, recently, { plays: 1, users: [watched({ ...bob, account })] })]
    const requester = { id: "3", sharedIds: ["number:5555"] }
    feeds.of("Wishes").requests = [request(["tmdb-movie:1"], ["Bob"], { requestedAt: asked, requester })]
    return Effect.gen(function* () {
      yield* connected
      assert.deepStrictEqual(yield* truthOf(leaf("watchedByRequester", "equals", true)), ["", "it"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A season that is up next for a person whose name two people have", () => {
  it.effect("is up next although the other person is further ahead", () => {
    const feeds = new Feeds()
    const whole = show("5", ["tvdb:5"])
    feeds.of("Manager").catalog = [whole, ...[1, 2, 3].map((number) => season(whole, number, { title: `S${number}` }))]
    for (const [server, who, number] of [
      ["First", bob, 1],
      ["Second", otherBob, 3]
    ] as const) {
      feeds.of(server).serverItems = [
        serverItem({ serverItemId: "s", kind: "show", ids: ["tvdb:5"] }),
        ...[1, 2, 3].map((one) =>
          serverItem({ serverItemId: `s${one}`, kind: "season", parentServerItemId: "s", seasonNumber: one })
        )
      ]
      const users = [watched(who)]
      feeds.of(server).playback = [
        playback("s", {}, recently, { kind: "show", plays: 1, users }),
        playback("s", {}, recently, { kind: "season", seasonNumber: number, plays: 1, users })
      ]
    }
    return Effect.gen(function* () {
      yield* connected
      assert.deepStrictEqual(yield* truthOf(leaf("upNext", "equals", true)), ["S2", ""])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
