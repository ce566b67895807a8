/** Invariants of the stored rows and of the audit log after any history. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Explain } from "../../src/removals/Explain.ts"
import type { RemovalAction } from "../../src/integrations/Kind.ts"
import { openStates, type RemovalState, transitions } from "../../src/removals/Removal.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import { audit, removals } from "../support/Stack.ts"
import type { Witness } from "./Witness.ts"

/** After every command: every row has a reason for its state, and no item has two open intents. */
export const checkRows = Effect.fnUntraced(function* (witness: Witness) {
  const sql = yield* SqlClient.SqlClient
  const silent = yield* sql<{ title: string; state: string }>`SELECT title, state FROM removals
    WHERE because = '' OR id NOT IN (SELECT removal_id FROM removal_decisions) OR reason = ''
    OR (reason IS NULL AND state IN ('snoozed', 'spared', 'cancelled', 'failed', 'restored'))`
  for (const { state, title } of silent) witness.report(`P7: "${title}" is ${state} and does not say why`)
  const counted = yield* sql<{ value: number; open: number }>`SELECT value, (SELECT count(*) FROM removals
    WHERE ${sql.in("state", openStates)}) AS open FROM counters WHERE name = 'removals.open'`
  if (counted[0]?.value !== counted[0]?.open) witness.report("The counter of open removals is wrong")
  for (const state of openStates) {
    const [one] = yield* sql<{ value: number; open: number }>`SELECT value, (SELECT count(*) FROM removals
      WHERE state = ${state}) AS open FROM counters WHERE name = ${`removals.${state}`}`
    if (one === undefined || one.value !== one.open) witness.report(`The counter of ${state} removals is wrong`)
  }
}, Effect.orDie)

/** At the end: nothing is forgotten, the audit log is complete, and every item can be explained. */
export const checkEnd = Effect.fnUntraced(function* (library: FakeLibrary, witness: Witness) {
  const sql = yield* SqlClient.SqlClient
  const explain = yield* Explain
  const all = yield* removals
  for (const { state, title } of all) {
    if (state === "executing") witness.report(`P3: what became of "${title}" was never found out`)
  }
  const halfDone = (yield* audit).filter(({ type }) => type === "removal.half-done")
  for (const externalId of library.prepared) {
    if (halfDone.length === 0)
      witness.report(`P3: what was prepared for the removal of item ${externalId} was not put back`)
  }
  const externalIds = yield* sql<{
    external_id: string
    state: RemovalState
    action: RemovalAction
    freed_bytes: number | null
  }>`SELECT external_id, state, action, freed_bytes FROM removals`
  for (const externalId of library.removed) {
    const ended = externalIds.filter((row) => row.external_id === externalId)
    const logged = ended.some(({ state }) => state === "removed" || state === "restored")
    if (!logged && !witness.confused) witness.report(`P3: item ${externalId} was removed, and no removal says so`)
  }
  for (const { action, external_id, freed_bytes, state } of externalIds) {
    const item = library.items.get(external_id)
    if (state === "removed" && action === "remove-entry" && item !== undefined) {
      witness.report(`P3: item ${external_id} is logged as removed, and it still exists`)
    }
    const cameBack = library.journal.some(({ call, done }) => call === "restore" && done)
    const strips = action === "delete-files" || action === "unmonitor-and-delete-files"
    if (state === "removed" && strips && item?.kind === "movie" && !item.stripped && !cameBack) {
      witness.report(`P3: the files of item ${external_id} are told as deleted, and they are still there`)
    }
    if (action === "unmonitor" && (freed_bytes ?? 0) > 0) {
      witness.report(`P4: the unmonitoring of item ${external_id} is said to have freed ${freed_bytes} bytes`)
    }
  }
  for (const externalId of new Set(library.removed)) {
    // What was only unmonitored may be removed later.
    const unmonitored = library.onlyUnmonitored.filter((id) => id === externalId).length
    const times = library.removed.filter((id) => id === externalId).length - unmonitored
    const returned = library.journal.filter((entry) => entry.call === "restore" && entry.done).length
    if (times > 1 + returned) witness.report(`P3: item ${externalId} was removed ${times} times`)
  }
  yield* checkResets(library, witness)
  yield* checkAudit(witness)
  const items = yield* sql<{ id: number; title: string; gone_at: string | null }>`SELECT id, title, gone_at FROM items`
  for (const { gone_at, id, title } of items) {
    const explanation = yield* explain.item(String(id))
    if (explanation.summary === "") witness.report(`P7: "${title}" is not explained`)
    const removed = explanation.removals.some(({ state }) => state === "removed" || state === "restored")
    if (gone_at !== null && removed && (explanation.basis !== "removal" || explanation.decision === null)) {
      witness.report(`P7: "${title}" was removed, and the explanation does not say why`)
    }
    if (gone_at === null && explanation.basis !== "now")
      witness.report(`P7: "${title}" is there and not explained as it is`)
  }
}, Effect.orDie)

/** Only requests of removed items were reset, each entry once, and every removal says what became of its request. */
const checkResets = Effect.fnUntraced(function* (library: FakeLibrary, witness: Witness) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{
    external_id: string
    title: string
    state: RemovalState
    reset_request: number
    request_reset: string | null
  }>`SELECT external_id, title, state, reset_request, request_reset FROM removals`
  for (const key of new Set(library.resets.sent)) {
    // With a show, the requests for its seasons are reset.
    const [whole] = key.split(":")
    const wanted = rows.some(
      ({ external_id, reset_request, state }) =>
        reset_request === 1 && (external_id === key || external_id === whole) && ["removed", "restored"].includes(state)
    )
    if (!wanted && !witness.confused) witness.report(`P3: the request ${key} was reset without a removal that wants it`)
  }
  for (const { request_reset, reset_request, state, title } of rows) {
    if (state !== "removed") continue
    if (reset_request === 0 && request_reset !== null)
      witness.report(`P3: the request of "${title}" was not to be reset`)
    if (reset_request === 1 && (request_reset === null || request_reset === "waiting"))
      witness.report(`P3: what became of the request of "${title}" was never found out`)
  }
}, Effect.orDie)

/** For every removal, the steps in the audit log lead to its state by allowed transitions only. */
const checkAudit = Effect.fnUntraced(function* (witness: Witness) {
  const states = new Map<string, RemovalState>()
  for (const event of yield* audit) {
    if (event.subject?.type !== "removal") continue
    const { because, from, reason, to } = event.payload
    const { id } = event.subject
    if (event.message === "" || (typeof because !== "string" && typeof reason !== "string")) {
      witness.report(`P7: the audit event ${event.type} (${event.message}) gives no reason`)
    }
    if (event.actor === "") witness.report(`P7: the audit event ${event.type} does not say who`)
    if (isState(to)) {
      const before = states.get(id)
      if (before !== from || !isState(from) || !transitions[from].includes(to)) {
        witness.report(`P7: the audit of removal ${id} goes from ${String(before)} to ${to} by ${event.type}`)
      }
      states.set(id, to)
    } else if (!states.has(id)) {
      const first = event.type.replace("removal.", "")
      if (isState(first)) states.set(id, first)
    }
  }
  for (const { id, state, title } of yield* removals) {
    if (states.get(id) !== state)
      witness.report(`P7: "${title}" is ${state}, and the audit ends at ${states.get(id) ?? "nothing"}`)
  }
})

const isState = (value: unknown): value is RemovalState => typeof value === "string" && value in transitions
