/** Runs that look for orphaned files, on a real file system with a fake client. */
import { assert } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { TestClock } from "effect/testing"
import * as fs from "node:fs"
import { Acts } from "../../../src/acts/Acts.ts"
import { FilesSettings } from "../../../src/downloads/files/FilesSettings.ts"
import { Orphans } from "../../../src/downloads/files/Orphans.ts"
import { Actor } from "../../../src/events/Actor.ts"
import type { Integrations } from "../../../src/integrations/Integrations.ts"
import { MayDestroy } from "../../../src/jobs/MayDestroy.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { SqlTest } from "../../support/Sql.ts"
import { connected, downloadsTest, FakeDownloads, sampleClient } from "../FakeDownloads.ts"
import { type Disk, plainDisk } from "./RealDisk.ts"

export interface Place {
  readonly fake: FakeDownloads
  readonly seeder: FakeDownloads
  readonly disk: Disk
}

/** When files were created cannot be chosen, so that the time of the tests is after that. */
export const afterFiles = Date.now() + 3_600_000

/** A client with one seeding torrent in `downloads`, next to a folder that nothing knows. */
export const withDisk = <E, R>(use: (place: Place) => Effect.Effect<void, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const disk = yield* plainDisk
      const [fake, seeder] = [new FakeDownloads(), new FakeDownloads()]
      fake.client = sampleClient({ savePath: disk.at("downloads"), categories: [], folders: [] })
      seeder.client = sampleClient({ savePath: disk.at("seeds"), categories: [], folders: [] })
      disk.torrent(fake, "Film", 1)
      disk.write(disk.at("downloads/Old.Film/old.mkv"))
      yield* Effect.gen(function* () {
        yield* TestClock.setTime(afterFiles)
        yield* connected
        yield* (yield* Settings).patch(FilesSettings, { orphans: true })
        yield* use({ fake, seeder, disk })
      }).pipe(Effect.provide(downloadsTest(fake, SqlTest, seeder))) as Effect.Effect<void, E, Scope.Scope>
    })
  )

export const run = (dryRun = false) =>
  Effect.flatMap(Orphans, (orphans) =>
    orphans
      .run({ progress: () => Effect.void, log: () => Effect.void, dryRun })
      .pipe(Effect.provideService(Actor, "job:orphaned-files"), Effect.provideService(MayDestroy, true))
  )

/** Finds them, waits, and runs again. */
export const runLater = Effect.gen(function* () {
  const first = yield* run()
  yield* TestClock.adjust("50 hours")
  return { first, second: yield* run() }
})

export const asAnn = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideService(effect, Actor, "ann")

export const onlyOrphan = Effect.flatMap(Orphans, (orphans) => Effect.map(orphans.page({}), ({ items }) => items[0]))

export const nothingMoves = (
  change: (place: Place) => Effect.Effect<unknown, unknown, Scope.Scope | Settings | Integrations>
) =>
  withDisk((place) =>
    Effect.gen(function* () {
      yield* change(place) as Effect.Effect<unknown>
      yield* runLater
      assert.isTrue(fs.existsSync(place.disk.at("downloads/Old.Film/old.mkv")), "it stays")
      assert.isTrue(fs.existsSync(place.disk.at("downloads/Film/film.mkv")), "so does the download")
      assert.deepStrictEqual((yield* (yield* Acts).page({})).items, [])
    })
  )
