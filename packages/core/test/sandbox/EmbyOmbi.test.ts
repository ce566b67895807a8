/** Differences of the simulated Emby from Jellyfin, and the requests of the simulated Ombi. */
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RequestEntry } from "../../src/integrations/Observations.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { connect, itemsOf, playsOf, silent } from "./Reading.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

interface Items {
  readonly Items: ReadonlyArray<Readonly<Record<string, unknown>>>
}

describe("the simulated Emby", () => {
  it.effect("returns the plays of a user only for requests as that user, with those fields", () =>
    withSandbox(
      { items: 200, kinds: ["emby"] },
      Effect.gen(function* () {
        const { Items: users } = yield* read<Items>("emby", "/Users/Query")
        const counts = (path: string, fields: string) =>
          Effect.map(
            read<Items>("emby", `${path}?recursive=true&includeItemTypes=Movie,Episode&limit=5000&fields=${fields}`),
            ({ Items: items }) =>
              items.filter((item) => Number(Reflect.get(Object(item["UserData"]), "PlayCount") ?? 0) > 0).length
          )
        const own = `/Users/${String(users[0]?.["Id"])}/Items`
        const wanted = "UserDataPlayCount,UserDataLastPlayedDate"
        assert.isAbove(yield* counts(own, wanted), 20)
        assert.strictEqual(yield* counts(own, ""), 0, "nobody asked")
        assert.strictEqual(yield* counts("/Items", wanted), 0, "no request is sent about")
        assert.isAbove((yield* playsOf("emby")).length, 50)
      })
    )
  )

  it.effect("is changed by its own routes: tags, favourites and files", () =>
    withSandbox(
      { items: 200, kinds: ["emby"] },
      Effect.gen(function* () {
        const { controls, world } = yield* Sandbox
        const { Items: users } = yield* read<Items>("emby", "/Users/Query")
        const user = `/Users/${String(users[1]?.["Id"])}`
        const before = yield* itemsOf("emby")
        const movie = before.find((item) => item.kind === "movie" && item.onWatchlist === false)!
        const id = movie.serverItemId
        assert.strictEqual((yield* ask("emby", `/Items/${id}`)).status, 404, "not without a user, though it is there")
        yield* read("emby", `${user}/Items/${id}`)
        const tags = { method: "POST", body: { Tags: [{ Name: "Leave it" }] } }
        assert.strictEqual((yield* ask("emby", `/Items/${id}/Tags/Add`, tags)).status, 204)
        yield* read("emby", `${user}/FavoriteItems/${id}`, { method: "POST" })
        const marked = (yield* itemsOf("emby")).find((item) => item.serverItemId === id)!
        assert.deepStrictEqual([marked.onWatchlist, marked.labels], [true, [...movie.labels, "Leave it"]])
        yield* ask("emby", `/Items/${id}/Tags/Delete`, tags)
        const used = () => world.disks.usedBytes(world.disks.mountOf("/data/movies")!)
        const full = used()
        assert.strictEqual((yield* ask("emby", `/Items/${id}`, { method: "DELETE" })).status, 204)
        assert.isBelow(used(), full)
        const after = yield* itemsOf("emby")
        assert.strictEqual(after.length, before.length - 1)
        assert.deepStrictEqual(
          (yield* controls.journal).filter(({ destructive }) => destructive).map(({ app, path }) => [app, path]),
          [["emby", `/Items/${id}`]]
        )
        for (const key of ["wrong", null]) assert.strictEqual((yield* ask("emby", "/Users/Query", { key })).status, 401)
      })
    )
  )
})

describe("the simulated Ombi", () => {
  const requestsOf = (app: string) =>
    Effect.flatMap(
      connect(app),
      ({ read }) => read.requests?.(silent, new OddRecords()) ?? Effect.die(new Error("no requests"))
    )
  /** Only one of the two reports the IMDb id of a show. */
  const shape = (all: ReadonlyArray<RequestEntry>) =>
    all
      .map(({ ids, kind, requestedAt, seasons }) =>
        JSON.stringify([kind, ids.filter((id) => !id.startsWith("imdb:")).toSorted(), seasons, requestedAt])
      )
      .sort()

  it.effect("keeps the requests that the simulated Seerr would keep, and shares them with it where both run", () =>
    Effect.gen(function* () {
      const alone = (app: string) => withSandbox({ items: 300, kinds: [app] }, requestsOf(app))
      const all = shape(yield* alone("seerr"))
      assert.isAbove(all.length, 40)
      assert.deepStrictEqual(shape(yield* alone("ombi")), all)
      const shared = yield* withSandbox(
        { items: 300, kinds: ["seerr", "ombi"] },
        Effect.all([requestsOf("seerr"), requestsOf("ombi")])
      )
      assert.isAbove(Math.min(...shared.map((each) => each.length)), 10)
      assert.deepStrictEqual(shape(shared.flat()), all)
    })
  )

  it.effect("deletes a request on demand, and accepts no other key", () =>
    withSandbox(
      { items: 200, kinds: ["ombi"] },
      Effect.gen(function* () {
        const before = yield* requestsOf("ombi")
        const [movie] = before.filter(({ kind }) => kind === "movie")
        const [show] = before.filter(({ kind }) => kind === "show")
        const numberOf = (entry: RequestEntry | undefined) => entry?.requestId.replace(/\D/g, "") ?? ""
        yield* read("ombi", `/api/v1/Request/movie/${numberOf(movie)}`, { method: "DELETE" })
        yield* read("ombi", `/api/v1/Request/tv/child/${numberOf(show)}`, { method: "DELETE" })
        const left = (yield* requestsOf("ombi")).map(({ requestId }) => requestId)
        assert.deepStrictEqual(
          left,
          before.map(({ requestId }) => requestId).filter((id) => id !== movie?.requestId && id !== show?.requestId)
        )
        assert.strictEqual((yield* ask("ombi", "/api/v1/Request/count", { key: "wrong" })).status, 401)
      })
    )
  )
})
