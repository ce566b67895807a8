/** A kind of act over its rows: decodes its subject and its undo data with the schemas of the kind. */
import { Clock, Effect, Result, Schema } from "effect"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import type { Settings } from "../settings/Settings.ts"
import { nowIso } from "../problems/Instants.ts"
import { issueText, StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import type { ActKind, Standing } from "./ActKind.ts"
import { ActEvents } from "./ActEvents.ts"
import type { ActConflict } from "./ActRecord.ts"
import { claimedStep, lateStep, sentStep } from "./ActSteps.ts"
import type { ActChanges, ActStore, StoredAct } from "./ActStore.ts"
import { askedAgainAt, never, retryAt } from "./Backoff.ts"
import { isBraked } from "./Brake.ts"
import { type Act, isDoneNow, type ActChecks } from "./CarryOut.ts"
import { makeActChecks, withdrawn } from "./ActChecks.ts"
import { saysNo } from "./SaysNo.ts"
import { type Verdict, wait } from "./Verdict.ts"

/** How an act ended, or why it is still open. */
export interface ActOutcome {
  readonly _tag: "Done" | "Spared" | "Failed" | "Waiting"
  readonly reason: string | null
}

type Present = Standing<unknown> & { readonly _tag: "Present" }

/** A kind of act, as the protocol and the service use it. */
export interface KindAct {
  readonly name: string
  readonly destroys: boolean
  readonly act: Act<StoredAct, Present, null, null, ActOutcome, ActConflict>
  /** `null` = it cannot be undone. */
  readonly undo: ((row: StoredAct) => Effect.Effect<unknown, UpstreamError>) | null
  /** As in `ActKind`; `null` also if what was kept cannot be read, which undoing it reports. */
  readonly whyNotUndoable: (row: StoredAct) => string | null
  /** Days after its end for which it can be undone; `null` = as long as it is stored. */
  readonly undoDays: number | null
  /** As in `ActKind`. */
  readonly keepsDecisions: boolean
  readonly saysNo: (error: UpstreamError) => boolean
  /** Whether it is done according to the application; `null` = it could not be asked. */
  readonly isDoneNow: (row: StoredAct) => Effect.Effect<boolean | null>
  /** Settles an act that was interrupted when a process ended. Returns whether it is settled. */
  readonly settle: (row: StoredAct) => Effect.Effect<boolean, ActConflict>
  /** Settles an act whose request may have taken effect late. Returns whether it is settled. */
  readonly settleLate: (row: StoredAct) => Effect.Effect<boolean, ActConflict>
}

const unsettled = "the application could not be asked what became of it"
const forgotten = "its application was removed before it could be asked what became of it"

export const kindAct = <Subject, Kept>(
  kind: ActKind<Subject, Kept>,
  store: ActStore,
  settings: Settings["Service"]
): KindAct => {
  const { move, note, transact } = store
  const readSubject = Schema.decodeUnknownResult(kind.subject)
  const readKept = Schema.decodeUnknownResult(kind.kept)
  const writeKept = Schema.encodeSync(kind.kept)
  // Stored by this kind: data that does not decode was stored by another version, and is a bug in its upgrade.
  const invalid =
    (column: string, { id }: StoredAct) =>
    ({ issue }: Schema.SchemaError) =>
      new StoredDocumentInvalid({ table: "acts", column, id, detail: issueText(issue) })
  const required = <A>(read: Result.Result<A, StoredDocumentInvalid>): A =>
    Result.getOrThrowWith(read, (error) => error)
  const subjectOf = (row: StoredAct) =>
    required(Result.flatMap(row.subject, (subject) => Result.mapError(readSubject(subject), invalid("subject", row))))
  const keptOf = (row: StoredAct) =>
    required(
      Result.flatMap(row.kept ?? Result.succeed(null), (kept) => Result.mapError(readKept(kept), invalid("kept", row)))
    )
  const maxAttempts = Effect.map(settings.get(RemovalsSettings), (set) => set.maxAttempts)

  const look = (row: StoredAct): Effect.Effect<Verdict> =>
    Effect.flatMap(kind.destroys ? isBraked(settings) : Effect.succeed(false), (braked) =>
      braked ? Effect.succeed(wait("deletions are switched off")) : kind.look(subjectOf(row), row.sentAt !== null)
    )

  const presence = (row: StoredAct): Effect.Effect<Standing<unknown>, UpstreamError> =>
    Effect.map(kind.presence(subjectOf(row)), (standing) =>
      standing._tag === "Absent" ? standing : { _tag: "Present" as const, kept: writeKept(standing.kept) }
    )

  const isDone = (_: StoredAct, standing: Standing<unknown>) => Effect.succeed(standing._tag === "Absent")

  /** Never fails: a failure is reported, since the subject itself still exists. */
  const putBack = Effect.fnUntraced(function* (row: StoredAct) {
    if (kind.putBack === undefined || row.kept === null) return null
    const done = yield* Effect.result(kind.putBack(subjectOf(row), keptOf(row)))
    if (done._tag === "Success") return null
    const left = `the preparations could not be reverted: ${done.failure.message}`
    yield* transact(
      store.logOnly(row, ActEvents.halfDone, `"${row.title}" was not carried out, and ${left}`, done.failure.message)
    )
    return left
  })

  /** A person's decision is kept; only the mark that something must be reverted is cleared. */
  const putAway = (id: string, left: string | null) =>
    transact(
      Effect.flatMap(
        store.where((q) => q`id = ${Number(id)} AND step = ${claimedStep}`),
        ([now]) =>
          now === undefined ? Effect.void : note(now, { step: null, ...(left === null ? {} : { reason: left }) })
      )
    )

  const spared = (row: StoredAct, reason: string) =>
    Effect.as(
      transact(move(row, "spared", ActEvents.spared, `"${row.title}" stays: ${reason}`, { reason, step: null })),
      { _tag: "Spared", reason } satisfies ActOutcome
    )

  const done = (row: StoredAct, message: string) =>
    Effect.as(transact(move(row, "done", ActEvents.done, message, { reason: null, step: null })), {
      _tag: "Done",
      reason: null
    } satisfies ActOutcome)

  /** A cancellation that came too late for the request takes effect once the act turns out not to be done. */
  const calledBack = Effect.fnUntraced(function* (row: StoredAct, step: typeof lateStep | null) {
    const [now] = yield* store.where((q) => q`id = ${Number(row.id)}`)
    if (now?.recalled !== true) return null
    const reason = "the application did not do it, and a person has cancelled it in the meantime"
    yield* transact(
      move(row, "cancelled", ActEvents.cancelled, `"${row.title}" stays: ${reason}`, { reason, step, recalled: false })
    )
    return { _tag: "Waiting", reason } satisfies ActOutcome
  })

  /** `step`: whether its request may take effect late. `changes`: further columns. */
  const failed = Effect.fnUntraced(function* (
    row: StoredAct,
    reason: string,
    step: typeof lateStep | null = null,
    changes: Pick<ActChanges, "kept"> = {}
  ) {
    const taken = yield* calledBack(row, step)
    if (taken !== null) return taken
    const isLast = row.attempts >= (yield* maxAttempts)
    const stored = isLast ? `${reason} (after ${row.attempts} attempts it waits for a person)` : reason
    const dueAt = isLast ? never : yield* retryAt(row.attempts)
    yield* transact(
      move(row, "failed", ActEvents.failed, `"${row.title}" failed: ${reason}`, {
        reason: stored,
        step,
        dueAt,
        ...changes
      })
    )
    return { _tag: "Failed", reason } satisfies ActOutcome
  })

  /** The application can no longer be asked what became of it, nor can anything be reverted there. */
  const abandoned = (row: StoredAct) => {
    const message = `It is not known whether "${row.title}" was carried out: ${forgotten}`
    return transact(
      Effect.andThen(
        logLeftBehind(row),
        move(row, "failed", ActEvents.failed, message, { reason: forgotten, step: null, dueAt: never })
      )
    )
  }

  const logLeftBehind = (row: StoredAct) =>
    kind.putBack === undefined || row.kept === null
      ? Effect.void
      : store.logOnly(
          row,
          ActEvents.halfDone,
          `It is not known whether "${row.title}" was carried out, and what prepared it cannot be reverted: ${forgotten}`,
          forgotten
        )

  const checks = (claimed: StoredAct): ActChecks<StoredAct> =>
    makeActChecks(claimed, {
      current: (seen) =>
        Effect.map(
          store.where((q) => q`id = ${Number(seen.id)}`),
          ([row]) =>
            // A cancellation that came too late for one request applies to the next one.
            row?.state === "executing" && row.version === seen.version && !row.recalled
              ? row
              : { withdrawnBecause: withdrawn }
        ),
      look,
      markSent: (row) =>
        row.step === sentStep
          ? Effect.succeed(row)
          : Effect.flatMap(nowIso, (sentAt) => note(row, { step: sentStep, sentAt })),
      transact
    })

  const act: KindAct["act"] = {
    presence,
    isDone,
    wasSent: ({ sentAt }) => sentAt !== null,
    whyAnother: () => null,
    first: look,
    refresh: (row) =>
      Effect.map(kind.refresh?.(subjectOf(row)) ?? Effect.succeed(null), (reason) =>
        reason === null ? { _tag: "Fresh", facts: null } : { _tag: "Wait", reason }
      ),
    claim: (row, { kept }) =>
      transact(
        Effect.gen(function* () {
          const verdict = yield* look(row)
          if (verdict._tag !== "Go") return verdict
          const claimed = yield* move(row, "executing", ActEvents.executing, `"${row.title}" is being carried out`, {
            attempts: row.attempts + 1,
            step: claimedStep,
            // The state before a first attempt prepared anything.
            ...(row.kept === null ? { kept } : {}),
            reason: null
          })
          return { _tag: "Claimed" as const, row: claimed, claim: null }
        })
      ),
    checks,
    send: (row) => kind.send(subjectOf(row), keptOf(row)),
    saysNo: kind.saysNo ?? saysNo,
    ends: {
      waits: (row, reason) =>
        Effect.flatMap(retryAt(0), (dueAt) => transact(note(row, { reason, dueAt }))).pipe(
          Effect.as({ _tag: "Waiting", reason } satisfies ActOutcome)
        ),
      spared,
      vanished: (row) => spared(row, "nothing was left to do"),
      doneBefore: (row) => done(row, `"${row.title}" was carried out by an earlier attempt: ${row.because}`),
      done: (row) => done(row, `"${row.title}" was carried out: ${row.because}`),
      heldBack: Effect.fnUntraced(function* ({ held, prepared, row }, detail, sentBefore) {
        const left = prepared ? yield* putBack(row) : null
        const reason = [held?.reason ?? detail, ...(left === null ? [] : [left])].join("; ")
        if (held?._tag === "Spare") return yield* spared(row, reason)
        if (held?._tag === "Taken") {
          yield* putAway(row.id, left)
          return { _tag: "Waiting", reason }
        }
        const dueAt = yield* retryAt(0)
        yield* transact(
          move(row, "planned", ActEvents.waiting, `"${row.title}" waits: ${reason}`, {
            reason,
            dueAt,
            step: null,
            attempts: Math.max(0, row.attempts - 1),
            ...(sentBefore || left !== null ? {} : { kept: null })
          })
        )
        return { _tag: "Waiting", reason }
      }),
      unsettled: (row) =>
        Effect.as(transact(note(row, { reason: unsettled })), {
          _tag: "Failed",
          reason: unsettled
        } satisfies ActOutcome),
      failed: Effect.fnUntraced(function* (row, error, refused) {
        const left = refused ? yield* putBack(row) : null
        return yield* failed(
          // Nothing was done: if it is gone later, this act has not done it.
          refused ? { ...row, sentAt: null } : row,
          [error.message, ...(left === null ? [] : [left])].join("; "),
          refused ? null : lateStep,
          // The next attempt may be days later, and starts from the state that it finds.
          refused && left === null ? { kept: null } : {}
        )
      }),
      untrue: (row) => failed(row, "the application said that it was done, and it is not", lateStep)
    }
  }

  const isForgotten = (row: StoredAct) => kind.isForgotten?.(subjectOf(row)) ?? Effect.succeed(false)

  const settle = Effect.fn("Acts.settle")(function* (row: StoredAct) {
    // A person withdrew it during its preparations, and the process ended before these were reverted.
    if (row.state === "cancelled") {
      yield* putAway(row.id, yield* putBack(row))
      return true
    }
    const isOver = yield* isDoneNow({ presence, isDone }, row)
    if (isOver === null) {
      if (yield* isForgotten(row)) {
        yield* abandoned(row)
        return true
      }
      yield* transact(note(row, { reason: unsettled }))
      return false
    }
    const neverSent = row.sentAt === null
    if (isOver) {
      yield* neverSent
        ? spared(row, "nothing was left to do")
        : done(row, `"${row.title}" was carried out; found out after an interruption`)
      return true
    }
    const step = row.step === sentStep ? lateStep : null
    const left = step === null ? yield* putBack(row) : null
    if ((yield* calledBack(row, step)) !== null) return true
    const reason = ["interrupted before the application carried it out", ...(left === null ? [] : [left])].join("; ")
    if (row.attempts >= (yield* maxAttempts)) {
      yield* failed(row, reason, step)
      return true
    }
    yield* transact(
      move(row, "planned", ActEvents.waiting, `"${row.title}" is planned again: ${reason}`, {
        reason,
        step,
        ...(neverSent && left === null ? { kept: null } : {})
      })
    )
    return true
  })

  const settleLate = Effect.fn("Acts.settleLate")(function* (row: StoredAct) {
    const now = yield* Clock.currentTimeMillis
    if (Date.parse(askedAgainAt(row, now)) > now) return false
    const isOver = yield* isDoneNow({ presence, isDone }, row)
    if (isOver === null) {
      const isLost = yield* isForgotten(row)
      const reason = row.reason === null ? forgotten : `${row.reason}; ${forgotten}`
      yield* transact(isLost ? Effect.andThen(logLeftBehind(row), note(row, { step: null, reason })) : note(row, {}))
      return isLost
    }
    if (isOver && !(yield* store.hasNewer(row))) {
      yield* done(row, `"${row.title}" was carried out after all, late: ${row.because}`)
      return true
    }
    const left = isOver ? null : yield* putBack(row)
    yield* transact(note(row, { step: null, ...(left === null ? {} : { reason: left }) }))
    return true
  })

  const { undo } = kind
  return {
    name: kind.name,
    destroys: kind.destroys,
    act,
    undo: undo === undefined ? null : (row) => Effect.suspend(() => undo(subjectOf(row), keptOf(row))),
    whyNotUndoable: (row) => {
      if (kind.whyNotUndoable === undefined) return null
      const kept = Result.try(() => ({ subject: subjectOf(row), kept: keptOf(row) }))
      return Result.isSuccess(kept) ? kind.whyNotUndoable(kept.success.subject, kept.success.kept) : null
    },
    undoDays: kind.undoDays ?? null,
    keepsDecisions: kind.keepsDecisions ?? false,
    saysNo: kind.saysNo ?? saysNo,
    isDoneNow: (row) => Effect.suspend(() => isDoneNow({ presence, isDone }, row)),
    settle,
    settleLate
  }
}
