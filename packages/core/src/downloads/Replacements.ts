/** Concludes removals of downloads, and has other releases searched for, each title only once in a while. */
import { Effect, Option, Schema, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { openActStates } from "../acts/ActStates.ts"
import { Acts } from "../acts/Acts.ts"
import { countAt } from "../events/TimedCounts.ts"
import { Integrations } from "../integrations/Integrations.ts"
import type { QueueTarget } from "../integrations/QueueCapability.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { transacting } from "../storage/Transactions.ts"
import { DownloadEvents } from "./DownloadEvents.ts"
import { makeDownloadLog } from "./DownloadLog.ts"
import { DownloadsSettings } from "./DownloadsSettings.ts"
import type { makeRemovedDownloads, RemovedTitle } from "./RemovedDownloads.ts"
import { becauseRemoved, makeStrikeStore } from "./StrikeStore.ts"
import { RemovedDownload } from "./RemoveDownload.ts"

type Log = (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>

const partOf = ({ kind, partId, wholeId }: QueueTarget): string => `${kind}/${wholeId}/${partId ?? ""}`

export const makeReplacements = Effect.fnUntraced(function* (removed: Effect.Success<typeof makeRemovedDownloads>) {
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)
  const acts = yield* Acts
  const events = yield* makeDownloadLog
  const integrations = yield* Integrations
  const settings = yield* Settings
  const strikes = yield* makeStrikeStore
  const readSubject = Schema.decodeUnknownOption(RemovedDownload)

  const conclude = Effect.fnUntraced(function* (one: RemovedTitle, at: string) {
    const act = yield* Effect.option(acts.get(one.actId))
    if (Option.isNone(act)) return yield* transact(removed.conclude(one.actId, "spared", at))
    const { state, subject } = act.value
    if (openActStates.some((open) => open === state)) return
    const about = Option.getOrNull(readSubject(subject))
    yield* transact(
      Effect.gen(function* () {
        yield* removed.conclude(one.actId, state, at)
        if (state !== "done" || about === null) return
        // If it comes back, it begins anew.
        const fault = yield* strikes.lastFault(about.downloadId)
        yield* strikes.end(about.downloadId, becauseRemoved, at)
        const names = new Map((yield* integrations.list).map(({ id, name }) => [id, name]))
        yield* events.append(
          DownloadEvents.removed.make({
            subject: about.downloadId,
            message: `"${one.title}" was removed${about.fromClient ? "" : " from the queue, and stays in its client"}`,
            payload: {
              name: one.title,
              client: names.get(about.integrationId) ?? about.integrationId,
              application: about.ownerId === null ? null : (names.get(about.ownerId) ?? about.ownerId),
              searched: one.search
            }
          }),
          { figure: "download-removed", name: fault ?? "unknown" }
        )
      })
    )
  })

  const search = Effect.fnUntraced(function* (one: RemovedTitle, at: string, log: Log) {
    const { ownerId, targets, titleKey } = one
    const { searchHours } = yield* settings.get(DownloadsSettings)
    const last = yield* removed.lastSearch(titleKey)
    if (last !== null && last > isoOfMillis(Date.parse(at) - searchHours * 3_600_000)) return 0
    const live = ownerId === null ? undefined : yield* integrations.connect(ownerId)
    const queue = live?.can("queue") === true ? live.connected.queue : undefined
    if (queue === undefined || targets.length === 0) {
      yield* transact(removed.searched(one.actId, "not-wanted", at))
      return 0
    }
    const wanted = yield* Effect.result(
      Effect.gen(function* () {
        const missing = yield* queue.stillWanted(targets)
        if (missing.length === 0) return missing
        // What waits for a delay profile or a client is in the queue, too.
        const fetched = new Set((yield* queue.read).flatMap((entry) => entry.targets.map(partOf)))
        return missing.filter((target) => !fetched.has(partOf(target)))
      })
    )
    if (wanted._tag === "Failure") {
      yield* log("warning", `It could not be asked what is still wanted of "${one.title}": ${wanted.failure.message}`)
      return 0
    }
    if (wanted.success.length === 0) {
      yield* transact(removed.searched(one.actId, "not-wanted", at))
      return 0
    }
    yield* transact(removed.searched(one.actId, "searched", at))
    const started = yield* Effect.result(queue.search(wanted.success))
    const name = started._tag === "Failure" ? "failed" : "started"
    yield* transact(countAt(sql, at, [{ figure: "search", name }]))
    if (started._tag === "Failure") {
      yield* log("error", `The search for another release of "${one.title}" failed: ${started.failure.message}`)
      return 0
    }
    yield* log("info", `Another release of "${one.title}" is searched for`)
    return 1
  })

  // The runs for several clients must not search for the same title at once.
  const single = yield* Semaphore.make(1)
  const goOn = Effect.fn("Replacements.goOn")(function* (at: string, log: Log) {
    for (const one of yield* removed.pending) yield* conclude(one, at)
    let searched = 0
    for (const one of yield* removed.toSearch) searched += yield* search(one, at, log)
    return searched
  })

  return {
    /** Returns the number of searches that were started. */
    goOn: (at: string, log: Log) => single.withPermits(1)(goOn(at, log))
  }
})
