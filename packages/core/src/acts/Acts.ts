/**
 * Acts on subjects other than items: intents that a folder stores, which are carried out by one protocol (`CarryOut.ts`),
 * settled after a crash, cancelled, retried and undone. Items have removals, which use the same protocol over a table of
 * their own.
 */
import { Context, DateTime, Effect, Layer, Option, Result, Schema } from "effect"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { ClockWatch } from "../jobs/ClockWatch.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { VersionConflict } from "../problems/VersionConflict.ts"
import { RetentionSettings } from "../settings/RetentionSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { maximumPageSize, type Page } from "../storage/Pages.ts"
import type { ActKind } from "./ActKind.ts"
import {
  ActBeyondRecall,
  ActConflict,
  type ActDetail,
  type ActNotFound,
  type ActRecord,
  type DecidedAct,
  type UndoFailed
} from "./ActRecord.ts"
import { ActEvents } from "./ActEvents.ts"
import { openActStates } from "./ActStates.ts"
import { sentStep } from "./ActSteps.ts"
import { type ActQuery, makeActStore, mayTakeEffectLate, recordOf, type StoredAct } from "./ActStore.ts"
import { brake, type DeletionsDisabled } from "./Brake.ts"
import type { ActReport, ActRunContext } from "./ActRuns.ts"
import { makeDue, makeUnderWay, nextDueOf } from "./Due.ts"
import { type KindAct, kindAct } from "./KindAct.ts"
import { makeUndoing, undoableUntil, whyNotUndoable } from "./Undoing.ts"

export type { ActQuery } from "./ActStore.ts"
export type { ActReport } from "./ActRuns.ts"

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
  readonly carryOutDue: (context: ActRunContext) => Effect.Effect<ActReport>
  /**
   * Spares acts that are planned or have failed, for the reason that is returned for their subject; `null` leaves them as
   * they are. Returns how many.
   */
  readonly withdraw: (whyNot: (subject: Subject) => string | null) => Effect.Effect<number>
  /** The newest act on each subject, by its key. */
  readonly newest: Effect.Effect<ReadonlyMap<string, NewestAct<Subject>>>
  /** When the next of them is due, or is to be asked about again, ISO-8601; `null` = none is. */
  readonly nextDue: Effect.Effect<string | null>
}

export interface NewestAct<Subject> extends Pick<ActRecord, "id" | "state" | "reason" | "endedAt"> {
  /** `null` if it cannot be read any more. */
  readonly subject: Subject | null
}

/** A decision of a person about one act. `version`: the version that was read; any other is refused. */
type Decision<E> = (
  id: string,
  version?: number
) => Effect.Effect<DecidedAct, ActNotFound | ActConflict | VersionConflict | E>

export class Acts extends Context.Service<
  Acts,
  {
    /** Registers a kind of act. Two kinds with the same name are a bug in the program. */
    readonly define: <Subject, Kept>(kind: ActKind<Subject, Kept>) => Effect.Effect<ActsOf<Subject>>
    readonly find: (id: string) => Effect.Effect<ActRecord, ActNotFound>
    /** Newest first. */
    readonly page: (query: ActQuery) => Effect.Effect<Page<ActRecord>, InvalidRequest>
    /** One act with its explanation. */
    readonly get: (id: string) => Effect.Effect<ActDetail, ActNotFound>
    /**
     * Cancels an open act, even while it is executing. Fails with `ActBeyondRecall` if the request that carries it out
     * has been sent; if that turns out to have failed, it is not sent again.
     */
    readonly cancel: Decision<ActBeyondRecall>
    /** Plans a failed act again: it is carried out by the next run of its job. */
    readonly retry: Decision<DeletionsDisabled>
    /** Restores the state before the act. */
    readonly undo: Decision<UndoFailed>
    /** Ids of acts to which the brake applies and whose request may be on its way. Read in the caller's transaction. */
    readonly beyondBrake: Effect.Effect<ReadonlyArray<string>>
    /** Deletes ended acts that are older than the settings allow; returns how many. */
    readonly prune: Effect.Effect<number>
  }
>()("tendarr/acts/Acts") {
  static readonly layer = Layer.effect(
    Acts,
    Effect.gen(function* () {
      const events = yield* EventLog
      const settings = yield* Settings
      const store = yield* makeActStore
      const { move, transact } = store
      const kinds = new Map<string, KindAct>()
      const undoing = makeUndoing(store)
      const underWay = makeUnderWay()
      const carryOutDue = makeDue(store, underWay, undoing, yield* ClockWatch)

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
          const act = yield* transact(
            store.insert({
              kind: kind.name,
              key: kind.keyOf(subject),
              title: kind.titleOf(subject),
              subject: encode(subject),
              because,
              dueAt: dueAt ?? now
            })
          )
          return recordOf(act, false)
        })

        const decode = Schema.decodeUnknownOption(kind.subject)
        const newest = Effect.map(
          store.where((q) => q`kind = ${kind.name} AND id IN (SELECT max(id) FROM acts GROUP BY kind, key)`),
          (rows) =>
            new Map(
              rows.map(({ endedAt, id, key, reason, state, subject }) => {
                const read = Result.isSuccess(subject) ? Option.getOrNull(decode(subject.success)) : null
                return [key, { id, state, reason, endedAt, subject: read }] as const
              })
            )
        )

        const withdraw: ActsOf<Subject>["withdraw"] = Effect.fn("Acts.withdraw")(function* (whyNot) {
          let withdrawn = 0
          for (const row of yield* store.where((q) => q`kind = ${kind.name} AND state IN ('planned', 'failed')`)) {
            const subject = Result.isSuccess(row.subject) ? Option.getOrNull(decode(row.subject.success)) : null
            const reason = subject === null ? null : whyNot(subject)
            if (reason === null) continue
            const message = `"${row.title}" stays: ${reason}`
            // A person was faster: their decision applies.
            const moved = yield* Effect.result(transact(move(row, "spared", ActEvents.spared, message, { reason })))
            if (Result.isSuccess(moved)) withdrawn++
          }
          return withdrawn
        })

        return {
          intend,
          withdraw,
          carryOutDue: (context: ActRunContext) => carryOutDue(known, context),
          nextDue: nextDueOf(store, kind.name),
          newest
        }
      })

      const publicOf = (row: StoredAct, now: string): ActRecord =>
        recordOf(row, row.state === "done" && whyNotUndoable(kinds.get(row.kind), row, now) === null)

      const publish = (row: StoredAct, beyondRecall: ReadonlyArray<string>) =>
        Effect.map(nowIso, (now): DecidedAct => ({ ...publicOf(row, now), beyondRecall }))

      /** The act in its current version, read in the transaction of the decision. */
      const found = Effect.fnUntraced(function* (id: string, version: number | undefined) {
        const row = yield* store.find(id)
        if (version !== undefined && version !== row.version)
          return yield* new VersionConflict({ version: row.version })
        return row
      })

      const conflict = (row: StoredAct, detail: string) => new ActConflict({ actId: row.id, state: row.state, detail })

      const get = Effect.fn("Acts.get")(function* (id: string) {
        const row = yield* store.find(id)
        const now = yield* nowIso
        const kind = kinds.get(row.kind)
        const query = { subjectType: "act", subjectId: row.id, limit: maximumPageSize }
        const { items } = yield* Effect.orDie(events.page(query))
        const detail =
          row.state === "done"
            ? whyNotUndoable(kind, row, now)
            : `it is ${row.state}, and only an act that is done can be undone`
        return {
          ...publicOf(row, now),
          subject: shown(row.subject),
          step: row.step,
          undo: {
            possible: detail === null,
            until: row.state === "done" ? undoableUntil(kind, row) : null,
            detail,
            kept: row.kept === null ? null : shown(row.kept)
          },
          history: items.toReversed().map(({ actor, at, message, type }) => ({ at, type, actor, message }))
        }
      })

      const cancel: Acts["Service"]["cancel"] = Effect.fn("Acts.cancel")(function* (id, version) {
        const reason = `cancelled by ${yield* Actor}`
        const row = yield* transact(
          Effect.gen(function* () {
            const act = yield* found(id, version)
            if (!openActStates.some((state) => state === act.state)) return yield* conflict(act, "it is over")
            if (act.state === "executing" && act.step === sentStep) {
              // Stored, in case the request fails.
              yield* store.keepCancellation(act)
              return null
            }
            return yield* move(act, "cancelled", ActEvents.cancelled, `"${act.title}" was cancelled`, { reason })
          })
        )
        if (row === null) {
          const detail =
            "the request that carries it out has been sent to its application; if that does not do it, it is not sent again"
          return yield* new ActBeyondRecall({ actId: id, detail })
        }
        return yield* publish(row, mayTakeEffectLate(row) ? [row.id] : [])
      })

      const retry: Acts["Service"]["retry"] = Effect.fn("Acts.retry")(function* (id, version) {
        const reason = `tried again by ${yield* Actor}`
        const row = yield* transact(
          Effect.gen(function* () {
            const act = yield* found(id, version)
            if (act.state !== "failed") return yield* conflict(act, "only an act that failed can be tried again")
            const kind = kinds.get(act.kind)
            if (kind === undefined) return yield* conflict(act, "nothing carries out acts of this kind any more")
            if (kind.destroys) yield* brake(settings)
            const changes = { reason, attempts: 0, dueAt: yield* nowIso, recalled: false }
            return yield* move(act, "planned", ActEvents.retried, `"${act.title}" is tried again`, changes)
          })
        )
        return yield* publish(row, mayTakeEffectLate(row) ? [row.id] : [])
      })

      const undo: Acts["Service"]["undo"] = Effect.fn("Acts.undo")(function* (id, version) {
        const now = yield* nowIso
        const undone = yield* underWay.hold(
          yield* found(id, version),
          Effect.gen(function* () {
            const begun = yield* transact(undoing.begin((row) => kinds.get(row.kind), found(id, version), now))
            // Only a kind that can undo it lets it begin.
            return yield* undoing.undoNow(kinds.get(begun.kind)!, begun)
          })
        )
        if (undone === null) return yield* conflict(yield* store.find(id), "it is under way")
        return yield* publish(undone, [])
      })

      const prune = Effect.gen(function* () {
        const { actDays, undoDays } = yield* settings.get(RetentionSettings)
        const now = yield* DateTime.now
        const ago = (days: number) => DateTime.formatIso(DateTime.subtract(now, { days }))
        let pruned = 0
        for (const name of yield* store.kinds) {
          const kind = kinds.get(name)
          // Acts of a kind that nobody has defined may be undone when it is back.
          const days = kind?.undo === null ? actDays : Math.max(actDays, kind?.undoDays ?? undoDays)
          const before = { ended: ago(actDays), undoable: ago(days) }
          // The same applies to decisions about acts of a kind that nobody has defined.
          pruned += yield* store.prune(name, before, { keepsDecisions: kind?.keepsDecisions ?? true })
        }
        return pruned
      })

      return Acts.of({
        define,
        find: (id) => Effect.zipWith(store.find(id), nowIso, publicOf),
        get,
        page: Effect.fnUntraced(function* (query) {
          const { items, nextCursor } = yield* store.page(query)
          const now = yield* nowIso
          return { items: items.map((row) => publicOf(row, now)), nextCursor }
        }),
        cancel,
        retry,
        undo,
        beyondBrake: Effect.map(store.sent, (rows) =>
          rows.flatMap(({ id, kind }) => (kinds.get(kind)?.destroys === false ? [] : [String(id)]))
        ),
        prune
      })
    })
  )
}

/** A document for people; `null` if it is damaged, which the outcome of the act reports. */
const shown = (document: Result.Result<unknown, unknown>): unknown => Result.getOrElse(document, () => null)
