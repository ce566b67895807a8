/** The real kinds read the collections of the simulated applications, with missing movies and images. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { unique } from "./Documents.ts"
import { hasSpecs, openDocument } from "./OpenApi.ts"
import { connect } from "./Reading.ts"
import { read, withSandbox } from "./SandboxTest.ts"

const limits = { bound: { bytes: 10_000_000, advice: null }, timeoutMillis: 10_000 }

const recordsOf = Effect.fnUntraced(function* (app: string) {
  const connected = yield* connect(app)
  return yield* connected.collections ?? Effect.die(new Error(`${app} lists no collections`))
})

describe("Collections", () => {
  it.effect("of Radarr have the movies that it does not have", () =>
    withSandbox(
      { items: 200 },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const member = [...world.movies.values()].find(({ work }) => work.collection !== null)!
        const { title, tmdbId } = member.work.collection!
        const others = [...world.movies.values()].filter(
          ({ work }) => work.collection?.tmdbId === tmdbId && work !== member.work
        )
        assert.isAbove(others.length, 0)
        const before = (yield* recordsOf("radarr")).find((record) => record.title === title)
        assert.deepInclude(before, { tmdbId, overview: `All films of ${title}.` })
        assert.notInclude(
          (before?.missing ?? []).map((movie) => movie.tmdbId),
          member.work.tmdbId
        )
        world.films.remove(member, { deleteFiles: true, freesBytes: true })
        const after = (yield* recordsOf("radarr")).find((record) => record.title === title)
        assert.deepInclude(after?.missing ?? [], {
          tmdbId: member.work.tmdbId,
          title: member.work.title,
          year: member.work.year
        })
        const { artwork } = yield* connect("radarr")
        assert.isAbove((yield* artwork!.poster({ kind: "collection", key: after!.key }, limits))?.length ?? 0, 100)
      })
    )
  )

  it.effect("of media servers have no list of missing movies, and an image of their own", () =>
    withSandbox(
      { items: 200, kinds: ["plex", "jellyfin", "emby"] },
      Effect.gen(function* () {
        for (const app of ["plex", "jellyfin", "emby"]) {
          const records = yield* recordsOf(app)
          assert.isAbove(records.length, 0, app)
          assert.isTrue(
            records.every(({ missing }) => missing === null),
            app
          )
        }
      })
    )
  )

  it.effect.skipIf(!hasSpecs)("match the document of Radarr", () =>
    withSandbox(
      { items: 200 },
      Effect.gen(function* () {
        const document = openDocument("radarr-v3.openapi.json", true)
        assert.deepStrictEqual(
          unique(document.problems("GET", "/api/v3/collection", yield* read("radarr", "/api/v3/collection"))),
          []
        )
      })
    )
  )
})
