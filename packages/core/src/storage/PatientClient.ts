/**
 * A client over one connection of a driver. While another program has locked the database it waits without blocking the
 * thread; it syncs each commit to disk unless the work is `repeatable`; and if the storage fails within a transaction,
 * it ends the whole transaction: SQLite may already have rolled it back, and the statements after that would be
 * committed one by one.
 */
import { Clock, Context, Effect, References, Semaphore } from "effect"
import type { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, type SqlError, Statement } from "effect/sql"
import { Repeatable } from "./Durability.ts"
import { databaseFault } from "./DatabaseFault.ts"
import { type StorageFault, storageFaultOf } from "./StorageFaults.ts"

export interface PatientOptions {
  /**
   * Whether the connection writes. A writer takes the lock at the beginning of a transaction, where waiting for it is
   * harmless.
   */
  readonly writes: boolean
  readonly note: (fault: StorageFault) => void
  /** Syncs commits that were not waited for, on another thread. */
  readonly flush: Effect.Effect<void>
}

/**
 * How long to wait for a lock, in milliseconds since it was first met; requests that arrive later do not wait longer in
 * total.
 */
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
  /** The storage failure of the current transaction, if any. */
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

  /**
   * Retries while another program has the lock. The caller holds the connection, so that no other statement comes in
   * between.
   */
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

  /**
   * The level cannot be changed inside a transaction. It need not be: the caller holds the connection until the
   * transaction ends.
   */
  const asDurableAsWanted = <A>(attempt: Attempt<A>): Attempt<A> =>
    writes
      ? Effect.withFiber((fiber) => {
          const wanted = !Context.get(fiber.context, Repeatable)
          if (wanted === synced) return attempt
          const change = inner.executeUnprepared(`PRAGMA synchronous = ${wanted ? "FULL" : "NORMAL"}`, [], undefined)
          // Otherwise the next commit would sync them on this thread, which takes a tenth of a second or more after a
          // sync of a large library.
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

  // If SQLite has already rolled back, the error of ROLLBACK is ignored.
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

  const commit = Effect.withFiber((fiber) => {
    if (spoiled !== null) return Effect.fail(spoiled)
    const committed = Effect.tap(Effect.tapError(control("COMMIT"), noted), Effect.sync(over))
    // After work that writes a lot, this is the longest call into SQLite, so nothing else should block along with it.
    return Context.get(fiber.context, Repeatable)
      ? Effect.yieldNow.pipe(Effect.andThen(committed), Effect.tap(Effect.yieldNow))
      : committed
  })

  const unprepared = (sql: string, params: ReadonlyArray<unknown>, transform: Parameters<Connection["execute"]>[2]) => {
    if (sql.startsWith("BEGIN")) return begin(sql)
    if (sql === "COMMIT") return commit
    if (sql === "ROLLBACK") return rollback
    // The savepoints are gone with the transaction.
    if (sql.startsWith("ROLLBACK TO"))
      return Effect.suspend(() => (spoiled === null ? control(sql) : Effect.succeed([])))
    return statement(inner.executeUnprepared(sql, params, transform))
  }

  return {
    execute: (sql, params, transform) => statement(withoutTrace(inner.execute(sql, params, transform))),
    executeRaw: (sql, params) => statement(withoutTrace(inner.executeRaw(sql, params))),
    executeStream: inner.executeStream,
    executeValues: (sql, params) => statement(withoutTrace(inner.executeValues(sql, params))),
    executeValuesUnprepared: (sql, params) => statement(inner.executeValuesUnprepared(sql, params)),
    executeUnprepared: unprepared
  }
}

/**
 * The driver keeps the fiber that prepared a statement, and with it the functions that the trace of that fiber names.
 * What those refer to, such as a whole library, would stay in memory.
 */
const withoutTrace = <A>(attempt: Attempt<A>): Attempt<A> =>
  Effect.provideService(attempt, References.CurrentStackFrame, undefined)

const hasNone = (error: SqlError.SqlError): boolean => /no transaction is active/i.test(databaseFault(error))
