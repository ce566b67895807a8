/** Who has watched every episode: what the numbers of seen episodes show, and what they leave open. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { leaf } from "../rules/Samples.ts"
import { coming, episode, factOf, keep, later, sync } from "./ContentsSamples.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { playback, season, serverItem, show } from "./Samples.ts"

describe("Who has watched every episode", () => {
  const seenBy = (name: string, seen: number | null) => ({
    name,
    account: { id: name },
    plays: 9,
    lastPlayedAt: later,
    ...(seen === null ? {} : { seen, lastSeenAt: later })
  })

  /** Four aired episodes, of which three have files; `seen` of them by each person. */
  const watched = (people: Readonly<Record<string, number | null>>, onServers = 1) => {
    const feeds = new Feeds()
    const manager = feeds.of("Manager")
    const whole = show("1", ["tvdb:1"], { title: "Show", contentsSign: "a", facts: { episodeCount: 3 } })
    manager.catalog = [whole, season(whole, 1)]
    manager.contents = {
      "1": {
        episodes: [
          episode(1, 1),
          episode(1, 2),
          episode(1, 3),
          episode(1, 4, { hasFile: false, fileId: null }),
          episode(1, 5, { airsAt: coming, hasFile: false, fileId: null })
        ]
      }
    }
    const server = feeds.of("Server")
    const keys = Array.from({ length: onServers }, (_, index) => `k${index}`)
    server.serverItems = keys.flatMap((serverItemId) => [
      serverItem({ serverItemId, kind: "show", ids: ["tvdb:1"], library: serverItemId }),
      serverItem({
        library: serverItemId,
        serverItemId: `${serverItemId}s`,
        kind: "season",
        seasonNumber: 1,
        parentServerItemId: serverItemId
      })
    ])
    const users = Object.entries(people).map(([name, seen]) => seenBy(name, seen))
    server.playback = keys.flatMap((serverItemId) =>
      users.length === 0
        ? []
        : [playback(serverItemId, {}, later, { kind: "season", seasonNumber: 1, plays: 9 * users.length, users })]
    )
    return feeds
  }

  const cases: ReadonlyArray<readonly [string, Readonly<Record<string, number | null>>, number, string]> = [
    ["has seen as many as have aired", { ann: 4 }, 1, "ann"],
    ["has seen fewer than there are files", { ann: 2 }, 1, ""],
    ["may have seen those that are gone", { ann: 3 }, 1, "?"],
    ["has seen more than have aired, so that its count is wrong", { ann: 5 }, 1, "?"],
    ["may only have begun them", { ann: null }, 1, "?"],
    ["is one of two people", { ann: 4, bob: 1 }, 1, "ann"],
    ["has seen some in two libraries of one server, perhaps different ones", { ann: 2 }, 2, "?"],
    ["has seen all of them in one of two libraries", { ann: 4 }, 2, "ann"],
    ["is nobody", {}, 1, ""]
  ]
  for (const [what, people, onServers, expected] of cases) {
    const feeds = watched(people, onServers)
    it.effect(`is known of a person who ${what}`, () =>
      Effect.gen(function* () {
        yield* keep(leaf("everyEpisodeWatched", "equals", true))
        yield* connectFeed("manager", "Manager", { wholeShows: false })
        yield* connectFeed("server", "Server")
        yield* sync
        const value = (yield* factOf("viewersOfEveryEpisode"))["Show season 1"]
        const names = Array.isArray(value) ? value.map((one) => (typeof one === "string" ? one : one.user)).join() : "?"
        assert.strictEqual(names, expected, JSON.stringify(value))
      }).pipe(Effect.provide(feedTest(feeds)))
    )
  }
})
