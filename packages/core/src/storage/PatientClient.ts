/**
 * A client over one connection of a driver. It waits for a database that another program has locked without holding up the
 * thread, syncs each commit to the disk unless the work is `repeatable`, and ends a transaction that the storage has failed as a
 * whole: SQLite may have rolled it back already, and what came after would be committed by itself.
 */
import { Clock, Context, Effect, Semaphore } from "effect"
import type { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, type SqlError, Statement } from "effect/sql"
import { Repeatable } from "./Durability.ts"
import { databaseFault } from "./DatabaseFault.ts"
import { type StorageFault, storageFaultOf } from "./StorageFaults.ts"

export interface PatientOptions {
  /** Whether it writes. Who does takes the lock at the beginning of a transaction, where waiting for it is harmless. */
  readonly writes: boolean
  readonly note: (fault: StorageFault) => void
  /** Brings to the disk what was committed without waiting for it, on another thread. */
  readonly flush: Effect.Effect<void>
}

/** Milliseconds for which a lock is waited for, from when it was first met: who comes later waits no longer in all. */
export const patience = 5000
const pause = 25

export const patientClient = (
  driver: SqlClient.SqlClient,
  options: PatientOptions
): Effect.Effect<SqlClient.SqlClient, SqlError.SqlError, Reactivity.Reactivity> =>
  Effect.gen(function* () {
    const inner = yield* Effect.scoped(driver.reserve)
    const semaphore = yield* Semaphore.make(1)
    return yield* SqlClient.make({
      ...SqlClient.makeSqliteAcquirers({ connection: Effect.succeed(patient(inner, options)), semaphore }),
      compiler: Statement.makeCompilerSqlite(),
      driver: driver.driver,
      spanAttributes: [["db.system.name", "sqlite"]],
      beginTransaction: options.writes ? "BEGIN IMMEDIATE" : "BEGIN"
    })
  })

type Connection = SqlConnection.Connection
type Attempt<A> = Effect.Effect<A, SqlError.SqlError>

const patient = (inner: Connection, { flush, note, writes }: PatientOptions): Connection => {
  let inTransaction = false
  /** What has failed the present transaction. */
  let spoiled: SqlError.SqlError | null = null
  let synced = true
  let lockedSince: number | null = null

  const noted = (error: SqlError.SqlError) =>
    Effect.sync(() => {
      const fault = storageFaultOf(error)
      if (fault === null) return
      note(fault)
      if (inTransaction) spoiled = error
    })

  /** Tries again while another program has the lock. The caller has the connection, so that nobody comes in between. */
  const patiently = <A>(attempt: Attempt<A>): Attempt<A> =>
    Effect.catch(attempt, (error): Attempt<A> => {
      if (storageFaultOf(error)?.reason !== "held") return Effect.fail(error)
      return Effect.flatMap(Clock.currentTimeMillis, (now) => {
        lockedSince ??= now
        if (now - lockedSince >= patience) return Effect.fail(error)
        return Effect.andThen(Effect.sleep(pause), patiently(attempt))
      })
    })

  const freely = <A>(attempt: Attempt<A>): Attempt<A> =>
    Effect.suspend(() => (lockedSince === null ? attempt : Effect.tap(attempt, Effect.sync(unlocked))))
  const unlocked = () => {
    lockedSince = null
  }

  /** Cannot be changed inside a transaction, and need not be: the caller has the connection until its end. */
  const asDurableAsWanted = <A>(attempt: Attempt<A>): Attempt<A> =>
    writes
      ? Effect.withFiber((fiber) => {
          const wanted = !Context.get(fiber.context, Repeatable)
          if (wanted === synced) return attempt
          const change = inner.executeUnprepared(`PRAGMA synchronous = ${wanted ? "FULL" : "NORMAL"}`, [], undefined)
          // Else the next commit would do that, on this thread: a tenth of a second and more after a sync of a large library.
          return Effect.flatMap(Effect.andThen(wanted ? flush : Effect.void, change), () => {
            synced = wanted
            return attempt
          })
        })
      : attempt

  const statement = <A>(attempt: Attempt<A>): Attempt<A> =>
    Effect.suspend(() => {
      if (spoiled !== null) return Effect.fail(spoiled)
      const all = inTransaction ? attempt : patiently(freely(asDurableAsWanted(attempt)))
      return Effect.tapError(all, noted)
    })

  const control = (sql: string) => inner.executeUnprepared(sql, [], undefined)
  const over = () => {
    inTransaction = false
    spoiled = null
  }

  // One that SQLite has rolled back already is as good as rolled back.
  const rollback = control("ROLLBACK").pipe(
    Effect.catchIf(hasNone, () => Effect.succeed([])),
    Effect.tapError((error) => Effect.sync(() => void (spoiled = error))),
    Effect.tap(Effect.sync(over))
  )

  const begin = (sql: string) =>
    Effect.suspend(() => (inTransaction ? rollback : Effect.void)).pipe(
      Effect.andThen(patiently(freely(asDurableAsWanted(control(sql))))),
      Effect.tapError(noted),
      Effect.tap(Effect.sync(() => void (inTransaction = true)))
    )

  const commit = Effect.suspend(() =>
    spoiled === null ? Effect.tap(Effect.tapError(control("COMMIT"), noted), Effect.sync(over)) : Effect.fail(spoiled)
  )

  const unprepared = (sql: string, params: ReadonlyArray<unknown>, transform: Parameters<Connection["execute"]>[2]) => {
    if (sql.startsWith("BEGIN")) return begin(sql)
    if (sql === "COMMIT") return commit
    if (sql === "ROLLBACK") return rollback
    // With the transaction its savepoints have gone.
    if (sql.startsWith("ROLLBACK TO"))
      return Effect.suspend(() => (spoiled === null ? control(sql) : Effect.succeed([])))
    return statement(inner.executeUnprepared(sql, params, transform))
  }

  return {
    execute: (sql, params, transform) => statement(inner.execute(sql, params, transform)),
    executeRaw: (sql, params) => statement(inner.executeRaw(sql, params)),
    executeStream: inner.executeStream,
    executeValues: (sql, params) => statement(inner.executeValues(sql, params)),
    executeValuesUnprepared: (sql, params) => statement(inner.executeValuesUnprepared(sql, params)),
    executeUnprepared: unprepared
  }
}

const hasNone = (error: SqlError.SqlError): boolean => /no transaction is active/i.test(databaseFault(error))
