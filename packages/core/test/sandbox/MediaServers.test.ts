import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import {
  type Container,
  first,
  type History,
  type Movie,
  type PlexItem,
  type Results,
  type SeerrRequest
} from "./Answers.ts"
import { movieKey } from "../../src/sandbox/apps/plex/PlexKeys.ts"
import { itemsOf, playsOf } from "./Reading.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

const api = "/api/v3"

describe("Plex", () => {
  it.effect("pages by header or query, returns the total, and omits the key of an empty page", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const path = "/library/sections/1/all?type=1"
        const all = yield* read<Container<PlexItem>>("plex", path)
        assert.isUndefined(all.MediaContainer.totalSize)
        const total = all.MediaContainer.size
        const keys = (page: Container<PlexItem>) => page.MediaContainer.Metadata?.map((item) => item.ratingKey)
        const byQuery = yield* read<Container<PlexItem>>(
          "plex",
          `${path}&X-Plex-Container-Start=50&X-Plex-Container-Size=50`
        )
        const headers = { "X-Plex-Container-Start": "50", "X-Plex-Container-Size": "50" }
        const byHeader = yield* read<Container<PlexItem>>("plex", path, { headers })
        assert.deepStrictEqual(byHeader, byQuery)
        assert.deepInclude(byQuery.MediaContainer, { size: 50, totalSize: total, offset: 50 })
        assert.deepStrictEqual(keys(byQuery), keys(all)?.slice(50, 100))
        const past = yield* read<Container<PlexItem>>(
          "plex",
          `${path}&X-Plex-Container-Start=100000&X-Plex-Container-Size=50`
        )
        assert.notProperty(past.MediaContainer, "Metadata")
        assert.strictEqual(past.MediaContainer.totalSize, total)
      })
    )
  )

  it.effect("returns typed ids only on request, and none for unmatched entries", () =>
    withSandbox(
      { items: 2000 },
      Effect.gen(function* () {
        const items = (guids: number) =>
          Effect.map(
            read<Container<PlexItem>>("plex", `/library/sections/1/all?includeGuids=${guids}`),
            (each) => each.MediaContainer.Metadata ?? []
          )
        assert.isTrue((yield* items(0)).every((item) => item.Guid === undefined))
        const withIds = yield* items(1)
        const unmatched = withIds.filter((item) => item.Guid === undefined).length
        assert.isTrue(unmatched > 3 && unmatched < 40, `${unmatched} are not matched`)
        const movies = yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`)
        const missing = movies.filter((movie) => movie.hasFile).length - withIds.length
        assert.isTrue(missing > 3 && missing < 40, `${missing} are not on Plex`)
      })
    )
  )

  it.effect("replaces the list of labels, takes one away, and finds by label", () =>
    withSandbox(
      { items: 40 },
      Effect.gen(function* () {
        const list = yield* read<Container<PlexItem>>("plex", "/library/sections/1/all")
        const key = first(list.MediaContainer.Metadata ?? []).ratingKey
        const labels = Effect.map(read<Container<PlexItem>>("plex", `/library/metadata/${key}`), (each) =>
          each.MediaContainer.Metadata?.[0]?.Label?.map((label) => label.tag)
        )
        const edit = (query: string) =>
          ask("plex", `/library/sections/1/all?type=1&id=${key}&${query}`, { method: "PUT" })
        yield* edit("label%5B0%5D.tag.tag=Leaving%20soon&label%5B1%5D.tag.tag=Keep&label.locked=1")
        assert.deepStrictEqual(yield* labels, ["Leaving soon", "Keep"])
        const found = yield* read<Container<PlexItem>>("plex", "/library/sections/1/all?label=Leaving%20soon")
        assert.deepStrictEqual(
          found.MediaContainer.Metadata?.map((item) => item.ratingKey),
          [key]
        )
        yield* edit("label%5B%5D.tag.tag-=Leaving%20soon")
        assert.deepStrictEqual(yield* labels, ["Keep"])
        yield* edit("label%5B0%5D.tag.tag=Only")
        assert.deepStrictEqual(yield* labels, ["Only"])
      })
    )
  )

  it.effect("drops a season whose files are gone, and the show with its last season", () =>
    withSandbox(
      { items: 100 },
      Effect.gen(function* () {
        const shows = yield* read<Container<PlexItem>>("plex", "/library/sections/2/all?type=2")
        const show = first(shows.MediaContainer.Metadata ?? [])
        const children = yield* read<Container<PlexItem>>("plex", `/library/metadata/${show.ratingKey}/children`)
        const seasons = children.MediaContainer.Metadata ?? []
        for (const [index, season] of seasons.entries()) {
          const leaves = yield* read<Container<PlexItem>>("plex", `/library/metadata/${season.ratingKey}/children`)
          assert.strictEqual(leaves.MediaContainer.size, season.leafCount)
          yield* ask("plex", `/library/metadata/${season.ratingKey}`, { method: "DELETE" })
          const left = yield* ask("plex", `/library/metadata/${show.ratingKey}/children`)
          if (index === seasons.length - 1) assert.strictEqual(left.status, 404)
          else assert.strictEqual((left.json as Container<PlexItem>).MediaContainer.size, seasons.length - 1 - index)
        }
      })
    )
  )

  it.effect("returns two collections and genres and no labels in a list, and all of them for a single entry", () =>
    withSandbox(
      { items: 100 },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const movie = first([...world.films.onServer.values()])
        for (const title of ["One", "Two", "Three"]) movie.server.collections.add(title)
        movie.server.labels.add("Keep")
        world.revision++
        const key = String(movieKey(movie))
        const rowsOf = (path: string) =>
          Effect.map(
            read<Container<PlexItem & Record<"Collection" | "Label" | "Location", ReadonlyArray<unknown> | undefined>>>(
              "plex",
              path
            ),
            ({ MediaContainer }) => MediaContainer.Metadata ?? []
          )
        const listed = first(yield* rowsOf("/library/sections/1/all"), (row) => row.ratingKey === key)
        assert.deepStrictEqual([listed.Collection?.length, listed.Label], [2, undefined])
        const whole = first(yield* rowsOf(`/library/metadata/${key}`))
        assert.isAtLeast(whole.Collection?.length ?? 0, 3)
        assert.isAbove(whole.Label?.length ?? 0, 0)
        const found = (yield* itemsOf("plex")).find((item) => item.serverItemId === key)
        assert.includeMembers([...(found?.collections ?? [])], ["One", "Two", "Three"])
        assert.include(found?.labels ?? [], "Keep")
        const [show] = yield* rowsOf("/library/sections/2/all?type=2")
        const [folder] = yield* rowsOf(`/library/metadata/${show?.ratingKey}`)
        assert.deepStrictEqual([show?.Location, folder?.Location?.length], [undefined, 1])
      })
    )
  )

  it.effect("reports what is being played on every server and in statistics, and afterwards what was begun", () =>
    withSandbox(
      { items: 100, kinds: ["plex", "tautulli", "tracearr"] },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const untouched = [...world.films.onServer.values()].filter(
          (movie) => !world.plays.some((play) => play.movie === movie)
        )
        const movie = first(untouched)
        const [owner, other] = [first(world.people), first(world.people.slice(1))]
        const key = String(movieKey(movie))
        const entriesOf = Effect.fnUntraced(function* (kind: string) {
          return (yield* playsOf(kind)).filter((entry) => entry.serverItemId === key)
        })
        const play = world.play(owner, movie, null, 0, 40)
        for (const kind of ["plex", "tautulli", "tracearr"]) {
          const [entry] = yield* entriesOf(kind)
          assert.deepInclude(entry, { playing: true, plays: 1 }, kind)
          assert.deepInclude(entry?.users[0], { name: owner.username, seen: 0 }, kind)
        }
        world.stop(play)
        assert.deepStrictEqual(yield* entriesOf("plex"), [])
        const own = (yield* itemsOf("plex")).find((item) => item.serverItemId === key)?.ownPlays
        assert.deepInclude(own, { name: owner.username, plays: 1, seen: 0 })
        assert.closeTo(own?.furthest ?? 0, 0.4, 0.01)
        for (const kind of ["tautulli", "tracearr"]) assert.isUndefined((yield* entriesOf(kind))[0]?.playing, kind)
        // The server does not report what another user has begun.
        world.stop(world.play(other, first(untouched.slice(1)), null, 0, 40))
        const next = String(movieKey(first(untouched.slice(1))))
        assert.isUndefined((yield* itemsOf("plex")).find((item) => item.serverItemId === next)?.ownPlays)
      })
    )
  )

  it.effect("reports what everybody watched to the end, newest first, also for deleted items", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const path = "/status/sessions/history/all?sort=viewedAt:desc"
        const all = yield* read<Container<PlexItem>>("plex", path)
        const rows = all.MediaContainer.Metadata ?? []
        const { world } = yield* Sandbox
        assert.strictEqual(rows.length, world.plays.filter((play) => play.percent >= 90).length)
        assert.isTrue(
          rows.every((row, index) => index === 0 || (row.viewedAt ?? 0) <= (rows[index - 1]?.viewedAt ?? 0) + 7200)
        )
        const played = first(rows, (row) => Number(row.ratingKey) < 2_000_000)
        yield* ask("plex", `/library/metadata/${played.ratingKey}`, { method: "DELETE" })
        const after = (yield* read<Container<PlexItem>>("plex", path)).MediaContainer.Metadata ?? []
        assert.lengthOf(after, rows.length)
        assert.isUndefined(first(after, (row) => row.title === played.title).ratingKey)
      })
    )
  )

  it.effect("requires a token, returns XML unless JSON is requested, and shows its identity to anybody", () =>
    withSandbox(
      { items: 20 },
      Effect.gen(function* () {
        assert.strictEqual((yield* ask("plex", "/library/sections", { key: null })).status, 401)
        assert.strictEqual((yield* ask("plex", "/library/sections", { key: "wrong" })).status, 401)
        assert.strictEqual((yield* ask("plex", "/identity", { key: null })).status, 200)
        const xml = yield* ask("plex", "/library/sections", { headers: { accept: "*/*" } })
        assert.include(xml.headers.get("content-type") ?? "", "xml")
        assert.match(xml.text, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<MediaContainer size="2"/)
        assert.strictEqual((yield* ask("plex", "/library/metadata/999999999")).status, 404)
      })
    )
  )
})

describe("Tautulli", () => {
  const history = (query: string) =>
    Effect.map(read<History>("tautulli", `/api/v2?cmd=get_history${query}`), (each) => each.response.data)

  it.effect("pages by 25 and can be read whole, in both orders", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const page = yield* history("")
        assert.lengthOf(page.data, 25)
        assert.strictEqual(page.recordsTotal, world.plays.length)
        const seen: Array<number> = []
        for (let start = 0; start < page.recordsFiltered; start += 500) {
          seen.push(
            ...(yield* history(`&start=${start}&length=500&order_column=date&order_dir=asc`)).data.map(
              (row) => row.row_id
            )
          )
        }
        assert.deepStrictEqual(
          seen,
          world.plays.map((play) => play.id)
        )
      })
    )
  )

  it.effect("filters by person and by item, and remembers what was removed", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const [row] = (yield* history("&media_type=movie")).data
        assert.isDefined(row)
        const plays = yield* history(`&rating_key=${row.rating_key}&length=1000`)
        assert.isTrue(plays.data.length > 0 && plays.data.every((each) => each.title === row.title))
        const own = yield* history(`&user=${row.user}&length=5000`)
        assert.isTrue(own.data.length > 1 && own.data.every((each) => each.user === row.user))
        yield* ask("plex", `/library/metadata/${row.rating_key}`, { method: "DELETE" })
        assert.deepStrictEqual(yield* history(`&rating_key=${row.rating_key}&length=1000`), plays)
      })
    )
  )

  it.effect("answers 400 with an error to a wrong key and to an unknown command", () =>
    withSandbox(
      { items: 10 },
      Effect.gen(function* () {
        const error = (message: string) => ({ response: { result: "error", message, data: {} } })
        const wrong = yield* ask("tautulli", "/api/v2?cmd=get_history", { key: "wrong" })
        assert.deepStrictEqual([wrong.status, wrong.json], [400, error("Invalid apikey")])
        const none = yield* ask("tautulli", "/api/v2?cmd=get_history", { key: null })
        assert.deepStrictEqual([none.status, none.json], [400, error("Parameter apikey is required")])
        assert.strictEqual((yield* ask("tautulli", "/api/v2?cmd=toString")).status, 400)
      })
    )
  )

  it.effect("still reports success while Plex is down, with empty data", () =>
    withSandbox(
      { items: 10 },
      Effect.gen(function* () {
        const { faults } = yield* Sandbox
        const data = (cmd: string) =>
          Effect.map(
            read<{ response: { data: unknown } }>("tautulli", `/api/v2?cmd=${cmd}`),
            (each) => each.response.data
          )
        assert.deepStrictEqual(yield* data("server_status"), { connected: true })
        yield* faults.add({ kind: "down", app: "plex" })
        assert.deepStrictEqual(yield* data("server_status"), { connected: false })
        assert.deepStrictEqual(yield* data("get_libraries"), [])
        assert.deepStrictEqual(yield* data("get_activity"), {})
      })
    )
  )
})

describe("Seerr", () => {
  it.effect("pages requests by ten and filters them", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const one = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request")
        assert.lengthOf(one.results, 10)
        assert.strictEqual(one.pageInfo.results, world.requests.length)
        const all = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request?take=1000&skip=0&filter=all")
        assert.lengthOf(all.results, world.requests.length)
        assert.isTrue(
          all.results.every((request, index) => index === 0 || request.id < (all.results[index - 1]?.id ?? 0))
        )
        const second = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request?take=10&skip=10")
        assert.deepStrictEqual(second.results, all.results.slice(10, 20))
        assert.strictEqual(second.pageInfo.page, 2)
        const pending = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request?filter=pending&take=100")
        assert.isTrue(pending.results.length > 0 && pending.results.every((request) => request.status === 1))
        const count = yield* read<{ total: number; pending: number }>("seerr", "/api/v1/request/count")
        assert.deepInclude(count, { total: world.requests.length, pending: pending.results.length })
      })
    )
  )

  it.effect("sees that a requested movie was removed, and forgets it when its media is deleted", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const all = Effect.map(
          read<Results<SeerrRequest>>("seerr", "/api/v1/request?take=1000"),
          (each) => each.results
        )
        const request = first(yield* all, (each) => each.type === "movie" && each.media.status === 5)
        yield* ask("radarr", `${api}/movie/${request.media.externalServiceId}?deleteFiles=true`, { method: "DELETE" })
        const again = yield* read<SeerrRequest>("seerr", `/api/v1/request/${request.id}`)
        assert.strictEqual(again.media.status, 7)
        assert.strictEqual((yield* ask("seerr", `/api/v1/media/${request.media.id}`, { method: "DELETE" })).status, 204)
        assert.strictEqual((yield* ask("seerr", `/api/v1/request/${request.id}`)).status, 404)
        assert.strictEqual((yield* ask("seerr", `/api/v1/media/${request.media.id}`, { method: "DELETE" })).status, 404)
      })
    )
  )

  it.effect("returns its version to anybody and the rest only with the key", () =>
    withSandbox(
      { items: 10 },
      Effect.gen(function* () {
        assert.strictEqual((yield* ask("seerr", "/api/v1/status", { key: null })).status, 200)
        assert.strictEqual((yield* ask("seerr", "/api/v1/settings/main", { key: "wrong" })).status, 403)
        assert.strictEqual((yield* ask("seerr", "/api/v1/settings/main")).status, 200)
      })
    )
  )
})
