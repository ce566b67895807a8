/** The configured integrations: stored, validated against their kind, and connected on demand. */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { connectContained, connectWithheld } from "./Contained.ts"
import { EventLog } from "../events/EventLog.ts"
import { nowIso } from "../problems/Instants.ts"
import { type InvalidRequest, invalidField, type Issue } from "../problems/Problem.ts"
import type { VersionConflict } from "../problems/VersionConflict.ts"
import { ReadSql } from "../storage/Database.ts"
import { fromBit } from "../storage/Rows.ts"
import { SecretBox } from "../storage/SecretBox.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { decodeConfig, expectUsableKeys } from "./ConfigChecks.ts"
import {
  type AlreadyConnected,
  type ConnectionTest,
  type ConnectionTestResult,
  type Integration,
  type IntegrationNameTaken,
  IntegrationNotFound,
  type IntegrationPatch,
  type NewIntegration
} from "./Integration.ts"
import { makeIntegrationChanges } from "./IntegrationChanges.ts"
import { IntegrationEvents } from "./IntegrationEvents.ts"
import { type FailedReading, type HealthContext, whyDamaged, whyWithheld } from "./IntegrationProblems.ts"
import { loadIntegrationRows, type Row, type SelfReport, selfReportOf } from "./IntegrationRow.ts"
import { viewOf } from "./IntegrationView.ts"
import type { Capability, Connected, Kind, Probe } from "./Kind.ts"
import { Kinds } from "./Kinds.ts"
import { makeLearning } from "./Learning.ts"
import { askNow, makeRecognition, type Other } from "./Recognition.ts"
import { type Config, keepSecrets, makeConfigSeal } from "./SecretConfig.ts"
import { expectReceiver, reuseEvent, secretReuse, type SecretReuseRefused } from "./SecretReuse.ts"
import { unmanagedCounts } from "./Unmanaged.ts"
import { CurrentAnswerBound, type Upstream, UpstreamClient, type UpstreamOptions, urgently } from "./Upstream.ts"

export type { SecretReuseRefused } from "./SecretReuse.ts"

/** An enabled integration with its connection. */
export interface LiveIntegration {
  readonly integration: Integration
  readonly kind: Kind
  readonly connected: Connected
  readonly can: (capability: Capability) => boolean
  /** What it reported about itself when it last answered; absent = nothing yet. */
  readonly said?: SelfReport
  /** Number of upstream calls made through this connection so far. */
  readonly calls: Effect.Effect<number>
}

export class Integrations extends Context.Service<
  Integrations,
  {
    readonly list: Effect.Effect<ReadonlyArray<Integration>>
    readonly get: (id: string) => Effect.Effect<Integration, IntegrationNotFound>
    /** Decoded configurations by id, including secrets. */
    readonly configs: Effect.Effect<ReadonlyMap<string, Config>>
    /**
     * Asks the application to identify itself, unless `asked` contains its response or the caller is in a transaction.
     * An application that does not answer is stored nevertheless; one that is already connected is refused.
     */
    readonly create: (
      draft: NewIntegration,
      asked?: Probe | null
    ) => Effect.Effect<Integration, InvalidRequest | IntegrationNameTaken | AlreadyConnected>
    /** Identifies the application as `create` does if the address or the configuration changes. */
    readonly update: (
      id: string,
      patch: IntegrationPatch,
      expectedVersion?: number,
      asked?: Probe | null
    ) => Effect.Effect<
      Integration,
      | InvalidRequest
      | IntegrationNotFound
      | IntegrationNameTaken
      | AlreadyConnected
      | VersionConflict
      | SecretReuseRefused
    >
    /** Deletes the connection and its secrets. Items it managed count as gone; their history is kept. */
    readonly remove: (id: string) => Effect.Effect<void, IntegrationNotFound>
    /** Integrations that were removed; the items they managed are gone. */
    readonly removedIds: Effect.Effect<ReadonlyArray<string>>
    readonly test: (
      draft: ConnectionTest
    ) => Effect.Effect<ConnectionTestResult, InvalidRequest | IntegrationNotFound | SecretReuseRefused>
    /**
     * What the application of a draft reports about itself now, for a caller who stores the draft in a transaction
     * later; `null` = it did not answer.
     */
    readonly ask: (draft: ConnectionTest) => Effect.Effect<Probe | null>
    /**
     * Stores what an integration reports about itself, and appends an event if it leads to an application that is
     * already connected.
     */
    readonly learn: (live: LiveIntegration, probe: Probe) => Effect.Effect<void>
    readonly live: Effect.Effect<ReadonlyArray<LiveIntegration>>
    /** `undefined` if it is disabled, removed, or of a kind that this installation does not know. */
    readonly connect: (id: string) => Effect.Effect<LiveIntegration | undefined>
  }
>()("tendarr/integrations/Integrations") {
  static readonly layer = Layer.effect(
    Integrations,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const reader = yield* ReadSql
      const kinds = yield* Kinds
      const anyClient = yield* UpstreamClient
      const answerBound = yield* CurrentAnswerBound
      const client: UpstreamClient["Service"] =
        answerBound === null ? anyClient : { open: (options) => anyClient.open({ answerBound, ...options }) }
      const events = yield* EventLog
      const secrets = makeConfigSeal(yield* SecretBox, kinds)
      const connections = new Map<string, OpenConnection>()

      const opened = (row: Row) => secrets.open(row, row.stored)
      /** Includes secrets, except those that are withheld. */
      const configOf = (row: Row): Config => opened(row).config
      const withheldOf = (row: Row): ReadonlyArray<string> => opened(row).withheld

      // Within a transaction, its own writes must be visible.
      const db = Effect.map(inTransaction(sql), (within) => (within ? sql : reader))

      const rows = Effect.flatMap(db, loadIntegrationRows).pipe(Effect.orDie)

      const failedReadings = Effect.flatMap(
        db,
        (client) => client<FailedReading>`SELECT integration_id, observation, status, error FROM sources
          WHERE status <> 'ok' ORDER BY integration_id, observation`
      ).pipe(Effect.orDie)

      const present: Effect.Effect<HealthContext> = Effect.map(
        Effect.all({
          rows,
          kinds: kinds.list,
          failed: failedReadings,
          unmanaged: Effect.flatMap(db, unmanagedCounts)
        }),
        (read) => ({ ...read, withheldOf })
      )

      const find = Effect.fnUntraced(function* (id: string) {
        const row = (yield* rows).find((candidate) => String(candidate.id) === id)
        return row ?? (yield* new IntegrationNotFound({ integrationId: id }))
      })

      const kindOf = Effect.fnUntraced(function* (id: string, path: Issue["path"]) {
        const all = yield* kinds.list
        const kind = all.find((candidate) => candidate.id === id)
        return (
          kind ??
          (yield* invalidField(
            path,
            `"${id}" is no kind of integration; there are ${all.map((known) => known.id).join(", ")}`
          ))
        )
      })

      const kindIn = (context: HealthContext, row: Row) => context.kinds.find((candidate) => candidate.id === row.kind)

      const view = (row: Row, context: HealthContext): Integration => viewOf(row, kindIn(context, row), context)

      const connectionOf = (row: Row, kind: Kind, through: UpstreamClient["Service"]): Connected | undefined => {
        const { config, withheld } = opened(row)
        const because = whyDamaged(row) ?? whyWithheld(row, withheld)
        // Facts that it does not report must not pass for facts that are absent.
        if (because !== null) return connectWithheld(kind, row.name, because)
        const decoded = Schema.decodeUnknownResult(kind.config)(config)
        if (Result.isFailure(decoded)) return undefined
        const { id, name, url } = row
        return connectContained(kind, through, { integrationId: String(id), name, url, config: decoded.success })
      }

      const connectRow = (row: Row, context: HealthContext): LiveIntegration | undefined => {
        const kind = kindIn(context, row)
        if (kind === undefined || !fromBit(row.enabled)) return undefined
        const id = String(row.id)
        const before = connections.get(id)
        let open = before?.version === row.version ? before : undefined
        if (open === undefined) {
          const upstreams: Array<Upstream> = []
          const counting = {
            open: (options: UpstreamOptions) => {
              const upstream = client.open(options)
              upstreams.push(upstream)
              return upstream
            }
          }
          const connected = connectionOf(row, kind, counting)
          if (connected === undefined) return undefined
          open = { version: row.version, connected, upstreams }
          connections.set(id, open)
        }
        const integration = view(row, context)
        const upstreams = open.upstreams
        return {
          integration,
          kind,
          connected: open.connected,
          can: (capability) => integration.capabilities.includes(capability),
          said: selfReportOf(row),
          calls: Effect.map(Effect.all(upstreams.map((upstream) => upstream.calls)), (counts) =>
            counts.reduce((sum, count) => sum + count, 0)
          )
        }
      }

      const othersIn = (context: HealthContext, exceptId: number | null): ReadonlyArray<Other> =>
        context.rows
          .filter(({ id }) => id !== exceptId)
          .map((row) => ({
            row,
            appearance: {
              kindId: row.kind,
              kind: kindIn(context, row),
              url: row.url,
              config: configOf(row),
              identity: row.identity
            },
            connect: () => connectRow(row, context)?.connected
          }))

      const get = Effect.fn("Integrations.get")(function* (id: string) {
        const row = yield* find(id)
        return view(row, yield* present)
      })

      const recognition = makeRecognition()
      const { create, update } = makeIntegrationChanges({
        sql,
        events,
        secrets,
        client,
        recognition,
        present,
        kindOf,
        configOf,
        othersIn
      })

      const remove = Effect.fn("Integrations.remove")(function* (id: string) {
        yield* transact(
          Effect.gen(function* () {
            const row = yield* find(id)
            const now = yield* nowIso
            yield* sql`UPDATE integrations SET deleted_at = ${now}, enabled = 0, config = '{}', version = version + 1 WHERE id = ${row.id}`
            yield* sql`DELETE FROM integration_health WHERE integration_id = ${row.id}`
            yield* sql`DELETE FROM sources WHERE integration_id = ${row.id}`
            yield* sql`DELETE FROM source_chunks WHERE integration_id = ${row.id}`
            yield* events.append(
              IntegrationEvents.removed.make({
                subject: id,
                message: `Removed integration "${row.name}"`
              })
            )
          })
        )
        connections.delete(id)
      })

      /**
       * The connection that a draft describes. If stored secrets are sent to another address, an event is appended
       * before they are used.
       */
      const draftOf = Effect.fnUntraced(function* (draft: ConnectionTest) {
        const stored = draft.integrationId === undefined ? undefined : yield* find(draft.integrationId)
        const kindId = draft.kind ?? stored?.kind
        const url = draft.url ?? stored?.url
        if (kindId === undefined) return yield* invalidField(["payload", "kind"], "is needed, or `integrationId`")
        if (url === undefined) return yield* invalidField(["payload", "url"], "is needed, or `integrationId`")
        const kind = yield* kindOf(kindId, ["payload", "kind"])
        const given = draft.config ?? {}
        const before = stored === undefined ? {} : configOf(stored)
        const config = yield* decodeConfig(kind, keepSecrets(before, given))
        yield* expectUsableKeys(kind, given)
        if (stored !== undefined) {
          const storedKind = (yield* kinds.list).find(({ id }) => id === stored.kind)
          const reuse = secretReuse(storedKind, { url: stored.url, config: before }, draft)
          yield* expectReceiver(reuse, draft.confirmSecretReuse)
          if (reuse !== null) yield* events.append(reuseEvent({ ...stored, id: String(stored.id) }, reuse, "tested"))
        }
        return () =>
          connectContained(kind, client, { integrationId: draft.integrationId ?? "", name: kind.title, url, config })
      })

      const test = Effect.fn("Integrations.test")(function* (draft: ConnectionTest) {
        const connect = yield* draftOf(draft)
        // Urgent, because a person is waiting for it.
        return yield* urgently(connect().probe).pipe(
          Effect.map((probe): ConnectionTestResult => ({
            ok: true,
            appName: probe.appName,
            version: probe.version,
            latencyMillis: Math.round(probe.latencyMillis),
            refusesRemoval: probe.refusesRemoval ?? null,
            error: null
          })),
          Effect.catch((error) =>
            Effect.succeed<ConnectionTestResult>({
              ok: false,
              appName: null,
              version: null,
              latencyMillis: null,
              refusesRemoval: null,
              error: { type: error._tag, detail: error.message }
            })
          )
        )
      })

      /** Logged independently of anybody looking at the health. */
      const logWithheld = Effect.gen(function* () {
        for (const row of yield* rows) {
          const fields = withheldOf(row)
          const because = whyWithheld(row, fields)
          if (because === null) continue
          yield* events.append(
            IntegrationEvents.secretsWithheld.make({
              subject: String(row.id),
              message: `Of "${row.name}" ${because}`,
              payload: { fields, url: row.url }
            })
          )
        }
      })
      yield* logWithheld

      return Integrations.of({
        list: Effect.map(present, (context) => context.rows.map((row) => view(row, context))),
        get,
        configs: Effect.map(rows, (all) => new Map(all.map((row) => [String(row.id), configOf(row)]))),
        create: (draft, asked) => Effect.flatMap(create(draft, asked), (id) => Effect.orDie(get(id))),
        update: (id, patch, expectedVersion, asked) =>
          Effect.andThen(update(id, patch, expectedVersion, asked), Effect.orDie(get(id))),
        remove,
        removedIds: reader<{ id: number }>`SELECT id FROM integrations WHERE deleted_at IS NOT NULL`.pipe(
          Effect.map((removed) => removed.map(({ id }) => String(id))),
          Effect.orDie
        ),
        test,
        ask: (draft) =>
          draftOf(draft).pipe(
            Effect.flatMap(askNow),
            // Its errors are reported when it is stored.
            Effect.orElseSucceed(() => null)
          ),
        learn: makeLearning({ sql, events, recognition, present, othersIn }),
        live: Effect.map(present, (context) => context.rows.flatMap((row) => connectRow(row, context) ?? [])),
        connect: Effect.fn("Integrations.connect")(function* (id) {
          const context = yield* present
          const row = context.rows.find((candidate) => String(candidate.id) === id)
          return row === undefined ? undefined : connectRow(row, context)
        })
      })
    })
  )
}

interface OpenConnection {
  readonly version: number
  readonly connected: Connected
  readonly upstreams: ReadonlyArray<Upstream>
}
