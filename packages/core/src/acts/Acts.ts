/**
 * Acts on subjects other than items: intents that a folder stores, which are carried out by one protocol (`CarryOut.ts`),
 * settled after a crash, and undone. Items have removals, which use the same protocol over a table of their own.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { Settings } from "../settings/Settings.ts"
import type { Page } from "../storage/Pages.ts"
import { StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import type { ActKind } from "./ActKind.ts"
import { ActConflict, type ActNotFound, type ActRecord, openActStates, UndoFailed } from "./ActRecord.ts"
import { ActEvents } from "./ActEvents.ts"
import { type ActQuery, claimedStep, makeActStore, recordOf, sentStep, type StoredAct } from "./ActStore.ts"
import { brake, type DeletionsDisabled } from "./Brake.ts"
import { carryOut } from "./CarryOut.ts"
import { type ActOutcome, type KindAct, kindAct } from "./KindAct.ts"

export type { ActQuery } from "./ActStore.ts"

export interface ActReport {
  readonly done: number
  readonly spared: number
  readonly failed: number
  readonly waiting: number
}

/** What a folder can do with the acts of its own kind. */
export interface ActsOf<Subject> {
  /**
   * Stores an intent and logs its event. `dueAt` is ISO-8601; absent = now. Joins a transaction of the caller. Fails with
   * `ActConflict` if the subject has an open act.
   */
  readonly intend: (
    subject: Subject,
    intent: { readonly because: string; readonly dueAt?: string }
  ) => Effect.Effect<ActRecord, ActConflict | DeletionsDisabled>
  /**
   * Carries out due acts, oldest first, after settling those that an earlier process left unfinished. Only for runs of
   * destructive jobs.
   */
  readonly carryOutDue: (context: {
    readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
    readonly log: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
  }) => Effect.Effect<ActReport>
}

export class Acts extends Context.Service<
  Acts,
  {
    /** Registers a kind of act. Two kinds with the same name are a bug in the program. */
    readonly define: <Subject, Kept>(kind: ActKind<Subject, Kept>) => Effect.Effect<ActsOf<Subject>>
    readonly find: (id: string) => Effect.Effect<ActRecord, ActNotFound>
    /** Newest first. */
    readonly page: (query: ActQuery) => Effect.Effect<Page<ActRecord>, InvalidRequest>
    /** Cancels an act. Fails with `ActConflict` if the request that carries it out has been sent. */
    readonly cancel: (id: string) => Effect.Effect<ActRecord, ActNotFound | ActConflict>
    /** Restores the state before the act. */
    readonly undo: (id: string) => Effect.Effect<ActRecord, ActNotFound | ActConflict | UndoFailed>
  }
>()("tendarr/acts/Acts") {
  static readonly layer = Layer.effect(
    Acts,
    Effect.gen(function* () {
      const settings = yield* Settings
      const store = yield* makeActStore
      const kinds = new Map<string, KindAct>()

      const define = Effect.fn("Acts.define")(function* <Subject, Kept>(kind: ActKind<Subject, Kept>) {
        if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(kind.name)) {
          return yield* Effect.die(new Error(`The name of the act ${kind.name} is not in lower-kebab-case`))
        }
        if (kinds.has(kind.name)) return yield* Effect.die(new Error(`Two kinds of act are named "${kind.name}"`))
        const known = kindAct(kind, store, settings)
        kinds.set(kind.name, known)
        const encode = Schema.encodeSync(kind.subject)

        const intend: ActsOf<Subject>["intend"] = Effect.fn("Acts.intend")(function* (subject, { because, dueAt }) {
          if (kind.destroys) yield* brake(settings)
          const now = yield* nowIso
          const act = yield* store.transact(
            store.insert({
              kind: kind.name,
              key: kind.keyOf(subject),
              title: kind.titleOf(subject),
              subject: encode(subject),
              because,
              dueAt: dueAt ?? now
            })
          )
          return recordOf(act)
        })

        const reconcile = Effect.gen(function* () {
          for (const row of yield* store.where(
            (q) => q`kind = ${kind.name} AND (state = 'executing' OR (state = 'cancelled' AND step = ${claimedStep}))`
          )) {
            yield* Effect.suspend(() => known.settle(row)).pipe(
              Effect.catchTag("ActConflict", () => Effect.void),
              whereReadable(() => undefined)
            )
          }
          for (const row of yield* store.where((q) => q`kind = ${kind.name} AND state = 'undoing'`)) {
            yield* Effect.ignore(undoNow(known, row))
          }
        })

        const carryOutDue: ActsOf<Subject>["carryOutDue"] = Effect.fn("Acts.carryOutDue")(function* ({
          log,
          progress
        }) {
          yield* reconcile
          const report = { done: 0, spared: 0, failed: 0, waiting: 0 }
          const now = yield* nowIso
          const due = yield* store.where(
            (q) => q`kind = ${kind.name} AND state IN ('planned', 'failed') AND due_at <= ${now}`
          )
          for (const [index, row] of due.entries()) {
            yield* progress(index, due.length, row.title)
            const outcome = yield* carryOut(known.act, row).pipe(
              // A person was faster: the stored state applies.
              Effect.catchTag("ActConflict", ({ detail }) =>
                Effect.succeed<ActOutcome>({ _tag: "Waiting", reason: detail })
              ),
              // Nothing was sent for it, and the others are not to wait for somebody who mends it.
              whereReadable((reason): ActOutcome => ({ _tag: "Failed", reason }))
            )
            report[countedAs[outcome._tag]]++
            yield* log(outcome._tag === "Failed" ? "error" : "info", lineOf(row, outcome))
          }
          return report
        })

        return { intend, carryOutDue }
      })

      const cancel = Effect.fn("Acts.cancel")(function* (id: string) {
        const row = yield* store.find(id)
        const conflict = (detail: string) => new ActConflict({ actId: id, state: row.state, detail })
        if (!openActStates.some((state) => state === row.state)) return yield* conflict("it is over")
        if (row.step === sentStep && row.state === "executing") {
          return yield* conflict("the request that carries it out is on its way")
        }
        const reason = "cancelled"
        return recordOf(
          yield* store.transact(
            store.move(row, "cancelled", ActEvents.cancelled, `"${row.title}" was cancelled`, { reason })
          )
        )
      })

      const undoNow = Effect.fnUntraced(function* (kind: KindAct, row: StoredAct) {
        const undone = yield* Effect.result(kind.undo?.(row) ?? Effect.void)
        if (undone._tag === "Success") {
          const reason = null
          return yield* store.transact(
            store.move(row, "undone", ActEvents.undone, `"${row.title}" was undone`, { reason })
          )
        }
        const detail = undone.failure.message
        yield* store.transact(
          store.move(row, "done", ActEvents.undoFailed, `"${row.title}" could not be undone: ${detail}`, {
            reason: detail
          })
        )
        return yield* new UndoFailed({ actId: row.id, detail })
      })

      const undo = Effect.fn("Acts.undo")(function* (id: string) {
        const row = yield* store.find(id)
        const fail = (detail: string) => new UndoFailed({ actId: id, detail })
        if (row.state !== "done") {
          return yield* new ActConflict({
            actId: id,
            state: row.state,
            detail: "only an act that is done can be undone"
          })
        }
        const kind = kinds.get(row.kind)
        if (kind === undefined || kind.undo === null) return yield* fail("acts of this kind cannot be undone")
        if (row.kept === null) return yield* fail("nothing was kept that undoes it")
        const begun = yield* store.transact(
          store.move(row, "undoing", ActEvents.undoing, `"${row.title}" is being undone`)
        )
        return recordOf(yield* undoNow(kind, begun))
      })

      return Acts.of({
        define,
        find: (id) => Effect.map(store.find(id), recordOf),
        page: store.page,
        cancel,
        undo
      })
    })
  )
}

/** An act whose stored subject cannot be read is reported, and leaves the others alone. */
const whereReadable =
  <B>(otherwise: (reason: string) => B) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.catchDefect(effect, (defect) =>
      defect instanceof StoredDocumentInvalid
        ? Effect.as(Effect.logError(defect.message), otherwise(defect.message))
        : Effect.die(defect)
    )

const countedAs = { Done: "done", Spared: "spared", Failed: "failed", Waiting: "waiting" } as const

const lineOf = ({ title }: StoredAct, { _tag, reason }: ActOutcome): string => {
  const why = reason === null ? "" : `: ${reason}`
  switch (_tag) {
    case "Done":
      return `"${title}" was carried out`
    case "Spared":
      return `"${title}" stays${why}`
    case "Failed":
      return `"${title}" failed${why}`
    case "Waiting":
      return `"${title}" waits${why}`
  }
}
