/**
 * The act that removes a download that has reached its goal from its client. Without its data, its torrent file is kept
 * first where the client gives it out, so that it can be added again.
 */
import { Effect, Schema } from "effect"
import type { ActKind, Standing } from "../../acts/ActKind.ts"
import type { Verdict } from "../../acts/Verdict.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { type UpstreamError, UpstreamRefused } from "../../integrations/UpstreamErrors.ts"
import { nowIso } from "../../problems/Instants.ts"
import { connectedClient } from "../ConnectedClient.ts"
import { makeKeptTorrents } from "./KeptTorrents.ts"

export const SeededDownload = Schema.Struct({
  integrationId: Schema.String,
  /** Its id in the client. */
  clientId: Schema.String,
  /** Id of the stored download. */
  downloadId: Schema.String,
  name: Schema.String,
  ruleId: Schema.String,
  withData: Schema.Boolean
})
export type SeededDownload = typeof SeededDownload.Type

const Kept = Schema.Struct({
  savePath: Schema.NullOr(Schema.String),
  contentPath: Schema.NullOr(Schema.String),
  category: Schema.NullOr(Schema.String),
  tags: Schema.NullOr(Schema.Array(Schema.String)),
  paused: Schema.Boolean,
  /** Why it cannot be added again; `null` = it can. */
  lost: Schema.NullOr(Schema.String)
})
type Kept = typeof Kept.Type

/** The kind of the acts. */
export const removeSeededAct = "remove-seeded"

/** Identity of the subject of an act. */
export const seededKeyOf = ({ clientId, integrationId }: Pick<SeededDownload, "clientId" | "integrationId">) =>
  `${integrationId}/${clientId}`

/** Days for which a torrent file is kept. */
export const keptTorrentDays = 30

const shownAfter = { tries: 10, millis: 500 }

export interface SeededChecks {
  /** Reads its client again; returns why the act has to wait. */
  readonly refresh: (subject: SeededDownload) => Effect.Effect<string | null>
  /** Whether its rule still wants it removed, by the last reading. */
  readonly look: (subject: SeededDownload, wasSent: boolean) => Effect.Effect<Verdict>
  /** Whether another download uses its files, by the last readings. */
  readonly sharesFiles: (subject: SeededDownload) => Effect.Effect<boolean>
}

export const makeRemoveSeeded = Effect.fnUntraced(function* (checks: SeededChecks) {
  const integrations = yield* Integrations
  const torrents = yield* makeKeptTorrents
  const clientOf = (subject: SeededDownload) => connectedClient(integrations, subject.integrationId)

  const presence = Effect.fn("RemoveSeeded.presence")(function* (
    subject: SeededDownload
  ): Effect.fn.Return<Standing<Kept>, UpstreamError> {
    const { downloads, name } = yield* clientOf(subject)
    const there = yield* downloads.presence(subject.clientId)
    if (there._tag === "Absent") return { _tag: "Absent" }
    const one = (yield* downloads.readSome([subject.clientId])).find(({ id }) => id === subject.clientId)
    const lost = subject.withData
      ? "its data was removed with it"
      : downloads.add === null || downloads.exportTorrent === null
        ? `${name} does not give out torrent files, so it cannot be added again; its data is still there`
        : one?.exportable === false
          ? `${name} has no torrent file of it; its data is still there`
          : null
    return {
      _tag: "Present",
      kept: {
        savePath: there.savePath,
        contentPath: there.contentPath,
        category: one?.category ?? null,
        tags: one?.tags ?? null,
        paused: one?.state === "completed" || one?.state === "paused",
        lost
      }
    }
  })

  const send = Effect.fn("RemoveSeeded.send")(function* (subject: SeededDownload, kept: Kept) {
    const { downloads, name, url } = yield* clientOf(subject)
    const refuse = (detail: string) => new UpstreamRefused({ integration: name, call: "remove", status: 422, detail })
    if (subject.withData && !downloads.removesData) {
      return yield* refuse("it removes only the entry, and keeps the files")
    }
    // Cross-seeds: the last of those that use the files takes them with it.
    const withData = subject.withData && !(yield* checks.sharesFiles(subject))
    if (kept.lost === null && downloads.exportTorrent !== null) {
      const torrent = yield* downloads.exportTorrent(subject.clientId)
      if (torrent !== null) yield* torrents.keep({ ...subject, url }, torrent, yield* nowIso)
    }
    const {
      refused: [first]
    } = yield* downloads.remove([subject.clientId], { withData })
    if (first !== undefined) return yield* refuse(first.reason)
  })

  const undo = Effect.fn("RemoveSeeded.undo")(function* (subject: SeededDownload, kept: Kept) {
    const { downloads, name, url } = yield* clientOf(subject)
    const there = downloads.presence(subject.clientId)
    if ((yield* there)._tag === "Present") return
    const refuse = (detail: string) => new UpstreamRefused({ integration: name, call: "add", status: 422, detail })
    if (kept.lost !== null || downloads.add === null) return yield* refuse(kept.lost ?? "it cannot add torrents")
    const torrent = yield* torrents.open({ ...subject, url })
    if (torrent === null) return yield* refuse("its torrent file is no longer kept for this client and its address")
    const { category, paused, savePath, tags } = kept
    yield* downloads.add(torrent, { savePath, category: category ?? "", tags: tags ?? [], paused })
    for (let tries = 0; tries < shownAfter.tries && (yield* there)._tag === "Absent"; tries++) {
      yield* Effect.sleep(shownAfter.millis)
    }
  })

  const kind: ActKind<SeededDownload, Kept> = {
    name: removeSeededAct,
    subject: SeededDownload,
    kept: Kept,
    keyOf: seededKeyOf,
    titleOf: ({ name }) => name,
    destroys: true,
    presence,
    look: checks.look,
    refresh: checks.refresh,
    send,
    undo,
    undoDays: keptTorrentDays,
    whyNotUndoable: (_, { lost }) => lost,
    keepsDecisions: true,
    isForgotten: ({ integrationId }) =>
      Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))
  }
  return { kind, torrents }
})
