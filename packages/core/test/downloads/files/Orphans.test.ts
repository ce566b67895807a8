/** Files in the folders of download clients that nothing knows, on real file systems. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fs from "node:fs"
import * as nodePath from "node:path"
import { FilesSettings } from "../../../src/downloads/files/FilesSettings.ts"
import { Orphans } from "../../../src/downloads/files/Orphans.ts"
import { Integrations } from "../../../src/integrations/Integrations.ts"
import { RemovalsSettings } from "../../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { sampleClient, withSeeder } from "../FakeDownloads.ts"
import { afterFiles, asAnn, nothingMoves, onlyOrphan, run, runLater, withDisk } from "./OrphanRuns.ts"
import { boundTo, mayMount, seeding, tmpfsAt } from "./RealDisk.ts"

describe("An orphaned folder", () => {
  it.effect("is moved into quarantine after it has been orphaned for long enough, and deleted days later", () =>
    withDisk(({ disk }) =>
      Effect.gen(function* () {
        const { first, second } = yield* runLater
        assert.deepStrictEqual(
          first.items.map(({ outcome, path }) => [nodePath.basename(path), outcome]),
          [["Old.Film", "waiting"]]
        )
        assert.strictEqual(second.quarantined, 1)
        assert.isFalse(fs.existsSync(disk.at("downloads/Old.Film")))
        const orphan = yield* onlyOrphan
        assert.deepInclude(orphan, { state: "quarantined", files: 1, bytes: 100, freesBytes: 100 })
        assert.strictEqual(orphan?.quarantine, disk.at("downloads/.tendarr-orphans", `${orphan?.id} Old.Film`))
        assert.isTrue(fs.existsSync(nodePath.join(orphan!.quarantine!, "old.mkv")))
        yield* TestClock.adjust("13 days")
        yield* run()
        assert.isTrue(fs.existsSync(nodePath.join(orphan!.quarantine!, "old.mkv")))
        yield* TestClock.adjust("2 days")
        yield* run()
        assert.isFalse(fs.existsSync(orphan!.quarantine!))
        assert.strictEqual((yield* onlyOrphan)?.state, "deleted")
        assert.isTrue(fs.existsSync(disk.at("downloads/Film/film.mkv")))
      })
    )
  )

  it.effect("comes back when it is restored, and is never moved again", () =>
    withDisk(({ disk }) =>
      Effect.gen(function* () {
        yield* runLater
        const orphans = yield* Orphans
        const restored = yield* asAnn(orphans.restore((yield* onlyOrphan)!.id))
        assert.strictEqual(restored.state, "restored")
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
        yield* TestClock.adjust("60 days")
        yield* run()
        yield* TestClock.adjust("60 days")
        yield* run()
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
        const again = yield* Effect.flip(asAnn(orphans.restore(restored.id)))
        assert.strictEqual(again._tag, "OrphanConflict")
      })
    )
  )

  it.effect("stays for good if somebody says so", () =>
    withDisk(({ disk }) =>
      Effect.gen(function* () {
        yield* run()
        yield* asAnn((yield* Orphans).keep((yield* onlyOrphan)!.id))
        yield* TestClock.adjust("60 days")
        yield* run()
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
      })
    )
  )

  it.effect("is not touched by a dry run, which writes nothing", () =>
    withDisk(({ disk }) =>
      Effect.gen(function* () {
        yield* run()
        const before = yield* onlyOrphan
        yield* TestClock.adjust("50 hours")
        const report = yield* run(true)
        assert.deepStrictEqual(
          report.items.map(({ outcome }) => outcome),
          ["planned"]
        )
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
        assert.isFalse(fs.existsSync(disk.at("downloads/.tendarr-orphans")))
        assert.deepStrictEqual(yield* onlyOrphan, before)
      })
    )
  )

  it.effect("is not touched while deletions are switched off, or before the setting is on", () =>
    nothingMoves(() =>
      Effect.flatMap(Settings, (settings) => settings.patch(RemovalsSettings, { deletionsEnabled: false }))
    )
  )
  it.effect("is only listed until the setting is on", () =>
    nothingMoves(() => Effect.flatMap(Settings, (settings) => settings.patch(FilesSettings, { orphans: false })))
  )

  it.effect("stays in quarantine while the setting is off", () =>
    withDisk(() =>
      Effect.gen(function* () {
        yield* runLater
        yield* (yield* Settings).patch(FilesSettings, { orphans: false })
        yield* TestClock.adjust("60 days")
        yield* run()
        assert.isTrue(fs.existsSync((yield* onlyOrphan)!.quarantine!))
      })
    )
  )

  it.effect("waits again if something in it has changed", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        yield* run()
        yield* TestClock.adjust("50 hours")
        fs.writeFileSync(disk.at("downloads/Old.Film/new.mkv"), "x")
        const later = new Date(afterFiles + 49 * 3_600_000)
        fs.utimesSync(disk.at("downloads/Old.Film/new.mkv"), later, later)
        yield* run()
        assert.isTrue(fs.existsSync(disk.at("downloads/Old.Film/old.mkv")))
        assert.isAbove(fake.downloads.size, 0)
      })
    )
  )
})

describe("Nothing is orphaned", () => {
  it.effect("while a client is not read completely", () =>
    nothingMoves(({ fake }) => Effect.sync(() => (fake.complete = false)))
  )
  it.effect("while a client does not answer", () =>
    nothingMoves(({ fake }) => Effect.sync(() => fake.down.add("client")))
  )
  it.effect("while an application does not answer", () =>
    nothingMoves(({ fake }) => Effect.sync(() => fake.down.add("application")))
  )
  it.effect("while a client is switched off: it may use the same folders", () =>
    nothingMoves(() =>
      Effect.gen(function* () {
        yield* withSeeder
        const integrations = yield* Integrations
        const [seeder] = (yield* integrations.list).filter(({ name }) => name === "Seeder")
        yield* integrations.update(seeder!.id, { enabled: false })
      })
    )
  )
  it.effect("while the folder of another client cannot be seen", () =>
    nothingMoves(({ seeder }) =>
      Effect.andThen(
        withSeeder,
        Effect.sync(() => (seeder.client = sampleClient({ savePath: "/not-mapped-anywhere", categories: [] })))
      )
    )
  )
  it.effect("while a torrent in the folder has no list of files yet", () =>
    nothingMoves(({ disk, fake }) =>
      Effect.sync(() => {
        fake.add("Magnet", 2, { state: "metadata", progress: 0, savePath: disk.at("downloads"), contentPath: null })
      })
    )
  )
  it.effect("while something in the folder is unpacked", () =>
    nothingMoves(({ disk, fake }) =>
      Effect.sync(() => {
        const savePath = disk.at("downloads")
        fake.add("Job", 2, { protocol: "usenet", state: "post-processing", phase: "unpacking", savePath })
      })
    )
  )
  it.effect("in a folder in which no download can be seen: it may be another folder", () =>
    nothingMoves(({ disk, fake }) =>
      Effect.sync(() => {
        const [one] = fake.downloads.values()
        fake.change(one!, {
          savePath: disk.at("downloads/elsewhere"),
          contentPath: disk.at("downloads/elsewhere/Film")
        })
      })
    )
  )
  it.effect("that a download has directly in the folder", () =>
    nothingMoves(({ disk, fake }) =>
      Effect.sync(() => {
        fake.add("Loose", 2, { ...seeding, savePath: disk.at("downloads"), contentPath: disk.at("downloads") })
      })
    )
  )
  it.effect("that has just left its client", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        const one = disk.torrent(fake, "Leaving", 2)
        yield* run()
        fake.downloads.delete(one.id)
        yield* TestClock.adjust("47 hours")
        const report = yield* run()
        assert.notInclude(
          report.items.map(({ path }) => path),
          disk.at("downloads/Leaving")
        )
        assert.isTrue(fs.existsSync(disk.at("downloads/Leaving/film.mkv")))
      })
    )
  )
  it.effect("that an application has yet to import", () =>
    nothingMoves(({ fake }) =>
      Effect.sync(() => fake.enqueue("f".repeat(40), { title: "Old.Film", trackedState: "importpending" }))
    )
  )
  it.effect("that an application fetched and has not imported, by its history", () =>
    nothingMoves(({ fake }) =>
      Effect.sync(() => {
        const at = new Date(afterFiles).toISOString()
        fake.history.push({ what: "grabbed", downloadId: "f", at, title: "Old.Film", indexer: null, targets: [] })
      })
    )
  )
  it.effect.skipIf(!mayMount)("that another client has at another path through a second mount", () =>
    nothingMoves(({ disk, seeder }) =>
      Effect.gen(function* () {
        const mounted = yield* boundTo(disk.at("downloads"), disk.at("mounted"))
        yield* withSeeder
        seeder.client = sampleClient({ savePath: mounted, categories: [] })
        seeder.add("Another name", 3, { ...seeding, savePath: mounted, contentPath: `${mounted}/Old.Film` })
      })
    )
  )
  it.effect("that is a symbolic link, or contains one", () =>
    nothingMoves(({ disk }) =>
      Effect.sync(() => {
        fs.symlinkSync(disk.at("downloads/Film/film.mkv"), disk.at("downloads/Old.Film/link.mkv"))
        fs.symlinkSync(disk.at("downloads/Film"), disk.at("downloads/Linked"))
      })
    )
  )
  it.effect.skipIf(!mayMount)("that is a mount point, or contains one", () =>
    nothingMoves(({ disk }) =>
      Effect.gen(function* () {
        const mounted = yield* tmpfsAt(disk.at("downloads/Old.Film/disk"))
        disk.write(nodePath.join(mounted, "file"))
      })
    )
  )
  it.effect.skipIf(!mayMount)("that contains a folder of the same disk that is mounted there", () =>
    nothingMoves(({ disk }) =>
      Effect.andThen(
        Effect.sync(() => disk.write(disk.at("photos/a.jpg"))),
        boundTo(disk.at("photos"), disk.at("downloads/Old.Film/photos"))
      )
    )
  )
  it.effect("that contains something whose name is ignored", () =>
    nothingMoves(({ disk }) => Effect.sync(() => disk.write(disk.at("downloads/Old.Film/film.torrent"))))
  )
  it.effect("whose name is ignored", () =>
    nothingMoves(() =>
      Effect.flatMap(Settings, (settings) => settings.patch(FilesSettings, { ignoredNames: ["old.*"] }))
    )
  )
  it.effect("that still has the name of a download with the suffix of its client", () =>
    withDisk(({ disk, fake }) =>
      Effect.gen(function* () {
        disk.write(disk.at("downloads/Partial.mkv.!qB"))
        fake.add("Partial.mkv", 2, { savePath: disk.at("downloads"), contentPath: disk.at("downloads/Partial.mkv") })
        const { second } = yield* runLater
        assert.deepStrictEqual(
          second.items.map(({ path }) => nodePath.basename(path)),
          ["Old.Film"]
        )
      })
    )
  )
})
