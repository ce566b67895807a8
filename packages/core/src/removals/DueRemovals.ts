/**
 * Carries out the due removals in batches (`Execution` carries out one). Between batches the disks are read again: a disk at its target gets no further
 * removal, and a disk on which removals free nothing is stopped until a person has reviewed it.
 */
import { Clock, Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { askedAgainAt } from "../acts/Backoff.ts"
import type { DiskGroup } from "../capacity/DiskGroup.ts"
import { formatBytes } from "../capacity/Bytes.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import { ClockWatch } from "../jobs/ClockWatch.ts"
import { isWholeOf } from "../library/WholesInSql.ts"
import { isoOfMillis, nowIso } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { ItemChanges } from "./ActingRules/ItemChanges.ts"
import { deletesFiles, actionTextOf } from "./ActionText.ts"
import { makeDownloadsOfItems } from "./DownloadsOfItems.ts"
import { Execution } from "./Execution.ts"
import type { Outcome } from "./Execution/Settling.ts"
import { halfDoneSteps, restoringSteps } from "./RemovalSteps.ts"
import { RemovalStore } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { makeLeftoverFolders } from "./LeftoverFolders.ts"
import { makeRequestResets } from "./RequestResets.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"

/**
 * Steps of removals that wait for an application that did not answer, or that have preparations to revert. Those that are
 * executing are unresolved, too.
 */
const leftSteps: ReadonlyArray<string> = [...halfDoneSteps, ...restoringSteps]

/** If less than this share of the removed bytes shows up as free space, removals free nothing. */
const leastFreedShare = 0.1
/**
 * Applications report the free space of their disks with some delay; it is read this many times before it is trusted.
 */
const readings = 4
const betweenReadings = "2 seconds"

export const DueRemovalsReport = Schema.Struct({
  settled: Schema.Int,
  removed: Schema.Int,
  /** Those that only unmonitor: their items stay, and nothing becomes free. */
  unmonitored: Schema.Int,
  spared: Schema.Int,
  failed: Schema.Int,
  waiting: Schema.Int,
  freedBytes: Schema.Finite,
  /** Disks on which removals freed nothing. */
  stopped: Schema.Array(Schema.String)
}).annotate({ identifier: "DueRemovalsReport" })
export type DueRemovalsReport = typeof DueRemovalsReport.Type

export interface DueRemovalsContext {
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  readonly log: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
}

export class DueRemovals extends Context.Service<
  DueRemovals,
  {
    readonly run: (context: DueRemovalsContext) => Effect.Effect<DueRemovalsReport>
    /** When the next removal is due, ISO-8601; `null` = no removal is scheduled. */
    readonly nextDue: Effect.Effect<string | null>
  }
>()("tendarr/removals/DueRemovals") {
  static readonly layer = Layer.effect(
    DueRemovals,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* RemovalStore
      const execution = yield* Execution
      const diskGroups = yield* DiskGroups
      const settings = yield* Settings
      const clock = yield* ClockWatch
      const requestResets = yield* makeRequestResets
      const itemChanges = yield* ItemChanges
      const leftoverFolders = yield* makeLeftoverFolders
      const itemDownloads = yield* makeDownloadsOfItems

      const due = Effect.gen(function* () {
        // Setting the clock forward must not make removals due.
        yield* clock.look
        const now = yield* nowIso
        const removals = yield* store.eachWhere((q) => q`state IN ('scheduled', 'failed') AND attempt_at <= ${now}`)
        return inOrder(removals)
      })

      /**
       * Reads the disks until the removed bytes show up, or the number of readings is exhausted. A disk that cannot be
       * read does not count as one on which nothing was freed; its items have to wait.
       */
      const readAgain = Effect.fnUntraced(function* (
        before: ReadonlyArray<DiskGroup>,
        freed: ReadonlyMap<string, number>
      ) {
        for (let reading = 1; ; reading++) {
          const { answered, disks } = yield* diskGroups.read
          const hidden = [...freed].filter(([id, bytes]) => shownFree(id, before, disks) < bytes * leastFreedShare)
          if (hidden.length === 0 || reading === readings) {
            return { disks, answered, silent: hidden.flatMap(([id]) => (answered.has(id) ? [id] : [])) }
          }
          yield* Effect.sleep(betweenReadings)
        }
      })

      /** Whether an item has vanished because its whole was removed in this run. */
      const wentWithWhole = Effect.fnUntraced(function* (
        { itemId }: StoredRemoval,
        outcome: Outcome,
        removedItems: ReadonlySet<string>
      ) {
        if (outcome._tag !== "Spared" || outcome.vanished !== true) return false
        const wholes = yield* sql<{ id: number }>`SELECT w.id FROM items i
          JOIN items w ON ${isWholeOf(sql, "i", "w")} WHERE i.id = ${Number(itemId)}`
        return wholes.some(({ id }) => removedItems.has(String(id)))
      }, Effect.orDie)

      const run = Effect.fn("DueRemovals.run")(function* (context: DueRemovalsContext) {
        const settled = yield* execution.reconcile
        const report = {
          settled,
          removed: 0,
          unmonitored: 0,
          spared: 0,
          failed: 0,
          waiting: 0,
          freedBytes: 0,
          stopped: new Array<string>()
        }
        const { batchSize, deletionsEnabled, spacingSeconds } = yield* settings.get(RemovalsSettings)
        if (!deletionsEnabled) {
          yield* context.log("warning", "Deletions are switched off in the settings; nothing is removed")
          return report
        }
        const tried = new Set<string>()
        const removedItems = new Set<string>()
        const trust = makeTrust()
        let { answered, disks } = yield* diskGroups.read
        for (;;) {
          const left = (yield* due).filter((removal) => !tried.has(removal.id))
          const batch = left.slice(0, batchSize)
          if (batch.length === 0) {
            yield* requestResets.carryOut(context)
            // Those that failed, or that were interrupted: no run of a rule has to come first.
            yield* itemChanges.carryOutDue(context)
            yield* leftoverFolders.carryOut(context)
            yield* itemDownloads.carryOut(context)
            return report
          }
          const freed = new Map<string, number>()
          for (const removal of batch) {
            tried.add(removal.id)
            yield* context.progress(tried.size - 1, tried.size - 1 + left.length, removal.title)
            const distrust = trust.whyNot(removal)
            const outcome =
              distrust === null
                ? yield* execution.execute(removal.id, { answered, freed })
                : yield* execution.postpone(removal.id, distrust)
            yield* count(report, context, removal, outcome)
            if (distrust !== null) continue
            if (outcome._tag === "Removed" && deletesFiles(removal.action)) removedItems.add(removal.itemId)
            const ended = (yield* wentWithWhole(removal, outcome, removedItems)) ? null : trust.judge(removal, outcome)
            if (ended !== null) yield* context.log("error", ended)
            if (outcome._tag === "Removed") {
              const group = outcome.diskGroupId
              // Where nothing was to become free, a disk that fills up in the meantime says nothing.
              if (group !== null && outcome.freedBytes > 0)
                freed.set(group, (freed.get(group) ?? 0) + outcome.freedBytes)
              yield* Effect.sleep(`${spacingSeconds} seconds`)
            }
          }
          yield* context.progress(tried.size, tried.size + left.length - batch.length, "reading the disks")
          const again = yield* readAgain(disks, freed)
          for (const id of again.silent) {
            const group = again.disks.find((candidate) => candidate.id === id)
            const because = `Removing ${formatBytes(freed.get(id) ?? 0)} from ${group?.mountPath ?? id} freed nothing there (hardlinks, a recycle bin or snapshots?); planning for it stops until it is resumed`
            yield* diskGroups.stop(id, because)
            yield* context.log("error", because)
            report.stopped.push(group?.mountPath ?? id)
          }
          disks = again.disks
          answered = again.answered
        }
      })

      return DueRemovals.of({
        run,
        nextDue: Effect.gen(function* () {
          const { deletionsEnabled } = yield* settings.get(RemovalsSettings)
          const now = yield* Clock.currentTimeMillis
          const times: Array<string> = []
          if (deletionsEnabled) {
            for (const state of ["scheduled", "failed"] as const) {
              const next = (after: string) =>
                Effect.map(
                  sql<{ at: string }>`SELECT attempt_at AS at FROM removals
                    WHERE state = ${state} AND attempt_at > ${after} ORDER BY attempt_at LIMIT 1`,
                  ([first]) => first?.at ?? null
                )
              const at = isoOfMillis(now)
              const first = yield* next("")
              // A damaged row that is due must not cause endless runs.
              const isDue = first !== null && first <= at && (yield* due).length > 0
              const wanted = first === null || first > at || isDue ? first : yield* next(at)
              // A damaged time is not waited for.
              if (wanted !== null && !Number.isNaN(Date.parse(wanted))) times.push(wanted)
            }
          }
          const acts = deletionsEnabled
            ? [
                yield* requestResets.nextDue(isoOfMillis(now)),
                yield* itemChanges.nextDue,
                yield* leftoverFolders.nextDue
              ]
            : []
          times.push(...acts.filter((at) => at !== null))
          // While deletions are off, only removals that are unresolved are a reason to start.
          const left = yield* store.eachWhere((q) => q`state = 'executing' OR ${q.in("step", leftSteps)}`)
          times.push(...left.map((removal) => askedAgainAt(removal, now)))
          return times.length === 0 ? null : times.reduce((earliest, at) => (at < earliest ? at : earliest))
        }).pipe(Effect.orDie)
      })
    })
  )
}

/** By rank; members of a collection stay together, at the position of the best one. */
const inOrder = (removals: ReadonlyArray<StoredRemoval>): ReadonlyArray<StoredRemoval> => {
  const unitOf = ({ collection, id, integrationId }: StoredRemoval) =>
    collection === null ? `removal/${id}` : `collection/${integrationId}/${collection}`
  const best = new Map<string, number>()
  for (const removal of removals) {
    best.set(unitOf(removal), Math.max(best.get(unitOf(removal)) ?? 0, removal.rank))
  }
  return [...removals].sort((a, b) => {
    const [one, other] = [unitOf(a), unitOf(b)]
    if (one === other) return b.rank - a.rank || Number(a.id) - Number(b.id)
    return (best.get(other) ?? 0) - (best.get(one) ?? 0) || (one < other ? -1 : 1)
  })
}

/**
 * Whether the responses of an application are trusted in this run. After the first false response, no further removals
 * are requested from it: another title may have been removed instead of the intended one.
 */
const makeTrust = () => {
  const reasons = new Map<string, string>()
  const removedFrom = new Set<string>()
  return {
    whyNot: ({ integrationId }: StoredRemoval) => reasons.get(integrationId ?? "") ?? null,
    /** Returns the message for the log if this outcome ends the trust. */
    judge: ({ integrationId, title }: StoredRemoval, outcome: Outcome): string | null => {
      const of = integrationId ?? ""
      if (outcome._tag === "Removed") removedFrom.add(of)
      const reason =
        outcome._tag === "Failed" && outcome.untrue === true
          ? `its application said that "${title}" was removed, and still has it`
          : outcome._tag === "Spared" && outcome.vanished === true && removedFrom.has(of)
            ? `"${title}" has vanished from its application without our doing, after another removal there`
            : null
      if (reason === null) return null
      reasons.set(of, reason)
      return `Nothing more is removed there in this run: ${reason}`
    }
  }
}

const shownFree = (id: string, before: ReadonlyArray<DiskGroup>, now: ReadonlyArray<DiskGroup>): number => {
  const free = (groups: ReadonlyArray<DiskGroup>) => groups.find((group) => group.id === id)?.freeBytes ?? 0
  return free(now) - free(before)
}

const outcomeLine = (removal: StoredRemoval, freedBytes: number): string => {
  if (removal.action === "unmonitor") return `Unmonitored "${removal.title}"`
  const what = removal.action === "delete-files" ? "Deleted the files of" : "Removed"
  return `${what} "${removal.title}" (${formatBytes(freedBytes)})`
}

const count = (
  report: { removed: number; unmonitored: number; spared: number; failed: number; waiting: number; freedBytes: number },
  context: DueRemovalsContext,
  removal: StoredRemoval,
  outcome: Outcome
) => {
  switch (outcome._tag) {
    case "Removed":
      report[removal.action === "unmonitor" ? "unmonitored" : "removed"]++
      report.freedBytes += outcome.freedBytes
      return context.log("info", outcomeLine(removal, outcome.freedBytes))
    case "Spared":
      report.spared++
      return context.log("info", `Spared "${removal.title}": ${outcome.reason}`)
    case "Failed":
      report.failed++
      return context.log("error", `${actionTextOf(removal).was} not ${actionTextOf(removal).done}: ${outcome.reason}`)
    case "Waiting":
      report.waiting++
      return context.log("warning", `"${removal.title}" waits: ${outcome.reason}`)
  }
}
