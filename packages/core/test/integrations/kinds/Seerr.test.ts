import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { jellyseerr, overseerr, seerr } from "../../../src/integrations/kinds/seerr.ts"
import { type Answers, connect, read, type Sent } from "../support/FakeUpstream.ts"

const config = { apiKey: "s33rr" }

const request = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  status: 2,
  type: "movie",
  createdAt: "2026-02-09T11:08:53.000Z",
  media: { tmdbId: 603, tvdbId: null, imdbId: "tt0133093", status: 5 },
  seasons: [],
  requestedBy: {
    id: 3,
    displayName: "Ann",
    username: null,
    plexUsername: "ann_plex",
    jellyfinUsername: "",
    email: "ann@example.test"
  },
  ...changes
})

const page = (sent: Sent, all: ReadonlyArray<unknown>) => {
  const skip = Number(sent.query.get("skip"))
  const results = all.slice(skip, skip + Number(sent.query.get("take")))
  return { pageInfo: { page: 1, pages: 1, pageSize: 100, results: all.length }, results }
}

const server =
  (all: ReadonlyArray<unknown>): Answers =>
  (sent) => {
    switch (sent.path) {
      case "/api/v1/status":
        return { version: "1.33.2", commitTag: "abc" }
      case "/api/v1/auth/me":
        return sent.headers.get("x-api-key") === config.apiKey
          ? { id: 1 }
          : Response.json({ status: 403, error: "no" }, { status: 403 })
      case "/api/v1/request":
        return page(sent, all)
      default:
        return undefined
    }
  }

describe("Requests of Seerr", () => {
  it.effect("contain typed ids, seasons and all names of the requester", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        seerr,
        config,
        server([
          request(1),
          request(2, {
            type: "tv",
            status: 5,
            media: { tmdbId: 1399, tvdbId: 121361, imdbId: null },
            seasons: [
              { seasonNumber: 1, status: 5 },
              { seasonNumber: 2, status: 5 }
            ]
          }),
          request(3, { type: "tv", seasons: [], media: { tmdbId: 5 }, requestedBy: null, createdAt: null })
        ])
      )
      assert.deepStrictEqual(yield* read(fake, "requests"), [
        {
          requestId: "1",
          kind: "movie",
          ids: ["tmdb-movie:603", "imdb:tt0133093"],
          seasons: null,
          status: "approved",
          requesterNames: ["Ann", "ann_plex", "ann@example.test"],
          requester: { id: "3", sharedIds: ["login:ann_plex", "mail:ann@example.test"] },
          requestedAt: "2026-02-09T11:08:53.000Z"
        },
        {
          requestId: "2",
          kind: "show",
          ids: ["tmdb-show:1399", "tvdb:121361"],
          seasons: [1, 2],
          status: "completed",
          requesterNames: ["Ann", "ann_plex", "ann@example.test"],
          requester: { id: "3", sharedIds: ["login:ann_plex", "mail:ann@example.test"] },
          requestedAt: "2026-02-09T11:08:53.000Z"
        },
        {
          requestId: "3",
          kind: "show",
          ids: ["tmdb-show:5"],
          seasons: null,
          status: "approved",
          requesterNames: [],
          requestedAt: null
        }
      ])
    })
  )

  it.effect("contain when and by whom they were approved, as far as the application reports it", () =>
    Effect.gen(function* () {
      const [made, moved] = ["2026-02-09T11:08:53.000Z", "2026-02-10T09:00:00.000Z"]
      const admin = { id: 1, displayName: "Admin", email: "admin@example.test" }
      const fake = yield* connect(
        seerr,
        config,
        server([
          request(1, { status: 1, updatedAt: moved, modifiedBy: null }),
          request(2, { status: 2, updatedAt: moved, modifiedBy: admin }),
          request(3, { status: 3, updatedAt: moved, modifiedBy: admin }),
          // Its date is that of the completion.
          request(4, { status: 5, updatedAt: moved, modifiedBy: admin }),
          request(5, { status: 5, updatedAt: made, modifiedBy: null })
        ])
      )
      const names = ["Admin", "admin@example.test"]
      assert.deepStrictEqual(
        (yield* read(fake, "requests")).map(({ approvedAt, approvedBy }) => [approvedAt, approvedBy]),
        [
          [null, undefined],
          [moved, names],
          [null, undefined],
          [undefined, names],
          [made, undefined]
        ]
      )
    })
  )

  it.effect("contain when they were approved, as long as nothing else has happened to them, and became available", () =>
    Effect.gen(function* () {
      const media = { tmdbId: 603, mediaAddedAt: "2026-02-11T00:00:00.000Z" }
      const updatedAt = "2026-02-10T00:00:00.000Z"
      const all = [
        request(1, { updatedAt, media }),
        request(2, { updatedAt, status: 1, media: { ...media, mediaAddedAt: null } }),
        request(3, { updatedAt, status: 5 }),
        request(4)
      ]
      const requests = yield* read(yield* connect(seerr, config, server(all)), "requests")
      assert.deepStrictEqual(
        requests.map(({ approvedAt, availableAt }) => [approvedAt, availableAt]),
        [
          [updatedAt, media.mediaAddedAt],
          [null, null],
          [undefined, undefined],
          [undefined, undefined]
        ]
      )
    })
  )

  it.effect("have the five states of the application, and an unknown one for all others", () =>
    Effect.gen(function* () {
      const fake = yield* connect(seerr, config, server([1, 2, 3, 4, 5].map((status) => request(status, { status }))))
      assert.deepStrictEqual(
        (yield* read(fake, "requests")).map((one) => one.status),
        ["pending", "approved", "declined", "failed", "completed"]
      )
      const strange = [6, 9, "6", "finished", null, { number: 2 }]
      const others = yield* connect(seerr, config, server(strange.map((status, index) => request(index, { status }))))
      assert.deepStrictEqual(
        (yield* read(others, "requests")).map((one) => one.status),
        strange.map(() => "unknown"),
        "each is a request all the same"
      )
    })
  )

  it.effect("are read to the last page, each once, even if a new one moves the others", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 250 }, (_, index) => request(250 - index))
      const fake = yield* connect(seerr, config, (sent) => {
        const answer = server([...all])(sent)
        if (sent.query.get("skip") === "0" && all.length === 250) all.unshift(request(251))
        return answer
      })
      const ids = (yield* read(fake, "requests")).map((one) => one.requestId)
      assert.strictEqual(ids.length, 251)
      assert.strictEqual(new Set(ids).size, 251)
    })
  )

  it.effect("distinguish the 4K copy from the usual one", () =>
    Effect.gen(function* () {
      const fake = yield* connect(seerr, config, server([request(1, { is4k: true }), request(2, { is4k: false })]))
      assert.deepStrictEqual(
        (yield* read(fake, "requests")).map((one) => one.is4k),
        [true, undefined]
      )
    })
  )

  it.effect(
    "identify the requester by the ids that statistics use for a person, and nobody if the user was deleted",
    () =>
      Effect.gen(function* () {
        const byIds = { displayName: "Bo", plexId: 4_100_000, jellyfinUserId: "50a5812baa05458ea7df786d69146ba7" }
        const fake = yield* connect(
          seerr,
          config,
          server([request(1, { requestedBy: byIds }), request(2, { requestedBy: null })])
        )
        assert.deepStrictEqual(
          (yield* read(fake, "requests")).map((one) => one.requesterNames),
          [["Bo", "4100000", "50a5812baa05458ea7df786d69146ba7"], []]
        )
      })
  )

  it.effect("are for the seasons that were not declined individually", () =>
    Effect.gen(function* () {
      const seasons = (...states: ReadonlyArray<number>) =>
        states.map((status, index) => ({ seasonNumber: index + 1, status }))
      const tv = (id: number, changes: Record<string, unknown>) => request(id, { type: "tv", ...changes })
      const fake = yield* connect(
        seerr,
        config,
        server([
          tv(1, { seasons: seasons(5, 3, 7) }),
          tv(2, { seasons: seasons(3, 3) }),
          tv(3, { status: 3, seasons: seasons(3, 3) })
        ])
      )
      assert.deepStrictEqual(
        (yield* read(fake, "requests")).map((one) => [one.status, one.seasons]),
        [
          ["approved", [1, 3]],
          ["declined", [1, 2]],
          ["declined", [1, 2]]
        ]
      )
    })
  )

  it.effect("for anything but movies and shows are omitted with their name, without a failure", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const fake = yield* connect(seerr, config, server([request(1), request(2, { type: "music" }), request(3)]))
      assert.deepStrictEqual(
        (yield* read(fake, "requests", odd)).map((one) => one.requestId),
        ["1", "3"]
      )
      assert.deepStrictEqual([odd.told[0]?.record, odd.unidentified], ["requests of type music", 0])
    })
  )

  it.effect("with faulty fields lose only the facts that depend on them, on all pages", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const rest = Array.from({ length: 150 }, (_, index) => request(100 + index))
      const strange = [
        request(1, {
          createdAt: 5,
          media: { tmdbId: "603" },
          requestedBy: { displayName: { first: "Ann" }, email: "a@b.test" }
        }),
        request(2, { media: { tmdbId: "the matrix" } }),
        request(3, { type: null }),
        request(4, { type: "tv", seasons: [{ seasonNumber: 1 }, { seasonNumber: "all" }] })
      ]
      const fake = yield* connect(seerr, config, server([...strange, ...rest]))
      const entries = yield* read(fake, "requests", odd)
      assert.strictEqual(entries.length, 152)
      assert.deepInclude(entries[0], { ids: ["tmdb-movie:603"], requesterNames: ["a@b.test"], requestedAt: null })
      assert.deepInclude(entries[1], { requestId: "4", seasons: null })
      assert.strictEqual(odd.unidentified, 2, "what they ask for stays as it was read before")
    })
  )

  it.effect("are for the item of any of their ids, and are reported if they have none", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const fake = yield* connect(
        seerr,
        config,
        server([
          request(1, { media: { tmdbId: 603, imdbId: {} } }),
          request(2, { media: null }),
          request(3, { media: { tmdbId: 0 } }),
          ...[4, 5, 6, 7, 8].map((id) => request(id))
        ])
      )
      const entries = yield* read(fake, "requests", odd)
      assert.deepStrictEqual([entries.length, entries[0]?.ids, odd.unidentified], [6, ["tmdb-movie:603"], 2])
    })
  )

  it.effect("fail completely if a page fails", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 250 }, (_, index) => request(index))
      const fake = yield* connect(seerr, config, (sent) =>
        sent.query.get("skip") === "200" ? Response.json({ message: "broken" }, { status: 500 }) : server(all)(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(fake, "requests")))._tag, "UpstreamRefused")
    })
  )
})

describe("The probe of Seerr", () => {
  it.effect("tests the key, not only the address", () =>
    Effect.gen(function* () {
      const fake = yield* connect(overseerr, config, server([]))
      const probe = yield* fake.connected.probe
      assert.deepStrictEqual([probe.appName, probe.version], ["Overseerr", "1.33.2"])
      const wrong = yield* connect(jellyseerr, { apiKey: "wrong" }, server([]))
      assert.strictEqual((yield* Effect.flip(wrong.connected.probe))._tag, "UpstreamUnauthorized")
    })
  )
})
