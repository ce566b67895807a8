/**
 * The act that hands a download to its application for an import. The application only accepts the request, so that its
 * history is the proof: an import after the latest time that the download was fetched.
 */
import { Clock, Effect, Schema } from "effect"
import type { ActKind, Standing } from "../../acts/ActKind.ts"
import type { Verdict } from "../../acts/Verdict.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import type { QueueHistoryEntry } from "../../integrations/QueueCapability.ts"
import {
  type UpstreamError,
  UpstreamHeldBack,
  UpstreamRefused,
  UpstreamUnreachable
} from "../../integrations/UpstreamErrors.ts"
import { dayMillis, isoOfMillis } from "../../problems/Instants.ts"
import { addHistory, type Passage } from "../Ownership.ts"

export const ImportedDownload = Schema.Struct({
  /** The download client, and its id of the download. */
  integrationId: Schema.String,
  clientId: Schema.String,
  /** Id of the stored download. */
  downloadId: Schema.String,
  name: Schema.String,
  /** The application. */
  applicationId: Schema.String,
  /** Its id of the download, as it writes it, and every id by which its history may have it, in lower case. */
  nameInHistories: Schema.String,
  ids: Schema.Array(Schema.String),
  /** When it was fetched; `null` = the history of the application does not have that. */
  grabbedAt: Schema.NullOr(Schema.String),
  path: Schema.String,
  mode: Schema.Literals(["copy", "auto"])
})
export type ImportedDownload = typeof ImportedDownload.Type

/** Nothing is kept: an import is not undone. */
const Kept = Schema.Struct({})
type Kept = typeof Kept.Type

/** The kind of the acts. */
export const importDownloadAct = "import-download"

export const importKeyOf = ({ clientId, integrationId }: Pick<ImportedDownload, "clientId" | "integrationId">) =>
  `${integrationId}/${clientId}`

/** How long an import is awaited before the next act; one that takes longer is settled by a later run. */
const awaited = { tries: 10, millis: 2000 }
/** How far back a history is read that cannot be searched. */
const historyDays = 30

export interface ImportChecks {
  /** Reads its client and the applications again; returns why the act has to wait. */
  readonly refresh: (subject: ImportedDownload) => Effect.Effect<string | null>
  /** Whether it is still to be imported, by the last reading. */
  readonly look: (subject: ImportedDownload) => Effect.Effect<Verdict>
}

export const makeImportDownload = Effect.fnUntraced(function* (checks: ImportChecks) {
  const integrations = yield* Integrations

  const applicationOf = Effect.fnUntraced(function* ({ applicationId }: ImportedDownload) {
    const live = yield* integrations.connect(applicationId)
    const name = live?.integration.name ?? `integration ${applicationId}`
    const queue = live?.can("queue") === true ? live.connected.queue : undefined
    if (queue === undefined) {
      const detail = "it is disabled, was removed, or may no longer be used for this"
      return yield* new UpstreamUnreachable({ integration: name, call: "import", detail })
    }
    const { imports } = queue
    if (imports === null) {
      const detail = "it imports only by itself"
      return yield* new UpstreamRefused({ integration: name, call: "import", status: 422, detail })
    }
    return { imports, name, queue }
  })

  const isImported = Effect.fnUntraced(function* (subject: ImportedDownload): Effect.fn.Return<boolean, UpstreamError> {
    const { queue } = yield* applicationOf(subject)
    const since = subject.grabbedAt ?? isoOfMillis((yield* Clock.currentTimeMillis) - historyDays * dayMillis)
    const entries: ReadonlyArray<QueueHistoryEntry> = yield* queue.historyOf === null
      ? queue.history(since)
      : queue.historyOf(subject.nameInHistories)
    const passages = new Map<string, Passage>()
    for (const entry of entries) {
      if (subject.ids.includes(entry.downloadId)) addHistory(passages, { ...entry, downloadId: subject.downloadId })
    }
    return (passages.get(subject.downloadId)?.importedAt ?? null) !== null
  })

  const isUnderWay = Effect.fnUntraced(function* (subject: ImportedDownload): Effect.fn.Return<boolean, UpstreamError> {
    const { imports } = yield* applicationOf(subject)
    return (yield* imports.underWay).some((id) => subject.ids.includes(id))
  })

  const presence = Effect.fn("ImportDownload.presence")(function* (
    subject: ImportedDownload
  ): Effect.fn.Return<Standing<Kept>, UpstreamError> {
    // Whether it is under way is asked first: one that ends in between is in the history.
    const underWay = yield* isUnderWay(subject)
    if (yield* isImported(subject)) return { _tag: "Absent" }
    if (!underWay) return { _tag: "Present", kept: {} }
    // Neither done nor to be sent again: what becomes of it is not known yet.
    const { name } = yield* applicationOf(subject)
    return yield* new UpstreamHeldBack({
      integration: name,
      call: "import",
      detail: "it is importing the download now"
    })
  })

  const send = Effect.fn("ImportDownload.send")(function* (subject: ImportedDownload) {
    const { imports } = yield* applicationOf(subject)
    const { mode, nameInHistories, path } = subject
    yield* imports.from({ path, mode, downloadId: nameInHistories })
    // Failures of these say nothing about the request.
    yield* Effect.ignore(
      Effect.gen(function* () {
        for (let tries = 0; tries < awaited.tries; tries++) {
          if (!(yield* isUnderWay(subject))) return
          yield* Effect.sleep(awaited.millis)
        }
      })
    )
  })

  const kind: ActKind<ImportedDownload, Kept> = {
    name: importDownloadAct,
    subject: ImportedDownload,
    kept: Kept,
    keyOf: importKeyOf,
    titleOf: ({ name }) => name,
    // An import may replace a file of the library by a better one, and move files out of a client.
    destroys: true,
    presence,
    look: checks.look,
    refresh: checks.refresh,
    send,
    keepsDecisions: true,
    isForgotten: ({ applicationId }) =>
      Effect.map(integrations.list, (all) => !all.some(({ id }) => id === applicationId))
  }
  return kind
})
