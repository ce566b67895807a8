/** Rules as stored in the database. */
import { Effect, Result, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { StoredDocumentInvalid } from "../../storage/StoredDocuments.ts"
import { documentColumn, logDamage, nullableDocument, rowFormat } from "../../storage/StoredRows.ts"
import { AnyRuleAction, RuleDefinition, RuleScope } from "../Rule.ts"
import type { StoredRule } from "../Rules.ts"

const format = rowFormat({
  table: "rules",
  columns: {
    id: Schema.Int,
    subject: Schema.String,
    name: Schema.String,
    position: Schema.Int,
    enabled: Schema.BooleanFromBit,
    effect: Schema.String,
    priority: Schema.NullOr(Schema.Int),
    version: Schema.Int,
    created_at: Schema.String,
    updated_at: Schema.String
  },
  documents: {
    condition: documentColumn(RuleDefinition.fields.condition),
    scope: documentColumn(RuleScope),
    action: nullableDocument(AnyRuleAction)
  }
})

/** A rule without what cannot be read of it: enough to name it, to replace the rest and to delete it. */
export type RuleHead = Omit<StoredRule, "condition" | "scope" | "action">

export interface DamagedRule {
  readonly id: string
  readonly subject: string
  readonly damage: StoredDocumentInvalid
  /** `null` = the columns besides the documents are damaged too. */
  readonly head: RuleHead | null
}

export interface LoadedRules {
  readonly rules: ReadonlyArray<StoredRule>
  readonly damaged: ReadonlyArray<DamagedRule>
}

interface RawRow {
  readonly id: number
  readonly subject: string
}

/** All rules, grouped by subject and in their order. Damaged ones are logged. */
export const loadRules = (from: SqlClient.SqlClient): Effect.Effect<LoadedRules> =>
  Effect.gen(function* () {
    const rows = yield* from<RawRow>`SELECT * FROM rules ORDER BY subject, position, id`
    const rules: Array<StoredRule> = []
    const damaged: Array<DamagedRule> = []
    for (const row of rows) {
      const head = Result.map(format.columns(row), headOf)
      const documents = format.documents(row)
      if (Result.isSuccess(head) && Result.isSuccess(documents)) {
        const { action, ...others } = documents.success
        rules.push({ ...head.success, ...others, ...(action === null ? {} : { action }) })
      } else {
        const damage = Result.isFailure(head) ? head.failure : Result.isFailure(documents) ? documents.failure : null
        if (damage === null) continue
        yield* logDamage(damage)
        damaged.push({ id: String(row.id), subject: row.subject, damage, head: Result.getOrElse(head, () => null) })
      }
    }
    return { rules, damaged }
  }).pipe(Effect.orDie)

/** The message about it for people. */
export const damageOf = ({ damage, head, id }: DamagedRule): string =>
  `The rule ${head === null ? id : `"${head.name}" (${id})`} is damaged: ${damage.message}. Replace its condition, its scope and, if it acts, its action, or delete it`

/** A stored rule that cannot be read: what is wrong with it, and what to do. */
export const UnreadableRule = Schema.Struct({
  id: Schema.String,
  subject: Schema.String,
  detail: Schema.String
}).annotate({ identifier: "UnreadableRule" })
export type UnreadableRule = typeof UnreadableRule.Type

export const toUnreadable = (rule: DamagedRule): UnreadableRule => ({
  id: rule.id,
  subject: rule.subject,
  detail: damageOf(rule)
})

const headOf = (row: {
  readonly id: number
  readonly subject: string
  readonly name: string
  readonly position: number
  readonly enabled: boolean
  readonly effect: string
  readonly priority: number | null
  readonly version: number
  readonly created_at: string
  readonly updated_at: string
}): RuleHead => ({
  id: String(row.id),
  subject: row.subject,
  name: row.name,
  enabled: row.enabled,
  effect: row.effect,
  ...(row.priority === null ? {} : { priority: row.priority }),
  position: row.position,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at
})
