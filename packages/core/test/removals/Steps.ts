/** The steps of people and of the stack in a history, carried out with the services, and what the witness then expects. */
import { Clock, DateTime, Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Protections } from "../../src/library/Protections.ts"
import type { RemovalSummary } from "../../src/removals/Removal.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { FakeItem } from "../support/FakeItem.ts"
import { gib } from "../support/FakeLibrary.ts"
import { as, removals, setDisk, type Stack } from "../support/Stack.ts"
import type { Step } from "./Commands.ts"
import type { Witness } from "./Witness.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

export const makeSteps = (stack: Stack, witness: Witness): ((step: Step) => Effect.Effect<void>) => {
  const { library, use } = stack
  let rules = 0
  let refills = 0

  const all = use(removals)
  const at = <A>(list: ReadonlyArray<A>, index: number): A | undefined => list[index % Math.max(1, list.length)]
  const removalAt = (index: number) => Effect.map(all, (list) => at(list, index))
  const itemAt = (index: number): FakeItem | undefined => at([...library.items.values()], index)
  const mountAt = (index: number) => [...library.disks.keys()][index % 2]!
  const itemIdAt = (index: number) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const item = itemAt(index)
      const [row] =
        item === undefined
          ? []
          : yield* sql<{ id: number }>`SELECT id FROM items WHERE external_id = ${item.externalId} AND gone_at IS NULL`
      return item === undefined || row === undefined ? null : { item, id: String(row.id) }
    }).pipe(Effect.orDie)

  /** Applies a step to a removal and returns what has changed, or `null` if it was refused. */
  const changing = (id: string, take: (service: Removals["Service"]) => Effect.Effect<unknown, unknown>) =>
    Effect.gen(function* () {
      const before = yield* all
      const done = yield* Effect.result(use(Effect.flatMap(Removals, take)).pipe(as("ann")))
      const changed = (yield* all).filter(
        (removal) => before.find((old) => old.id === removal.id)?.state !== removal.state
      )
      if (Result.isFailure(done)) {
        if (changed.length > 0) witness.say(`P7: a step with ${id} was refused and yet changed something`)
        return null
      }
      const whole = before.find((removal) => removal.id === id)
      const together = before.filter(
        (removal) =>
          removal.collection !== null &&
          removal.collection === whole?.collection &&
          removal.origin === whole.origin &&
          removal.state === whole.state
      )
      for (const { id: member, title } of together) {
        if (changed.length > 0 && !changed.some((removal) => removal.id === member)) {
          witness.say(`Collections: "${title}" was left behind by its collection`)
        }
      }
      return changed
    })

  const step = (given: Step): Effect.Effect<void> =>
    Effect.gen(function* () {
      switch (given._tag) {
        case "approve":
        case "unsnooze":
        case "cancel":
        case "retry": {
          const removal = yield* removalAt(given.removal)
          if (removal === undefined) return
          const changed = yield* changing(removal.id, (service) => service[given._tag](removal.id))
          if (changed !== null) believe(given._tag, changed, null)
          return
        }
        case "reject": {
          const removal = yield* removalAt(given.removal)
          if (removal === undefined) return
          const until = (yield* Clock.currentTimeMillis) + given.hours * 3_600_000
          const changed = yield* changing(removal.id, (service) =>
            service.reject(removal.id, new Date(until).toISOString())
          )
          if (changed !== null) believe("reject", changed, until)
          return
        }
        case "bulk": {
          const list = yield* all
          const ids = given.removals.flatMap((index) => at(list, index)?.id ?? [])
          const until = (yield* Clock.currentTimeMillis) + 24 * 3_600_000
          const changed = yield* changing("bulk", (service) => service.bulk(given.action, ids))
          if (changed !== null) believe(given.action, changed, until)
          return
        }
        case "release": {
          const removal = yield* removalAt(given.removal)
          if (removal === undefined) return
          const released = yield* Effect.result(
            use(Effect.flatMap(Removals, (s) => s.release(removal.id))).pipe(as("ann"))
          )
          if (Result.isSuccess(released)) witness.cancelled.delete(removal.id)
          return
        }
        case "reschedule": {
          const removal = yield* removalAt(given.removal)
          if (removal === undefined) return
          const when = new Date((yield* Clock.currentTimeMillis) + given.hours * 3_600_000).toISOString()
          const moved = yield* Effect.result(
            use(Effect.flatMap(Removals, (s) => s.reschedule(removal.id, when))).pipe(as("ann"))
          )
          if (Result.isFailure(moved)) return
          for (const other of yield* all) {
            if (other.id === removal.id || (other.collection !== null && other.collection === removal.collection))
              witness.rescheduled.add(other.id)
          }
          return
        }
        case "restore":
          return yield* restore(given.removal)
        case "request": {
          const found = yield* use(itemIdAt(given.item))
          if (found === null) return
          const options = {
            ...(given.action === undefined ? {} : { action: given.action }),
            resetRequest: given.resetRequest,
            ...(given.graceDays === undefined ? {} : { graceDays: given.graceDays })
          }
          yield* Effect.result(
            use(Effect.flatMap(Removals, (service) => service.request(found.id, options))).pipe(as("ann"))
          )
          return
        }
        case "protect": {
          const found = yield* use(itemIdAt(given.item))
          if (found === null) return
          const { id, item } = found
          yield* use(Effect.flatMap(Protections, (s) => s.add({ itemId: id, reason: "loved" }))).pipe(as("ann"))
          witness.protections.set(`item:${id}`, { title: item.title })
          return
        }
        case "protectCollection": {
          const { collection } = given
          const added = yield* Effect.result(
            use(Effect.flatMap(Protections, (s) => s.add({ collection }))).pipe(as("ann"))
          )
          if (Result.isSuccess(added)) witness.protections.set(`collection:${collection}`, { collection })
          return
        }
        case "unprotect": {
          const protections = yield* use(Protections)
          const protection = at(yield* protections.list, given.number)
          if (protection === undefined) return
          yield* use(protections.remove(protection.id)).pipe(as("ann"))
          witness.protections.delete(
            protection.itemId === null ? `collection:${protection.collection}` : `item:${protection.itemId}`
          )
          return
        }
        case "keepRule": {
          const title = itemAt(given.item)?.title
          if (title === undefined) return
          const condition = { kind: "condition", field: "title", operator: "equals", value: title } as const
          const draft = { name: `keep ${++rules}`, enabled: true, effect: "always-keep", condition } as const
          const rule = yield* use(Effect.flatMap(Rules, (service) => service.create(draft)))
          witness.keepRules.set(rule.id, title)
          return
        }
        case "dropRule": {
          const id = at([...witness.keepRules.keys()], given.number)
          if (id === undefined) return
          yield* use(Effect.flatMap(Rules, (service) => service.remove(id)))
          witness.keepRules.delete(id)
          return
        }
        case "mode": {
          const mountPath = mountAt(given.disk)
          yield* use(setDisk({ mode: given.mode }, mountPath))
          witness.modes.set(mountPath, given.mode)
          return
        }
        case "allow": {
          const mountPath = mountAt(given.disk)
          const facts = ["playCount", "lastPlayedAt", "requested", "watchedByRequester"] as const
          yield* use(setDisk({ allowedUnknown: given.allowed ? facts : [] }, mountPath))
          witness.allowed.set(mountPath, given.allowed)
          return
        }
        case "resume": {
          const mountPath = mountAt(given.disk)
          const groups = yield* use(DiskGroups)
          const group = (yield* groups.list).find((one) => one.mountPath === mountPath)
          if (group !== undefined) yield* use(groups.resume(group.id)).pipe(as("ann"))
          witness.stopped.delete(mountPath)
          return
        }
        case "brake": {
          const { deletionsEnabled } = given
          yield* use(Effect.flatMap(Settings, (settings) => settings.patch(RemovalsSettings, { deletionsEnabled })))
          witness.deletionsEnabled = deletionsEnabled
          return
        }
        case "vanish": {
          const item = itemAt(given.item)
          if (item !== undefined) witness.vanish(item)
          return
        }
        case "hardlink": {
          const item = itemAt(given.item)
          if (item !== undefined) witness.hardlink(item)
          return
        }
        case "watch": {
          const item = itemAt(given.item)
          const lastPlayedAt = DateTime.formatIso(yield* DateTime.now)
          if (item === undefined) return
          // Watching it again a moment later leaves no trace.
          if (item.plays[0]?.lastPlayedAt !== lastPlayedAt) witness.watch(item)
          item.plays = [{ name: "bob", plays: 1, lastPlayedAt }]
          return
        }
        case "refill": {
          const mountPath = mountAt(given.disk)
          const sizeBytes = 9 * gib
          if (library.freeBytes(mountPath) < sizeBytes) return
          library.add({ title: `Refill ${++refills}`, sizeBytes, disk: mountPath })
          return
        }
        case "down":
          library.down.add(given.part)
          return
        case "up":
          library.behave()
          return
        case "failRemove":
          return library.next("remove", given.how)
        case "failPresence":
          if (given.how === "other-title") witness.confused = true
          return library.next("presence", ...Array.from({ length: given.after }, () => null), given.how)
        case "failReset":
          return void library.resets.next.push(given.how)
        case "failRestore":
          return library.next("restore", given.how)
      }
    }).pipe(Effect.orDie)

  /** The consequences of a step that was applied. */
  const believe = (
    action: "approve" | "unsnooze" | "cancel" | "retry" | "reject",
    changed: ReadonlyArray<RemovalSummary>,
    until: number | null
  ) => {
    for (const { id, itemId } of changed) {
      if (action === "approve") witness.approved.add(id)
      if (action === "reject") {
        witness.approved.delete(id)
        if (until !== null) witness.snoozed.set(id, until)
      } else witness.snoozed.delete(id)
      if (action === "cancel") witness.cancelled.set(id, itemId)
    }
  }

  const restore = Effect.fnUntraced(function* (index: number) {
    const removal = at(
      (yield* all).filter(({ state }) => state === "removed"),
      index
    )
    if (removal === undefined) return
    const protections = yield* use(Protections)
    const before = yield* protections.list
    const restored = yield* Effect.result(
      use(Effect.flatMap(Removals, (service) => service.restore(removal.id))).pipe(as("ann"))
    )
    if (Result.isSuccess(restored)) {
      witness.protections.set(`item:${removal.itemId}`, { title: removal.title })
      if (library.byTitle(removal.title) === undefined) witness.say(`P8: "${removal.title}" was not added again`)
      return
    }
    const after = (yield* all).find(({ id }) => id === removal.id)
    const kept = yield* protections.list
    if (after?.state !== "removed") witness.say(`P8: a failed restore of "${removal.title}" changed its state`)
    for (const { id, title } of before) {
      if (!kept.some((one) => one.id === id)) witness.say(`P8: a failed restore lost the protection of "${title}"`)
    }
    // The request of the person stands, whatever the application did with it.
    if (kept.some(({ itemId }) => itemId === removal.itemId)) {
      witness.protections.set(`item:${removal.itemId}`, { title: removal.title })
    }
  })

  return step
}
