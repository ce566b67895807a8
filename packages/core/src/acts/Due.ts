/** Carries out the due acts of one kind, after settling those that an earlier run or process left unfinished. */
import { Clock, Effect } from "effect"
import type { ClockWatch } from "../jobs/ClockWatch.ts"
import { MayDestroy } from "../jobs/MayDestroy.ts"
import { nowIso } from "../problems/Instants.ts"
import { storageFaultOf } from "../storage/StorageFaults.ts"
import { StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import { askedAgainAt, never } from "./Backoff.ts"
import type { ActReport, ActRunContext } from "./ActRuns.ts"
import { claimedStep, lateStep } from "./ActSteps.ts"
import type { ActStore, StoredAct } from "./ActStore.ts"
import { carryOut } from "./CarryOut.ts"
import type { ActOutcome, KindAct } from "./KindAct.ts"
import type { makeUndoing } from "./Undoing.ts"

/** Acts that this process is carrying out or undoing: they are not left over, and each is handled once at a time. */
export interface UnderWay {
  /** `null` if it is under way already. */
  readonly hold: <A, E, R>(row: StoredAct, effect: Effect.Effect<A, E, R>) => Effect.Effect<A | null, E, R>
}

export const makeUnderWay = (): UnderWay => {
  const ids = new Set<string>()
  return {
    hold: ({ id }, effect) =>
      Effect.suspend(() => {
        if (ids.has(id)) return Effect.succeed(null)
        ids.add(id)
        return Effect.ensuring(
          effect,
          Effect.sync(() => void ids.delete(id))
        )
      })
  }
}

export const makeDue = (
  store: ActStore,
  underWay: UnderWay,
  { undoNow }: ReturnType<typeof makeUndoing>,
  clock: ClockWatch["Service"]
) => {
  const reconcile = Effect.fnUntraced(function* (kind: KindAct) {
    const settling = (row: StoredAct, settle: (row: StoredAct) => Effect.Effect<unknown, unknown>) =>
      underWay.hold(
        row,
        Effect.suspend(() => settle(row)).pipe(
          // A person was faster: the stored state applies.
          Effect.ignore,
          contained(() => undefined)
        )
      )
    const rows = yield* store.where(
      (q) => q`kind = ${kind.name} AND (state = 'executing' OR (state = 'cancelled' AND step = ${claimedStep}))`
    )
    for (const row of rows) yield* settling(row, kind.settle)
    const late = yield* store.where((q) => q`kind = ${kind.name} AND step = ${lateStep} AND state <> 'executing'`)
    for (const row of late) yield* settling(row, kind.settleLate)
    const undoing = yield* store.where((q) => q`kind = ${kind.name} AND state = 'undoing'`)
    for (const row of undoing) yield* settling(row, (left) => undoNow(kind, left))
  })

  return Effect.fn("Acts.carryOutDue")(function* (kind: KindAct, { log, progress }: ActRunContext) {
    if (!(yield* MayDestroy)) return yield* Effect.die(new Error("Nothing is carried out outside a destructive job"))
    yield* reconcile(kind)
    const report = { done: 0, spared: 0, failed: 0, waiting: 0 }
    // Setting the clock forward must not make acts due.
    yield* clock.look
    const now = yield* nowIso
    // A request that was sent has a minute to take effect; a new attempt would overwrite the record that it still may.
    const due = yield* store.where(
      (q) => q`kind = ${kind.name} AND state IN ('planned', 'failed') AND due_at <= ${now}
        AND coalesce(step, '') <> ${lateStep}`
    )
    for (const [index, row] of due.entries()) {
      yield* progress(index, due.length, row.title)
      const outcome = yield* underWay.hold(
        row,
        carryOut(kind.act, row).pipe(
          // A person was faster: the stored state applies.
          Effect.catchTag("ActConflict", ({ detail }) =>
            Effect.succeed<ActOutcome>({ _tag: "Waiting", reason: detail })
          ),
          // Other acts must not wait until somebody has fixed this one.
          contained((reason): ActOutcome => ({ _tag: "Failed", reason }))
        )
      )
      if (outcome === null) continue
      report[countedAs[outcome._tag]]++
      yield* log(outcome._tag === "Failed" ? "error" : "info", lineOf(row, outcome))
    }
    return report satisfies ActReport
  })
}

/** When an act of a kind is due, or one that was left unfinished is to be asked about again. */
export const nextDueOf = Effect.fnUntraced(function* (store: ActStore, kind: string) {
  const now = yield* Clock.currentTimeMillis
  const open = yield* store.where(
    (q) => q`kind = ${kind} AND (state IN ('planned', 'executing', 'failed', 'undoing') OR step IS NOT NULL)`
  )
  const times = open.flatMap((act) =>
    act.step !== null || act.state === "executing" || act.state === "undoing"
      ? [askedAgainAt(act, now)]
      : act.dueAt < never
        ? [act.dueAt]
        : []
  )
  return times.length === 0 ? null : times.reduce((earliest, at) => (at < earliest ? at : earliest))
})

/** A stored act that cannot be read, or a bug in its kind, is reported, and does not affect other acts. */
const contained =
  <B>(otherwise: (reason: string) => B) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.catchDefect(effect, (defect) => {
      if (storageFaultOf(defect) !== null) return Effect.die(defect)
      const reason =
        defect instanceof StoredDocumentInvalid
          ? defect.message
          : `there is a bug in its kind: ${defect instanceof Error ? defect.message : String(defect)}`
      return Effect.as(Effect.logError(reason, defect), otherwise(reason))
    })

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
