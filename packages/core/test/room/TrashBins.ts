/** The trash services of the made-up room, each with a token, and a webhook whose address is a secret. */
import { Effect, Option, Result } from "effect"
import { SqlClient } from "effect/sql"
import type { RoomTable } from "../../src/storage/RoomTables.ts"
import {
  fieldsOf,
  openFields,
  openText,
  sealedDocument,
  sealedValue,
  sealFields,
  sealText
} from "../../src/storage/SealedColumns.ts"
import { SecretBox } from "../../src/storage/SecretBox.ts"
import { transacting } from "../../src/storage/Transactions.ts"

export const binConfigs = sealedDocument({
  table: "trash_bins",
  id: "name",
  column: "config",
  reads: ["url"],
  secrets: ["token"],
  receivers: ({ url }) => String(url),
  nameOf: ({ name }, key) => `the ${key} of the trash bin "${String(name)}"`
})

export const binWebhooks = sealedValue({
  table: "trash_bins",
  id: "name",
  column: "webhook",
  receivers: () => "its own address",
  nameOf: ({ name }) => `the webhook of the trash bin "${String(name)}"`
})

export const binTable: RoomTable = {
  name: "trash_bins",
  create: "CREATE TABLE trash_bins (name TEXT PRIMARY KEY, url TEXT NOT NULL, config TEXT NOT NULL, webhook TEXT)"
}

export interface Bin {
  readonly name: string
  readonly url: string
  readonly config: { readonly token: string; readonly folder: string }
  readonly webhook: string
}

export const addBin = Effect.fnUntraced(function* (bin: Bin) {
  const box = yield* SecretBox
  const sql = yield* SqlClient.SqlClient
  const { name, url } = bin
  yield* transacting(sql)(
    Effect.gen(function* () {
      const config = yield* sealFields(box, binConfigs, { name, url }, bin.config)
      const webhook = yield* sealText(box, binWebhooks, { name }, bin.webhook)
      yield* sql`INSERT INTO trash_bins ${sql.insert({ name, url, config: JSON.stringify(config), webhook })}`
    })
  )
})

/** The values that the room can use now; a secret that cannot be opened is absent. */
export const bins = Effect.gen(function* () {
  const box = yield* SecretBox
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ name: string; url: string; config: string; webhook: string | null }>`
    SELECT name, url, config, webhook FROM trash_bins ORDER BY name`
  return rows.map(({ config, name, url, webhook }) => ({
    name,
    ...Result.match(fieldsOf(binConfigs, { name, url }, config), {
      onFailure: ({ message }) => ({ damaged: message }),
      onSuccess: (stored) => openFields(box, binConfigs, { name, url }, stored)
    }),
    webhook: webhook === null ? null : Option.getOrNull(openText(box, binWebhooks, { name }, webhook))
  }))
})
