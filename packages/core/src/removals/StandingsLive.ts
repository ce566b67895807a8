/**
 * What blocks planning, derived from the removals: those in progress and users' refusals, for a whole as well as for
 * its parts.
 */
import { Effect, Layer } from "effect"
import type { Environment } from "../capacity/Decision.ts"
import { type Standing, Standings } from "../capacity/Planning.ts"
import { partsOf, wholesOf } from "../library/Families.ts"
import type { LibraryItem } from "../library/Item.ts"
import { dayMillis, nowIso } from "../problems/Instants.ts"
import { ReadSql } from "../storage/Database.ts"
import { deletesFiles } from "./ActionText.ts"
import { RefusedItems, type Refusing } from "./RefusedItems.ts"
import { openStates } from "./Removal.ts"
import { type RemovalRow, type StoredRemoval, textOf } from "./RemovalStore/Rows.ts"
import { replannable } from "./Withdrawals.ts"

/** The fields of an open removal that matter to a plan. */
export type OpenIntent = Pick<
  StoredRemoval,
  "itemId" | "diskGroupId" | "state" | "action" | "origin" | "snoozedUntil" | "scheduledAt" | "sizeBytes"
>

export const StandingsLive = Layer.effect(
  Standings,
  Effect.gen(function* () {
    const sql = yield* ReadSql
    const refusals = yield* RefusedItems

    return Standings.of({
      of: Effect.fn("Standings.of")(function* (environment) {
        const rows = yield* sql<
          Pick<
            RemovalRow,
            | "item_id"
            | "disk_group_id"
            | "state"
            | "action"
            | "origin"
            | "snoozed_until"
            | "scheduled_at"
            | "size_bytes"
          >
        >`SELECT item_id, disk_group_id, state, action, origin, snoozed_until, scheduled_at, size_bytes FROM removals
          WHERE ${sql.in("state", openStates)}`.pipe(Effect.orDie)
        const open = rows.map((row): OpenIntent => ({
          itemId: String(row.item_id),
          diskGroupId: textOf(row.disk_group_id),
          state: row.state,
          action: row.action,
          origin: row.origin,
          snoozedUntil: row.snoozed_until,
          scheduledAt: row.scheduled_at,
          sizeBytes: row.size_bytes
        }))
        const refusing = yield* refusals.refusingAsRead
        return yield* standingOf(environment, open, refusing, yield* nowIso)
      })
    })
  })
)

/** A removal of a whole covers its parts: they are not planned in addition, and its bytes include theirs. */
export const standingOf = Effect.fnUntraced(function* (
  { snapshot }: Environment,
  open: ReadonlyArray<OpenIntent>,
  refusing: Refusing,
  now: string
): Effect.fn.Return<Standing> {
  const blocked = new Set<string>()
  // A decision about a file applies to it under every application.
  const block = (item: LibraryItem) => {
    blocked.add(item.id)
    for (const twin of snapshot.sameFileAs(item)) blocked.add(twin.id)
  }
  /** What has a part or a whole that stays is not removed either: a whole goes with all of its parts. */
  const blockFamily = (item: LibraryItem) => {
    for (const one of [item, ...partsOf(snapshot, item), ...wholesOf(snapshot, item)]) block(one)
  }
  for (let start = 0; start < snapshot.items.length; start += itemsAtOnce) {
    for (const item of snapshot.items.slice(start, start + itemsAtOnce)) {
      const refusal = refusing(item)
      if (refusal === undefined) continue
      // Refused was only a part of it, which is not among its other parts.
      if (refusal.episode === undefined) blockFamily(item)
      else for (const one of [item, ...wholesOf(snapshot, item)]) block(one)
    }
    yield* Effect.yieldNow
  }
  const going = new Set<string>()
  for (const removal of open) if (frees(removal, now)) going.add(removal.itemId)
  const underWay = new Map<string, number>()
  for (const removal of open) {
    const item = snapshot.byId.get(removal.itemId)
    const wholes = item === undefined ? [] : wholesOf(snapshot, item)
    if (!replannable(removal, now)) {
      if (item === undefined) blocked.add(removal.itemId)
      else blockFamily(item)
    }
    if (!frees(removal, now) || removal.diskGroupId === null) continue
    if (wholes.some(({ id }) => going.has(id))) continue
    underWay.set(removal.diskGroupId, (underWay.get(removal.diskGroupId) ?? 0) + removal.sizeBytes)
  }
  return { blocked, underWay }
})

/** Number of items processed before yielding to the event loop. */
const itemsAtOnce = 2000

/**
 * Whether its bytes are about to become free. A rule may wait for years: a disk that is too full does not wait for what
 * a rule removes later than this.
 */
const frees = ({ action, origin, scheduledAt, state }: OpenIntent, now: string): boolean => {
  if (!deletesFiles(action)) return false
  if (state !== "scheduled" || origin !== "rule") return state === "executing" || state === "scheduled"
  return scheduledAt !== null && Date.parse(scheduledAt) - Date.parse(now) <= dayMillis
}
