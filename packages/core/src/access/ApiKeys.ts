/** API keys, for scripts and dashboards. A key is shown once, when it is created; only its SHA-256 is stored. */
import { Clock, Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import { decodeRequest } from "../problems/Decode.ts"
import { isoOfMillis, nowIso } from "../problems/Instants.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { repeatable } from "../storage/Durability.ts"
import { storageFaultOf } from "../storage/StorageFaults.ts"
import { ApiKeyNameTaken, ApiKeyNotFound } from "./AccessErrors.ts"
import { AccessEvents } from "./AccessEvents.ts"
import { type ApiKey, ApiKeyRename, NewApiKey, presetPrefix } from "./ApiKey.ts"
import { rowId } from "../storage/RowId.ts"
import { readableRows, rowFormat, type RowOf, StoredTime } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { type Principal, Scope, Unauthorized } from "./Scope.ts"
import { Validity } from "./Validity.ts"
import { hashToken, maximumTokenLength, presetTokenRule, presetTokens, randomToken, sameHash } from "./Token.ts"

export interface CreatedApiKey {
  /** The key itself, `tdr_` and 43 characters; it cannot be retrieved again. */
  readonly key: string
  readonly apiKey: ApiKey
}

export class ApiKeys extends Context.Service<
  ApiKeys,
  {
    readonly create: (input: NewApiKey) => Effect.Effect<CreatedApiKey, InvalidRequest | ApiKeyNameTaken>
    /** All keys that are not revoked, including expired ones, newest first. */
    readonly list: Effect.Effect<ReadonlyArray<ApiKey>>
    readonly rename: (
      apiKeyId: string,
      name: string
    ) => Effect.Effect<ApiKey, InvalidRequest | ApiKeyNotFound | ApiKeyNameTaken>
    readonly revoke: (apiKeyId: string) => Effect.Effect<void, ApiKeyNotFound>
    /** The principal of the key. Records the use, at most once a minute. */
    readonly authenticate: (key: string) => Effect.Effect<Principal, Unauthorized>
    /**
     * Makes `key`, from the environment, the only admin key with the name `env:<name>`; the previous key of that name
     * is revoked. `null` revokes it without a replacement. Repeating the call changes nothing.
     */
    readonly presetKey: (key: string | null, name: string) => Effect.Effect<void, InvalidRequest>
  }
>()("tendarr/access/ApiKeys") {
  static readonly layer = Layer.effect(
    ApiKeys,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const readSql = yield* ReadSql
      const events = yield* EventLog
      const validity = yield* Validity

      const payloadOf = ({ name, scope }: ApiKey) => ({ name, scope })

      const changing = <A, E, R>(effect: Effect.Effect<A, E | SqlError.SqlError, R>) =>
        transact(effect).pipe(
          Effect.ensuring(Effect.suspend(() => Effect.andThen(sql.afterCommit(forgetSeen), validity.changed)))
        )

      const requireFreeName = Effect.fn("ApiKeys.requireFreeName")(function* (name: string, except: number) {
        const rows = yield* sql`SELECT id FROM api_keys
          WHERE lower(name) = lower(${name}) AND revoked_at IS NULL AND id <> ${except}`
        if (rows.length > 0) return yield* new ApiKeyNameTaken({ name })
      })

      const insert = Effect.fn("ApiKeys.insert")(function* (
        key: string,
        input: { readonly name: string; readonly scope: Scope; readonly expiresAt: string | null }
      ) {
        const now = yield* nowIso
        const rows = yield* sql<ApiKeyRow>`
          INSERT INTO api_keys (name, scope, key_hash, hint, created_at, expires_at)
          VALUES (${input.name}, ${input.scope}, ${hashToken(key)}, ${key.slice(-4)}, ${now}, ${input.expiresAt})
          RETURNING ${sql.literal(columns)}`
        return yield* written(rows)
      })

      const create = Effect.fn("ApiKeys.create")(function* (input: NewApiKey) {
        const { expiresAt, name, scope } = yield* decodeNewApiKey(input)
        const until = yield* futureTime(expiresAt ?? null)
        yield* requireFreeName(name, noRow)
        const key = `tdr_${yield* randomToken}`
        const apiKey = yield* insert(key, { name, scope, expiresAt: until })
        yield* events.append(
          AccessEvents.apiKeyCreated.make({
            subject: apiKey.id,
            message: `The API key ${name} was created with the scope ${scope}`,
            payload: { ...payloadOf(apiKey), expiresAt: until }
          })
        )
        return { key, apiKey }
      }, changing)

      const list = readSql<object>`
        SELECT ${readSql.literal(columns)} FROM api_keys WHERE revoked_at IS NULL ORDER BY id DESC`.pipe(
        Effect.orDie,
        Effect.flatMap((rows) => readableRows(format, rows)),
        Effect.map((rows) => rows.map(toApiKey)),
        Effect.withSpan("ApiKeys.list")
      )

      const rename = Effect.fn("ApiKeys.rename")(function* (apiKeyId: string, wanted: string) {
        const { name } = yield* decodeRename({ name: wanted })
        const id = rowId(apiKeyId)
        const before = yield* sql<{ name: string }>`SELECT name FROM api_keys WHERE id = ${id} AND revoked_at IS NULL`
        if (before[0] === undefined) return yield* new ApiKeyNotFound({ apiKeyId })
        yield* requireFreeName(name, id)
        const rows = yield* sql<ApiKeyRow>`
            UPDATE api_keys SET name = ${name} WHERE id = ${id} RETURNING ${sql.literal(columns)}`
        const apiKey = yield* written(rows)
        if (before[0].name !== name) {
          yield* events.append(
            AccessEvents.apiKeyRenamed.make({
              subject: apiKey.id,
              message: `The API key ${before[0].name} was renamed to ${name}`,
              payload: { ...payloadOf(apiKey), before: before[0].name }
            })
          )
        }
        return apiKey
      }, changing)

      const revoke = Effect.fn("ApiKeys.revoke")(function* (apiKeyId: string) {
        const now = yield* nowIso
        const rows = yield* sql<ApiKeyRow>`
            UPDATE api_keys SET revoked_at = ${now} WHERE id = ${rowId(apiKeyId)} AND revoked_at IS NULL
            RETURNING ${sql.literal(columns)}`
        if (rows.length === 0) return yield* new ApiKeyNotFound({ apiKeyId })
        const apiKey = yield* written(rows)
        yield* events.append(
          AccessEvents.apiKeyRevoked.make({
            subject: apiKey.id,
            message: `The API key ${apiKey.name} was revoked`,
            payload: payloadOf(apiKey)
          })
        )
      }, changing)

      // Cache of rows, which are needed for every request. Each change of a key clears it after the commit.
      const seen = new Map<string, ApiKeyRow>()
      let changes = 0
      const forgetSeen = Effect.sync(() => {
        changes += 1
        seen.clear()
      })

      const find = Effect.fnUntraced(function* (hash: string) {
        const before = seen.get(hash)
        if (before !== undefined) return before
        const readAfter = changes
        const rows = yield* readSql<{ keyHash: string }>`
          SELECT ${readSql.literal(columns)}, key_hash AS "keyHash" FROM api_keys
          WHERE key_hash = ${hash} AND revoked_at IS NULL`.pipe(Effect.orDie)
        const found = rows[0]
        if (found === undefined || !sameHash(found.keyHash, hash)) return yield* new Unauthorized()
        // A damaged scope or expiry must not grant access.
        const [row] = yield* readableRows(format, [found])
        if (row === undefined) return yield* new Unauthorized()
        // A row that was read while a key was being changed may be outdated.
        if (readAfter === changes) seen.set(hash, row)
        return row
      })

      const authenticate = Effect.fn("ApiKeys.authenticate")(function* (key: string) {
        if (key.length > maximumTokenLength) return yield* new Unauthorized()
        const hash = hashToken(key)
        const row = yield* find(hash)
        const now = yield* Clock.currentTimeMillis
        if (row.expiresAt !== null && Date.parse(row.expiresAt) <= now) return yield* new Unauthorized()
        if (row.lastUsedAt === null || Date.parse(row.lastUsedAt) <= now - 60_000) {
          const at = isoOfMillis(now)
          const minuteAgo = isoOfMillis(now - 60_000)
          yield* sql`UPDATE api_keys SET last_used_at = ${at}
            WHERE id = ${row.id} AND (last_used_at IS NULL OR last_used_at <= ${minuteAgo})`.pipe(
            // Requests that only read must not fail because the last use cannot be written.
            Effect.catch((error) => (storageFaultOf(error) === null ? Effect.die(error) : Effect.void)),
            repeatable
          )
          if (seen.get(hash) === row) seen.set(hash, { ...row, lastUsedAt: at })
        }
        return keyPrincipal(row)
      })

      /** Revokes the active keys of the name, except the one with the given hash. */
      const withdraw = Effect.fn("ApiKeys.withdraw")(function* (name: string, exceptHash: string) {
        const now = yield* nowIso
        const rows = yield* sql<ApiKeyRow>`
          UPDATE api_keys SET revoked_at = ${now}
          WHERE name = ${name} AND revoked_at IS NULL AND key_hash <> ${exceptHash}
          RETURNING ${sql.literal(columns)}`
        for (const apiKey of rows.map(toApiKey)) {
          yield* events.append(
            AccessEvents.apiKeyRevoked.make({
              subject: apiKey.id,
              message: `The API key ${name} was removed from the environment, and is revoked`,
              payload: payloadOf(apiKey)
            })
          )
        }
      })

      const presetKey = Effect.fn("ApiKeys.presetKey")(function* (key: string | null, name: string) {
        const presetName = `${presetPrefix}${name}`
        if (key === null) return yield* withdraw(presetName, "")
        if (!presetTokens.test(key)) return yield* invalidField([name], presetTokenRule)
        const hash = hashToken(key)
        yield* withdraw(presetName, hash)
        const same = yield* sql<ApiKeyRow>`
            SELECT ${sql.literal(columns)} FROM api_keys
            WHERE key_hash = ${hash} AND revoked_at IS NULL AND expires_at IS NULL AND scope = 'admin'`
        if (same.length > 0) return
        // The environment decides, even about a key that was revoked or had a narrower scope.
        const rows = yield* sql<ApiKeyRow>`
            UPDATE api_keys SET name = ${presetName}, scope = 'admin', expires_at = NULL, revoked_at = NULL
            WHERE key_hash = ${hash} RETURNING ${sql.literal(columns)}`
        const input = { name: presetName, scope: "admin", expiresAt: null } as const
        const apiKey = rows.length > 0 ? yield* written(rows) : yield* insert(key, input)
        yield* events.append(
          AccessEvents.apiKeyCreated.make({
            subject: apiKey.id,
            message: `The API key ${presetName} was added from the environment`,
            payload: payloadOf(apiKey)
          })
        )
      }, changing)

      return ApiKeys.of({ create, list, rename, revoke, authenticate, presetKey })
    })
  )
}

const format = rowFormat({
  table: "api_keys",
  columns: {
    id: Schema.Int,
    name: Schema.String,
    scope: Scope,
    hint: Schema.String,
    createdAt: Schema.String,
    lastUsedAt: Schema.NullOr(StoredTime),
    expiresAt: Schema.NullOr(StoredTime)
  }
})

type ApiKeyRow = RowOf<typeof format>

const columns = `id, name, scope, hint, created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt"`

const noRow = -1

const toApiKey = (row: ApiKeyRow): ApiKey => ({
  id: String(row.id),
  name: row.name,
  scope: row.scope,
  hint: row.hint,
  createdAt: row.createdAt,
  lastUsedAt: row.lastUsedAt,
  expiresAt: row.expiresAt
})

/** The row written by a statement with RETURNING. */
const written = (rows: ReadonlyArray<ApiKeyRow>): Effect.Effect<ApiKey> =>
  rows[0] === undefined ? Effect.die(new Error("The API key was not written")) : Effect.succeed(toApiKey(rows[0]))

const keyPrincipal = (row: ApiKeyRow): Principal => ({
  type: "key",
  id: String(row.id),
  name: row.name,
  scope: row.scope,
  actor: `key:${row.name}`,
  sessionId: null
})

const decodeNewApiKey = decodeRequest(NewApiKey)
const decodeRename = decodeRequest(ApiKeyRename)

/** The time in our format, if it is in the future. */
const futureTime = Effect.fn("ApiKeys.futureTime")(function* (text: string | null) {
  if (text === null) return null
  const time = DateTime.make(text)
  if (Option.isNone(time)) return yield* invalidField(["payload", "expiresAt"], "must be an ISO-8601 time")
  if (DateTime.isLessThanOrEqualTo(time.value, yield* DateTime.now)) {
    return yield* invalidField(["payload", "expiresAt"], "must be in the future")
  }
  return DateTime.formatIso(time.value)
})
