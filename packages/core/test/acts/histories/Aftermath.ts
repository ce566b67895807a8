/** Invariants of the stored acts and their events after any history. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type ActState, actTransitions } from "../../../src/acts/ActRecord.ts"
import type { Witness } from "./Witness.ts"
import type { World } from "./World.ts"

/** The state that an event reports. */
const stateOf: Readonly<Record<string, ActState>> = {
  "act.planned": "planned",
  "act.executing": "executing",
  "act.done": "done",
  "act.failed": "failed",
  "act.spared": "spared",
  "act.waiting": "planned",
  "act.retried": "planned",
  "act.cancelled": "cancelled",
  "act.undoing": "undoing",
  "act.undone": "undone",
  "act.undo-failed": "done"
}

interface Row {
  readonly id: number
  readonly key: string
  readonly state: ActState
  readonly step: string | null
  readonly reason: string | null
  readonly attempts: number
  readonly due_at: string
  readonly ended_at: string | null
  readonly sent_at: string | null
}

const rowsOf = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Row>`SELECT id, key, state, step, reason, attempts, due_at, ended_at, sent_at FROM acts ORDER BY id`
)

/** After every command: each act has a reason for its state, and its events are complete, with each end once. */
export const checkRows = Effect.fnUntraced(function* (witness: Witness, maxAttempts: number) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* rowsOf
  const events = yield* sql<{ type: string; subject_id: string; payload: string }>`SELECT type, subject_id, payload
    FROM events WHERE subject_type = 'act' ORDER BY id`
  for (const row of rows) {
    const { attempts, id, key, state } = row
    const report = (what: string) => witness.report(`act ${id} on ${key}: ${what}`)
    if (row.reason === null && ["spared", "cancelled", "failed"].includes(state)) report(`is ${state} without a reason`)
    const isOpen = ["planned", "executing", "failed"].includes(state)
    if ((row.ended_at === null) !== isOpen) report(`is ${state} and ended at ${row.ended_at}`)
    if (attempts > maxAttempts) report(`was tried ${attempts} times, more than ${maxAttempts}`)
    let logged: ActState | null = null
    let failures = 0
    for (const { payload, subject_id, type } of events) {
      if (subject_id !== String(id)) continue
      if (!payload.includes("because")) report(`${type} does not say why`)
      failures = type === "act.retried" ? 0 : failures + (type === "act.failed" ? 1 : 0)
      if (failures > maxAttempts)
        report(`failed ${failures} times, more than ${maxAttempts}, and no person asked for it`)
      const next = stateOf[type]
      if (next === undefined) continue
      if (logged === null ? next !== "planned" : !actTransitions[logged].includes(next))
        report(`has an event of ${next} after ${logged}`)
      logged = next
    }
    // After a crash at this mark, it cannot be known whether it was sent, or whether somebody else was faster.
    if (state === "done" && row.sent_at === null) report("is logged as done, although no request was ever allowed")
    if (logged !== state) report(`is ${state}, and its last event is ${logged}`)
  }
}, Effect.orDie)

/** Once all applications answer, and before a new attempt: preparations were reverted, or an event reports them. */
export const checkPreparations = Effect.fnUntraced(function* (world: World, witness: Witness) {
  const sql = yield* SqlClient.SqlClient
  const halfDone = yield* sql<{ key: string }>`SELECT a.key FROM events e JOIN acts a ON a.id = e.subject_id
    WHERE e.type = 'act.half-done'`
  for (const [name, { locked }] of world.things) {
    const isLogged = halfDone.some(({ key }) => key === name)
    if (locked && !isLogged) witness.report(`${name} was prepared, and was not reverted`)
  }
}, Effect.orDie)

/** At the end: no act is stuck, and exactly those acts that were carried out are logged as done. */
export const checkEnd = Effect.fnUntraced(function* (world: World, witness: Witness, now: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* rowsOf
  for (const { id, due_at, key, state, step } of rows) {
    const report = (what: string) => witness.report(`act ${id} on ${key}: ${what}`)
    if (state === "executing" || state === "undoing") report(`is ${state} for ever`)
    if (step !== null) report(`is ${state} with the step ${step} for ever`)
    if ((state === "planned" || state === "failed") && due_at <= now) report(`is ${state} and due, and nothing happens`)
    if (state === "failed") report("still fails though everything works")
  }
  for (const name of world.things.keys()) witness.report(`${name} was not taken in the end`)
  const done = yield* sql<{ key: string }>`SELECT a.key FROM events e JOIN acts a ON a.id = e.subject_id
    WHERE e.type = 'act.done'`
  for (const name of new Set(world.takenByUs.map((taken) => taken.name))) {
    const taken = world.takenByUs.filter((one) => one.name === name).length
    const logged = done.filter(({ key }) => key === name).length
    if (logged < taken && !witness.confused.has(name))
      witness.report(`${name} was taken ${taken} times, and ${logged} acts are done`)
  }
}, Effect.orDie)
