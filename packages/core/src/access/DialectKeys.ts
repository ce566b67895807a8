/**
 * The own key of each dialect. Its document shows the key again to whoever administers it, so the key is sealed instead of
 * hashed, and it is accepted only by that dialect. It grants everything, as in the product whose API it is.
 */
import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { randomBytes } from "node:crypto"
import { EventLog } from "../events/EventLog.ts"
import { nowIso } from "../problems/Instants.ts"
import { dialectIdentities, type DialectName } from "../settings/DialectsSettings.ts"
import { ReadSql } from "../storage/Database.ts"
import { openText, sealedValue, sealText } from "../storage/SealedColumns.ts"
import { SecretBox } from "../storage/SecretBox.ts"
import { readableRows, rowFormat } from "../storage/StoredRows.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { DialectKeyPreset } from "./AccessErrors.ts"
import { AccessEvents } from "./AccessEvents.ts"
import { presetVersion, type Principal, Unauthorized } from "./Scope.ts"
import { hashToken, maximumTokenLength, sameHash } from "./Token.ts"
import { Validity } from "./Validity.ts"

export const DialectKey = Schema.Struct({
  key: Schema.String,
  createdAt: Schema.NullOr(Schema.String).annotate({ description: "`null` = it is set by the environment." })
}).annotate({ identifier: "DialectKey" })
export type DialectKey = typeof DialectKey.Type

/** Keys from the environment. They take the place of stored ones. */
export const PresetDialectKeys = Context.Reference<Readonly<Partial<Record<DialectName, string>>>>(
  "tendarr/access/PresetDialectKeys",
  { defaultValue: () => ({}) }
)

export const dialectKeys = sealedValue({
  table: "dialect_keys",
  id: "dialect",
  column: "key",
  receivers: () => "clients of the dialect",
  nameOf: ({ dialect }) => `the key of the dialect "${String(dialect)}"`
})

export class DialectKeys extends Context.Service<
  DialectKeys,
  {
    /** The current key; one is created if there is none yet, or if the stored one cannot be opened. */
    readonly key: (dialect: DialectName) => Effect.Effect<DialectKey>
    /** Creates a new key. The former one is refused from then on, and streams that it opened end. */
    readonly renew: (dialect: DialectName) => Effect.Effect<DialectKey, DialectKeyPreset>
    /** The principal of the dialect's own key. No other key is accepted here. */
    readonly authenticate: (dialect: DialectName, key: string) => Effect.Effect<Principal, Unauthorized>
  }
>()("tendarr/access/DialectKeys") {
  static readonly layer = Layer.effect(
    DialectKeys,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const box = yield* SecretBox
      const events = yield* EventLog
      const validity = yield* Validity
      const presets = yield* PresetDialectKeys
      const transact = transacting(sql)

      /** Cache of rows, which are needed for every request. A change of a key clears it after the commit. */
      const seen = new Map<DialectName, Stored | null>()
      let changes = 0
      const forgetSeen = Effect.sync(() => {
        changes += 1
        seen.clear()
      })

      const load = Effect.fnUntraced(function* (dialect: DialectName) {
        const from = (yield* inTransaction(sql)) ? sql : reader
        const rows = yield* Effect.orDie(
          from<object>`SELECT dialect, key, version, created_at FROM dialect_keys WHERE dialect = ${dialect}`
        )
        const [row] = yield* readableRows(format, rows)
        if (row === undefined) return null
        const key = openText(box, dialectKeys, { dialect }, row.key)
        return { key: Option.getOrNull(key), version: row.version, createdAt: row.created_at }
      })

      const stored = Effect.fnUntraced(function* (dialect: DialectName) {
        const before = seen.get(dialect)
        if (before !== undefined) return before
        const readAfter = changes
        const now = yield* load(dialect)
        // A row that was read while a key was being changed may be outdated.
        if (readAfter === changes) seen.set(dialect, now)
        return now
      })

      const create = Effect.fnUntraced(function* (dialect: DialectName, before: Stored | null) {
        const key = randomBytes(32).toString("hex")
        const at = yield* nowIso
        const version = (before?.version ?? 0) + 1
        yield* sql`DELETE FROM dialect_keys WHERE dialect = ${dialect}`
        yield* sql`INSERT INTO dialect_keys ${sql.insert({
          dialect,
          key: yield* sealText(box, dialectKeys, { dialect }, key),
          version,
          created_at: at
        })}`
        const { title } = dialectIdentities[dialect]
        const replaced = before !== null
        yield* events.append(
          AccessEvents.dialectKeyCreated.make({
            subject: dialect,
            message: replaced
              ? `The key of the dialect ${title} was replaced; the former one is refused`
              : `A key for the dialect ${title} was created`,
            payload: { replaced }
          })
        )
        return { key, createdAt: at }
      }, Effect.orDie)

      const changing = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        transact(effect).pipe(
          Effect.ensuring(Effect.suspend(() => Effect.andThen(sql.afterCommit(forgetSeen), validity.changed)))
        )

      const key = Effect.fn("DialectKeys.key")(function* (dialect: DialectName) {
        const preset = presets[dialect]
        if (preset !== undefined) return { key: preset, createdAt: null }
        const known = yield* stored(dialect)
        if (known !== null && known.key !== null) return { key: known.key, createdAt: known.createdAt }
        return yield* changing(
          Effect.gen(function* () {
            const now = yield* load(dialect)
            return now !== null && now.key !== null
              ? { key: now.key, createdAt: now.createdAt }
              : yield* create(dialect, now)
          })
        )
      })

      const renew = Effect.fn("DialectKeys.renew")(function* (dialect: DialectName) {
        if (presets[dialect] !== undefined) {
          const variable = dialectIdentities[dialect].keyVariable ?? "a variable"
          return yield* new DialectKeyPreset({ dialect, detail: `${variable} sets it; change it there` })
        }
        return yield* changing(Effect.flatMap(load(dialect), (before) => create(dialect, before)))
      })

      const principalOf = (dialect: DialectName, version: string): Principal => ({
        type: "dialect",
        id: `${dialect}:${version}`,
        name: dialect,
        scope: "admin",
        actor: `dialect:${dialect}`,
        sessionId: null
      })

      const authenticate = Effect.fn("DialectKeys.authenticate")(function* (dialect: DialectName, presented: string) {
        if (presented === "" || presented.length > maximumTokenLength) return yield* new Unauthorized()
        const preset = presets[dialect]
        const known = preset === undefined ? yield* stored(dialect) : { key: preset, version: presetVersion }
        if (known === null || known.key === null || !sameHash(hashToken(presented), hashToken(known.key))) {
          return yield* new Unauthorized()
        }
        return principalOf(dialect, String(known.version))
      })

      return DialectKeys.of({ key, renew, authenticate })
    })
  )
}

interface Stored {
  /** `null` = it cannot be opened with the present keys of the installation. */
  readonly key: string | null
  readonly version: number
  readonly createdAt: string
}

const format = rowFormat({
  table: "dialect_keys",
  id: ["dialect"],
  columns: {
    dialect: Schema.String,
    key: Schema.String,
    version: Schema.Int,
    created_at: Schema.String
  }
})
