/** Downloads as they are shown: in pages, one by one with what the rules say of it, and their clients. */
import { Context, Effect, Layer, Schema } from "effect"
import { Actor } from "../events/Actor.ts"
import { downloadStates } from "../integrations/Downloads.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit } from "../storage/Pages.ts"
import { Cleaning } from "./Cleaning.ts"
import type { DownloadNotFound } from "./DownloadErrors.ts"
import { DownloadEvents } from "./DownloadEvents.ts"
import { makeDownloadLog } from "./DownloadLog.ts"
import { type Downloading, Ownership, ownerOf } from "./Downloading.ts"
import { ClientStateSchema, DownloadSchema } from "./DownloadSchema.ts"
import { Downloads } from "./Downloads.ts"
import { FaultKind, FaultOwner } from "./Fault.ts"
import type { DownloadVerdict } from "./Judging.ts"
import { WaitingImport } from "./imports/ImportReport.ts"
import { Imports } from "./imports/Imports.ts"
import { BlockedDownload } from "./malware/BlockingReport.ts"
import { MalwareBlocking } from "./malware/MalwareBlocking.ts"
import { Observation } from "./Observation.ts"
import { makeStrikeStore } from "./StrikeStore.ts"

const Nullable = { text: Schema.NullOr(Schema.String), number: Schema.NullOr(Schema.Finite) }

const FaultView = Schema.Struct({ kind: FaultKind, owner: FaultOwner, because: Schema.String }).annotate({
  identifier: "DownloadFault",
  description: "What is wrong, and whose fault it is. Only those of the release earn strikes."
})

export const DownloadView = Schema.Struct({
  id: Schema.String,
  integrationId: Schema.String.annotate({ description: "Id of its download client." }),
  client: Schema.String,
  name: Schema.String,
  protocol: DownloadSchema.fields.protocol,
  state: DownloadSchema.fields.state,
  progress: DownloadSchema.fields.progress,
  sizeBytes: Nullable.number,
  downBytesPerSecond: Nullable.number,
  etaSeconds: Nullable.number,
  ratio: DownloadSchema.fields.ratio,
  category: Nullable.text,
  tags: DownloadSchema.fields.tags,
  private: DownloadSchema.fields.private,
  application: Nullable.text.annotate({
    description: "Name of the application that had it fetched; null = none, or it is not known."
  }),
  imported: Schema.NullOr(Schema.Boolean),
  faults: Schema.Array(FaultView),
  strikes: Schema.Int,
  addedAt: Nullable.text,
  readAt: Schema.String
}).annotate({ identifier: "Download" })
export type DownloadView = typeof DownloadView.Type

const StrikeView = Schema.Struct({
  id: Schema.String,
  ruleId: Schema.String,
  ruleName: Schema.String,
  fault: Schema.String,
  because: Schema.String,
  at: Schema.String,
  endedAt: Nullable.text.annotate({ description: "null = it counts." }),
  endedBecause: Nullable.text
}).annotate({ identifier: "Strike" })

export const DownloadDetail = Schema.Struct({
  ...DownloadView.fields,
  reading: DownloadSchema.annotate({
    identifier: "DownloadReading",
    description: "Everything that the client reports. Paths are those of the client."
  }),
  observation: Observation,
  ownership: Ownership,
  verdict: Schema.Struct({
    outcome: Schema.Literals(["ignored", "held", "unknown", "not-its-fault", "strikes", "no-rule"]),
    rule: Nullable.text,
    because: Schema.String
  }).annotate({ identifier: "DownloadVerdict", description: "What the rules about downloads say of it now." }),
  blocking: BlockedDownload,
  import: WaitingImport,
  strikeHistory: Schema.Array(StrikeView)
}).annotate({ identifier: "DownloadDetail" })
export type DownloadDetail = typeof DownloadDetail.Type

export const DownloadClientView = Schema.Struct({
  integrationId: Schema.String,
  name: Schema.String,
  readAt: Schema.String,
  held: Nullable.text.annotate({
    description: "Why nothing is concluded about its downloads now; null = they are judged."
  }),
  downloads: Schema.Int,
  state: ClientStateSchema
}).annotate({ identifier: "DownloadClient" })

export const DownloadQuery = Schema.Struct({
  integrationId: Schema.optionalKey(Schema.String),
  state: Schema.optionalKey(Schema.Literals(downloadStates)),
  fault: Schema.optionalKey(FaultKind),
  faultOf: Schema.optionalKey(FaultOwner),
  struck: Schema.optionalKey(Schema.Boolean).annotate({ description: "Only those that have strikes, or none." }),
  search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))).annotate({
    description: "A part of the name, in any case of its letters."
  })
})
export type DownloadQuery = typeof DownloadQuery.Type & {
  readonly limit?: number
  readonly cursor?: string
}

export class DownloadViews extends Context.Service<
  DownloadViews,
  {
    /** By name. */
    readonly page: (query: DownloadQuery) => Effect.Effect<Page<DownloadView>, InvalidRequest>
    readonly get: (id: string) => Effect.Effect<DownloadDetail, DownloadNotFound | RulesUnreadable>
    /** Takes all strikes of a download away, as a person. */
    readonly forgive: (id: string) => Effect.Effect<DownloadDetail, DownloadNotFound | RulesUnreadable>
    readonly clients: Effect.Effect<ReadonlyArray<typeof DownloadClientView.Type>>
  }
>()("tendarr/downloads/DownloadViews") {
  static readonly layer = Layer.effect(
    DownloadViews,
    Effect.gen(function* () {
      const blocking = yield* MalwareBlocking
      const cleaning = yield* Cleaning
      const downloads = yield* Downloads
      const imports = yield* Imports
      const events = yield* makeDownloadLog
      const strikes = yield* makeStrikeStore

      const get = Effect.fn("DownloadViews.get")(function* (id: string) {
        const one = yield* downloads.find(id)
        const [judged] = yield* cleaning.judge([one])
        return {
          ...viewOf(one),
          reading: one.download,
          observation: one.observation,
          ownership: one.ownership,
          verdict: verdictOf(judged?.verdict ?? { _tag: "NoRule" }),
          blocking: yield* blocking.explain(one),
          import: yield* imports.explain(one),
          strikeHistory: (yield* strikes.ofDownload(id, mostStrikes)).map(
            ({ at, because, endedAt, endedBecause, fault, id: strikeId, ruleId, ruleName }) => ({
              id: strikeId,
              ruleId,
              ruleName,
              fault,
              because,
              at,
              endedAt,
              endedBecause
            })
          )
        } satisfies DownloadDetail
      })

      return DownloadViews.of({
        get,
        page: Effect.fn("DownloadViews.page")(function* (query) {
          const limit = yield* pageLimit(query.limit)
          const after = query.cursor === undefined ? null : keyIn(yield* decodeCursor(order, 2, query.cursor))
          const found = (yield* downloads.current)
            .filter((one) => matches(one, query))
            .map((one) => ({ key: one.download.name.toLowerCase(), one }))
            .filter(({ key, one }) => after === null || isAfter([key, Number(one.id)], after))
            .toSorted((a, b) => (isAfter([a.key, Number(a.one.id)], [b.key, Number(b.one.id)]) ? 1 : -1))
          const shown = found.slice(0, limit)
          const last = shown.at(-1)
          return {
            items: shown.map(({ one }) => viewOf(one)),
            nextCursor:
              last === undefined || found.length <= limit ? null : encodeCursor(order, [last.key, Number(last.one.id)])
          }
        }),
        forgive: Effect.fn("DownloadViews.forgive")(function* (id) {
          const one = yield* downloads.find(id)
          const because = `${yield* Actor} took them away`
          const at = yield* nowIso
          yield* strikes.transact(
            Effect.gen(function* () {
              const count = yield* strikes.end(id, because, at)
              if (count === 0) return
              yield* events.append(
                DownloadEvents.strikesEnded.make({
                  subject: id,
                  message: `The strikes of "${one.download.name}" no longer count: ${because}`,
                  payload: { name: one.download.name, client: one.clientName, strikes: count, because }
                }),
                { figure: "strikes-ended", name: "person", by: count }
              )
            })
          )
          return yield* get(id)
        }),
        clients: downloads.clients
      })
    })
  )
}

/** Strikes that are shown of one download. */
const mostStrikes = 100

const order = "downloads/name"
type Cursor = readonly [name: string, id: number]

const keyIn = ([name, id]: ReadonlyArray<string | number | null>): Cursor => [String(name), Number(id)]

const isAfter = ([name, id]: Cursor, [otherName, otherId]: Cursor): boolean =>
  name > otherName || (name === otherName && id > otherId)

const matches = (
  { download, faults, integrationId, strikes }: Downloading,
  { fault, faultOf, integrationId: wanted, search, state, struck }: DownloadQuery
): boolean =>
  (wanted === undefined || integrationId === wanted) &&
  (state === undefined || download.state === state) &&
  (fault === undefined || faults.some(({ kind }) => kind === fault)) &&
  (faultOf === undefined || faults.some(({ owner }) => owner === faultOf)) &&
  (struck === undefined || strikes > 0 === struck) &&
  (search === undefined || download.name.toLowerCase().includes(search.toLowerCase()))

const viewOf = (one: Downloading): DownloadView => {
  const { at, clientName, download, faults, id, integrationId, ownership, strikes } = one
  const owner = ownerOf(one)
  return {
    id,
    integrationId,
    client: clientName,
    name: download.name,
    protocol: download.protocol,
    state: download.state,
    progress: download.progress,
    sizeBytes: download.bytes.wanted ?? download.bytes.total,
    downBytesPerSecond: download.speeds.down,
    etaSeconds: download.etaSeconds,
    ratio: download.ratio,
    category: download.category,
    tags: download.tags,
    private: download.private,
    application: owner?.name ?? null,
    imported: ownership._tag === "Unknown" ? null : owner?.importedAt != null,
    faults: faults.map(({ because, kind, owner: whose }) => ({ kind, owner: whose, because })),
    strikes,
    addedAt: download.addedAt,
    readAt: at
  }
}

const verdictOf = (verdict: DownloadVerdict): DownloadDetail["verdict"] => {
  switch (verdict._tag) {
    case "NoRule":
      return { outcome: "no-rule", rule: null, because: "no rule about downloads matches it" }
    case "Strikes":
      return { outcome: "strikes", rule: verdict.rule.rule.name, because: verdict.fault.because }
    case "NotItsFault":
      return { outcome: "not-its-fault", rule: verdict.rule.rule.name, because: verdict.because }
    case "Ignored":
      return { outcome: "ignored", rule: null, because: verdict.because }
    case "Held":
      return { outcome: "held", rule: null, because: verdict.because }
    case "Unknown":
      return { outcome: "unknown", rule: null, because: verdict.because }
  }
}
