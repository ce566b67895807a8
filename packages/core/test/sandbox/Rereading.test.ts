/**
 * A single item that is read again equals that of a full reading, for every kind: compared item by item over a stack of all
 * kinds, with the number of calls.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { EntryKeys } from "../../src/integrations/Kind.ts"
import {
  type CatalogItem,
  type PlaybackEntry,
  type RequestEntry,
  wholeKindOf
} from "../../src/integrations/Observations.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { connect } from "./Reading.ts"
import { again, catalogOf, keysOf, playbackOf, playSomething, requestsOf, serverItemsOf, stack } from "./Rereads.ts"

/** A sample of a list, spread from its beginning to its end. */
const some = <A>(all: ReadonlyArray<A>, count = 25): ReadonlyArray<A> =>
  all.filter((_, index) => index % Math.max(1, Math.floor(all.length / count)) === 0)

const wholeIdOf = (item: CatalogItem): string => item.parentExternalId ?? item.externalId

const byKey = <
  A extends { readonly serverItemId: string; readonly seasonNumber: number | null; readonly kind: string }
>(
  entries: ReadonlyArray<A>
): ReadonlyArray<A> => {
  const key = (one: A) => `${one.serverItemId}|${one.kind}|${one.seasonNumber ?? ""}`
  return entries.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))
}

const partOf = (entries: ReadonlyArray<PlaybackEntry>, { guid, kind, serverItemId }: EntryKeys) =>
  entries.filter(
    (entry) =>
      (entry.kind === "movie") === (kind === "movie") &&
      (entry.serverItemId === serverItemId || (guid !== null && entry.guid === guid))
  )

/** The calls of one application that `read` sends. */
const callsOf = Effect.fnUntraced(function* <A, E>(app: string, read: Effect.Effect<A, E>) {
  const { world } = yield* Sandbox
  const before = world.requestCounts.get(app) ?? 0
  const value = yield* read
  return { value, calls: (world.requestCounts.get(app) ?? 0) - before }
})

describe("A single item that is read again equals the full reading", () => {
  const managers = {
    radarr: { movie: 3 },
    sonarr: { show: 4, season: 4 },
    lidarr: { artist: 5, album: 5 },
    readarr: { author: 5, book: 5 },
    "whisparr-v2": { show: 4, season: 4 },
    "whisparr-v3": { movie: 3 }
  } as const
  for (const [app, costs] of Object.entries(managers)) {
    it.effect(`in ${app}: the item with its whole and its parts`, () =>
      stack(
        [app],
        Effect.gen(function* () {
          const connected = yield* connect(app)
          const all = yield* catalogOf(connected)
          const kinds = new Map<string, number>()
          for (const item of some(all)) {
            const { calls, value } = yield* callsOf(app, again.catalog(connected, item))
            const expected = all.filter((one) => wholeIdOf(one) === wholeIdOf(item))
            assert.deepStrictEqual(value, expected, item.title)
            kinds.set(item.kind, calls)
          }
          assert.deepStrictEqual(Object.fromEntries(kinds), costs)
          assert.isTrue(all.some((item) => wholeKindOf(item.kind) !== null) || app.endsWith("v3") || app === "radarr")
        })
      )
    )
  }

  const servers = {
    plex: { movie: [3, 3], show: [3, 3], season: [3, 3] },
    // By the number of their libraries, users and collections.
    jellyfin: null,
    emby: null
  } as const
  for (const [app, costs] of Object.entries(servers)) {
    it.effect(`in ${app}: the entry with its parts, its plays, and its current sessions`, () =>
      stack(
        [app, "radarr", "radarr", "sonarr"],
        Effect.gen(function* () {
          yield* playSomething
          const connected = yield* connect(app)
          const items = yield* serverItemsOf(connected)
          const plays = yield* playbackOf(connected)
          const playing = plays.filter((entry) => entry.playing === true)
          assert.isAbove(playing.length, 1)
          const asked = [
            ...some(items, 15),
            ...items.filter((item) => playing.some((entry) => entry.serverItemId === item.serverItemId))
          ]
          const kinds = new Map<string, ReadonlyArray<number>>()
          for (const item of asked) {
            const entry = keysOf(item, items)
            const one = yield* callsOf(app, again.serverItems(connected, [entry]))
            const meant = [entry.serverItemId, entry.season?.serverItemId]
            const expected = items.filter((each) => meant.includes(each.serverItemId))
            assert.deepStrictEqual(byKey(one.value), byKey(expected), item.title)
            const two = yield* callsOf(app, again.playback(connected, [entry]))
            assert.deepStrictEqual(byKey(two.value), byKey(partOf(plays, entry)), item.title)
            kinds.set(item.kind, [one.calls, two.calls])
          }
          const libraries = new Set(items.map((item) => item.library))
          assert.strictEqual(libraries.size, 3)
          assert.isTrue(items.some((item) => item.labels.length > 0 && item.collections.length > 0))
          if (costs !== null) assert.deepStrictEqual(Object.fromEntries(kinds), costs)
          else {
            const { world } = yield* Sandbox
            const users = world.people.length
            const collections = new Set(items.flatMap((item) => item.collections)).size
            // Libraries, users, collections: a call each; then one for each library, user and collection.
            const entry = 3 + libraries.size + users + collections
            assert.deepStrictEqual(Object.fromEntries(kinds), {
              movie: [entry, 2 + users],
              show: [entry, 3 + users],
              season: [entry, 3 + users]
            })
          }
        })
      )
    )
  }

  it.effect("in plex of several entries at once, in two more calls for each", () =>
    stack(
      ["plex"],
      Effect.gen(function* () {
        const connected = yield* connect("plex")
        const items = yield* serverItemsOf(connected)
        const entries = some(
          items.filter((item) => item.kind === "movie"),
          3
        )
          .slice(0, 3)
          .map((item) => keysOf(item, items))
        const one = yield* callsOf("plex", again.serverItems(connected, entries))
        assert.deepStrictEqual([one.value.length, one.calls], [3, 5])
        const two = yield* callsOf("plex", again.playback(connected, entries))
        assert.strictEqual(two.calls, 5)
      })
    )
  )

  it.effect("in tautulli: the plays under its key and its lasting id, and its current sessions", () =>
    stack(
      ["plex", "tautulli"],
      Effect.gen(function* () {
        yield* playSomething
        const items = yield* serverItemsOf(yield* connect("plex"))
        const connected = yield* connect("tautulli")
        const plays = yield* playbackOf(connected)
        assert.isAbove(plays.filter((entry) => entry.playing === true).length, 1)
        const played = new Set(plays.map((entry) => entry.serverItemId))
        for (const item of [...some(items), ...items.filter((one) => played.has(one.serverItemId)).slice(0, 10)]) {
          const entry = keysOf(item, items)
          const { calls, value } = yield* callsOf("tautulli", again.playback(connected, [entry]))
          assert.deepStrictEqual(byKey(value), byKey(partOf(plays, entry)), item.title)
          assert.strictEqual(calls, item.kind === "movie" && entry.guid !== null ? 3 : 2)
        }
      })
    )
  )

  for (const app of ["overseerr", "jellyseerr", "seerr", "ombi"]) {
    it.effect(`in ${app}: the requests for one title`, () =>
      stack(
        [app, "radarr", "sonarr"],
        Effect.gen(function* () {
          const connected = yield* connect(app)
          const all = yield* requestsOf(connected)
          const items = [
            ...(yield* catalogOf(yield* connect("radarr"))),
            ...(yield* catalogOf(yield* connect("sonarr"))).filter((item) => item.kind === "show")
          ]
          const isFor = (kind: string, ids: ReadonlyArray<string>) => (request: RequestEntry) =>
            request.kind === kind && request.ids.some((id) => ids.includes(id))
          const requested = items.filter(({ ids, kind }) => all.some(isFor(kind, ids)))
          assert.isAbove(requested.length, 5)
          const byId = (requests: ReadonlyArray<RequestEntry>) =>
            requests.toSorted((one, other) => (one.requestId < other.requestId ? -1 : 1))
          for (const { ids, kind, title } of [...some(items, 10), ...some(requested, 15)]) {
            if (kind !== "movie" && kind !== "show") continue
            const { calls, value } = yield* callsOf(app, again.requests(connected, { kind, ids }))
            assert.deepStrictEqual(byId(value), byId(all.filter(isFor(kind, ids))), title)
            assert.strictEqual(calls, 1, title)
            // With only a TVDB id the list is read, which contains the same.
            const others = ids.filter((id) => !id.startsWith("tmdb"))
            const slow = yield* again.requests(connected, { kind, ids: others })
            assert.deepStrictEqual(byId(slow), byId(all.filter(isFor(kind, others))), title)
          }
        })
      )
    )
  }
})
