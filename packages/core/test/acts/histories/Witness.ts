/**
 * Watches a history: it knows the decisions of people and the true state of the application, and checks every request
 * when it is allowed and when it arrives. Every broken promise is added to `violations`.
 */
import { DateTime, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { MayDestroy } from "../../../src/jobs/MayDestroy.ts"
import type { Call, World } from "./World.ts"

interface Intent {
  readonly id: number
  readonly state: string
  readonly step: string | null
  readonly kept: string | null
  readonly due_at: string
  readonly logged: number
}

export class Witness {
  readonly violations: Array<string> = []
  /** Acts whose cancellation succeeded, by id. */
  readonly cancelled = new Set<string>()
  /** Acts whose cancellation came too late for one request, and must apply to all later ones. */
  readonly recalled = new Set<string>()
  /** While deletions are off: the acts for which that came too late according to the answer. */
  braked: ReadonlySet<string> | null = null
  /** Things that were added again before the application was asked about the previous one, whose outcome stays unknown. */
  readonly confused = new Set<string>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  report(broken: string): void {
    this.violations.push(broken)
  }

  /** The final check has just allowed a request. */
  allowed(call: Call, name: string): Effect.Effect<void, never, SqlClient.SqlClient> {
    if (call === "unlock" || call === "give") return Effect.void
    return Effect.gen({ self: this }, function* () {
      const [intent] = yield* intentsOf(name)
      const id = String(intent?.id)
      if (this.cancelled.has(id)) this.report(`${call} ${name}: allowed though act ${id} was cancelled`)
      if (this.recalled.has(id)) this.report(`${call} ${name}: allowed though a person had decided against act ${id}`)
      if (this.braked !== null) this.report(`${call} ${name}: allowed while deletions are off`)
      const verdict = this.#world.verdictOn(name)
      if (verdict._tag !== "Go") this.report(`${call} ${name}: allowed though "${verdict.reason}"`)
    })
  }

  /** A request has arrived, and has not yet taken effect. */
  arrived(call: Call, name: string): Effect.Effect<void, never, SqlClient.SqlClient> {
    return Effect.gen({ self: this }, function* () {
      const report = (what: string) => this.report(`${call} ${name}: ${what}`)
      const sql = yield* SqlClient.SqlClient
      if (Option.isSome(yield* Effect.serviceOption(sql.transactionService))) report("was sent in a transaction")
      if (call === "give") {
        const undoing = yield* sql`SELECT id FROM acts WHERE key = ${name} AND state = 'undoing'
          AND EXISTS (SELECT 1 FROM events WHERE type = 'act.undoing' AND subject_id = acts.id)`
        if (undoing.length !== 1) report("was sent without the intent to undo on the disk")
        return
      }
      if (call === "unlock") return
      if (!(yield* MayDestroy)) report("was sent outside a destructive job")
      // A request that only prepares may have been sent when its act is cancelled; it is reverted.
      const intents = yield* intentsOf(name, call === "lock" ? ["executing", "cancelled"] : ["executing"])
      const [intent] = intents
      if (intent === undefined || intents.length > 1) return report(`was sent with ${intents.length} intents`)
      const id = String(intent.id)
      if (intent.kept === null) report("was sent without what undoes it on the disk")
      if (intent.logged === 0) report("was sent without an event")
      if (call !== "lock" && intent.step !== "sent") report(`was sent while its act says "${intent.step}"`)
      if (intent.due_at > DateTime.formatIso(yield* DateTime.now)) report("was sent before it was due")
      if (call === "lock") return
      if (this.cancelled.has(id)) report(`arrived though the cancellation of act ${id} was answered`)
      if (this.braked !== null && !this.braked.has(id))
        report("arrived though the brake was answered without naming it")
      if (call !== "take") return
      const before = this.#world.journal.findLast(
        (entry) => entry.name === name && ["presence", "take"].includes(entry.call)
      )
      if (before?.call !== "presence" || before.answer !== "present") {
        report(`was sent after "${before?.call} ${before?.answer}" instead of an answer that it is there`)
      }
    }).pipe(Effect.orDie)
  }
}

const intentsOf = (name: string, states: ReadonlyArray<string> = ["executing"]) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql<Intent>`SELECT id, state, step, kept, due_at, (SELECT count(*) FROM events WHERE type = 'act.executing'
      AND subject_type = 'act' AND subject_id = acts.id) AS logged FROM acts WHERE key = ${name} AND ${sql.in("state", states)} AND step IN ('claimed', 'sent')`
  ).pipe(Effect.orDie)
