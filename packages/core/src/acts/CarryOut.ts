/**
 * The protocol by which anything is destroyed or changed in an application: the application is asked first; the known
 * facts are checked, read again, and checked again in the transaction that stores the intent; the final check comes directly
 * before each request, when the permit to send is held; afterwards the application is asked for the outcome. Nothing is
 * sent twice without asking in between, and preparations are reverted if the act is not carried out.
 */
import { Effect } from "effect"
import { CurrentFinalCheck, type FinalCheck } from "../integrations/FinalCheck.ts"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import { MayDestroy } from "../jobs/MayDestroy.ts"
import type { Verdict } from "./Verdict.ts"

/** Why the final check held a request back. `Taken`: a person has withdrawn the intent. */
export type Held = Exclude<Verdict, { readonly _tag: "Go" }> | { readonly _tag: "Taken"; readonly reason: string }

/** The results of the final checks of one act so far. */
export interface ActCheckResults<Row> {
  /** The current row. */
  readonly row: Row
  /** A request that prepares the act may have been sent. */
  readonly prepared: boolean
  /** The request that carries it out may have been sent: it is beyond recall. */
  readonly sent: boolean
  readonly held: Held | null
}

export interface ActChecks<Row> {
  readonly look: FinalCheck
  readonly found: () => ActCheckResults<Row>
}

/**
 * One act on one subject, over an open connection to its application. `Row` is its stored intent, `There` the
 * application's report of an existing subject, `Facts` the facts that were read again, `Claim` the results of the
 * transaction that claims the intent, `Outcome` the reported outcome. Each end is one transaction, defined by the act.
 */
export interface Act<Row, There extends { readonly _tag: "Present" }, Facts, Claim, Outcome, E> {
  /** The subject as its application has it; `Absent` = nothing is left to do. */
  readonly presence: (row: Row) => Effect.Effect<There | { readonly _tag: "Absent" }, UpstreamError>
  /** Whether a request that carries it out may have been sent before. */
  readonly wasSent: (row: Row) => boolean
  /** Whether it is done, given the application's report; if the id was reassigned to another subject, asks once more. */
  readonly isDone: (row: Row, presence: There | { readonly _tag: "Absent" }) => Effect.Effect<boolean, UpstreamError>
  /** Why the existing entry is not the subject of the intent; `null` = it is. */
  readonly whyAnother: (row: Row, there: There) => string | null
  /** A first check with the known facts, before any application is asked. */
  readonly first: (row: Row) => Effect.Effect<Verdict>
  /** Reads the facts of the decision again. */
  readonly refresh: (
    row: Row
  ) => Effect.Effect<
    { readonly _tag: "Fresh"; readonly facts: Facts } | { readonly _tag: "Wait"; readonly reason: string },
    E
  >
  /** Checks again and stores the intent, in one transaction. */
  readonly claim: (
    row: Row,
    there: There,
    facts: Facts
  ) => Effect.Effect<
    { readonly _tag: "Claimed"; readonly row: Row; readonly claim: Claim } | Exclude<Verdict, { readonly _tag: "Go" }>,
    E
  >
  readonly checks: (row: Row, facts: Facts) => ActChecks<Row>
  /** Sends the requests. `CurrentFinalCheck` is provided: the client calls it before each of them. */
  readonly send: (row: Row) => Effect.Effect<unknown, UpstreamError>
  /** Whether an error means that nothing was done and nothing will be. */
  readonly saysNo: (error: UpstreamError) => boolean
  readonly ends: Ends<Row, There, Claim, Outcome, E>
}

/** Ends an act, or returns it to the queue. */
export interface Ends<Row, There, Claim, Outcome, E> {
  /** Nothing was claimed; it is retried later. */
  readonly waits: (row: Row, reason: string) => Effect.Effect<Outcome, E>
  /** The intent ends, and the subject is not changed. */
  readonly spared: (row: Row, reason: string) => Effect.Effect<Outcome, E>
  /** It was already done before anything was sent, so not by us. */
  readonly vanished: (row: Row) => Effect.Effect<Outcome, E>
  /** A request of an earlier attempt did it. */
  readonly doneBefore: (row: Row) => Effect.Effect<Outcome, E>
  /** `failure`: what the application said although its state shows that it is done; `null` = it reported success. */
  readonly done: (row: Row, there: There, claim: Claim, failure: UpstreamError | null) => Effect.Effect<Outcome, E>
  /** A final check held it back before anything was carried out. */
  readonly heldBack: (looked: ActCheckResults<Row>, detail: string, sentBefore: boolean) => Effect.Effect<Outcome, E>
  /** The application could not be asked whether it is done: it is asked again later. */
  readonly unsettled: (row: Row) => Effect.Effect<Outcome, E>
  /** It is not done. `refused`: nothing was done and nothing will be, so preparations are reverted. */
  readonly failed: (row: Row, error: UpstreamError, refused: boolean) => Effect.Effect<Outcome, E>
  /** The application reported that it was done, but it is not. */
  readonly untrue: (row: Row) => Effect.Effect<Outcome, E>
}

/** Carries out one act. Dies outside a run of a destructive job (`MayDestroy`). */
export const carryOut = Effect.fnUntraced(function* <
  Row,
  There extends { readonly _tag: "Present" },
  Facts,
  Claim,
  Outcome,
  E
>(act: Act<Row, There, Facts, Claim, Outcome, E>, row: Row) {
  if (!(yield* MayDestroy)) return yield* Effect.die(new Error("Nothing is carried out outside a destructive job"))
  const { ends } = act
  const before = yield* Effect.result(act.presence(row))
  if (before._tag === "Failure") return yield* ends.waits(row, before.failure.message)
  const there = before.success
  if (act.wasSent(row)) {
    const done = yield* Effect.result(act.isDone(row, there))
    if (done._tag === "Failure") return yield* ends.waits(row, done.failure.message)
    if (done.success) return yield* ends.doneBefore(row)
  }
  if (there._tag === "Absent") return yield* ends.vanished(row)
  const another = act.whyAnother(row, there)
  if (another !== null) return yield* ends.spared(row, another)
  const known = yield* act.first(row)
  if (known._tag === "Wait") return yield* ends.waits(row, known.reason)
  if (known._tag === "Spare") return yield* ends.spared(row, known.reason)
  const fresh = yield* act.refresh(row)
  if (fresh._tag === "Wait") return yield* ends.waits(row, fresh.reason)
  const verdict = yield* act.claim(row, there, fresh.facts)
  if (verdict._tag === "Wait") return yield* ends.waits(row, verdict.reason)
  if (verdict._tag === "Spare") return yield* ends.spared(row, verdict.reason)
  const { found, look } = act.checks(verdict.row, fresh.facts)
  const sent = yield* Effect.result(Effect.provideService(act.send(verdict.row), CurrentFinalCheck, look))
  const sentBefore = act.wasSent(row)
  if (sent._tag === "Failure" && sent.failure._tag === "UpstreamHeldBack" && !found().sent) {
    return yield* ends.heldBack(found(), sent.failure.detail, sentBefore)
  }
  const current = found().row
  const done = yield* isDoneNow(act, current)
  if (done === null) return yield* ends.unsettled(current)
  if (done) {
    // We have carried out nothing, now or earlier.
    const byOthers = sent._tag === "Failure" && !found().sent && !sentBefore
    const failure = sent._tag === "Failure" ? sent.failure : null
    return yield* byOthers ? ends.vanished(current) : ends.done(current, there, verdict.claim, failure)
  }
  return yield* sent._tag === "Failure"
    ? ends.failed(current, sent.failure, !found().sent || act.saysNo(sent.failure))
    : ends.untrue(current)
})

/** Whether it is done according to the application; `null` = it could not be asked. */
export const isDoneNow = <Row, There extends { readonly _tag: "Present" }>(
  act: Pick<Act<Row, There, unknown, unknown, unknown, unknown>, "presence" | "isDone">,
  row: Row
): Effect.Effect<boolean | null> =>
  act.presence(row).pipe(
    Effect.flatMap((presence) => act.isDone(row, presence)),
    Effect.catch(() => Effect.succeed(null))
  )
