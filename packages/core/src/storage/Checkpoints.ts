/**
 * Commits go to the write-ahead log first. Once the log has grown, SQLite checkpoints it into the database at the end
 * of some commit, on the thread that answers requests; after a sync that takes a tenth of a second. Work that writes a
 * lot therefore runs within `withDeferredCheckpoint`: the checkpoint is deferred to its end and runs on a separate
 * thread, which also syncs commits that were not waited for, and truncates the log: the next commit would otherwise do
 * that, which takes as long as a checkpoint if the log has grown large.
 */
import { Worker } from "node:worker_threads"
import { Context, Effect, Exit } from "effect"
import type { SqlClient } from "effect/sql"
import { repeatable } from "./Durability.ts"

export interface Checkpoints {
  /** For work that writes a lot and that the next run would repeat. Must not be called inside a transaction. */
  readonly withDeferredCheckpoint: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The default does nothing: an in-memory database has no log. */
export const Checkpoints = Context.Reference<Checkpoints>("tendarr/storage/Checkpoints", {
  defaultValue: () => ({ withDeferredCheckpoint: (work) => work })
})

/** Number of pages in the log at which SQLite checkpoints automatically; this is its default. */
const ownChoice = 1000

export const makeCheckpoints = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, filename: string) {
  const scope = yield* Effect.scope
  let working = 0
  const pagesAtMost = (pages: number) => Effect.ignore(sql`PRAGMA wal_autocheckpoint = ${sql.literal(String(pages))}`)
  // Truncates the log after it has been large, where the thread could not.
  yield* sql`PRAGMA journal_size_limit = 4194304`
  const checkpoint = onOwnThread(filename).pipe(
    Effect.catch(() => Effect.ignore(sql`PRAGMA wal_checkpoint(PASSIVE)`)),
    Effect.andThen(Effect.suspend(() => (working === 0 ? pagesAtMost(ownChoice) : Effect.void)))
  )
  return {
    withDeferredCheckpoint: (work) =>
      Effect.acquireUseRelease(
        Effect.suspend(() => (working++ === 0 ? pagesAtMost(0) : Effect.void)),
        () => repeatable(work),
        (_, exit) =>
          Effect.suspend(() => {
            if (--working > 0) return Effect.void
            // If nobody waits for the end of the work, the checkpoint runs here, so that later commits find an idle
            // disk.
            return Exit.hasInterrupts(exit) ? Effect.asVoid(Effect.forkIn(checkpoint, scope)) : checkpoint
          })
      )
  } satisfies Checkpoints
})

class NoThread extends Error {}

const onOwnThread = (filename: string) =>
  Effect.callback<void, NoThread>((resume) => {
    try {
      const worker = new Worker(script, { eval: true, workerData: filename })
      const ended = new Promise<void>((done) => worker.once("exit", () => done()))
      worker.once("error", () => resume(Effect.fail(new NoThread())))
      worker.once("exit", (code) => resume(code === 0 ? Effect.void : Effect.fail(new NoThread())))
      // Whoever closes the database may then delete its files; the worker must not still have them open.
      return Effect.promise(() => ended)
    } catch {
      resume(Effect.fail(new NoThread()))
    }
  })

/**
 * Node and Bun both support the modules used here. The first checkpoint copies the log without stopping a writer. The
 * second finds nothing left to copy, so it holds the locks only while it truncates; if a reader does not release the
 * log in time, the log keeps its length.
 */
const script = `
const { DatabaseSync } = require("node:sqlite")
const { workerData } = require("node:worker_threads")
const database = new DatabaseSync(workerData)
database.exec("PRAGMA wal_checkpoint(PASSIVE)")
database.exec("PRAGMA busy_timeout = 100")
database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
database.close()
`
