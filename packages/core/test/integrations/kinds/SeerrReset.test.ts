import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { overseerr, seerr } from "../../../src/integrations/kinds/seerr.ts"
import type { ResetTarget } from "../../../src/integrations/Kind.ts"
import { type Answers, connect, type Sent } from "../support/FakeUpstream.ts"
import { hasShared, spec } from "../support/Shared.ts"
import { faultsOf } from "../support/OpenApi.ts"

const media = (id: number, tmdbId: number | null, more: object = {}) => ({
  id,
  mediaType: "movie",
  tmdbId,
  tvdbId: null,
  imdbId: null,
  status: 5,
  status4k: 1,
  ...more
})
const request = (id: number, of: object, more: object = {}) => ({
  id,
  status: 5,
  type: "movie",
  createdAt: "2026-02-09T11:08:53.000Z",
  media: of,
  seasons: [],
  requestedBy: { id: 3, displayName: "Ann" },
  ...more
})
const season = (seasonNumber: number) => ({ id: seasonNumber, seasonNumber, status: 2 })

const page = (sent: Sent, all: ReadonlyArray<unknown>) => {
  const [skip, take] = [Number(sent.query.get("skip")), Number(sent.query.get("take"))]
  return {
    pageInfo: { page: 1, pages: 1, pageSize: take, results: all.length },
    results: all.slice(skip, skip + take)
  }
}

/** Without a metadata provider: the details of a title fail, as they do there. */
const server =
  (requests: ReadonlyArray<unknown>, entries: ReadonlyArray<unknown>): Answers =>
  (sent) => {
    if (sent.method === "POST") return { id: 6 }
    if (sent.method === "DELETE") return new Response(null, { status: 204 })
    if (sent.path === "/api/v1/request") return page(sent, requests)
    if (sent.path === "/api/v1/media") return page(sent, entries)
    return Response.json({ message: "Unable to retrieve movie." }, { status: 500 })
  }

const matrix: ResetTarget = { kind: "movie", ids: ["tmdb-movie:603"], seasonNumber: null, is4k: null }
const lost: ResetTarget = { kind: "show", ids: ["tvdb:73739"], seasonNumber: null, is4k: null }

const resetOf = (requests: ReadonlyArray<unknown>, entries: ReadonlyArray<unknown>, kind = seerr) =>
  Effect.map(connect(kind, { apiKey: "k" }, server(requests, entries)), (fake) => ({
    fake,
    reset: fake.connected.requestReset!
  }))

describe("Resetting a request", () => {
  it.effect("finds the entry among many pages of both lists, and never asks the metadata provider", () =>
    Effect.gen(function* () {
      const entries = Array.from({ length: 250 }, (_, index) => media(index + 1, 1000 + index))
      const all = [...entries, media(300, 603)]
      const { fake, reset } = yield* resetOf(
        [...entries, media(300, 603)].map((one) => request(one.id + 5000, one)),
        all
      )
      assert.deepStrictEqual(yield* reset.find(matrix), ["media/300"])
      assert.deepStrictEqual([...new Set(fake.calls())], ["GET /api/v1/request", "GET /api/v1/media"])
      assert.strictEqual(fake.sent.length, 6)
      yield* reset.reset("media/300")
      assert.strictEqual(fake.calls().at(-1), "DELETE /api/v1/media/300")
    })
  )

  it.effect("finds an entry that nobody requested, and nothing of another type or title", () =>
    Effect.gen(function* () {
      const { reset } = yield* resetOf(
        [request(1, media(7, 604))],
        [
          media(5, 603, { mediaType: "tv" }),
          media(6, 603),
          media(7, 604),
          media(8, null),
          media(9, 0),
          media(10, 605, { mediaType: "tv", tvdbId: 73739 })
        ]
      )
      assert.deepStrictEqual(yield* reset.find(matrix), ["media/6"])
      assert.deepStrictEqual(yield* reset.find(lost), ["media/10"])
      assert.deepStrictEqual(yield* reset.find({ ...matrix, ids: [] }), [])
    })
  )

  it.effect("leaves alone what a person has blocked", () =>
    Effect.gen(function* () {
      const blocked = media(6, 603, { status: 6 })
      const { reset } = yield* resetOf([request(1, blocked)], [blocked])
      assert.deepStrictEqual(yield* reset.find(matrix), [])
      // There, 6 is the status of something else.
      const { reset: other } = yield* resetOf([request(1, blocked)], [blocked], overseerr)
      assert.deepStrictEqual(yield* other.find(matrix), ["media/6"])
    })
  )

  it.effect("of a season deletes only requests for this season alone", () =>
    Effect.gen(function* () {
      const show = media(10, 4607, { mediaType: "tv", tvdbId: 73739 })
      const of = (id: number, ...numbers: ReadonlyArray<number>) =>
        request(id, show, { type: "tv", seasons: numbers.map(season) })
      const { reset } = yield* resetOf([of(1, 1), of(2, 1, 2), of(3, 2), of(4)], [show])
      assert.deepStrictEqual(yield* reset.find({ ...lost, seasonNumber: 1 }), ["request/1"])
      assert.deepStrictEqual(yield* reset.find(lost), ["media/10"])
    })
  )

  it.effect("of one copy leaves the other copy and its requests alone", () =>
    Effect.gen(function* () {
      const both = media(6, 603, { status: 5, status4k: 5 })
      const requests = [request(1, both), request(2, both, { is4k: true }), request(3, both)]
      const { fake, reset } = yield* resetOf(requests, [both])
      assert.deepStrictEqual(yield* reset.find({ ...matrix, is4k: false }), ["request/1", "request/3", "media/6/usual"])
      assert.deepStrictEqual(yield* reset.find({ ...matrix, is4k: true }), ["request/2", "media/6/4k"])
      assert.deepStrictEqual(yield* reset.find(matrix), ["media/6"])
      fake.sent.length = 0
      yield* reset.reset("media/6/4k")
      const [sent] = fake.sent
      assert.deepStrictEqual([sent?.method, sent?.path], ["POST", "/api/v1/media/6/unknown"])
      assert.deepStrictEqual(sent?.body, { is4k: true })
    })
  )

  it.effect("of one copy deletes the whole entry if it is about no other", () =>
    Effect.gen(function* () {
      const usual = media(6, 603, { status: 5, status4k: 1 })
      const { reset } = yield* resetOf([request(1, usual)], [usual])
      assert.deepStrictEqual(yield* reset.find({ ...matrix, is4k: false }), ["media/6"])
      assert.deepStrictEqual(yield* reset.find({ ...matrix, is4k: true }), [])
      // The 4K copy is wanted, and not there yet.
      const { reset: wanted } = yield* resetOf([request(1, usual), request(2, usual, { is4k: true })], [usual])
      assert.deepStrictEqual(yield* wanted.find({ ...matrix, is4k: false }), ["request/1", "media/6/usual"])
      // Nobody requested the 4K copy, and it is there.
      const there = media(6, 603, { status: 5, status4k: 5 })
      const { reset: added } = yield* resetOf([request(1, there)], [there])
      assert.deepStrictEqual(yield* added.find({ ...matrix, is4k: false }), ["request/1", "media/6/usual"])
      const gone = media(6, 603, { status: 7, status4k: 5 })
      const { reset: rest } = yield* resetOf([], [gone])
      assert.deepStrictEqual(yield* rest.find({ ...matrix, is4k: false }), [], "it knows that the copy is gone")
    })
  )

  it.effect("of one copy keeps the entry if a request could not be read, which may be for the other copy", () =>
    Effect.gen(function* () {
      const usual = media(6, 603, { status: 5, status4k: 1 })
      const { reset } = yield* resetOf([request(1, usual), { id: 2 }], [usual])
      assert.deepStrictEqual(yield* reset.find({ ...matrix, is4k: false }), ["request/1", "media/6/usual"])
    })
  )

  it.effect("of a season deletes only requests for the copy that is meant", () =>
    Effect.gen(function* () {
      const show = media(10, 4607, { mediaType: "tv", tvdbId: 73739 })
      const of = (id: number, more: object) => request(id, show, { type: "tv", seasons: [season(1)], ...more })
      const { reset } = yield* resetOf([of(1, {}), of(2, { is4k: true })], [show])
      const first = { ...lost, seasonNumber: 1 }
      assert.deepStrictEqual(yield* reset.find({ ...first, is4k: true }), ["request/2"])
      assert.deepStrictEqual(yield* reset.find({ ...first, is4k: false }), ["request/1"])
      assert.deepStrictEqual(yield* reset.find(first), ["request/1", "request/2"])
    })
  )

  it.effect("does not take an unreadable record for the absence of a request", () =>
    Effect.gen(function* () {
      const { reset } = yield* resetOf([], [media(1, 604), { mediaType: "movie" }])
      assert.strictEqual((yield* Effect.flip(reset.find(matrix)))._tag, "UpstreamMalformed")
      const { reset: found } = yield* resetOf([], [media(6, 603), { mediaType: "movie" }])
      assert.deepStrictEqual(yield* found.find(matrix), ["media/6"])
    })
  )

  for (const key of ["", "media/0", "media/6/file", "user/1", "media/../user/1", "6", "request/6/4k", "media/6/8k"]) {
    it.effect(`sends nothing for the key "${key}"`, () =>
      Effect.gen(function* () {
        const { fake, reset } = yield* resetOf([], [])
        yield* Effect.flip(reset.reset(key))
        assert.deepStrictEqual(fake.calls(), [])
      })
    )
  }

  for (const [kind, file] of [
    [overseerr, "overseerr.openapi.yml"],
    [seerr, "seerr.openapi.yml"]
  ] as const) {
    it.effect.skipIf(!hasShared)(`sends what the document of ${kind.title} describes`, () =>
      Effect.gen(function* () {
        const { fake, reset } = yield* resetOf([request(1, media(6, 603))], [media(6, 603)], kind)
        for (const key of yield* reset.find(matrix)) yield* reset.reset(key)
        yield* reset.reset("request/1")
        yield* reset.reset("media/6/4k")
        for (const one of fake.sent) {
          assert.deepStrictEqual(faultsOf(spec(file), one, { prefix: "/api/v1" }), [], `${one.method} ${one.path}`)
        }
      })
    )
  }
})
