/**
 * Removals of downloads for other reasons than rules that strike. They use the same act, with its proof for each half, the
 * same bounds for each title, and the same search for another release; only why, and the last look, are their own.
 */
import { Clock, Effect, type Semaphore } from "effect"
import type { ActsOf } from "../acts/Acts.ts"
import { openActStates } from "../acts/ActStates.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import type { Settings } from "../settings/Settings.ts"
import type { CleaningWrites } from "./CleaningWrites.ts"
import { DownloadsSettings } from "./DownloadsSettings.ts"
import type { makeReplacements } from "./Replacements.ts"
import type { OtherRemovals, RemovalReason } from "./RemovalReasons.ts"
import { removalKeyOf, type RemovedDownload } from "./RemoveDownload.ts"
import { type makeRemovedDownloads, titleKeyOf, weekMillis } from "./RemovedDownloads.ts"
import type { makeStrikeStore } from "./StrikeStore.ts"

interface Parts {
  readonly acts: ActsOf<RemovedDownload>
  readonly reasons: Map<string, RemovalReason>
  readonly removed: Effect.Success<typeof makeRemovedDownloads>
  readonly replacements: Effect.Success<ReturnType<typeof makeReplacements>>
  readonly settings: Settings["Service"]
  /** The time from which on strikes count, ISO-8601. */
  readonly since: Effect.Effect<string>
  /** Held while removals are planned, so that two runs do not exceed the bounds together. */
  readonly single: Semaphore.Semaphore
  readonly strikes: Effect.Success<typeof makeStrikeStore>
  readonly writes: CleaningWrites
}

export const makeOtherRemovals = (parts: Parts): OtherRemovals => {
  const { acts, reasons, removed, replacements, settings, single, strikes, writes } = parts

  const would: OtherRemovals["would"] = Effect.fnUntraced(function* (one) {
    const key = removalKeyOf({ clientId: one.download.id, integrationId: one.integrationId })
    const { state } = (yield* acts.newest).get(key) ?? {}
    if (state === "cancelled") return { outcome: "ignored", because: "a person has cancelled its removal" }
    if (openActStates.some((open) => open === state)) return { outcome: "open" }
    const { maxRemovalsPerTitle } = yield* settings.get(DownloadsSettings)
    const since = isoOfMillis((yield* Clock.currentTimeMillis) - weekMillis)
    const tooOften = yield* removed.countSince(titleKeyOf(one), since)
    return tooOften < maxRemovalsPerTitle
      ? { outcome: "planned" }
      : { outcome: "needs-person", because: `${tooOften} downloads of this title were removed within a week` }
  })

  return {
    register: (reason) =>
      reasons.has(reason.ruleId)
        ? Effect.die(new Error(`Two reasons of removals have the id ${reason.ruleId}`))
        : Effect.sync(() => void reasons.set(reason.ruleId, reason)),
    would,
    remove: Effect.fn("Cleaning.remove")(function* (one, reason, { because, dueAt, ...removal }) {
      const at = isoOfMillis(yield* Clock.currentTimeMillis)
      const counting = (yield* strikes.counting(yield* parts.since)).get(one.id) ?? []
      const isFirst = !counting.some(({ ruleId }) => ruleId === reason.ruleId)
      if (isFirst)
        yield* writes.strikeFor(
          one,
          { id: reason.ruleId, name: reason.name },
          { kind: reason.fault, because },
          1,
          1,
          at
        )
      const outcome = yield* would(one)
      if (outcome.outcome !== "planned") {
        if (isFirst && outcome.outcome === "needs-person") yield* writes.needsPerson(one, outcome.because)
        return outcome
      }
      yield* writes.plan(
        one,
        { ruleId: reason.ruleId, ...removal },
        { because: `${reason.name}: ${because}`, dueAt },
        at
      )
      return outcome
    }, single.withPermits(1)),
    carryOut: Effect.fnUntraced(function* ({ log, progress }) {
      const carried = yield* acts.carryOutDue({ log, progress })
      const at = isoOfMillis(yield* Clock.currentTimeMillis)
      return { ...carried, searched: yield* replacements.goOn(at, log) }
    })
  }
}
