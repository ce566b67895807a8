/** Rules as stored in the database. */
import { fromBit, fromJson } from "../../storage/Rows.ts"
import type { StoredRule } from "../Rules.ts"

export interface Row {
  readonly id: number
  readonly subject: string
  readonly name: string
  readonly position: number
  readonly enabled: number
  readonly effect: string
  readonly condition: string
  readonly scope: string
  readonly version: number
  readonly created_at: string
  readonly updated_at: string
}

export const toRule = (row: Row): StoredRule => ({
  id: String(row.id),
  subject: row.subject,
  name: row.name,
  enabled: fromBit(row.enabled),
  effect: row.effect,
  condition: fromJson(row.condition),
  scope: fromJson(row.scope),
  position: row.position,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at
})
