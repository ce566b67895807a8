/**
 * The act that removes a download: from the queue of its application and, unless it is to stay there, from its client
 * with its data. Each half has its own proof.
 */
import { Effect, Schema } from "effect"
import type { ActKind, Standing } from "../acts/ActKind.ts"
import { spare, type Verdict } from "../acts/Verdict.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { type UpstreamError, UpstreamMalformed } from "../integrations/UpstreamErrors.ts"
import { connectedClient, connectedQueue } from "./ConnectedClient.ts"
import { QueueTargetSchema } from "./DownloadSchema.ts"

export const RemovedDownload = Schema.Struct({
  /** The download client, and its id of the download. */
  integrationId: Schema.String,
  clientId: Schema.String,
  /** Id of the stored download. */
  downloadId: Schema.String,
  name: Schema.String,
  /** The application that had it fetched; `null` = none knows it. */
  ownerId: Schema.NullOr(Schema.String),
  /** Ids by which the application may know it. */
  knownAs: Schema.Array(Schema.String),
  targets: Schema.Array(QueueTargetSchema),
  ruleId: Schema.String,
  /** The removal of the item that takes it along; absent = a rule removes it. */
  removalId: Schema.optionalKey(Schema.String),
  /** Whether it leaves its client, with its data. */
  fromClient: Schema.Boolean,
  blocklist: Schema.Boolean
})
export type RemovedDownload = typeof RemovedDownload.Type

const Kept = Schema.Struct({
  rowIds: Schema.Array(Schema.Int),
  inClient: Schema.Boolean,
  savePath: Schema.NullOr(Schema.String),
  contentPath: Schema.NullOr(Schema.String)
})
export type KeptDownload = typeof Kept.Type

/** Identity of the subject of an act. */
export const removalKeyOf = ({ clientId, integrationId }: Pick<RemovedDownload, "clientId" | "integrationId">) =>
  `${integrationId}/${clientId}`

/** The kind of the acts. */
export const removeDownloadAct = "remove-download"

export interface DownloadChecks {
  /** Reads its client again; returns why the act has to wait. */
  readonly refresh: (subject: RemovedDownload) => Effect.Effect<string | null>
  /** Whether its rule still wants it removed, by the last reading. `wasSent`: one half of it may be done. */
  readonly look: (subject: RemovedDownload, wasSent: boolean) => Effect.Effect<Verdict>
  /** Whether another download uses its files, by the last readings. */
  readonly sharesFiles: (subject: RemovedDownload) => Effect.Effect<boolean>
}

export const makeRemoveDownload = Effect.fnUntraced(function* (checks: DownloadChecks) {
  const integrations = yield* Integrations

  const clientOf = ({ integrationId }: RemovedDownload) =>
    Effect.map(connectedClient(integrations, integrationId), ({ downloads }) => downloads)

  /** Its rows in the queue of its application; empty = it is in none. */
  const rowsOf = Effect.fnUntraced(function* ({ knownAs, ownerId }: RemovedDownload) {
    if (ownerId === null) return []
    const entries = yield* (yield* connectedQueue(integrations, ownerId)).read
    const ids = new Set(knownAs)
    return entries.find(({ downloadId }) => downloadId !== null && ids.has(downloadId))?.rowIds ?? []
  })

  const presence = Effect.fn("RemoveDownload.presence")(function* (
    subject: RemovedDownload
  ): Effect.fn.Return<Standing<KeptDownload>, UpstreamError> {
    const rowIds = yield* rowsOf(subject)
    const there = yield* (yield* clientOf(subject)).presence(subject.clientId)
    const inClient = there._tag === "Present"
    if (rowIds.length === 0 && !(subject.fromClient && inClient)) return { _tag: "Absent" }
    return {
      _tag: "Present",
      kept: {
        rowIds,
        inClient,
        savePath: inClient ? there.savePath : null,
        contentPath: inClient ? there.contentPath : null
      }
    }
  })

  const send = Effect.fn("RemoveDownload.send")(function* (subject: RemovedDownload) {
    const rowIds = yield* rowsOf(subject)
    if (rowIds.length > 0 && subject.ownerId !== null) {
      // The application is not asked to remove it from the client: that half is done, and proved, there.
      const options = { removeFromClient: false, blocklist: subject.blocklist }
      yield* (yield* connectedQueue(integrations, subject.ownerId)).remove(rowIds, options)
    }
    if (!subject.fromClient) return
    const client = yield* clientOf(subject)
    const there = yield* client.presence(subject.clientId)
    if (there._tag === "Absent") return
    // Cross-seeds: the last of those that use the files takes them with it.
    const withData = client.removesData && !(yield* checks.sharesFiles(subject))
    const outcome = yield* client.remove([subject.clientId], { withData })
    const [refused] = outcome.refused
    if (refused !== undefined) {
      const { integration } = (yield* integrations.connect(subject.integrationId)) ?? {}
      return yield* new UpstreamMalformed({
        integration: integration?.name ?? subject.integrationId,
        call: "remove",
        detail: `the client refused it: ${refused.reason}`
      })
    }
  })

  const kind: ActKind<RemovedDownload, KeptDownload> = {
    name: removeDownloadAct,
    subject: RemovedDownload,
    kept: Kept,
    keyOf: removalKeyOf,
    titleOf: ({ name }) => name,
    destroys: true,
    presence,
    look: (subject, wasSent) =>
      subject.ownerId === null && !subject.fromClient
        ? Effect.succeed(spare("it is in no queue, and stays in its client"))
        : checks.look(subject, wasSent),
    refresh: checks.refresh,
    // A refusal of the second request says nothing about the first one.
    saysNo: () => false,
    send,
    keepsDecisions: true,
    isForgotten: ({ integrationId }) =>
      Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))
  }
  return kind
})
