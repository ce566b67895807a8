/** How the entry of a show in Sonarr is handled after its last season was removed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { connect } from "../support/FakeUpstream.ts"
import { plain, season, series, status } from "./ArrAnswers.ts"
import { config, seasonOne } from "./SonarrLibrary.ts"

describe("The entry of a show whose last season was removed", () => {
  const gone = (seasonNumber: number, changes: Record<string, unknown> = {}) =>
    season(seasonNumber, 0, { monitored: false, ...changes })
  const empty = (changes: Record<string, unknown> = {}) =>
    series(5, {
      seasons: [gone(0), gone(1)],
      statistics: { seasonCount: 1, episodeFileCount: 0, sizeOnDisk: 0 },
      ...changes
    })
  const settle = (choice: "unmonitor" | "remove", now: unknown, files: ReadonlyArray<unknown> = []) =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, (sent) =>
        sent.path === "/api/v3/episodefile" ? files : sent.method === "GET" ? now : {}
      )
      const fate = yield* fake.connected.removal!.settleEntry!(seasonOne, choice, { addImportExclusion: false })
      return { fake, fate, changed: fake.sent.filter((sent) => sent.method !== "GET") }
    })

  it.effect("is removed from the list without deleting files, with an exclusion if the option is set", () =>
    Effect.gen(function* () {
      const { changed, fate } = yield* settle("remove", empty())
      assert.deepStrictEqual(fate, { _tag: "Removed" })
      assert.deepStrictEqual(
        changed.map((sent) => [`${sent.method} ${sent.path}`, Object.fromEntries(sent.query)]),
        [["DELETE /api/v3/series/5", { deleteFiles: "false", addImportListExclusion: "false" }]]
      )
    })
  )

  it.effect("is unmonitored, and nothing else of it changes", () =>
    Effect.gen(function* () {
      const before = empty()
      const { changed, fate } = yield* settle("unmonitor", before)
      assert.deepStrictEqual(fate, { _tag: "Unmonitored" })
      assert.deepStrictEqual(
        changed.map((sent) => [sent.method, sent.body]),
        [["PUT", { ...before, monitored: false }]]
      )
      assert.deepStrictEqual(
        (yield* settle("unmonitor", empty({ monitored: false }))).changed,
        [],
        "asked again it sends nothing"
      )
    })
  )

  const kept: ReadonlyArray<[name: string, now: unknown, files: ReadonlyArray<unknown>, reason: RegExp]> = [
    ["continues", empty({ status: "continuing" }), [], /has not ended/],
    ["has a status that is not known", empty({ status: "hiatus" }), [], /has not ended/],
    [
      "still has files according to its statistics",
      empty({ statistics: { episodeFileCount: 1, sizeOnDisk: 1 } }),
      [],
      /still has files/
    ],
    ["still has specials", empty({ seasons: [season(0, 2, { monitored: false }), gone(1)] }), [], /still has files/],
    ["still has files by their list", empty(), [{ id: 1, seasonNumber: 0 }], /still has files/],
    ["does not report its files", empty({ statistics: null }), [], /does not say/],
    [
      "has another monitored season",
      empty({ seasons: [gone(1), gone(2, { monitored: true })] }),
      [],
      /season 2 is still monitored/
    ],
    ["is another show by now", empty({ tvdbId: 1, tmdbId: 2, imdbId: "tt3" }), [], /another show/],
    ["is no longer listed", undefined, [], /no longer lists/]
  ]
  for (const [name, now, files, reason] of kept) {
    for (const choice of ["unmonitor", "remove"] as const) {
      it.effect(`stays if the show ${name} (${choice})`, () =>
        Effect.gen(function* () {
          const { changed, fate } = yield* settle(choice, now, files)
          assert.deepStrictEqual(changed, [])
          assert.strictEqual(fate._tag, "Kept")
          if (fate._tag === "Kept") assert.match(fate.reason, reason)
        })
      )
    }
  }

  it.effect("is restored with the season, without the others", () =>
    Effect.gen(function* () {
      const before = yield* connect(
        sonarr,
        config,
        plain(() => series(5))
      )
      const presence = yield* before.connected.removal!.presence(seasonOne)
      const data: unknown = presence._tag === "Present" ? JSON.parse(JSON.stringify(presence.restore)) : undefined
      const fake = yield* connect(sonarr, config, (sent) => {
        switch (`${sent.method} ${sent.path}`) {
          case "GET /api/v3/system/status":
            return status("Sonarr")
          case "GET /api/v3/series":
          case "GET /api/v3/importlistexclusion":
            return []
          case "POST /api/v3/series":
            return Response.json({ id: 88 }, { status: 201 })
          default:
            return undefined
        }
      })
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(data), { externalId: "88:s1" })
      const body = fake.sent.find((sent) => sent.method === "POST")?.body
      assert.deepNestedInclude(body, { tvdbId: 1005, monitored: true })
      assert.deepInclude(body, {
        seasons: [0, 1, 2, 3].map((seasonNumber) => ({ seasonNumber, monitored: seasonNumber === 1 }))
      })
    })
  )

  it.effect("is monitored again when a season is restored", () =>
    Effect.gen(function* () {
      const before = yield* connect(
        sonarr,
        config,
        plain(() => series(5))
      )
      const presence = yield* before.connected.removal!.presence(seasonOne)
      const fake = yield* connect(sonarr, config, (sent) => (sent.method === "GET" ? empty({ monitored: false }) : {}))
      yield* fake.connected.removal!.restore(presence._tag === "Present" ? presence.restore : null)
      const put = fake.sent.find((sent) => sent.method === "PUT")?.body
      assert.deepInclude(put, { monitored: true })
    })
  )
})
