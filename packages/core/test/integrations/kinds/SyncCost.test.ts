/** The number of calls of a sync is the documented one, and does not grow with each item. */
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Connected, Kind } from "../../../src/integrations/Kind.ts"
import { emby } from "../../../src/integrations/kinds/emby.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { jellystat } from "../../../src/integrations/kinds/jellystat.ts"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { ombi } from "../../../src/integrations/kinds/ombi.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { jellyseerr, overseerr, seerr } from "../../../src/integrations/kinds/seerr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { tautulli } from "../../../src/integrations/kinds/tautulli.ts"
import { tracearr } from "../../../src/integrations/kinds/tracearr.ts"
import { whisparr } from "../../../src/integrations/kinds/whisparr.ts"
import { type Answers, connect, type Sent, silent } from "../support/FakeUpstream.ts"
import {
  album,
  artist,
  author,
  book,
  diskspace,
  historyPage,
  imported,
  movie,
  qualityProfiles,
  rootFolders,
  season,
  series,
  status,
  tags
} from "./ArrAnswers.ts"

import { plexServer as plexOf, type PlexWorld } from "./plex/FakePlex.ts"

interface Size {
  readonly items: number
  readonly plays: number
}

const many = <A>(count: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, index) => make(index + 1))

const part = (sent: Sent, start: string, length: string, rows: ReadonlyArray<unknown>) => {
  const from = Number(sent.query.get(start))
  return rows.slice(from, from + Number(sent.query.get(length)))
}

/** `version` is reported by the status. */
const arr = ({ items }: Size, version = "1"): Answers => {
  const movies = many(items, (id) => movie(id))
  const shows = many(Math.ceil(items / 2), (id) => series(id, { seasons: [season(1, 3)] }))
  return (sent) => {
    const answers: Record<string, unknown> = {
      movie: movies,
      series: shows,
      artist: many(Math.ceil(items / 2), (id) => artist(id)),
      album: many(Math.floor(items / 2), (id) => album(id, id)),
      author: many(Math.ceil(items / 2), (id) => author(id)),
      book: many(Math.floor(items / 2), (id) => book(id, id)),
      "system/status": { ...status("Whisparr"), version },
      tag: tags,
      collection: [],
      qualityprofile: qualityProfiles,
      diskspace,
      rootfolder: rootFolders,
      history: historyPage(
        many(Math.max(0, Math.min(1_000, items - 1_000 * (Number(sent.query.get("page")) - 1))), () =>
          imported(1, 1, "2026-11-01T00:00:00Z")
        ),
        items
      )
    }
    return answers[sent.path.replace(/^\/api\/v\d\//, "")]
  }
}

const plexServer = ({ items, plays }: Size): Answers => {
  const movies = many(items, (id) => ({ ratingKey: String(id), title: `Movie ${id}`, Guid: [{ id: `tmdb://${id}` }] }))
  const history = many(plays, (id) => ({
    historyKey: `/h/${id}`,
    type: "movie",
    ratingKey: "1",
    accountID: 1,
    viewedAt: id
  }))
  const page = (sent: Sent, rows: ReadonlyArray<unknown>) => ({
    MediaContainer: {
      totalSize: rows.length,
      Metadata: part(sent, "X-Plex-Container-Start", "X-Plex-Container-Size", rows)
    }
  })
  return (sent) => {
    if (sent.path === "/library/sections") return { MediaContainer: { Directory: [{ key: "1", type: "movie" }] } }
    if (sent.path === "/accounts") return { MediaContainer: { Account: [{ id: 1, name: "a" }] } }
    if (/\/(label|collections|sessions)$/.test(sent.path)) return { MediaContainer: { size: 0, totalSize: 0 } }
    return page(sent, sent.path.includes("history") ? history : movies)
  }
}

const tautulliServer = ({ plays }: Size): Answers => {
  const rows = many(plays, (id) => ({ row_id: id, media_type: "movie", rating_key: 1, user: "a", stopped: id }))
  return (sent) => {
    if (sent.query.get("cmd") === "get_users") return { response: { result: "success", data: [] } }
    const data = { recordsFiltered: plays, data: part(sent, "start", "length", rows) }
    return { response: { result: "success", data } }
  }
}

const seerrServer = ({ items }: Size): Answers => {
  const rows = many(items, (id) => ({ id, status: 2, type: "movie", media: { tmdbId: id } }))
  return (sent) => ({ pageInfo: { results: items }, results: part(sent, "skip", "take", rows) })
}

const mediaBrowser = ({ items }: Size): Answers => {
  const movies = many(items, (id) => ({ Id: String(id), Type: "Movie", Name: `Movie ${id}` }))
  const page = (sent: Sent, rows: ReadonlyArray<unknown>) => ({
    Items: part(sent, "startIndex", "limit", rows),
    TotalRecordCount: rows.length
  })
  const users = [{ Id: "u1", Name: "a", Policy: { IsAdministrator: true } }]
  const libraries = [{ ItemId: "l1", Name: "Movies", CollectionType: "movies" }]
  return (sent) => {
    if (sent.path === "/Users") return users
    if (sent.path === "/Users/Query") return page(sent, users)
    if (sent.path === "/Library/VirtualFolders") return libraries
    if (sent.path === "/Library/VirtualFolders/Query") return page(sent, libraries)
    if (sent.path === "/Sessions") return []
    const isEmpty = sent.query.has("filters") || sent.query.get("includeItemTypes") === "BoxSet"
    return page(sent, isEmpty ? [] : movies)
  }
}

const jellystatServer = ({ plays }: Size): Answers => {
  const rows = many(plays, (id) => ({ NowPlayingItemId: String(id), UserId: "u", TotalPlays: "1" }))
  return (sent) => {
    const [page, size] = [Number(sent.query.get("page")), Number(sent.query.get("size"))]
    return { pages: Math.ceil(plays / size), results: rows.slice((page - 1) * size, page * size) }
  }
}

const tracearrServer = ({ plays }: Size): Answers => {
  const rows = many(plays, (id) => ({ id: String(id), mediaType: "movie", ratingKey: "1" }))
  return (sent) => {
    if (sent.path.endsWith("/health")) return { servers: [{ id: "s" }] }
    if (sent.path.endsWith("/users")) return { data: [], meta: { total: 0 } }
    const [page, size] = [Number(sent.query.get("page")), Number(sent.query.get("pageSize"))]
    return { data: rows.slice((page - 1) * size, page * size), meta: { total: plays } }
  }
}

const ombiServer = ({ items }: Size): Answers => {
  const rows = many(items, (id) => ({ id, theMovieDbId: id }))
  return (sent) => {
    const [type, count, position] = sent.path.split("/").slice(4)
    const all = type === "movie" ? rows : []
    return { collection: all.slice(Number(position), Number(position) + Number(count)), total: all.length }
  }
}

const callsOf = <Config>(kind: Kind<Config>, config: Config, answers: Answers) =>
  Effect.gen(function* () {
    const fake = yield* connect(kind, config, answers)
    const reads: ReadonlyArray<keyof Connected["read"]> = ["catalog", "disks", "serverItems", "playback", "requests"]
    for (const name of reads) yield* fake.connected.read[name]?.(silent, new OddRecords()) ?? Effect.void
    yield* fake.connected.collections ?? Effect.void
    return fake.sent.length
  })

describe("The number of calls of a sync", () => {
  const key = { apiKey: "k" }
  const cases: ReadonlyArray<
    [name: string, stated: (size: Size) => number, counted: (size: Size) => Effect.Effect<number, unknown>]
  > = [
    ["radarr", radarr.syncCost.calls, (size) => callsOf(radarr, key, arr(size))],
    ["sonarr", sonarr.syncCost.calls, (size) => callsOf(sonarr, key, arr(size))],
    ["lidarr", lidarr.syncCost.calls, (size) => callsOf(lidarr, key, arr(size))],
    ["readarr", readarr.syncCost.calls, (size) => callsOf(readarr, key, arr(size))],
    ["whisparr 2", whisparr.syncCost.calls, (size) => callsOf(whisparr, key, arr(size, "2.0.0.548"))],
    ["whisparr 3", whisparr.syncCost.calls, (size) => callsOf(whisparr, key, arr(size, "3.0.2.1"))],
    ["plex", plex.syncCost.calls, (size) => callsOf(plex, { token: "t" }, plexServer(size))],
    ["tautulli", tautulli.syncCost.calls, (size) => callsOf(tautulli, key, tautulliServer(size))],
    ["overseerr", overseerr.syncCost.calls, (size) => callsOf(overseerr, key, seerrServer(size))],
    ["jellyseerr", jellyseerr.syncCost.calls, (size) => callsOf(jellyseerr, key, seerrServer(size))],
    ["seerr", seerr.syncCost.calls, (size) => callsOf(seerr, key, seerrServer(size))],
    ["jellyfin", jellyfin.syncCost.calls, (size) => callsOf(jellyfin, key, mediaBrowser(size))],
    ["emby", emby.syncCost.calls, (size) => callsOf(emby, key, mediaBrowser(size))],
    ["jellystat", jellystat.syncCost.calls, (size) => callsOf(jellystat, key, jellystatServer(size))],
    ["tracearr", tracearr.syncCost.calls, (size) => callsOf(tracearr, { token: "t" }, tracearrServer(size))],
    ["ombi", ombi.syncCost.calls, (size) => callsOf(ombi, key, ombiServer(size))]
  ]
  const sizes: ReadonlyArray<Size> = [
    { items: 0, plays: 0 },
    { items: 1_000, plays: 1_000 },
    { items: 2_500, plays: 3_001 },
    // A history of any length costs ten pages.
    { items: 12_000, plays: 1 }
  ]
  it.effect("of Plex grows with its labels, with collections that no list shows, and with entries without ids", () =>
    Effect.gen(function* () {
      const movies = many(250, (id) => ({ ratingKey: String(id), title: `Movie ${id}`, guid: `none://${id}` }))
      const world: PlexWorld = {
        movies,
        labels: { Keep: ["1", "2"], Kids: [] },
        collections: many(3, (id) => ({
          ratingKey: `9${id}`,
          title: `Set ${id}`,
          childCount: 1,
          members: [String(id)]
        }))
      }
      const stated = plex.syncCost.calls({ items: 250, plays: 0, labels: 2, collections: 3, unmatched: 250 })
      const counted = yield* callsOf(plex, { token: "t" }, (sent) => {
        // One list: that of the movies.
        const sections = { MediaContainer: { Directory: [{ key: "1", type: "movie" }] } }
        return sent.path === "/library/sections" ? sections : plexOf(world)(sent)
      })
      assert.strictEqual(counted, stated)
    })
  )

  it.effect("of Jellyfin grows with movies with several versions, in batches", () =>
    Effect.gen(function* () {
      const counted = yield* callsOf(jellyfin, key, (sent) => {
        const ids = sent.query.get("ids")?.split(",")
        if (ids === undefined) {
          const page = mediaBrowser({ items: 250, plays: 0 })(sent)
          const rows = typeof page === "object" && page !== null && "Items" in page ? (page.Items as Array<object>) : []
          return rows.length === 0
            ? page
            : { Items: rows.map((row) => ({ ...row, MediaSourceCount: 2 })), TotalRecordCount: 250 }
        }
        const Items = ids.map((Id) => ({ Id, MediaSources: Id.startsWith("v") ? [] : [{ Id }, { Id: `v${Id}` }] }))
        return { Items, TotalRecordCount: Items.length }
      })
      assert.strictEqual(counted, jellyfin.syncCost.calls({ items: 250, plays: 0, versions: 250 }))
    })
  )

  for (const [name, stated, counted] of cases) {
    for (const size of sizes) {
      it.effect(`of ${name} with ${size.items} items and ${size.plays} plays is as documented`, () =>
        Effect.gen(function* () {
          // Movies need no history; the status contains the version.
          if (name === "whisparr 3") assert.strictEqual(yield* counted(size), 6)
          else assert.strictEqual(yield* counted(size), stated(size))
        })
      )
    }
  }
})
