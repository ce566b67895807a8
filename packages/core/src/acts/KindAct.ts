/** A kind of act over its rows: decodes its subject and its undo data with the schemas of the kind. */
import { Effect, Result, Schema } from "effect"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import type { Settings } from "../settings/Settings.ts"
import { saidOf, StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import type { ActKind, Standing } from "./ActKind.ts"
import { ActEvents } from "./ActEvents.ts"
import type { ActConflict } from "./ActRecord.ts"
import { type ActStore, claimedStep, sentStep, type StoredAct } from "./ActStore.ts"
import { retryAt } from "./Backoff.ts"
import { isBraked } from "./Brake.ts"
import { type Act, isDoneNow, type LastLooks } from "./CarryOut.ts"
import { makeLastLooks, withdrawn } from "./LastLooks.ts"
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
  /** Settles an act that was interrupted when a process ended. Returns whether it is settled. */
  readonly settle: (row: StoredAct) => Effect.Effect<boolean, ActConflict>
}

const unsettled = "the application could not be asked what became of it"

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
      new StoredDocumentInvalid({ table: "acts", column, id, detail: saidOf(issue) })
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
      braked ? Effect.succeed(wait("deletions are switched off")) : kind.look(subjectOf(row))
    )

  const presence = (row: StoredAct): Effect.Effect<Standing<unknown>, UpstreamError> =>
    Effect.map(kind.presence(subjectOf(row)), (standing) =>
      standing._tag === "Absent" ? standing : { _tag: "Present" as const, kept: writeKept(standing.kept) }
    )

  const isDone = (_: StoredAct, standing: Standing<unknown>) => Effect.succeed(standing._tag === "Absent")

  /** Never fails: a failure is reported, since the subject itself still exists. */
  const putBack = (row: StoredAct): Effect.Effect<string | null> =>
    kind.putBack === undefined || row.kept === null
      ? Effect.succeed(null)
      : Effect.match(kind.putBack(subjectOf(row), keptOf(row)), {
          onFailure: (error) => `the preparations could not be reverted: ${error.message}`,
          onSuccess: () => null
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
      {
        _tag: "Spared",
        reason
      } satisfies ActOutcome
    )

  const done = (row: StoredAct, message: string) =>
    Effect.as(transact(move(row, "done", ActEvents.done, message, { reason: null, step: null })), {
      _tag: "Done",
      reason: null
    } satisfies ActOutcome)

  const failed = Effect.fnUntraced(function* (row: StoredAct, reason: string) {
    const isLast = row.attempts >= (yield* maxAttempts)
    const stored = isLast ? `${reason} (after ${row.attempts} attempts it waits for a person)` : reason
    const dueAt = isLast ? never : yield* retryAt(row.attempts)
    yield* transact(
      move(row, "failed", ActEvents.failed, `"${row.title}" failed: ${reason}`, { reason: stored, step: null, dueAt })
    )
    return { _tag: "Failed", reason } satisfies ActOutcome
  })

  const lastLooks = (claimed: StoredAct): LastLooks<StoredAct> =>
    makeLastLooks(claimed, {
      current: (seen) =>
        Effect.map(
          store.where((q) => q`id = ${Number(seen.id)}`),
          ([row]) =>
            row?.state === "executing" && row.version === seen.version ? row : { withdrawnBecause: withdrawn }
        ),
      look,
      markSent: (row) => (row.step === sentStep ? Effect.succeed(row) : note(row, { step: sentStep })),
      transact
    })

  const act: KindAct["act"] = {
    presence,
    isDone,
    wasSent: ({ kept }) => kept !== null,
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
    lastLooks,
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
        return yield* failed(row, [error.message, ...(left === null ? [] : [left])].join("; "))
      }),
      untrue: (row) => failed(row, "the application said that it was done, and it is not")
    }
  }

  const settle = Effect.fn("Acts.settle")(function* (row: StoredAct) {
    // A person withdrew it during its preparations, and the process ended before these were reverted.
    if (row.state === "cancelled") {
      yield* putAway(row.id, yield* putBack(row))
      return true
    }
    const isOver = yield* isDoneNow({ presence, isDone }, row)
    if (isOver === null) {
      yield* transact(note(row, { reason: unsettled }))
      return false
    }
    const neverSent = row.step === claimedStep && row.attempts <= 1
    if (isOver) {
      yield* neverSent
        ? spared(row, "nothing was left to do")
        : done(row, `"${row.title}" was carried out; found out after an interruption`)
      return true
    }
    const left = yield* putBack(row)
    const reason = ["interrupted before the application carried it out", ...(left === null ? [] : [left])].join("; ")
    if (row.attempts >= (yield* maxAttempts)) {
      yield* failed(row, reason)
      return true
    }
    yield* transact(
      move(row, "planned", ActEvents.waiting, `"${row.title}" is planned again: ${reason}`, {
        reason,
        step: null,
        ...(neverSent && left === null ? { kept: null } : {})
      })
    )
    return true
  })

  const { undo } = kind
  return {
    name: kind.name,
    destroys: kind.destroys,
    act,
    undo: undo === undefined ? null : (row) => undo(subjectOf(row), keptOf(row)),
    settle
  }
}

/** Due only when a person decides so. */
const never = "9999-12-31T23:59:59.999Z"
