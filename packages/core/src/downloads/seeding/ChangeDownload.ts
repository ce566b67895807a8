/** The act that changes one download in its client: its limits, category or tags, or whether it runs. */
import { Effect } from "effect"
import type { ActKind, Standing } from "../../acts/ActKind.ts"
import type { Verdict } from "../../acts/Verdict.ts"
import type { DownloadOutcome, DownloadsCapability } from "../../integrations/DownloadsCapability.ts"
import { CurrentFinalCheck } from "../../integrations/FinalCheck.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { type UpstreamError, UpstreamHeldBack, UpstreamRefused } from "../../integrations/UpstreamErrors.ts"
import { connectedClient } from "../ConnectedClient.ts"
import {
  ChangedDownload,
  changeKeyOf,
  changeText,
  type DownloadChange,
  isChanged,
  Replaced,
  replacedBy,
  settingOfReplaced,
  settingsIn,
  whyChangedSince
} from "./Changes.ts"

/** The kind of the acts. */
export const changeDownloadAct = "change-download"

/** A client may show a change only after some seconds. */
const shownAfter = { tries: 8, millis: 500 }

export const makeChangeDownload = Effect.fnUntraced(function* (checks: {
  /** Whether a rule still wants it, by the last reading. */
  readonly look: (subject: ChangedDownload) => Effect.Effect<Verdict>
}) {
  const integrations = yield* Integrations
  const clientOf = (subject: ChangedDownload) => connectedClient(integrations, subject.integrationId)

  const readOne = Effect.fnUntraced(function* (downloads: DownloadsCapability, { clientId }: ChangedDownload) {
    return (yield* downloads.readSome([clientId])).find(({ id }) => id === clientId)
  })

  const presence = Effect.fn("ChangeDownload.presence")(function* (
    subject: ChangedDownload
  ): Effect.fn.Return<Standing<Replaced>, UpstreamError> {
    const { downloads } = yield* clientOf(subject)
    const one = yield* readOne(downloads, subject)
    // A download that is gone has nothing left to change.
    if (one === undefined || isChanged(one, subject.change)) return { _tag: "Absent" }
    return { _tag: "Present", kept: replacedBy(one, subject.change) }
  })

  /** Sends one change; what the client refuses is a failure. */
  const change = Effect.fnUntraced(function* (subject: ChangedDownload, wanted: DownloadChange) {
    const { downloads, name } = yield* clientOf(subject)
    const refuse = (detail: string) =>
      new UpstreamRefused({ integration: name, call: `change ${wanted.type}`, status: 422, detail })
    const checked = (effect: Effect.Effect<DownloadOutcome, UpstreamError>) =>
      Effect.flatMap(effect, ({ refused: [first] }) => (first === undefined ? Effect.void : refuse(first.reason)))
    const ids = [subject.clientId]
    switch (wanted.type) {
      case "limits":
        if (downloads.setLimits === null) return yield* refuse("the client has no limits that can be set")
        yield* checked(downloads.setLimits(ids, settingsIn(wanted.limits)))
        break
      case "category":
        if (downloads.setCategory === null) return yield* refuse("the client has no categories")
        if (wanted.category !== "" && downloads.createCategory !== null) {
          yield* downloads.createCategory(wanted.category, null)
        }
        yield* checked(downloads.setCategory(ids, wanted.category))
        break
      case "tags":
        if (downloads.addTags === null || downloads.removeTags === null) {
          return yield* refuse("the client has no tags")
        }
        if (wanted.add.length > 0) yield* checked(downloads.addTags(ids, wanted.add))
        if (wanted.remove.length > 0) yield* checked(downloads.removeTags(ids, wanted.remove))
        break
      case "pause":
        yield* checked(downloads.pause(ids))
        break
      case "resume":
        yield* checked(downloads.resume(ids))
        break
    }
    for (let tries = 0; tries < shownAfter.tries; tries++) {
      const one = yield* readOne(downloads, subject)
      if (one === undefined || isChanged(one, wanted)) return
      yield* Effect.sleep(shownAfter.millis)
    }
  })

  const send = Effect.fn("ChangeDownload.send")(function* (subject: ChangedDownload) {
    const { downloads, name } = yield* clientOf(subject)
    const one = yield* readOne(downloads, subject)
    if (one === undefined) return
    const since = whyChangedSince(one, subject.change)
    const call = `change ${subject.change.type}`
    if (since !== null) return yield* new UpstreamRefused({ integration: name, call, status: 409, detail: since })
    // From here on it may have been changed: after a lost answer it must be known whose change it was.
    const look = yield* CurrentFinalCheck
    const why = look === null ? null : yield* look.whyNot(true)
    if (why !== null) return yield* new UpstreamHeldBack({ integration: name, call, detail: why })
    yield* change(subject, subject.change)
  })

  const kind: ActKind<ChangedDownload, Replaced> = {
    name: changeDownloadAct,
    subject: ChangedDownload,
    kept: Replaced,
    keyOf: changeKeyOf,
    titleOf: (subject) => `${subject.name}: ${changeText(subject.change)}`,
    destroys: false,
    presence,
    look: checks.look,
    send,
    undo: (subject, kept) => change(subject, settingOfReplaced(subject.change, kept)),
    undoDays: 30,
    isForgotten: ({ integrationId }) =>
      Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))
  }
  return kind
})
