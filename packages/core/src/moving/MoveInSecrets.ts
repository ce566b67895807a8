/**
 * Keys and passwords in the file of another product, between its preview and its application. They are sealed for the
 * address that the other product used them for, and deleted with the preview or when it is applied.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { SecretBox } from "../storage/SecretBox.ts"
import { openText, sealedValue, sealText } from "../storage/SealedColumns.ts"
import type { FoundConnection, FoundSecrets } from "./Found.ts"

export const moveInSecrets = sealedValue({
  table: "move_in_secrets",
  column: "secret",
  reads: ["name", "url"],
  receivers: ({ url }) => String(url),
  nameOf: ({ name }) => `a secret of "${String(name)}", which waits to be moved in`
})

interface Row {
  readonly id: number
  readonly key: string
  readonly field: string
  readonly name: string
  readonly url: string
  readonly secret: string | null
}

export const MoveInSecrets = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const box = yield* SecretBox

  return {
    keep: Effect.fnUntraced(function* (
      moveInId: number,
      connections: ReadonlyArray<FoundConnection>,
      secrets: FoundSecrets
    ) {
      for (const { key, name, url } of connections) {
        for (const [field, secret] of Object.entries(secrets.get(key) ?? {})) {
          const row = { key, field, name, url }
          const [inserted] = yield* sql<{ id: number }>`INSERT INTO move_in_secrets ${sql.insert({
            move_in_id: moveInId,
            ...row,
            secret: null
          })} RETURNING id`
          const id = inserted!.id
          // Sealed for its row, whose id is known only now.
          const sealed = yield* sealText(box, moveInSecrets, { id, ...row }, secret)
          yield* sql`UPDATE move_in_secrets SET secret = ${sealed} WHERE id = ${id}`
        }
      }
    }, Effect.orDie),
    /** Those that can be opened: a database that was restored elsewhere has lost them. */
    open: Effect.fnUntraced(function* (moveInId: number) {
      const rows = yield* sql<Row>`SELECT * FROM move_in_secrets WHERE move_in_id = ${moveInId} ORDER BY id`
      const found = new Map<string, Record<string, string>>()
      for (const { field, id, key, name, secret, url } of rows) {
        const opened = secret === null ? null : openText(box, moveInSecrets, { id, name, url }, secret)
        if (opened?._tag === "Some") found.set(key, { ...found.get(key), [field]: opened.value })
      }
      return found as FoundSecrets
    }, Effect.orDie),
    forget: (moveInId: number) =>
      Effect.asVoid(Effect.orDie(sql`DELETE FROM move_in_secrets WHERE move_in_id = ${moveInId}`))
  }
})
