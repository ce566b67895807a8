/**
 * Verified in the source of Sportarr (src/Endpoints: LeagueEndpoints, EventEndpoints, SonarrQueueEndpoints, SonarrSystemEndpoints,
 * TagAndQualityProfileEndpoints, RootFolderAndNotificationEndpoints; src/Models/Event.cs): the routes below, the fields of
 * leagues, events and their files, what deleting files reports, and that the API for programs made for Sonarr invents
 * seasons and folders. Assumed: that a single event is searched for at `api/event/{id}/automatic-search`, as in the
 * application that it descends from, and that its page is titled `Sportarr` at the root of its address.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { sportarr } from "../../../src/integrations/kinds/sportarr.ts"
import type { RemovalTarget } from "../../../src/integrations/Kind.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"

const config = { apiKey: "k" }

const file = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  filePath: `/data/sports/Cup/Season 2026/${id}.mkv`,
  size: 1_000,
  quality: "WEBDL-1080p",
  codec: "H.264",
  releaseGroup: "GRP",
  customFormatScore: 5,
  added: "2026-03-02T10:00:00Z",
  ...changes
})

const event = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  leagueId: 7,
  title: `Match ${id}`,
  season: "2026",
  seasonNumber: 2026,
  episodeNumber: id,
  eventDate: "2026-03-01T18:00:00Z",
  monitored: true,
  hasFile: false,
  files: [],
  ...changes
})

const league = {
  id: 7,
  externalId: "lg-000278",
  name: "Cup",
  sport: "Soccer",
  monitored: true,
  qualityProfileId: 2,
  tags: [1],
  path: "/data/sports/Cup",
  added: "2026-01-01T00:00:00Z"
}

const events = [
  // An evening in two parts.
  event(1, { files: [file(11), file(12, { size: 500 })], hasFile: true }),
  event(2),
  event(3, { eventDate: "2026-12-24T18:00:00Z" }),
  event(4, {
    season: "2025-2026",
    seasonNumber: null,
    files: [file(14)],
    eventDate: "2025-10-01T18:00:00Z",
    monitored: false
  }),
  // Of no league.
  event(5, { leagueId: null, files: [file(15)] })
]

const answers: Answers = ({ method, path }) => {
  if (method !== "GET") return { success: true, failedCount: 0 }
  const own = events.filter(({ leagueId }) => leagueId === 7)
  switch (path) {
    case "/api/v3/system/status":
      return { appName: "Sportarr", version: "4.0.1" }
    case "/api/leagues":
      return [league]
    case "/api/leagues/7":
      return league
    case "/api/events":
      return events
    case "/api/leagues/7/events":
      return own
    case "/api/leagues/7/files":
      return { files: own.flatMap(({ files }) => files) }
    case "/api/tag":
      return [{ id: 1, label: "keep" }]
    case "/api/qualityprofile":
      return [{ id: 2, name: "HD" }]
    case "/api/rootfolder":
      return [
        { id: 1, path: "/data/sports", accessible: true, freeSpace: 40, totalSpace: 100 },
        { id: 2, path: "/gone", accessible: false, freeSpace: 0, totalSpace: 0 }
      ]
    default:
      return undefined
  }
}

const target = (externalId: string, kind: RemovalTarget["kind"]): RemovalTarget => ({
  externalId,
  kind,
  title: "Cup",
  ids: ["sportarr-league:lg-000278"]
})

const atSummer = TestClock.setTime(Date.UTC(2026, 6, 1))

describe("The catalog of Sportarr", () => {
  it.effect("has leagues as shows, and their seasons that have files, with the figures of their events", () =>
    Effect.gen(function* () {
      yield* atSummer
      const fake = yield* connect(sportarr, config, answers)
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map(({ externalId, facts, ids, kind, sizeBytes, title }) => ({
          externalId,
          kind,
          title,
          ids,
          sizeBytes,
          counts: [facts.episodeCount, facts.missingEpisodes, facts.unairedEpisodes, facts.latestSeason],
          terms: [facts.tags, facts.qualityProfile, facts.genres, facts.monitored]
        })),
        [
          {
            externalId: "7",
            kind: "show",
            title: "Cup",
            ids: ["sportarr-league:lg-000278"],
            sizeBytes: 2_500,
            counts: [2, 1, 1, undefined],
            terms: [["keep"], "HD", ["Soccer"], true]
          },
          {
            externalId: "7:s2026",
            kind: "season",
            title: "Cup - Season 2026",
            ids: ["sportarr-league:lg-000278"],
            sizeBytes: 1_500,
            counts: [1, 1, 1, true],
            terms: [["keep"], "HD", ["Soccer"], true]
          },
          {
            externalId: "7:s2025",
            kind: "season",
            title: "Cup - Season 2025",
            ids: ["sportarr-league:lg-000278"],
            sizeBytes: 1_000,
            counts: [1, 0, 0, false],
            terms: [["keep"], "HD", ["Soccer"], false]
          }
        ]
      )
      assert.lengthOf(fake.sent, 4)
    })
  )

  it.effect("leaves the folder of a league open if the application does not report it", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, (sent) =>
        sent.path === "/api/leagues" ? [{ ...league, path: null }] : answers(sent)
      )
      const [show] = yield* read(fake, "catalog")
      assert.isNull(show?.path)
      assert.include(show?.untold?.path, "a folder of its own")
    })
  )

  it.effect("has its events as episodes, with all of their files", () =>
    Effect.gen(function* () {
      const { connected } = yield* connect(sportarr, config, answers)
      const [show] = yield* connected.read.catalog!(() => Effect.void, new OddRecords())
      const whole = { externalId: "7", kind: "show", path: null } as const
      const contents = {
        episodes: yield* connected.contents!.episodes!(whole),
        files: yield* connected.contents!.files!(whole)
      }
      const items = yield* connected.contents!.items!(show!, contents, "2026-07-01T00:00:00.000Z")
      assert.deepStrictEqual(
        items.map((item) => [item.externalId, item.title, item.sizeBytes, item.filePath, item.facts.monitored]),
        [
          ["7:e1", "Cup - S2026E01 - Match 1", 1_500, null, true],
          ["7:e4", "Cup - S2025E04 - Match 4", 1_000, "/data/sports/Cup/Season 2026/14.mkv", false]
        ]
      )
    })
  )

  it.effect("reports the space of its root folders, since it lists no mounts", () =>
    Effect.gen(function* () {
      const disks = yield* read(yield* connect(sportarr, config, answers), "disks")
      assert.deepStrictEqual(disks.disks, [{ path: "/data/sports", totalBytes: 100, freeBytes: 40 }])
      assert.deepStrictEqual(
        disks.rootFolders.map(({ accessible, path }) => [path, accessible]),
        [
          ["/data/sports", true],
          ["/gone", false]
        ]
      )
    })
  )
})

describe("Removing from Sportarr", () => {
  it.effect("no longer monitors an event before it deletes its files, and can put that back", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, answers)
      const { presence, putBack, remove } = fake.connected.removal!
      const found = yield* presence(target("7:s2026", "season"))
      assert.deepInclude(found, { _tag: "Present", sizeBytes: 1_500 })
      fake.sent.length = 0
      yield* remove(target("7:s2026", "season"), { addImportExclusion: false })
      const changes = () =>
        fake.sent.filter(({ method }) => method !== "GET").map(({ body, method, path }) => [method, path, body])
      assert.deepStrictEqual(changes(), [
        ["PUT", "/api/events/1", { monitored: false }],
        ["PUT", "/api/events/2", { monitored: false }],
        ["PUT", "/api/events/3", { monitored: false }],
        ["DELETE", "/api/events/1/files", undefined]
      ])
      fake.sent.length = 0
      yield* putBack!(target("7:s2026", "season"), found._tag === "Present" ? found.restore : null)
      assert.deepStrictEqual(
        changes().map(([, path, body]) => [path, body]),
        [1, 2, 3].map((id) => [`/api/events/${id}`, { monitored: true }])
      )
    })
  )

  it.effect("fails if the application could not delete a file, which it forgets nevertheless", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, (sent) =>
        sent.method === "DELETE" ? { success: false, deletedCount: 1, failedCount: 1 } : answers(sent)
      )
      const failed = yield* Effect.flip(
        fake.connected.removal!.remove(target("7:e1", "episode"), { addImportExclusion: false })
      )
      assert.include(failed.message, "could not be deleted from the disk")
    })
  )

  it.effect("deletes a league with its files by one request", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, answers)
      yield* fake.connected.removal!.remove(target("7", "show"), { addImportExclusion: false })
      assert.deepStrictEqual(fake.calls(), ["DELETE /api/leagues/7"])
      assert.strictEqual(fake.sent[0]?.query.get("deleteFiles"), "true")
    })
  )

  it.effect("does nothing by a list that hides the event of a file", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, (sent) =>
        sent.path === "/api/leagues/7/files" ? { files: [{ id: 11 }, { id: 99 }] } : answers(sent)
      )
      const { presence, remove } = fake.connected.removal!
      for (const attempt of [
        presence(target("7:s2026", "season")),
        remove(target("7:s2026", "season"), { addImportExclusion: false })
      ])
        assert.include(
          (yield* Effect.flip<unknown, { readonly message: string }, never>(attempt)).message,
          "hides the event of the file 99"
        )
      assert.isTrue(fake.sent.every(({ method }) => method === "GET"))
    })
  )

  it.effect("takes a league for gone only if the application answers, and says so twice", () =>
    Effect.gen(function* () {
      const { presence } = (yield* connect(sportarr, config, (sent) =>
        sent.path === "/api/leagues/7" ? undefined : answers(sent)
      )).connected.removal!
      assert.strictEqual((yield* presence(target("7", "show")))._tag, "Absent")
      const other = (yield* connect(sportarr, config, () => undefined)).connected.removal!
      assert.strictEqual((yield* Effect.flip(other.presence(target("7", "show"))))._tag, "UpstreamRefused")
    })
  )
})

describe("Changing Sportarr", () => {
  it.effect("sets whether leagues and events are monitored, and the profile; it refuses to change tags", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, (sent) =>
        sent.path === "/api/events/1" && sent.method === "GET" ? events[0] : answers(sent)
      )
      const { change, state } = fake.connected.changes!
      assert.deepStrictEqual(yield* state(target("7", "show")), {
        tags: ["keep"],
        qualityProfile: "HD",
        monitored: true
      })
      yield* change(target("7", "show"), { monitored: false, qualityProfile: "hd" })
      yield* change(target("7:e1", "episode"), { monitored: false, search: true })
      assert.deepStrictEqual(
        fake.sent.filter(({ method }) => method !== "GET").map(({ body, path }) => [path, body]),
        [
          ["/api/leagues/7", { monitored: false, qualityProfileId: 2 }],
          ["/api/events/1", { monitored: false }],
          ["/api/event/1/automatic-search", undefined]
        ]
      )
      const refused = yield* Effect.flip(change(target("7", "show"), { addTags: ["new"] }))
      assert.include(refused.message, "cannot be changed one by one")
      assert.include(
        (yield* Effect.flip(change(target("7", "show"), { qualityProfile: "4K" }))).message,
        `no quality profile "4K"; there are HD`
      )
    })
  )
})

describe("The queue of Sportarr", () => {
  const row = (id: number, episodeId: number) => ({
    id,
    seriesId: 7,
    episodeId,
    title: "Cup.2026.Pack",
    size: 100,
    sizeleft: 40,
    status: "downloading",
    trackedDownloadState: "downloading",
    trackedDownloadStatus: "warning",
    statusMessages: [{ title: "Cup.2026.Pack", messages: ["The download is stalled with no connections"] }],
    downloadId: "ABC",
    protocol: "torrent",
    downloadClient: "qBittorrent",
    indexer: "Nowhere",
    added: "2026-03-01T18:00:00Z"
  })

  const queue: Answers = (sent) => {
    if (sent.path === "/api/v3/queue") return { totalRecords: 2, records: [row(2, 1), row(3, 2)] }
    if (sent.path === "/api/leagues/7/download-history")
      return [
        { eventId: 1, title: "Old", downloadId: "OLD", grabbedAt: "2026-01-01T00:00:00Z", wasImported: true },
        {
          eventId: 2,
          title: "New",
          downloadId: "NEW",
          indexer: "x",
          grabbedAt: "2026-03-01T00:00:00Z",
          wasImported: true
        }
      ]
    if (sent.path === "/api/events/1") return events[0]
    if (sent.path === "/api/events/2") return events[1]
    return answers(sent)
  }

  it.effect("is one entry per download, which is removed once with its data", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, queue)
      const [entry, ...others] = yield* fake.connected.queue!.read
      assert.lengthOf(others, 0)
      assert.deepInclude(entry, { rowIds: [2, 3], downloadId: "abc", protocol: "torrent", clientName: "qBittorrent" })
      assert.deepStrictEqual(
        entry?.targets.map(({ partId, wholeId }) => [wholeId, partId]),
        [
          ["7", "1"],
          ["7", "2"]
        ]
      )
      yield* fake.connected.queue!.remove([2, 3], { removeFromClient: true, blocklist: true })
      assert.deepStrictEqual(
        fake.sent
          .filter(({ method }) => method === "DELETE")
          .map(({ path, query }) => [
            path,
            query.get("removeFromClient"),
            query.get("blocklist"),
            query.get("skipRedownload")
          ]),
        [
          ["/api/v3/queue/2", "true", "true", "true"],
          ["/api/v3/queue/3", "false", "false", "true"]
        ]
      )
    })
  )

  it.effect("knows what was grabbed and imported, what is still missing, and searches event by event", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sportarr, config, queue)
      const { history, search, stillWanted } = fake.connected.queue!
      assert.deepStrictEqual(
        (yield* history("2026-02-01T00:00:00.000Z")).map(({ downloadId, targets, what }) => [
          what,
          downloadId,
          targets[0]?.partId
        ]),
        [
          ["grabbed", "new", "2"],
          ["imported", "new", "2"]
        ]
      )
      const targets = [1, 2, 9].map((id) => ({ kind: "episode", wholeId: "7", partId: String(id) }) as const)
      assert.deepStrictEqual(
        (yield* stillWanted(targets)).map(({ partId }) => partId),
        ["2"]
      )
      fake.sent.length = 0
      yield* search(targets.slice(0, 2))
      assert.deepStrictEqual(fake.calls(), ["POST /api/event/1/automatic-search", "POST /api/event/2/automatic-search"])
    })
  )
})
