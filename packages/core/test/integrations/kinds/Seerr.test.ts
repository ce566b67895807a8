import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
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

describe("requests", () => {
  it.effect("carry shared ids, seasons and every name of who asked", () =>
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
          request(3, { type: "tv", seasons: [], media: null, requestedBy: null, createdAt: null })
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
          requestedAt: "2026-02-09T11:08:53.000Z"
        },
        {
          requestId: "2",
          kind: "show",
          ids: ["tmdb-show:1399", "tvdb:121361"],
          seasons: [1, 2],
          status: "completed",
          requesterNames: ["Ann", "ann_plex", "ann@example.test"],
          requestedAt: "2026-02-09T11:08:53.000Z"
        },
        {
          requestId: "3",
          kind: "show",
          ids: [],
          seasons: null,
          status: "approved",
          requesterNames: [],
          requestedAt: null
        }
      ])
    })
  )

  it.effect("have the five states of the application", () =>
    Effect.gen(function* () {
      const fake = yield* connect(seerr, config, server([1, 2, 3, 4, 5].map((status) => request(status, { status }))))
      assert.deepStrictEqual(
        (yield* read(fake, "requests")).map((one) => one.status),
        ["pending", "approved", "declined", "failed", "completed"]
      )
      const strange = yield* connect(seerr, config, server([request(1), request(2, { status: 9 })]))
      const error = yield* Effect.flip(read(strange, "requests"))
      assert.match(error.detail, /^\[1\]\.status/)
    })
  )

  it.effect("are read to the last page, each once, also when a new one pushes the others back", () =>
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

  it.effect("fail whole when a page does", () =>
    Effect.gen(function* () {
      const all = Array.from({ length: 250 }, (_, index) => request(index))
      const fake = yield* connect(seerr, config, (sent) =>
        sent.query.get("skip") === "200" ? Response.json({ message: "broken" }, { status: 500 }) : server(all)(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(fake, "requests")))._tag, "UpstreamRefused")
    })
  )
})

describe("the probe", () => {
  it.effect("tests the key and not only the address", () =>
    Effect.gen(function* () {
      const fake = yield* connect(overseerr, config, server([]))
      const probe = yield* fake.connected.probe
      assert.deepStrictEqual([probe.appName, probe.version], ["Overseerr", "1.33.2"])
      const wrong = yield* connect(jellyseerr, { apiKey: "wrong" }, server([]))
      assert.strictEqual((yield* Effect.flip(wrong.connected.probe))._tag, "UpstreamUnauthorized")
    })
  )
})
