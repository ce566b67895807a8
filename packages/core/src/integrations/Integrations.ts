/** The configured integrations: stored, validated against their kind, connected when asked for. */
import { Context, DateTime, Effect, Layer, Result, Schema, SchemaIssue } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { changeOf } from "../events/Change.ts"
import { connectContained } from "./Contained.ts"
import { EventLog } from "../events/EventLog.ts"
import { InvalidRequest, invalidField, type Issue } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { fromBit, fromJson, toBit, toJson } from "../storage/Rows.ts"
import { SecretBox } from "../storage/SecretBox.ts"
import { inTransaction } from "../storage/Transactions.ts"
import {
  type ConnectionTest,
  type ConnectionTestResult,
  defaultIntegrationOptions,
  type Health,
  type Integration,
  IntegrationNameTaken,
  IntegrationNotFound,
  type IntegrationOptions,
  type IntegrationPatch,
  type NewIntegration,
  unknownHealth
} from "./Integration.ts"
import { VersionConflict } from "../problems/VersionConflict.ts"
import type { Capability, Connected, Kind } from "./Kind.ts"
import { Kinds } from "./Kinds.ts"
import { type Config, keepSecrets, maskSecrets, openConfig, sealConfig } from "./SecretConfig.ts"
import { type Upstream, UpstreamDoor, type UpstreamOptions } from "./Upstream.ts"

/** An enabled integration with its connection. */
export interface LiveIntegration {
  readonly integration: Integration
  readonly kind: Kind
  readonly connected: Connected
  readonly can: (capability: Capability) => boolean
  /** Upstream calls made through this connection so far. */
  readonly calls: Effect.Effect<number>
}

export class Integrations extends Context.Service<
  Integrations,
  {
    readonly list: Effect.Effect<ReadonlyArray<Integration>>
    readonly get: (id: string) => Effect.Effect<Integration, IntegrationNotFound>
    /** Configurations by id, with their secrets. */
    readonly configs: Effect.Effect<ReadonlyMap<string, Config>>
    readonly create: (draft: NewIntegration) => Effect.Effect<Integration, InvalidRequest | IntegrationNameTaken>
    readonly update: (
      id: string,
      patch: IntegrationPatch,
      expectedVersion?: number
    ) => Effect.Effect<Integration, InvalidRequest | IntegrationNotFound | IntegrationNameTaken | VersionConflict>
    /** Forgets the connection and its secrets. Items it managed count as gone; their history stays. */
    readonly remove: (id: string) => Effect.Effect<void, IntegrationNotFound>
    /** Integrations that were removed; what they managed is gone. */
    readonly removedIds: Effect.Effect<ReadonlyArray<string>>
    readonly test: (draft: ConnectionTest) => Effect.Effect<ConnectionTestResult, InvalidRequest | IntegrationNotFound>
    readonly live: Effect.Effect<ReadonlyArray<LiveIntegration>>
    /** `undefined` when it is switched off, removed, or of a kind that this installation does not know. */
    readonly connect: (id: string) => Effect.Effect<LiveIntegration | undefined>
  }
>()("tendarr/integrations/Integrations") {
  static readonly layer = Layer.effect(
    Integrations,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const kinds = yield* Kinds
      const door = yield* UpstreamDoor
      const events = yield* EventLog
      const box = yield* SecretBox
      const connections = new Map<string, OpenConnection>()

      /** With its secrets. */
      const configOf = (row: Row): Config => openConfig(box, row.id, fromJson(row.config))

      // Within a transaction what it has written counts.
      const rows = Effect.flatMap(
        inTransaction(sql),
        (within) => (within
          ? sql
          : reader)<Row>`SELECT i.*, h.status AS health_status, h.app_name, h.app_version, h.latency_millis,
          h.consecutive_failures, h.error, h.checked_at, h.last_ok_at, h.next_check_at
        FROM integrations i LEFT JOIN integration_health h ON h.integration_id = i.id
        WHERE i.deleted_at IS NULL ORDER BY i.id`
      ).pipe(Effect.orDie)

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

      const view = (row: Row, all: ReadonlyArray<Kind>): Integration => {
        const kind = all.find((candidate) => candidate.id === row.kind)
        const options = optionsOf(row)
        return {
          id: String(row.id),
          kind: row.kind,
          name: row.name,
          url: row.url,
          config: maskSecrets(kind, fromJson(row.config)),
          enabled: fromBit(row.enabled),
          options,
          capabilities: (kind?.capabilities ?? []).filter((name) => !options.disabledCapabilities.includes(name)),
          health: healthOf(row),
          version: row.version,
          createdAt: row.created_at,
          updatedAt: row.updated_at
        }
      }

      const connectRow = (row: Row, all: ReadonlyArray<Kind>): LiveIntegration | undefined => {
        const kind = all.find((candidate) => candidate.id === row.kind)
        if (kind === undefined || !fromBit(row.enabled)) return undefined
        const id = String(row.id)
        const before = connections.get(id)
        let open = before?.version === row.version ? before : undefined
        if (open === undefined) {
          const config = Schema.decodeUnknownResult(kind.config)(configOf(row))
          if (Result.isFailure(config)) return undefined
          const upstreams: Array<Upstream> = []
          const counting = {
            open: (options: UpstreamOptions) => {
              const upstream = door.open(options)
              upstreams.push(upstream)
              return upstream
            }
          }
          const connected = connectContained(kind, counting, {
            integrationId: id,
            name: row.name,
            url: row.url,
            config: config.success
          })
          open = { version: row.version, connected, upstreams }
          connections.set(id, open)
        }
        const integration = view(row, all)
        const upstreams = open.upstreams
        return {
          integration,
          kind,
          connected: open.connected,
          can: (capability) => integration.capabilities.includes(capability),
          calls: Effect.map(Effect.all(upstreams.map((upstream) => upstream.calls)), (counts) =>
            counts.reduce((sum, count) => sum + count, 0)
          )
        }
      }

      const get = Effect.fn("Integrations.get")(function* (id: string) {
        return view(yield* find(id), yield* kinds.list)
      })

      const unlessTaken = <A>(effect: Effect.Effect<A, SqlError.SqlError>, name: string) =>
        effect.pipe(
          Effect.catchReason("SqlError", "UniqueViolation", () => Effect.fail(new IntegrationNameTaken({ name }))),
          Effect.catchTag("SqlError", Effect.die)
        )

      const create = Effect.fn("Integrations.create")(function* (draft: NewIntegration) {
        const kind = yield* kindOf(draft.kind, ["payload", "kind"])
        // A mask that was copied from another integration is no secret.
        const config = keepSecrets({}, draft.config)
        yield* decodeConfig(kind, config)
        const now = DateTime.formatIso(yield* DateTime.now)
        const [row] = yield* unlessTaken(
          sql.withTransaction(
            Effect.gen(function* () {
              const inserted = yield* sql<{ id: number }>`INSERT INTO integrations ${sql.insert({
                kind: kind.id,
                name: draft.name,
                url: draft.url,
                config: "{}",
                enabled: toBit(draft.enabled ?? true),
                options: toJson({ ...defaultIntegrationOptions, ...draft.options }),
                version: 1,
                created_at: now,
                updated_at: now
              })} RETURNING id`
              const { id } = inserted[0]!
              // Sealed for its row, whose number is known only now.
              const sealed = yield* sealConfig(box, kind, id, config)
              yield* sql`UPDATE integrations SET config = ${toJson(sealed)} WHERE id = ${id}`
              yield* events.append({
                type: "integration.created",
                category: "integrations",
                subject: { type: "integration", id: String(id) },
                message: `Connected ${kind.title} as "${draft.name}"`,
                payload: { kind: kind.id, url: draft.url }
              })
              return inserted
            })
          ),
          draft.name
        )
        return yield* Effect.orDie(get(String(row!.id)))
      })

      const update = Effect.fn("Integrations.update")(function* (
        id: string,
        patch: IntegrationPatch,
        expectedVersion?: number
      ) {
        const now = DateTime.formatIso(yield* DateTime.now)
        yield* sql
          .withTransaction(
            Effect.gen(function* () {
              const row = yield* find(id)
              if (expectedVersion !== undefined && expectedVersion !== row.version) {
                return yield* new VersionConflict({ version: row.version })
              }
              const kind = yield* kindOf(row.kind, ["params", "id"])
              const stored = configOf(row)
              const config = patch.config === undefined ? stored : keepSecrets(stored, patch.config)
              yield* decodeConfig(kind, config)
              const name = patch.name ?? row.name
              yield* unlessTaken(
                sql`UPDATE integrations SET ${sql.update({
                  name,
                  url: patch.url ?? row.url,
                  config: toJson(yield* sealConfig(box, kind, row.id, config)),
                  enabled: patch.enabled === undefined ? row.enabled : toBit(patch.enabled),
                  options: toJson({ ...optionsOf(row), ...patch.options }),
                  version: row.version + 1,
                  updated_at: now
                })} WHERE id = ${row.id}`,
                name
              )
              yield* events.append({
                type: "integration.updated",
                category: "integrations",
                subject: { type: "integration", id },
                message: `Changed integration "${name}"`,
                payload: changeTold(kind, row, stored, patch)
              })
            })
          )
          .pipe(Effect.catchTag("SqlError", Effect.die))
        return yield* Effect.orDie(get(id))
      })

      const remove = Effect.fn("Integrations.remove")(function* (id: string) {
        const row = yield* find(id)
        const now = DateTime.formatIso(yield* DateTime.now)
        yield* sql
          .withTransaction(
            Effect.gen(function* () {
              yield* sql`UPDATE integrations SET deleted_at = ${now}, enabled = 0, config = '{}', version = version + 1 WHERE id = ${row.id}`
              yield* sql`DELETE FROM integration_health WHERE integration_id = ${row.id}`
              yield* sql`DELETE FROM sources WHERE integration_id = ${row.id}`
              yield* sql`DELETE FROM source_chunks WHERE integration_id = ${row.id}`
              yield* events.append({
                type: "integration.removed",
                category: "integrations",
                subject: { type: "integration", id },
                message: `Removed integration "${row.name}"`
              })
            })
          )
          .pipe(Effect.orDie)
        connections.delete(id)
      })

      const test = Effect.fn("Integrations.test")(function* (draft: ConnectionTest) {
        const stored = draft.integrationId === undefined ? undefined : yield* find(draft.integrationId)
        const kindId = draft.kind ?? stored?.kind
        const url = draft.url ?? stored?.url
        if (kindId === undefined) return yield* invalidField(["payload", "kind"], "is needed, or `integrationId`")
        if (url === undefined) return yield* invalidField(["payload", "url"], "is needed, or `integrationId`")
        const kind = yield* kindOf(kindId, ["payload", "kind"])
        const config = yield* decodeConfig(
          kind,
          keepSecrets(stored === undefined ? {} : configOf(stored), draft.config ?? {})
        )
        const connected = connectContained(kind, door, {
          integrationId: draft.integrationId ?? "",
          name: kind.title,
          url,
          config
        })
        return yield* connected.probe.pipe(
          Effect.map((probe): ConnectionTestResult => ({
            ok: true,
            appName: probe.appName,
            version: probe.version,
            latencyMillis: Math.round(probe.latencyMillis),
            error: null
          })),
          Effect.catch((error) =>
            Effect.succeed<ConnectionTestResult>({
              ok: false,
              appName: null,
              version: null,
              latencyMillis: null,
              error: { type: error._tag, detail: error.message }
            })
          )
        )
      })

      return Integrations.of({
        list: Effect.gen(function* () {
          const all = yield* kinds.list
          return (yield* rows).map((row) => view(row, all))
        }),
        get,
        configs: Effect.map(rows, (all) => new Map(all.map((row) => [String(row.id), configOf(row)]))),
        create,
        update,
        remove,
        removedIds: reader<{ id: number }>`SELECT id FROM integrations WHERE deleted_at IS NOT NULL`.pipe(
          Effect.map((removed) => removed.map(({ id }) => String(id))),
          Effect.orDie
        ),
        test,
        live: Effect.gen(function* () {
          const all = yield* kinds.list
          return (yield* rows).flatMap((row) => connectRow(row, all) ?? [])
        }),
        connect: Effect.fn("Integrations.connect")(function* (id) {
          const row = (yield* rows).find((candidate) => String(candidate.id) === id)
          return row === undefined ? undefined : connectRow(row, yield* kinds.list)
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

interface Row {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly config: string
  readonly enabled: number
  readonly options: string
  readonly version: number
  readonly created_at: string
  readonly updated_at: string
  readonly health_status: Health["status"] | null
  readonly app_name: string | null
  readonly app_version: string | null
  readonly latency_millis: number | null
  readonly consecutive_failures: number | null
  readonly error: string | null
  readonly checked_at: string | null
  readonly last_ok_at: string | null
  readonly next_check_at: string | null
}

const optionsOf = (row: Row): IntegrationOptions => ({
  ...defaultIntegrationOptions,
  ...fromJson<Partial<IntegrationOptions>>(row.options)
})

const healthOf = (row: Row): Health =>
  row.health_status === null
    ? unknownHealth
    : {
        status: row.health_status,
        appName: row.app_name,
        appVersion: row.app_version,
        latencyMillis: row.latency_millis,
        consecutiveFailures: row.consecutive_failures ?? 0,
        error: row.error === null ? null : fromJson(row.error),
        checkedAt: row.checked_at,
        lastOkAt: row.last_ok_at,
        nextCheckAt: row.next_check_at
      }

/** The change as the log may have it: secrets are masked, and only given settings are told. */
const changeTold = (kind: Kind, row: Row, stored: Config, patch: IntegrationPatch) => {
  const config = changeOf(maskSecrets(kind, stored), maskSecrets(kind, patch.config ?? {}))
  const options = changeOf(optionsOf(row), patch.options ?? {})
  const { after, before } = changeOf({ name: row.name, url: row.url, enabled: fromBit(row.enabled) }, patch)
  const part = (name: "config" | "options", change: object) => (patch[name] === undefined ? {} : { [name]: change })
  return {
    before: { ...before, ...part("config", config.before), ...part("options", options.before) },
    after: { ...after, ...part("config", config.after), ...part("options", options.after) }
  }
}

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

const decodeConfig = (kind: Kind, config: Config) =>
  Schema.decodeUnknownEffect(kind.config)(config, { errors: "all", onExcessProperty: "error" }).pipe(
    Effect.mapError((error) => {
      const errors = formatIssues(error.issue).issues.map((issue) => ({
        path: [
          "payload",
          "config",
          ...(issue.path ?? []).map((key) => (typeof key === "object" ? String(key.key) : String(key)))
        ],
        message: issue.message
      }))
      return new InvalidRequest({ detail: `The configuration does not fit ${kind.title}`, errors })
    })
  )
