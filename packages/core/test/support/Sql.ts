/**
 * Databases for tests, migrated and empty. `SqlTest` lives in memory, with one connection that writes and reads.
 * `sqlFile` is a file with a second connection for reads, as in a server. Services that are built on it again find the data
 * that was committed before.
 */
import { NodeServices } from "@effect/platform-node"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Context, Effect, FileSystem, Layer, Path, Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient } from "effect/sql"
import { EventCheck } from "../../src/events/EventCheck.ts"
import { DataDirectory, ReadSql } from "../../src/storage/Database.ts"
import { MigrationsLive } from "../../src/storage/Migrations.ts"
import { expectKnown } from "./LoggedEvents.ts"

export type SqlTestServices = SqlClient.SqlClient | ReadSql | DataDirectory | FileSystem.FileSystem | Path.Path

/** A database without a file has nothing to copy. */
const noDirectory = Layer.succeed(DataDirectory, {
  path: null,
  backupTo: () => Effect.void,
  open: () => Effect.die(new Error("A database in memory has no copies"))
})

/** Every event of a test matches its type. */
const checkedEvents = Layer.succeed(EventCheck, expectKnown)

const readerIsWriter = Layer.effect(ReadSql, SqlClient.SqlClient)

const over = (filename: string) =>
  readerIsWriter.pipe(
    Layer.provideMerge(Layer.mergeAll(SqliteClient.layer({ filename }), noDirectory, checkedEvents, NodeServices.layer))
  )

/** An empty database, without any table. */
export const Unmigrated = over(":memory:")

/**
 * One database is migrated for all tests of the process, and each test has a copy of it, because a migration takes longer than
 * most tests. Closed with the process.
 */
const migrated = Effect.promise(() => (template ??= Effect.runPromise(makeTemplate)))
let template: Promise<SqlClient.SqlClient> | undefined
const makeTemplate = Effect.suspend(() =>
  Layer.buildWithScope(Layer.provideMerge(MigrationsLive, Unmigrated), Scope.makeUnsafe())
).pipe(Effect.map((services) => Context.get(services, SqlClient.SqlClient)))

let copies = 0

export const SqlTest = Layer.unwrap(
  Effect.map(migrated, (sql) => {
    // Also in memory, under a name that the copying connection can open.
    const file = `file:/tendarr-test-${(copies += 1)}?vfs=memdb`
    return Layer.effectDiscard(sql`VACUUM INTO ${file}`).pipe(Layer.provideMerge(over(file)))
  })
)

/** A database in `filename`. Building it again after an `Effect.scoped` has ended simulates a restart. */
export const sqlFile = (filename: string) =>
  Layer.effect(
    ReadSql,
    Effect.map(
      SqliteClient.make({ filename, readonly: true, disableWAL: true }),
      (client): SqlClient.SqlClient => client
    )
  ).pipe(
    Layer.provide(Reactivity.layer),
    Layer.provideMerge(MigrationsLive),
    Layer.provideMerge(Layer.mergeAll(SqliteClient.layer({ filename }), noDirectory, checkedEvents, NodeServices.layer))
  )

/** `SqlTest` that interrupts its caller right after each commit while `armed` is set. */
export const interruptedCommits = (armed: () => boolean) =>
  Layer.effectContext(
    Effect.map(Effect.context<SqlTestServices>(), (services) => {
      const client = Context.get(services, SqlClient.SqlClient)
      const withTransaction: SqlClient.SqlClient["withTransaction"] = (work) =>
        Effect.tap(client.withTransaction(work), () => (armed() ? Effect.interrupt : Effect.void))
      const interrupting = new Proxy(client, {
        get: (target, name) => (name === "withTransaction" ? withTransaction : Reflect.get(target, name))
      })
      return Context.add(services, SqlClient.SqlClient, interrupting)
    })
  ).pipe(Layer.provide(SqlTest))

/** `SqlTest` whose work after a commit waits for `hold` first. */
export const heldCallbacks = (hold: () => Effect.Effect<void>) =>
  Layer.effectContext(
    Effect.map(Effect.context<SqlTestServices>(), (services) => {
      const client = Context.get(services, SqlClient.SqlClient)
      const afterCommit: SqlClient.SqlClient["afterCommit"] = (callback) =>
        client.afterCommit(Effect.andThen(Effect.suspend(hold), callback))
      const holding = new Proxy(client, {
        get: (target, name) => (name === "afterCommit" ? afterCommit : Reflect.get(target, name))
      })
      return Context.add(services, SqlClient.SqlClient, holding)
    })
  ).pipe(Layer.provide(SqlTest))

/** `SqlTest` whose reads wait for `hold` when they have their rows. */
export const heldReads = (hold: Effect.Effect<void>) =>
  Layer.effectContext(
    Effect.map(Effect.context<SqlTestServices>(), (services) => {
      const holding = new Proxy(Context.get(services, ReadSql), {
        apply: (client, self, args) => Effect.tap(Reflect.apply(client, self, args), hold)
      })
      return Context.add(services, ReadSql, holding)
    })
  ).pipe(Layer.provide(SqlTest))

/** A database file that is deleted when the test has ended. */
export const temporaryDatabase = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return path.join(yield* files.makeTempDirectoryScoped({ prefix: "tendarr-test-" }), "tendarr.db")
}).pipe(Effect.provide(NodeServices.layer))
