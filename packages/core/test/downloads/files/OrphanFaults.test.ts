/** Orphaned files when paths are mapped wrongly, folders have several names, and things change between a look and an act. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as fs from "node:fs"
import * as nodePath from "node:path"
import { Acts } from "../../../src/acts/Acts.ts"
import { Orphans } from "../../../src/downloads/files/Orphans.ts"
import { sampleClient, withSeeder } from "../FakeDownloads.ts"
import { afterFiles, asAnn, nothingMoves, onlyOrphan, type Place, run, runLater, withDisk } from "./OrphanRuns.ts"
import { withSettableClock } from "../../support/SettableClock.ts"
import { mayMount, seeding, tmpfsAt } from "./RealDisk.ts"

/** Connects the second client with a folder of its own. */
const seederIn = ({ disk, seeder }: Place, folder: string) =>
  Effect.tap(withSeeder, () =>
    Effect.sync(() => {
      fs.mkdirSync(disk.at(folder), { recursive: true })
      seeder.client = sampleClient({ savePath: disk.at(folder), categories: [] })
    })
  )

/** Connects it with a folder that is the first one's under another name. */
const seederInLink = ({ disk, seeder }: Place) =>
  Effect.tap(withSeeder, () =>
    Effect.sync(() => {
      fs.symlinkSync(disk.at("downloads"), disk.at("linked"))
      seeder.client = sampleClient({ savePath: disk.at("linked"), categories: [] })
    })
  )

describe("Nothing is orphaned", () => {
  it.effect("while a client has complete torrents, and none of them can be seen: its path may be mapped wrongly", () =>
    nothingMoves((place) =>
      Effect.tap(seederIn(place, "seeds"), () =>
        Effect.sync(() => {
          const savePath = place.disk.at("seeds")
          place.seeder.add("Other", 3, { ...seeding, savePath, contentPath: `${savePath}/Other` })
        })
      )
    )
  )

  it.effect("while a root folder of a library cannot be seen: it may be among the downloads", () =>
    nothingMoves(({ fake }) => Effect.sync(() => (fake.rootFolders = ["/not-mapped-anywhere"])))
  )

  it.effect("that has the name of files in a client whose torrent has another name", () =>
    nothingMoves((place) =>
      Effect.tap(seederIn(place, "seeds"), () =>
        Effect.sync(() => {
          const savePath = place.disk.at("seeds")
          place.seeder.add("Renamed", 3, { savePath, contentPath: `${savePath}/Old.Film` })
        })
      )
    )
  )

  it.effect("while a download of another client has its files directly in the folder, under another name of it", () =>
    nothingMoves((place) =>
      Effect.tap(seederInLink(place), () =>
        Effect.sync(() => {
          const savePath = place.disk.at("linked")
          place.seeder.add("Loose", 3, { ...seeding, savePath, contentPath: savePath })
        })
      )
    )
  )

  it.effect("while a download of another client is moved to the folder, under another name of it", () =>
    nothingMoves((place) =>
      Effect.tap(seederInLink(place), () =>
        Effect.sync(() => {
          const savePath = place.disk.at("linked")
          place.seeder.add("Moving", 3, { ...seeding, state: "moving", savePath, contentPath: `${savePath}/Moving` })
        })
      )
    )
  )

  it.effect.skipIf(!mayMount)("on another disk that is mounted between the folder and one that is used in it", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        const mounted = yield* tmpfsAt(disk.at("downloads/tv"))
        disk.torrent(fake, "Show", 2, { savePath: nodePath.join(mounted, "sonarr") })
        disk.write(nodePath.join(mounted, "Loose/loose.mkv"))
        const { second } = yield* runLater
        assert.deepInclude(second, { orphans: 1, quarantined: 1, failed: 0 })
        assert.isTrue(fs.existsSync(nodePath.join(mounted, "Loose/loose.mkv")))
      })
    )
  )

  it.effect("in a category's folder in which nothing of its client can be seen", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        disk.write(disk.at("elsewhere/Thing/thing.mkv"))
        fake.client = sampleClient({
          savePath: disk.at("downloads"),
          categories: [{ name: "tv", path: disk.at("elsewhere") }],
          folders: []
        })
        const { second } = yield* runLater
        assert.strictEqual(second.quarantined, 1)
        assert.isTrue(fs.existsSync(disk.at("elsewhere/Thing/thing.mkv")))
        assert.deepInclude(second.folders, {
          path: disk.at("elsewhere"),
          skippedBecause: "no download can be seen in it"
        })
      })
    )
  )
})

describe("An orphaned folder", () => {
  it.effect("is found where the path of the client is a symbolic link, and moved within the real folder", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        fs.symlinkSync(disk.at("downloads"), disk.at("linked"))
        fake.client = sampleClient({ savePath: disk.at("linked"), categories: [], folders: [] })
        for (const one of fake.downloads.values()) {
          fake.change(one, { savePath: disk.at("linked"), contentPath: disk.at("linked/Film") })
        }
        yield* runLater
        const orphan = yield* onlyOrphan
        assert.strictEqual(orphan?.state, "quarantined")
        assert.isTrue(fs.existsSync(disk.at("downloads/.tendarr-orphans", `${orphan?.id} Old.Film`, "old.mkv")))
      })
    )
  )

  it.effect("that was restored stays if its device has another number after a restart", () =>
    withDisk(({ disk }) =>
      Effect.gen(function* () {
        yield* runLater
        yield* asAnn((yield* Orphans).restore((yield* onlyOrphan)!.id))
        const sql = yield* SqlClient.SqlClient
        yield* sql`UPDATE orphans SET identity = '0:0'`
        yield* runLater
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
      })
    )
  )

  it.effect(
    "that somebody keeps stays with all that is above and in it, when its folder is no longer one of a client",
    () =>
      withDisk(({ disk, fake }) =>
        Effect.gen(function* () {
          const tv = disk.at("downloads/tv")
          fake.client = sampleClient({ ...fake.client, categories: [{ name: "tv", path: tv }] })
          const show = disk.torrent(fake, "Show", 2, { savePath: tv })
          disk.write(`${tv}/Foo/foo.mkv`)
          disk.write(`${tv}/Bar/bar.mkv`)
          yield* run()
          const orphans = yield* Orphans
          const foo = (yield* orphans.page({})).items.find(({ path }) => path === `${tv}/Foo`)
          yield* asAnn(orphans.keep(foo!.id))
          fake.client = sampleClient({ ...fake.client, categories: [] })
          fake.downloads.delete(show.id)
          fs.rmSync(`${tv}/Show`, { recursive: true })
          for (let times = 0; times < 4; times++) {
            yield* TestClock.adjust("60 hours")
            yield* run()
          }
          assert.isTrue(fs.existsSync(`${tv}/Foo/foo.mkv`), "what is kept stays")
          assert.isFalse(fs.existsSync(`${tv}/Bar/bar.mkv`), "the rest of the folder is orphaned")
        })
      )
  )

  it.effect("says why it could not be moved, and waits again if something in it has changed since", () =>
    withDisk(({ disk }) =>
      Effect.gen(function* () {
        const blocking = disk.write(disk.at("downloads/.tendarr-orphans"))
        yield* runLater
        const planned = yield* onlyOrphan
        assert.strictEqual(planned?.state, "planned")
        assert.isNotNull(planned?.reason)
        fs.rmSync(blocking)
        const later = new Date(afterFiles + 49 * 3_600_000)
        fs.utimesSync(disk.at("downloads/Old.Film/old.mkv"), later, later)
        yield* TestClock.adjust("2 hours")
        yield* run()
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
        assert.strictEqual((yield* onlyOrphan)?.state, "found")
        yield* TestClock.adjust("50 hours")
        yield* run()
        assert.strictEqual((yield* onlyOrphan)?.state, "quarantined")
      })
    )
  )
})

describe("What is in quarantine", () => {
  const afterDays = Effect.andThen(TestClock.adjust("15 days"), run())
  const staysBecause = (because: RegExp) =>
    Effect.gen(function* () {
      const orphan = yield* onlyOrphan
      assert.strictEqual(orphan?.state, "quarantined")
      assert.isTrue(fs.existsSync(orphan!.quarantine!))
      assert.match(orphan?.reason ?? "", because)
    })

  it.effect("is not deleted while a download wants it where it was, and can be restored", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        yield* runLater
        fake.add("Old.Film", 5, { savePath: disk.at("downloads"), contentPath: disk.at("downloads/Old.Film") })
        yield* afterDays
        yield* staysBecause(/restore it/)
        yield* asAnn((yield* Orphans).restore((yield* onlyOrphan)!.id))
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
      })
    )
  )

  it.effect("is not deleted while a client cannot be read", () =>
    withDisk(({ fake }) =>
      Effect.gen(function* () {
        yield* runLater
        fake.down.add("client")
        yield* afterDays
        yield* staysBecause(/Loader/)
      })
    )
  )

  it.effect("is not deleted if something in it has changed", () =>
    withDisk(() =>
      Effect.gen(function* () {
        yield* runLater
        const added = nodePath.join((yield* onlyOrphan)!.quarantine!, "notes.txt")
        fs.writeFileSync(added, "x")
        const later = new Date(afterFiles + 60 * 3_600_000)
        fs.utimesSync(added, later, later)
        yield* afterDays
        yield* staysBecause(/has changed/)
      })
    )
  )

  it.effect("is deleted although an earlier attempt has deleted only a part of it", () =>
    withDisk(({ disk }) =>
      Effect.gen(function* () {
        disk.write(disk.at("downloads/Old.Film/extras/extra.mkv"))
        yield* runLater
        const at = (yield* onlyOrphan)!.quarantine!
        fs.rmSync(nodePath.join(at, "extras/extra.mkv"))
        const later = new Date(afterFiles + 60 * 3_600_000)
        fs.utimesSync(nodePath.join(at, "extras"), later, later)
        yield* afterDays
        assert.isFalse(fs.existsSync(at))
      })
    )
  )

  it.effect("stays there as long as intended when the clock is set forward", () =>
    withSettableClock((set) =>
      withDisk(() =>
        Effect.gen(function* () {
          yield* runLater
          yield* TestClock.adjust("1 hour")
          yield* run()
          set(20 * 86_400_000)
          yield* run()
          yield* TestClock.adjust("1 hour")
          yield* run()
          const orphan = yield* onlyOrphan
          assert.strictEqual(orphan?.state, "quarantined")
          assert.isTrue(fs.existsSync(orphan?.quarantine ?? ""))
        })
      )
    )
  )

  it.effect("stays there if a person cancels its deletion", () =>
    withDisk(() =>
      Effect.gen(function* () {
        yield* runLater
        const acts = yield* Acts
        const [deletion] = (yield* acts.page({ kind: "delete-orphan" })).items
        yield* asAnn(acts.cancel(deletion!.id))
        yield* afterDays
        yield* staysBecause(/a person has cancelled its deletion/)
        assert.isNull((yield* onlyOrphan)?.deleteAt)
      })
    )
  )

  it.effect("is gone once a person has deleted it there", () =>
    withDisk(() =>
      Effect.gen(function* () {
        yield* runLater
        fs.rmSync((yield* onlyOrphan)!.quarantine!, { recursive: true })
        yield* afterDays
        assert.deepInclude(yield* onlyOrphan, { state: "deleted", reason: "it was not there any more" })
      })
    )
  )
})
