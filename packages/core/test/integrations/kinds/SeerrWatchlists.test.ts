/** The watchlists of the users of Seerr, and when they count as read. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { overseerr, seerr } from "../../../src/integrations/kinds/seerr.ts"
import { type Answers, connect, read, type Sent } from "../support/FakeUpstream.ts"
import { faultsOf } from "../support/OpenApi.ts"
import { hasShared, spec } from "../support/Shared.ts"

const certain = { apiKey: "k", watchlists: "certain" } as const
const reported = { apiKey: "k", watchlists: "reported" } as const

const ofPlex = (id: number, name: string) => ({ id, displayName: name, plexId: 4_000_000 + id, userType: 1 })
const local = (id: number, name: string) => ({ id, displayName: name, plexId: null, userType: 2 })
const movie = (tmdbId: number | null) => ({ ratingKey: "", title: `Title ${tmdbId}`, mediaType: "movie", tmdbId })

/** Lists in pages of two, by the id of the user. */
const server =
  (users: ReadonlyArray<unknown>, lists: Readonly<Record<string, ReadonlyArray<unknown> | Response>>): Answers =>
  ({ path, query }: Sent) => {
    if (path === "/api/v1/user") {
      const skip = Number(query.get("skip"))
      return { pageInfo: { results: users.length }, results: users.slice(skip, skip + Number(query.get("take"))) }
    }
    const list = lists[/^\/api\/v1\/user\/(\w+)\/watchlist$/.exec(path)?.[1] ?? ""]
    if (list instanceof Response) return list.clone()
    if (list === undefined) return undefined
    const page = Number(query.get("page"))
    return {
      page,
      totalPages: Math.ceil(list.length / 2),
      totalResults: list.length,
      results: list.slice((page - 1) * 2, page * 2)
    }
  }

const listsOf = (
  config: typeof certain | typeof reported,
  users: ReadonlyArray<unknown>,
  lists: Parameters<typeof server>[1]
) =>
  Effect.gen(function* () {
    const fake = yield* connect(seerr, config, server(users, lists))
    return (yield* read(fake, "watchlists")).map(
      ({ holderNames: [name], ids, unread }) => `${name ?? "?"}: ${unread === undefined ? ids.join() : "unread"}`
    )
  })

describe("Watchlists of Seerr", () => {
  it.effect("are read only if they are configured", () =>
    Effect.gen(function* () {
      for (const config of [{ apiKey: "k" }, { apiKey: "k", watchlists: "off" } as const]) {
        const { connected } = yield* connect(seerr, config, server([], {}))
        assert.isUndefined(connected.read.watchlists)
        assert.isUndefined(connected.reread?.watchlists)
      }
    })
  )

  it.effect("contain typed ids and the account of the user, over all pages", () =>
    Effect.gen(function* () {
      const list = [movie(603), movie(604), { ...movie(1399), mediaType: "tv" }]
      const fake = yield* connect(seerr, certain, server([ofPlex(3, "Ann")], { 3: list }))
      const entries = yield* read(fake, "watchlists")
      assert.deepStrictEqual(entries[0], {
        entryId: "3/tmdb-movie:603",
        kind: "movie",
        ids: ["tmdb-movie:603"],
        holderNames: ["Ann", "4000003"],
        holder: { id: "3", sharedIds: ["number:4000003"] }
      })
      assert.deepStrictEqual(
        entries.map(({ ids, kind }) => [kind, ids[0]]),
        [
          ["movie", "tmdb-movie:603"],
          ["movie", "tmdb-movie:604"],
          ["show", "tmdb-show:1399"]
        ]
      )
      const again = yield* fake.connected.reread!.watchlists!(
        { kind: "show", ids: ["tmdb-show:1399"] },
        new OddRecords()
      )
      assert.deepStrictEqual(
        again.map(({ ids }) => ids[0]),
        ["tmdb-show:1399"]
      )
    })
  )

  it.effect("that are empty are unread for a Plex account, of which the application may have no answer", () =>
    Effect.gen(function* () {
      const users = [ofPlex(1, "Ann"), ofPlex(2, "Ben"), local(3, "Cid")]
      const some = { 1: [movie(603)], 2: [], 3: [] }
      assert.deepStrictEqual(yield* listsOf(certain, users, some), ["Ann: tmdb-movie:603", "Ben: unread"])
      assert.deepStrictEqual(yield* listsOf(reported, users, some), ["Ann: tmdb-movie:603"])
      // All at once: plex.tv does not answer.
      const none = { 1: [], 2: [], 3: [movie(5)] }
      assert.deepStrictEqual(yield* listsOf(reported, users, none), ["Ann: unread", "Ben: unread", "Cid: tmdb-movie:5"])
    })
  )

  it.effect("of one user that are refused, or that have an entry without an id, are unread, and no others", () =>
    Effect.gen(function* () {
      const users = [local(1, "Ann"), local(2, "Ben"), local(3, "Cid"), { displayName: "Without an id" }]
      const lists = {
        1: new Response("{}", { status: 403 }),
        2: [movie(603), movie(null)],
        3: [movie(604)]
      }
      assert.deepStrictEqual(yield* listsOf(reported, users, lists), [
        "Ann: unread",
        "Ben: tmdb-movie:603",
        "Ben: unread",
        "Cid: tmdb-movie:604",
        "?: unread"
      ])
    })
  )

  it.effect("fail as a whole if the application does not answer, or announces pages without end", () =>
    Effect.gen(function* () {
      const endless = yield* connect(seerr, certain, (sent) =>
        sent.path.endsWith("/watchlist")
          ? { page: 1, totalPages: 1_000_000, totalResults: 1, results: [movie(1)] }
          : server([local(1, "Ann")], {})(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(endless, "watchlists")))._tag, "UpstreamMalformed")
      const broken = yield* connect(seerr, certain, (sent) =>
        sent.path.endsWith("/watchlist") ? new Response("<html>") : server([local(1, "Ann")], {})(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(broken, "watchlists")))._tag, "UpstreamMalformed")
    })
  )

  for (const [kind, file] of [
    [overseerr, "overseerr.openapi.yml"],
    [seerr, "seerr.openapi.yml"]
  ] as const) {
    it.effect.skipIf(!hasShared)(`ask what the document of ${kind.title} describes`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(kind, certain, server([ofPlex(3, "Ann")], { 3: [movie(603)] }))
        yield* read(fake, "watchlists")
        for (const one of fake.sent) {
          assert.deepStrictEqual(faultsOf(spec(file), one, { prefix: "/api/v1" }), [], `${one.method} ${one.path}`)
        }
      })
    )
  }
})
