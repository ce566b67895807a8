/** What the decisions about downloads write: strikes, events for people, and intents to remove. */
import { Effect } from "effect"
import type { ActsOf } from "../acts/Acts.ts"
import { idsOf } from "./ClientReader.ts"
import { DownloadEvents } from "./DownloadEvents.ts"
import { makeDownloadLog } from "./DownloadLog.ts"
import { type Downloading, ownerOf } from "./Downloading.ts"
import type { RemovedDownload } from "./RemoveDownload.ts"
import type { makeRemovedDownloads } from "./RemovedDownloads.ts"
import type { makeStrikeStore } from "./StrikeStore.ts"

export interface CleaningWrites extends Effect.Success<ReturnType<typeof makeCleaningWrites>> {}

/** What an act that removes it says of a download. */
export const subjectOf = (one: Downloading) => {
  const owner = ownerOf(one)
  return {
    integrationId: one.integrationId,
    clientId: one.download.id,
    downloadId: one.id,
    name: one.download.name,
    ownerId: owner?.integrationId ?? null,
    knownAs: [...idsOf(one.download)],
    targets: owner?.targets ?? []
  }
}

export const makeCleaningWrites = Effect.fnUntraced(function* (
  acts: ActsOf<RemovedDownload>,
  removed: Effect.Success<typeof makeRemovedDownloads>,
  strikes: Effect.Success<typeof makeStrikeStore>
) {
  const events = yield* makeDownloadLog
  const { transact } = strikes

  const strikeFor = (
    one: Downloading,
    rule: { readonly id: string; readonly name: string },
    fault: { readonly kind: string; readonly because: string },
    count: number,
    of: number,
    at: string
  ) =>
    transact(
      Effect.andThen(
        strikes.insert({
          downloadId: one.id,
          ruleId: rule.id,
          ruleName: rule.name,
          fault: fault.kind,
          because: fault.because,
          doneBytes: one.observation.bestDone,
          at
        }),
        events.append(
          DownloadEvents.struck.make({
            subject: one.id,
            message: `"${one.download.name}" got strike ${count} of ${of} by the rule "${rule.name}": ${fault.because}`,
            payload: {
              name: one.download.name,
              client: one.clientName,
              rule: rule.name,
              fault: fault.kind,
              because: fault.because,
              strikes: count,
              of
            }
          }),
          { figure: "strike", name: fault.kind }
        )
      )
    )

  const needsPerson = (one: Downloading, because: string) =>
    transact(
      events.append(
        DownloadEvents.needsPerson.make({
          subject: one.id,
          message: `"${one.download.name}" is left for a person: ${because}`,
          payload: { name: one.download.name, client: one.clientName, because }
        })
      )
    )

  /** Whether the removal was planned; `false` = one is open already. */
  const plan = (
    one: Downloading,
    removal: Pick<RemovedDownload, "ruleId" | "fromClient" | "blocklist"> & { readonly search: boolean },
    intent: { readonly because: string; readonly dueAt?: string },
    at: string
  ) => {
    const { blocklist, fromClient, ruleId, search } = removal
    return transact(
      Effect.gen(function* () {
        const act = yield* acts.intend({ ...subjectOf(one), ruleId, fromClient, blocklist }, intent)
        yield* removed.plan(act.id, one, search, at)
        return true
      })
    ).pipe(
      Effect.catchTags({ ActConflict: () => Effect.succeed(false), DeletionsDisabled: () => Effect.succeed(false) })
    )
  }

  return { strikeFor, needsPerson, plan }
})
