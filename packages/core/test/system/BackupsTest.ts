/** All services over a database in its own folder, which can be reopened like in a restart of a server. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer, Path } from "effect"
import { SqlClient } from "effect/sql"
import { MigrationsLive } from "../../src/storage/Migrations.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { Backups } from "../../src/system/Backups.ts"
import { Feeds, feedTest } from "../library/Feeds.ts"
import { databaseIn, inFolder } from "../storage/Files.ts"
import { GeneralSettings } from "../../src/settings/GeneralSettings.ts"

export const house = Effect.gen(function* () {
  const { backups, database, file, folder } = yield* inFolder
  const path = yield* Path.Path
  return {
    folder,
    backups,
    file,
    /** One run of a server: opened, used, and closed cleanly. */
    live: <A, E, R>(use: Effect.Effect<A, E, R>) =>
      Effect.scoped(
        Effect.provide(use, Layer.fresh(feedTest(new Feeds(), MigrationsLive.pipe(Layer.provideMerge(database)))))
      ),
    copy: (name: string) => databaseIn(path.dirname(name), name)
  }
}).pipe(Effect.provide(NodeServices.layer))

/** A value that distinguishes states of a database. */
export const callIt = (instanceName: string) =>
  Effect.flatMap(Settings, (settings) => settings.patch(GeneralSettings, { instanceName }))

export const itsName = Effect.flatMap(Settings, (settings) =>
  Effect.map(settings.get(GeneralSettings), ({ instanceName }) => instanceName)
)

export const backUp = Effect.flatMap(Backups, (backups) => backups.create("manual"))

/** A database file that `fill` creates. */
export const foreignDatabase = (
  copy: (name: string) => ReturnType<typeof databaseIn>,
  file: string,
  statements: ReadonlyArray<string>
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const statement of statements) yield* sql.unsafe(statement)
    }).pipe(Effect.provide(copy(file)))
  ).pipe(Effect.andThen(Effect.flatMap(FileSystem.FileSystem, (files) => files.readFile(file))))
