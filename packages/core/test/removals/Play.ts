/** Runs a history against the services and a fake stack with a witness, and checks the stored rows after every command. */
import { Clock, DateTime, Effect, Fiber, Logger, Option } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import type { PlanReport } from "../../src/removals/Planner.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  connectFakes,
  drive,
  driveUntilHanging,
  execution,
  makeStackInMemory,
  passTime,
  plan,
  reconcile,
  setDisk,
  type Stack,
  sync
} from "../support/Stack.ts"
import { checkEnd, checkRows } from "./Aftermath.ts"
import type { Command, Crash, History, Step } from "./Commands.ts"
import { makeSteps } from "./Steps.ts"
import { delaySeconds, type Intent, limits, sunsetDays, Witness } from "./Witness.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

/** Returns the violations. */
export const playHistory = (history: History): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const library = stockLibrary(history)
    const stack = yield* makeStackInMemory(library)
    const witness = new Witness(library, history.batchSize)
    yield* stack.use(prepare(history, witness))
    const player = makePlayer(stack, witness)
    for (const [index, command] of history.commands.entries()) {
      yield* player.play(command)
      yield* stack.use(checkRows(witness))
      if (witness.violations.length > 0) return [`${index}: ${JSON.stringify(command)}`, ...witness.violations]
    }
    yield* player.comeToRest
    yield* stack.use(checkEnd(library, witness))
    return witness.violations
  }).pipe(Effect.scoped, Effect.orDie, Effect.provide(Logger.layer([])), Effect.provide(TestClock.layer()))

/** Movies on one disk and shows on another, both slightly over their limits. Two movies share a collection with a third each. */
const stockLibrary = ({ episodes }: Pick<History, "episodes">) => {
  const library = new FakeLibrary({ "/media": 100 * gib, "/shows": 60 * gib })
  library.prepares = true
  library.add({ title: "Alpha", sizeBytes: 12 * gib, requestedBy: ["bob"] })
  library.add({ title: "Beta", sizeBytes: 11 * gib, facts: { rating: 2 } })
  library.add({ title: "Gamma", sizeBytes: 10 * gib, collections: ["Saga"] })
  library.add({ title: "Delta", sizeBytes: 9 * gib, collections: ["Saga", "Trilogy"], facts: { rating: 3 } })
  library.add({ title: "Epsilon", sizeBytes: 8 * gib, collections: ["Trilogy"] })
  library.add({ title: "Zeta", sizeBytes: 13 * gib, facts: { rating: 9 } })
  library.add({ title: "Eta", sizeBytes: 14 * gib, facts: { rating: 1 } })
  library.add({ title: "Theta", sizeBytes: 12 * gib, ids: [] })
  // Only the media server has it, and removes it.
  library.serverManages = true
  library.add({ title: "Omega", sizeBytes: 12 * gib, unmanaged: true, facts: { rating: 1 } })
  const sigma = library.addShow("Sigma", [14 * gib, 12 * gib], { disk: "/shows" })
  const tau = library.addShow("Tau", [13 * gib, 14 * gib], { disk: "/shows", ids: [] })
  if (episodes) {
    library.addEpisodes(sigma.seasons[0]!, [8 * gib, 6 * gib], { disk: "/shows" })
    library.addEpisodes(tau.seasons[0]!, [7 * gib, 3 * gib, 3 * gib], { disk: "/shows", ids: [] })
  }
  // Each title is requested, those without ids excepted; a season by itself.
  for (const { externalId, facts, ids, kind } of library.items.values()) {
    if (ids.length === 0 || kind === "episode") continue
    library.resets.entries.set(externalId, {
      kind: kind === "movie" ? "movie" : "show",
      ids,
      seasonNumber: facts.seasonNumber ?? null
    })
  }
  return library
}

const prepare = Effect.fnUntraced(function* (history: History, witness: Witness) {
  const settings = yield* Settings
  const groups = yield* DiskGroups
  yield* connectFakes({ options: { removeCollections: history.removeCollections, wholeShows: history.wholeShows } })
  yield* settings.patch(RemovalsSettings, {
    delaySeconds,
    sunsetDays,
    batchSize: history.batchSize,
    caps: { maxItems: history.maxItems, maxBytes: 40 * gib, maxLibraryShare: 0.5 }
  })
  yield* readAll(witness)
  yield* setDisk({ mode: history.mode, limits })
  for (const group of yield* groups.list) witness.modes.set(group.mountPath, history.mode)
})

const readAll = Effect.fnUntraced(function* (witness: Witness, down: ReadonlySet<string> = new Set()) {
  yield* sync
  const now = yield* Clock.currentTimeMillis
  // Disks are read with the catalog, and a reading is applied completely or not at all.
  witness.readAt.manager = down.has("manager") || down.has("disks") ? null : now
  witness.readAt.server = down.has("server") ? null : now
  witness.readAt.requests = down.has("requests") ? null : now
})

const makePlayer = (stack: Stack, witness: Witness) => {
  const { library, use } = stack
  const step = makeSteps(stack, witness)
  let meanwhile: { readonly during: "presence" | "prepare" | "remove"; readonly step: Step } | null = null
  let hangsPrepared = false

  const intentsOf = (externalId: string, runBegan: string) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transaction = yield* Effect.serviceOption(sql.transactionService)
      const rows =
        yield* sql<IntentRow>`SELECT * FROM removals WHERE state = 'executing' AND external_id = ${externalId}`
      const intents: Array<Intent> = []
      for (const row of rows) {
        const fellows = yield* sql`SELECT id FROM removals WHERE collection = ${row.collection} AND state = 'removed'
          AND ended_at >= ${row.created_at}`
        const removed = yield* sql<{ external_id: string }>`SELECT external_id FROM removals
          WHERE state IN ('removed', 'restored') AND action <> 'unmonitor' AND disk_group_id = ${row.disk_group_id} AND ended_at >= ${runBegan}`
        intents.push({
          id: String(row.id),
          itemId: String(row.item_id),
          origin: row.origin,
          mode: row.mode,
          action: row.action,
          graceDays: row.grace_days,
          collection: row.collection,
          createdAt: row.created_at,
          step: row.step,
          fellowsRemoved: fellows.length,
          removedInRun: removed.map(({ external_id }) => external_id)
        })
      }
      return { intents, inTransaction: Option.isSome(transaction) }
    }).pipe(Effect.orDie)

  const happens = (during: "presence" | "prepare" | "remove") =>
    Effect.suspend(() => {
      if (meanwhile?.during !== during) return Effect.void
      const now = meanwhile.step
      meanwhile = null
      return step(now)
    })

  /** Runs the due removals: the witness checks every removal, and a command may run during the first one. */
  const runBegins = Effect.gen(function* () {
    witness.runBegins()
    const runBegan = DateTime.formatIso(yield* DateTime.now)
    library.onRemove = (target) =>
      Effect.gen(function* () {
        const { inTransaction, intents } = yield* use(intentsOf(target.externalId, runBegan))
        witness.removing(target, intents, inTransaction, yield* Clock.currentTimeMillis)
        yield* happens("remove")
      })
    library.onPresence = () => happens("presence")
    library.onPrepared = () =>
      hangsPrepared
        ? Effect.suspend(() => {
            library.hanging++
            return Effect.ensuring(
              Effect.never,
              Effect.sync(() => void library.hanging--)
            )
          })
        : happens("prepare")
  })

  const runEnds = Effect.gen(function* () {
    meanwhile = null
    for (const group of yield* use(Effect.flatMap(DiskGroups, (groups) => groups.list))) {
      if (group.stoppedBecause !== null) witness.stopped.add(group.mountPath)
      else if (witness.stopped.has(group.mountPath)) {
        witness.report(`P4: ${group.mountPath} is no longer stopped though nobody resumed it`)
      }
    }
  })

  const startAgain = Effect.gen(function* () {
    yield* stack.restart
    yield* use(reconcile)
  })

  /** Calls that hang, so that the process can be ended during them. */
  const hangAt = (point: Crash) => {
    switch (point) {
      case "asked":
        return library.next("presence", "hang")
      case "prepared":
        hangsPrepared = true
        return
      case "sent":
        return library.next("remove", "hang")
      case "done":
        return library.next("remove", "hang-done")
      case "verified":
        return library.next("presence", null, "hang")
    }
  }

  const play = (command: Command): Effect.Effect<void> =>
    Effect.gen(function* () {
      switch (command._tag) {
        case "sync":
          return yield* use(readAll(witness, library.down))
        case "plan":
          witness.planned()
          return checkPlan(witness, yield* use(plan()))
        case "planMeanwhile": {
          witness.planned()
          const [report] = yield* Effect.all([use(plan()), step(command.step)], { concurrency: 2 })
          return checkPlan(witness, report)
        }
        case "round":
          yield* play({ _tag: "sync" })
          yield* play({ _tag: "plan" })
          yield* play({ _tag: "time", hours: 0.01 })
          return yield* play({ _tag: "run" })
        case "runMeanwhile":
        case "run":
          meanwhile = command._tag === "run" ? null : command
          yield* runBegins
          yield* use(drive(execution))
          return yield* runEnds
        case "crash": {
          hangAt(command.at)
          yield* runBegins
          const fiber = yield* use(driveUntilHanging(library, execution))
          if (fiber !== null) yield* Fiber.interrupt(fiber)
          // If nothing was due, no call has hung; a later run must not hang.
          library.forgetQueued()
          hangsPrepared = false
          yield* runEnds
          return yield* startAgain
        }
        case "restart":
          return yield* startAgain
        case "time":
          return yield* passTime(`${command.hours * 3600} seconds`)
        default:
          return yield* step(command)
      }
    }).pipe(Effect.orDie)

  /** All applications answer again, deletions are on, and time passes until no attempt is left. */
  const comeToRest = Effect.gen(function* () {
    library.behave()
    yield* step({ _tag: "brake", deletionsEnabled: true })
    yield* startAgain
    for (let round = 0; round < 4; round++) {
      yield* play({ _tag: "time", hours: 26 })
      yield* play({ _tag: "sync" })
      yield* play({ _tag: "run" })
    }
  })

  return { play, comeToRest }
}

/** A plan frees no more than reaches the target, except for the last unit, and is within the limits. */
const checkPlan = (witness: Witness, report: PlanReport): void => {
  let items = 0
  let bytes = 0
  for (const { items: planned, mountPath, neededBytes, plannedBytes } of report.groups) {
    items += planned.length
    bytes += plannedBytes
    const last = planned[planned.length - 1]
    if (last === undefined) continue
    const lastUnit = planned.filter(
      (item) => item === last || (last.collection !== null && item.collection === last.collection)
    )
    const without = plannedBytes - lastUnit.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    if (without >= neededBytes) witness.report(`P4: the plan for ${mountPath} goes beyond what is needed`)
  }
  if (items > 5 || bytes > 40 * gib)
    witness.report(`P4: ${items} items with ${bytes} bytes are more than the caps allow`)
}

interface IntentRow {
  readonly id: number
  readonly item_id: number
  readonly origin: Intent["origin"]
  readonly mode: Intent["mode"]
  readonly action: Intent["action"]
  readonly grace_days: number | null
  readonly collection: string | null
  readonly disk_group_id: number | null
  readonly created_at: string
  readonly step: string | null
}
