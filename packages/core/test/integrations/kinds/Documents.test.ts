/** Every request that a kind sends is described in the API document of the application. */
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Connected, RemovalTarget } from "../../../src/integrations/Kind.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { jellystat } from "../../../src/integrations/kinds/jellystat.ts"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { ombi } from "../../../src/integrations/kinds/ombi.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { overseerr, seerr } from "../../../src/integrations/kinds/seerr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { tautulli } from "../../../src/integrations/kinds/tautulli.ts"
import { tracearr } from "../../../src/integrations/kinds/tracearr.ts"
import { whisparr } from "../../../src/integrations/kinds/whisparr.ts"
import { type Answers, connect, type Fake, type Sent, silent } from "../support/FakeUpstream.ts"
import { faultsOf } from "../support/OpenApi.ts"
import { hasShared, spec } from "../support/Shared.ts"
import {
  album,
  artist,
  author,
  book,
  diskspace,
  movie,
  qualityProfiles,
  rootFolders,
  scene,
  season,
  series,
  status,
  tags
} from "./ArrAnswers.ts"

/** A probe, every read, and a removal with its restore for each target. */
const useAll = Effect.fnUntraced(function* ({ connected }: Fake, targets: ReadonlyArray<RemovalTarget> = []) {
  yield* connected.probe
  const reads: ReadonlyArray<keyof Connected["read"]> = ["catalog", "disks", "serverItems", "playback", "requests"]
  for (const name of reads) yield* connected.read[name]?.(silent, new OddRecords()) ?? Effect.void
  for (const target of targets) {
    const presence = yield* connected.removal!.presence(target)
    if (presence._tag === "Absent") return assert.fail(`${target.title} is there`)
    yield* connected.removal!.remove(target, { addImportExclusion: true })
    yield* connected.removal!.restore(presence.restore)
  }
})

const check = (document: unknown, sent: ReadonlyArray<Sent>, allowance: Parameters<typeof faultsOf>[2]) => {
  assert.isAbove(sent.length, 0)
  for (const one of sent) assert.deepStrictEqual(faultsOf(document, one, allowance), [], `${one.method} ${one.path}`)
}

const arr =
  (appName: string, more: Answers, version = "1.0"): Answers =>
  (sent) => {
    const path = sent.path.replace(/^\/api\/v\d/, "")
    if (path === "/system/status") return { ...status(appName), version }
    if (path === "/tag") return tags
    if (path === "/qualityprofile") return qualityProfiles
    if (path === "/diskspace") return diskspace
    if (path === "/rootfolder") return rootFolders
    return more(sent)
  }

/** Excluded by its removal, with one episode (if it has any) that is not monitored until the show is added again. */
const untilRemoved = (exclusion: object, answers: Answers, episode?: object): Answers => {
  let removed = false
  return (sent) => {
    removed ||= sent.method === "DELETE"
    if (sent.method === "GET" && /\/(exclusions|importlistexclusion)$/.test(sent.path))
      return removed ? [exclusion] : []
    if (sent.path.endsWith("/episode")) return [{ ...episode, monitored: removed }]
    return answers(sent)
  }
}

describe.skipIf(!hasShared)("requests by the upstream's document", () => {
  it.effect("this check finds wrong paths, methods, parameters and bodies", () =>
    Effect.sync(() => {
      const document = spec("radarr-v3.openapi.json")
      const sent = (method: string, path: string, query: Record<string, string> = {}, body?: unknown): Sent => ({
        method,
        path,
        query: new URLSearchParams(query),
        headers: new Headers(),
        body
      })
      const wrong = [
        sent("GET", "/api/v3/movies"),
        sent("PATCH", "/api/v3/movie"),
        sent("DELETE", "/api/v3/movie/1", { addImportListExclusion: "true" }),
        sent("POST", "/api/v3/movie", {}, { tmdbid: 1 }),
        sent("POST", "/api/v3/movie", {}, { tmdbId: "1" }),
        sent("POST", "/api/v3/movie", {}, { minimumAvailability: "soon" }),
        sent("POST", "/api/v3/movie")
      ]
      for (const one of wrong) assert.strictEqual(faultsOf(document, one).length, 1, `${one.method} ${one.path}`)
      assert.deepStrictEqual(faultsOf(document, sent("DELETE", "/api/v3/movie/1", { deleteFiles: "true" })), [])
    })
  )

  it.effect("Radarr", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        radarr,
        { apiKey: "k" },
        untilRemoved(
          { id: 8, tmdbId: 603 },
          arr("Radarr", (sent) => {
            if (sent.path.endsWith("/movie/3")) return movie(3)
            if (sent.path.endsWith("/movie"))
              return sent.method === "POST" ? { id: 9 } : sent.query.has("tmdbId") ? [] : [movie(1)]
            return {}
          })
        )
      )
      yield* useAll(fake, [{ externalId: "3", kind: "movie", title: "Movie 3", ids: [] }])
      check(spec("radarr-v3.openapi.json"), fake.sent, {})
      assert.strictEqual(fake.sent.filter((sent) => sent.method !== "GET").length, 3)
    })
  )

  it.effect("Sonarr", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        sonarr,
        { apiKey: "k" },
        untilRemoved(
          { id: 8, tvdbId: 1005 },
          arr("Sonarr", (sent) => {
            if (sent.path.endsWith("/series/5")) return series(5, { somethingNew: undefined })
            if (sent.path.endsWith("/series"))
              return sent.method === "POST" ? { id: 9 } : sent.query.has("tvdbId") ? [] : [series(5)]
            return sent.path.endsWith("/episodefile") ? [{ id: 4, seasonNumber: 1 }] : {}
          }),
          { id: 21, seasonNumber: 1, episodeNumber: 2, tvdbId: 77 }
        )
      )
      yield* useAll(fake, [
        { externalId: "5", kind: "show", title: "Show 5", ids: [] },
        { externalId: "5:s1", kind: "season", title: "Show 5 - Season 1", ids: [] }
      ])
      // The document has one schema for all commands, which have different properties.
      check(spec("sonarr-v3.openapi.json"), fake.sent, { body: ["seriesId", "seasonNumber"] })
      assert.strictEqual(fake.sent.filter((sent) => sent.method !== "GET").length, 9)
    })
  )

  for (const { creator, creatorId, document, files, fileOf, kind, letter, work, workOf } of [
    {
      kind: lidarr,
      document: "lidarr-v1.openapi.json",
      creator: "artist",
      creatorId: "foreignArtistId",
      work: "album",
      letter: "a",
      files: "trackfile",
      workOf: album,
      fileOf: { id: 4, albumId: 31 }
    },
    {
      kind: readarr,
      document: "readarr-v1.openapi.json",
      creator: "author",
      creatorId: "foreignAuthorId",
      work: "book",
      letter: "b",
      files: "bookfile",
      workOf: book,
      fileOf: { id: 4, bookId: 31 }
    }
  ]) {
    it.effect(kind.title, () =>
      Effect.gen(function* () {
        const own: Record<string, unknown> = creator === "artist" ? artist(5) : author(5)
        const fake = yield* connect(
          kind,
          { apiKey: "k" },
          untilRemoved(
            { id: 8, foreignId: own[creatorId] },
            arr(kind.title, (sent) => {
              if (sent.path.endsWith(`/${creator}/5`)) return own
              if (sent.path.endsWith(`/${work}/31`)) return workOf(31, 5)
              if (sent.path.endsWith(`/${work}`)) return [workOf(31, 5)]
              if (sent.path.endsWith(`/${files}`)) return [fileOf]
              if (sent.path.endsWith(`/${creator}`)) return sent.method === "POST" ? { id: 9 } : []
              return {}
            })
          )
        )
        yield* useAll(fake, [
          { externalId: "5", kind: kind.itemKinds[0]!, title: "Whole", ids: [] },
          { externalId: `5:${letter}31`, kind: kind.itemKinds[1]!, title: "Part", ids: [] }
        ])
        // The document has one schema for all commands, which have different properties.
        check(spec(document), fake.sent, { body: [`${work}Ids`] })
        assert.strictEqual(fake.sent.filter((sent) => sent.method !== "GET").length, 7)
      })
    )
  }

  it.effect("Whisparr 2", () =>
    Effect.gen(function* () {
      // The fields of a site in its document.
      const absent = { imdbId: undefined, monitorNewItems: undefined, seasonFolder: undefined, seriesType: undefined }
      const site = series(5, { ...absent, seasons: [season(2019, 4)], somethingNew: undefined, tmdbId: undefined })
      const more: Answers = (sent) => {
        if (sent.path.endsWith("/series/5")) return site
        if (sent.path.endsWith("/series"))
          return sent.method === "POST" ? { id: 9 } : sent.query.has("tvdbId") ? [] : [site]
        return sent.path.endsWith("/episodefile") ? [{ id: 4, seasonNumber: 2019 }] : {}
      }
      const fake = yield* connect(
        whisparr,
        { apiKey: "k" },
        untilRemoved({ id: 8, tvdbId: 1005 }, arr("Whisparr", more, "2.0.0.548"), {
          id: 21,
          seasonNumber: 2019,
          tvdbId: 77
        })
      )
      yield* useAll(fake, [
        { externalId: "5", kind: "show", title: "Show 5", ids: [] },
        { externalId: "5:s2019", kind: "season", title: "Show 5 - Season 2019", ids: [] }
      ])
      check(spec("whisparr-v2.openapi.json"), fake.sent, { body: ["seriesId", "seasonNumber"] })
      assert.strictEqual(fake.sent.filter((sent) => sent.method !== "GET").length, 9)
    })
  )

  it.effect("Whisparr 3", () =>
    Effect.gen(function* () {
      const more: Answers = (sent) => {
        if (sent.path.endsWith("/movie/5")) return scene(5)
        if (sent.path.endsWith("/movie"))
          return sent.method === "POST" ? { id: 9 } : sent.query.has("stashId") ? [] : [scene(5)]
        return {}
      }
      const fake = yield* connect(
        whisparr,
        { apiKey: "k" },
        untilRemoved({ id: 8, foreignId: scene(5).foreignId }, arr("Whisparr", more, "3.0.2.1"))
      )
      yield* useAll(fake, [{ externalId: "5", kind: "movie", title: "Scene 5", ids: [] }])
      check(spec("whisparr-v3-eros.openapi.json"), fake.sent, {})
      assert.strictEqual(fake.sent.filter((sent) => sent.method !== "GET").length, 3)
    })
  )

  it.effect("Plex", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, { token: "t" }, (sent) =>
        sent.path === "/library/sections"
          ? {
              MediaContainer: {
                Directory: [
                  { key: "1", type: "movie" },
                  { key: "2", type: "show" }
                ]
              }
            }
          : {
              MediaContainer: {
                size: 1,
                totalSize: 1,
                machineIdentifier: "x",
                // For any request: an entry without ids, and a collection that no entry has.
                Metadata: [{ ratingKey: "7", title: "Seven", childCount: 1, type: "clip" }],
                Directory: sent.path.endsWith("/label") ? [{ key: "501", title: "Keep" }] : []
              }
            }
      )
      yield* useAll(fake)
      // All of them are old, and every server supports them; the unofficial document omits them. For the lists of
      // labels, a recorded response names them among the filters of a section.
      const unlisted = new Set([
        "/library/sections",
        "/accounts",
        "/library/sections/1/label",
        "/library/sections/2/label"
      ])
      // Every list can be paged, according to the text of the document.
      const everywhere = ["X-Plex-Container-Start", "X-Plex-Container-Size"]
      const listed = fake.sent.filter((sent) => !unlisted.has(sent.path))
      for (const sent of listed) {
        // The same applies to filters of a list by the fields of its entries.
        sent.query.delete("label")
        if (/history|collections/.test(sent.path)) for (const name of everywhere) sent.query.delete(name)
      }
      check(spec("plex.openapi.yaml"), listed, {})
      assert.deepStrictEqual(
        [...new Set(listed.map((sent) => sent.path))],
        [
          "/identity",
          "/library/sections/1/all",
          "/library/sections/1/collections",
          "/library/collections/7/items",
          "/library/sections/2/all",
          "/library/sections/2/collections",
          "/library/metadata/7,7",
          "/status/sessions/history/all",
          "/status/sessions"
        ]
      )
    })
  )

  it.effect("Tautulli", () =>
    Effect.gen(function* () {
      const fake = yield* connect(tautulli, { apiKey: "k" }, () => ({
        response: { result: "success", data: { tautulli_version: "v2", recordsFiltered: 0, data: [] } }
      }))
      yield* useAll(fake)
      const commands = Object.entries(
        spec("tautulli-api-commands.json") as Record<
          string,
          { readonly args: ReadonlyArray<string>; readonly doc: string }
        >
      )
      assert.strictEqual(fake.sent.length, 4)
      for (const { method, path, query } of fake.sent) {
        assert.deepStrictEqual([method, path], ["GET", "/api/v2"])
        const command = commands.find(([name]) => name === query.get("cmd"))?.[1]
        if (command === undefined) return assert.fail(`there is no command ${query.get("cmd")}`)
        for (const key of query.keys()) {
          if (key === "cmd" || key === "apikey") continue
          assert.isTrue(
            command.args.includes(key) || command.doc.includes(`${key} (`),
            `${query.get("cmd")} knows no ${key}`
          )
        }
        const column = query.get("order_column")
        if (column !== null) assert.include(command.doc, `"${column}"`)
      }
    })
  )

  it.effect("Jellyfin", () =>
    Effect.gen(function* () {
      const fake = yield* connect(jellyfin, { apiKey: "k" }, (sent) => {
        if (sent.path === "/System/Info") return { Version: "10.11.11", ProductName: "Jellyfin Server" }
        if (sent.path === "/Users") return [{ Id: "u", Name: "a", Policy: { IsAdministrator: true } }]
        if (sent.path === "/Sessions") return []
        if (sent.path === "/Library/VirtualFolders") return [{ ItemId: "l", Name: "Movies", CollectionType: "movies" }]
        return sent.query.get("includeItemTypes") === "BoxSet"
          ? { Items: [{ Id: "b", Name: "Both", Type: "BoxSet" }], TotalRecordCount: 1 }
          : { Items: [], TotalRecordCount: 0 }
      })
      yield* useAll(fake)
      check(spec("jellyfin-10.11.11.openapi.json"), fake.sent, {})
      assert.strictEqual(fake.sent.filter((sent) => sent.query.get("parentId") === "b").length, 1)
    })
  )

  it.effect("Jellystat", () =>
    Effect.gen(function* () {
      const fake = yield* connect(jellystat, { apiKey: "k" }, (sent) =>
        sent.path === "/api/getLibraries" ? [] : { pages: 0, results: [] }
      )
      yield* useAll(fake)
      check(spec("jellystat.swagger.json"), fake.sent, {})
      assert.strictEqual(fake.sent.length, 2)
    })
  )

  it.effect("Tracearr", () =>
    Effect.gen(function* () {
      const fake = yield* connect(tracearr, { token: "k" }, (sent) =>
        sent.path.endsWith("/health")
          ? { version: "1.4.22", servers: [{ id: "s", name: "Home", type: "plex" }] }
          : { data: [], meta: { total: 0, page: 1, pageSize: 100 } }
      )
      yield* useAll(fake)
      check(spec("tracearr-public.openapi.json"), fake.sent, {})
      assert.strictEqual(fake.sent.length, 4)
    })
  )

  it.effect("Ombi", () =>
    Effect.gen(function* () {
      const fake = yield* connect(ombi, { apiKey: "k" }, (sent) =>
        sent.path.endsWith("/info") ? "4.47.1" : sent.path.endsWith("/total") ? 3 : { collection: [], total: 0 }
      )
      yield* useAll(fake)
      const routes = spec("ombi-routes.json") as ReadonlyArray<{ readonly method: string; readonly path: string }>
      assert.strictEqual(fake.sent.length, 4)
      for (const { method, path, query } of fake.sent) {
        const known = routes.some(
          (route) =>
            route.method === method &&
            new RegExp(`^${route.path.replaceAll(/\{\w+:int\}/g, "\\d+").replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path)
        )
        assert.isTrue(known, `${method} ${path}`)
        assert.strictEqual(query.size, 0)
      }
    })
  )

  for (const [kind, file] of [
    [overseerr, "overseerr.openapi.yml"],
    [seerr, "seerr.openapi.yml"]
  ] as const) {
    it.effect(kind.title, () =>
      Effect.gen(function* () {
        const fake = yield* connect(kind, { apiKey: "k" }, (sent) =>
          sent.path.endsWith("/request") ? { pageInfo: { results: 0 }, results: [] } : { version: "1", id: 1 }
        )
        yield* useAll(fake)
        check(spec(file), fake.sent, { prefix: "/api/v1" })
      })
    )
  }
})
