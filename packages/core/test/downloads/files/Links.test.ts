/** Hard links of the files of downloads, on real file systems. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as fs from "node:fs"
import { downloadFacts } from "../../../src/downloads/DownloadFacts.ts"
import { Downloads } from "../../../src/downloads/Downloads.ts"
import { FilesSettings } from "../../../src/downloads/files/FilesSettings.ts"
import { Links } from "../../../src/downloads/files/Links.ts"
import { mountsOf } from "../../../src/downloads/files/RealFiles.ts"
import { Integrations } from "../../../src/integrations/Integrations.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { SqlTest } from "../../support/Sql.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, strikeRule, withSeeder } from "../FakeDownloads.ts"
import { boundTo, type Disk, mayMount, plainDisk } from "./RealDisk.ts"

interface Place {
  readonly fake: FakeDownloads
  readonly seeder: FakeDownloads
  readonly disk: Disk
}

const withDisk = <E, R>(use: (place: Place) => Effect.Effect<void, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const disk = yield* plainDisk
      const [fake, seeder] = [new FakeDownloads(), new FakeDownloads()]
      yield* Effect.andThen(connected, use({ fake, seeder, disk })).pipe(
        Effect.provide(downloadsTest(fake, SqlTest, seeder))
      ) as Effect.Effect<void, E, Scope.Scope>
    })
  )

const read = Effect.gen(function* () {
  yield* Effect.flatMap(Downloads, (downloads) => downloads.poll)
  yield* Effect.flatMap(Links, (links) => links.run)
})

/** The links of a download, or why they are not known. */
const linksOf = (name: string) =>
  Effect.gen(function* () {
    const one = (yield* (yield* Downloads).current).find(({ download }) => download.name === name)!
    const fact = downloadFacts.hardLinks.read(one)
    return fact._tag === "Known" ? fact.value : "detail" in fact ? fact.detail : null
  })

const unlinkedHoursOf = (name: string) =>
  Effect.gen(function* () {
    const one = (yield* (yield* Downloads).current).find(({ download }) => download.name === name)!
    const fact = downloadFacts.unlinkedHours.read(one)
    return fact._tag === "Known" ? fact.value : null
  })

describe("The hard links of a download", () => {
  it.effect("are counted outside of the download clients, and their absence is timed", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        disk.torrent(fake, "Film", 1)
        disk.link(disk.at("downloads/Film/film.mkv"), disk.at("library/Film/film.mkv"))
        yield* read
        assert.strictEqual(yield* linksOf("Film"), 1)
        assert.strictEqual(yield* unlinkedHoursOf("Film"), 0)
        fs.unlinkSync(disk.at("library/Film/film.mkv"))
        yield* TestClock.adjust("1 hour")
        yield* read
        assert.strictEqual(yield* linksOf("Film"), 0)
        assert.strictEqual(yield* unlinkedHoursOf("Film"), 0)
        yield* TestClock.adjust("5 hours")
        yield* read
        assert.strictEqual(yield* unlinkedHoursOf("Film"), 5)
      })
    )
  )

  it.effect("of several downloads of the same files are no use of them, whether by links or by the same path", () =>
    withDisk(({ disk, fake, seeder }) =>
      Effect.gen(function* () {
        yield* withSeeder
        disk.torrent(fake, "Film", 1)
        disk.link(disk.at("downloads/Film/film.mkv"), disk.at("cross/Film/film.mkv"))
        disk.torrent(seeder, "Film", 1, { savePath: disk.at("cross") })
        disk.torrent(fake, "Film.Again", 1, {})
        fake.files.set([...fake.downloads.keys()].at(-1)!, [
          { index: 0, path: "Film/film.mkv", bytes: 100, progress: 1, wanted: true }
        ])
        yield* read
        const all = yield* (yield* Downloads).current
        assert.deepStrictEqual(
          all.map(({ links }) => links?.outside ?? links?.because),
          // Of the copies in two clients it is not known whose they are.
          ["it is not known whether it was imported", 0, "it is not known whether it was imported"]
        )
        const links = yield* Links
        const [one, again] = all
        assert.strictEqual(yield* links.sharingFiles(one!.id), again!.id)
      })
    )
  )

  it.effect.skipIf(!mayMount)("are the same through two mounts of one file system", () =>
    withDisk(({ disk, fake, seeder }) =>
      Effect.gen(function* () {
        disk.torrent(fake, "Film", 1)
        yield* boundTo(disk.at("downloads"), disk.at("mounted"))
        // The other client sees the same file at another path: that is no second link.
        yield* withSeeder
        disk.link(disk.at("downloads/Film/film.mkv"), disk.at("library/film.mkv"))
        disk.torrent(seeder, "Film.Seed", 1, { id: "b".repeat(40), savePath: disk.at("mounted"), private: true })
        const [seed] = seeder.downloads.values()
        seeder.files.set(seed!.id, [{ index: 0, path: "Film/film.mkv", bytes: 100, progress: 1, wanted: true }])
        yield* read
        assert.strictEqual(yield* linksOf("Film"), 1)
        assert.strictEqual(yield* linksOf("Film.Seed"), 1)
        const [one] = (yield* (yield* Downloads).current).filter(({ download }) => download.name === "Film")
        assert.isNotNull(yield* (yield* Links).sharingFiles(one!.id))
      })
    )
  )

  it.effect("are not known if the file may have been copied, and are by a link that was seen before", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        const one = disk.torrent(fake, "Film", 1)
        const imported = {
          what: "imported",
          downloadId: one.id,
          at: "2026-01-15T12:00:00.000Z",
          title: "Film"
        } as const
        fake.history.push({ ...imported, indexer: null, targets: [] })
        yield* read
        assert.strictEqual(yield* linksOf("Film"), "it was imported without a link, so the library may have a copy")
        disk.link(disk.at("downloads/Film/film.mkv"), disk.at("library/film.mkv"))
        yield* read
        fs.unlinkSync(disk.at("library/film.mkv"))
        yield* read
        assert.strictEqual(yield* linksOf("Film"), 0)
      })
    )
  )

  it.effect("are not known if a file cannot be seen, or is another one", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        disk.torrent(fake, "Film", 1)
        fs.writeFileSync(disk.at("downloads/Film/film.mkv"), "another")
        yield* read
        assert.match(String(yield* linksOf("Film")), /film.mkv has another size than its client says/)
        fs.unlinkSync(disk.at("downloads/Film/film.mkv"))
        yield* read
        assert.match(String(yield* linksOf("Film")), /film.mkv cannot be seen from here: it is not there/)
      })
    )
  )

  it.effect("are read at the path that the mapping of the client leads to", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        const one = disk.torrent(fake, "Film", 1)
        fake.change(one, { savePath: "/client", contentPath: "/client/Film" })
        const integrations = yield* Integrations
        const [client] = (yield* integrations.list).filter(({ name }) => name === "Loader")
        yield* integrations.update(client!.id, {
          options: { ...client!.options, pathMappings: [{ from: "/client", to: disk.at("downloads") }] }
        })
        yield* read
        assert.strictEqual(yield* linksOf("Film"), 0)
      })
    )
  )

  it.effect("in ignored folders do not count", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        disk.torrent(fake, "Film", 1)
        disk.link(disk.at("downloads/Film/film.mkv"), disk.at("recycle/2026/film.mkv"))
        yield* read
        assert.strictEqual(yield* linksOf("Film"), 1)
        yield* (yield* Settings).patch(FilesSettings, { ignoredLinkFolders: [disk.at("recycle")] })
        yield* read
        assert.strictEqual(yield* linksOf("Film"), 0)
      })
    )
  )

  it.effect("are read a few files at a time, those first that were read longest ago", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        for (const name of ["A", "B", "C"]) disk.torrent(fake, name, 1)
        yield* (yield* Settings).patch(FilesSettings, { linkFilesPerRun: 1 })
        const links = yield* Links
        yield* (yield* Downloads).poll
        const seen = new Set<number>()
        for (let run = 0; run < 3; run++) {
          yield* TestClock.adjust("1 minute")
          const report = yield* links.run
          assert.deepStrictEqual(report, { read: 1, unknown: 0, left: 2 })
          seen.add((yield* (yield* Downloads).current).filter((one) => one.links !== undefined).length)
        }
        assert.deepStrictEqual([...seen], [1, 2, 3])
      })
    )
  )
})

describe("A rule about downloads that nothing links to", () => {
  /** A torrent that its trackers no longer know and that nothing links to, with a rule that removes it. */
  const due = ({ disk, fake }: Place) =>
    Effect.gen(function* () {
      const tracker = {
        host: "tracker.example",
        tier: 0,
        status: "not-working",
        message: "Unregistered torrent"
      } as const
      const one = disk.torrent(fake, "Film", 1, { trackers: [tracker] })
      yield* strikeRule({
        condition: { kind: "condition", field: "unlinkedHours", operator: ">=", value: 1 },
        action: { strikes: 1 }
      })
      yield* live(1)
      yield* read
      yield* live(125)
      yield* read
      return one
    })

  it.effect("removes it", () =>
    withDisk((place) =>
      Effect.gen(function* () {
        yield* due(place)
        yield* clean
        assert.deepStrictEqual(place.fake.sent, ["client: remove Film with data"])
      })
    )
  )

  it.effect("leaves it alone if a link has appeared since the links were read", () =>
    withDisk((place) =>
      Effect.gen(function* () {
        const { disk, fake } = place
        yield* due(place)
        disk.link(disk.at("downloads/Film/film.mkv"), disk.at("library/film.mkv"))
        yield* clean
        assert.deepStrictEqual(fake.sent, [])
        assert.strictEqual(yield* linksOf("Film"), 1)
      })
    )
  )

  it.effect("leaves it alone if any item of the library has a symbolic link to it", () =>
    withDisk((place) =>
      Effect.gen(function* () {
        const { disk, fake } = place
        yield* due(place)
        fs.mkdirSync(disk.at("other"))
        fs.symlinkSync(disk.at("downloads/Film/film.mkv"), disk.at("other/film.mkv"))
        // Of an item for which it was not fetched.
        const [application] = (yield* (yield* Integrations).list).filter(({ name }) => name === "Fetcher")
        const at = "2026-01-15T12:00:00.000Z"
        const sql = yield* SqlClient.SqlClient
        const [item] = yield* sql<{ readonly id: number }>`INSERT INTO items ${sql.insert({
          integration_id: Number(application!.id),
          external_id: "77",
          kind: "movie",
          title: "Film",
          sort_title: "film",
          ids: "[]",
          size_bytes: 100,
          collections: "[]",
          data_hash: "x",
          created_at: at,
          updated_at: at
        })} RETURNING id`
        const data = JSON.stringify({
          catalog: {},
          onServers: [],
          labels: [],
          catalogCollections: [],
          filePath: disk.at("other/film.mkv")
        })
        yield* sql`INSERT INTO item_documents ${sql.insert({ item_id: item!.id, data })}`
        yield* clean
        assert.deepStrictEqual(fake.sent, [])
        assert.strictEqual(yield* linksOf("Film"), 1)
      })
    )
  )

  it.effect.skipIf(!mayMount)("leaves the files to another client that sees them at another path", () =>
    withDisk((place) =>
      Effect.gen(function* () {
        const { disk, fake, seeder } = place
        const mounted = yield* boundTo(disk.root, `${disk.root}-mounted`)
        yield* withSeeder
        yield* due(place)
        disk.torrent(seeder, "Film.Seed", 1, { id: "b".repeat(40), savePath: `${mounted}/downloads` })
        const [seed] = seeder.downloads.values()
        seeder.files.set(seed!.id, [{ index: 0, path: "Film/film.mkv", bytes: 100, progress: 1, wanted: true }])
        yield* read
        yield* clean
        assert.deepStrictEqual(fake.sent, ["client: remove Film"])
        assert.isTrue(fs.existsSync(disk.at("downloads/Film/film.mkv")))
      })
    )
  )
})

describe("The table of mounts", () => {
  it("is read with its escapes", () => {
    const line = String.raw`36 35 98:0 /mnt1 /media/my\040films rw,noatime master:1 - btrfs /dev/root rw`
    assert.deepStrictEqual(mountsOf(`${line}\n`), [{ at: "/media/my films", type: "btrfs" }])
  })
})
