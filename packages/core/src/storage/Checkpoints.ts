/**
 * What is committed goes to the write-ahead log first, and from there into the database when the log has grown: by SQLite's own
 * choice at the end of some commit, on the thread that answers requests, and after a sync for a tenth of a second. Work that writes
 * much is done `aside`: its checkpoint waits for its end, and a thread of its own, which also brings to the disk what was committed
 * without waiting for it.
 */
import { Worker } from "node:worker_threads"
import { Context, Effect, Exit } from "effect"
import type { SqlClient } from "effect/sql"
import { repeatable } from "./Durability.ts"

export interface Checkpoints {
  /** For work that writes much and that the next run would do again. Not from inside a transaction. */
  readonly aside: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** A database in memory has no log, hence the default. */
export const Checkpoints = Context.Reference<Checkpoints>("tendarr/storage/Checkpoints", {
  defaultValue: () => ({ aside: (work) => work })
})

/** Pages in the log at which SQLite checkpoints by itself; its own default. */
const ownChoice = 1000

export const makeCheckpoints = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, filename: string) {
  const scope = yield* Effect.scope
  let working = 0
  const pagesAtMost = (pages: number) => Effect.ignore(sql`PRAGMA wal_autocheckpoint = ${sql.literal(String(pages))}`)
  // A log that has been large does not stay so.
  yield* sql`PRAGMA journal_size_limit = 4194304`
  const checkpoint = onOwnThread(filename).pipe(
    Effect.catch(() => Effect.ignore(sql`PRAGMA wal_checkpoint(PASSIVE)`)),
    Effect.andThen(Effect.suspend(() => (working === 0 ? pagesAtMost(ownChoice) : Effect.void)))
  )
  return {
    aside: (work) =>
      Effect.acquireUseRelease(
        Effect.suspend(() => (working++ === 0 ? pagesAtMost(0) : Effect.void)),
        () => repeatable(work),
        (_, exit) =>
          Effect.suspend(() => {
            if (--working > 0) return Effect.void
            // What follows is committed on a quiet disk, unless somebody waits for the end.
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
      // Who closes the database, and then removes its files, must not find that somebody still has them open.
      return Effect.promise(() => ended)
    } catch {
      resume(Effect.fail(new NoThread()))
    }
  })

/** Node and Bun both have this much of each other's modules. */
const script = `
const { DatabaseSync } = require("node:sqlite")
const { workerData } = require("node:worker_threads")
const database = new DatabaseSync(workerData)
database.exec("PRAGMA wal_checkpoint(PASSIVE)")
database.close()
`
