/**
 * The replacement of a media server by another one: rules and protections get the names of the new server, accounts of
 * one person are joined, and the plays that only the former one knows go on counting. Previewed, then carried out as a
 * whole; it can be undone until the former integration is deleted.
 */
import { Context, Effect, Equal, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import type { IntegrationNotFound } from "../integrations/Integration.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { forgetFormerPlays, writeFormerPlays } from "../library/FormerPlays.ts"
import { Protections } from "../library/Protections.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { RuleScope } from "../rules/Rule.ts"
import { Rules, StoredRule } from "../rules/Rules.ts"
import { rowId } from "../storage/RowId.ts"
import { toJson } from "../storage/Rows.ts"
import { requireDocument } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { storedIdentities } from "../viewers/Identities.ts"
import { Viewers } from "../viewers/Viewers.ts"
import { MovingEvents } from "./MovingEvents.ts"
import {
  type Replacement,
  ReplacementConflict,
  ReplacementNotFound,
  ReplacementPlan,
  type ReplacementRequest
} from "./Replacement.ts"
import { makePlanning } from "./Replacements/Planning.ts"

export class Replacements extends Context.Service<
  Replacements,
  {
    /** What replacing the media server would carry over. Changes nothing. */
    readonly preview: (
      formerId: string,
      request: ReplacementRequest
    ) => Effect.Effect<ReplacementPlan, InvalidRequest | IntegrationNotFound>
    /** Carries out the plan with this fingerprint, or nothing. */
    readonly replace: (
      formerId: string,
      request: ReplacementRequest,
      fingerprint: string
    ) => Effect.Effect<Replacement, InvalidRequest | IntegrationNotFound | ReplacementConflict>
    readonly get: (formerId: string) => Effect.Effect<Replacement, ReplacementNotFound>
    /** Takes it back; what a person has changed since stays. */
    readonly undo: (formerId: string) => Effect.Effect<void, ReplacementNotFound | ReplacementConflict>
  }
>()("tendarr/moving/Replacements") {
  static readonly layer = Layer.effect(
    Replacements,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const events = yield* EventLog
      const integrations = yield* Integrations
      const rules = yield* Rules
      const protections = yield* Protections
      const viewers = yield* Viewers
      const plan = yield* makePlanning

      const find = Effect.fnUntraced(function* (formerId: string) {
        const [row] = yield* Effect.orDie(sql<Row>`SELECT * FROM replacements WHERE former_id = ${rowId(formerId)}`)
        return row ?? (yield* new ReplacementNotFound({ integrationId: formerId }))
      })

      /** Joins two people; returns the accounts that were moved. */
      const join = Effect.fnUntraced(function* (viewerId: string, other: string) {
        const moved = (yield* storedIdentities(sql)).filter((one) => one.viewerId === other).map(({ id }) => id)
        yield* Effect.orDie(viewers.joinWithin(viewerId, [other]))
        return { viewerId, identityIds: moved }
      })

      const replace = Effect.fn("Replacements.replace")(function* (
        formerId: string,
        request: ReplacementRequest,
        fingerprint: string
      ) {
        const replaced = yield* transact(
          Effect.gen(function* () {
            const conflict = (detail: string) => new ReplacementConflict({ integrationId: formerId, detail })
            const before = yield* Effect.option(find(formerId))
            if (before._tag === "Some") return yield* conflict("It is replaced already; undo that first")
            const planned = yield* plan(formerId, request)
            if (planned.plan.fingerprint !== fingerprint) {
              return yield* conflict("What would be carried over has changed since the preview: preview it again")
            }
            for (const { renamed, rule } of planned.rules) {
              const { condition, scope } = renamed
              yield* Effect.orDie(rules.update(rule.id, { condition, scope: scope ?? {} }))
            }
            const added: Array<string> = []
            for (const { collection, id, to } of planned.plan.protections) {
              const all = yield* protections.list
              if (all.some((one) => one.collection === to)) continue
              const one = all.find((each) => each.id === id)
              const reason = one?.reason ?? `instead of "${collection}"`
              const made = yield* Effect.orDie(
                protections.add({ collection: to, reason, expiresAt: one?.expiresAt ?? null })
              )
              added.push(made.id)
            }
            const joined = yield* Effect.forEach(planned.joins, ([one, other]) => join(one, other))
            yield* writeFormerPlays(sql, planned.plays)
            const off: Array<string> = []
            for (const { id } of planned.plan.integrations) {
              const { enabled } = yield* integrations.get(id).pipe(Effect.orDie)
              if (!enabled) continue
              yield* Effect.orDie(integrations.update(id, { enabled: false }))
              off.push(id)
            }
            const undoing: typeof Before.Type = {
              rules: planned.rules.map(({ renamed, rule }) => ({
                before: rule,
                condition: renamed.condition,
                scope: renamed.scope ?? {}
              })),
              protections: added,
              joined,
              integrations: off
            }
            const [at, actor] = [yield* nowIso, yield* Actor]
            yield* Effect.orDie(
              sql`INSERT INTO replacements ${sql.insert({
                former_id: rowId(formerId),
                successor_id: rowId(request.successorId),
                report: toJson(planned.plan),
                before: toJson(undoing),
                at,
                actor
              })}`
            )
            const { former, plays, successor } = planned.plan
            yield* events.append(
              MovingEvents.replaced.make({
                subject: formerId,
                message: `"${former.name}" is replaced by "${successor.name}"`,
                payload: { successorId: successor.id, titles: plays.titles, rules: planned.rules.length }
              })
            )
            return { ...planned.plan, at, actor } satisfies Replacement
          })
        )
        // Joins the library again, with the plays that are kept and without the former server.
        yield* viewers.changed
        return replaced
      })

      const undo = Effect.fn("Replacements.undo")(function* (formerId: string) {
        yield* transact(
          Effect.gen(function* () {
            const row = yield* find(formerId)
            const former = (yield* integrations.list).find(({ id }) => id === formerId)
            if (former === undefined) {
              const detail = "The former media server was deleted: its names and accounts are gone"
              return yield* new ReplacementConflict({ integrationId: formerId, detail })
            }
            const before = requireDocument(formats.before, formerId, row.before)
            yield* forgetFormerPlays(sql, formerId)
            for (const id of before.integrations) yield* Effect.ignore(integrations.update(id, { enabled: true }))
            for (const { before: rule, condition, scope } of before.rules) {
              const current = yield* Effect.option(rules.get(rule.id))
              // A rule that a person has changed since is theirs.
              if (current._tag === "None" || !Equal.equals(current.value.condition, condition)) continue
              if (!Equal.equals(current.value.scope ?? {}, scope)) continue
              yield* Effect.ignore(rules.update(rule.id, { condition: rule.condition, scope: rule.scope ?? {} }))
            }
            for (const id of before.protections) yield* Effect.ignore(protections.remove(id))
            for (const { identityIds, viewerId } of before.joined) {
              yield* Effect.ignore(viewers.splitWithin(viewerId, identityIds))
            }
            yield* Effect.orDie(sql`DELETE FROM replacements WHERE former_id = ${rowId(formerId)}`)
            yield* events.append(
              MovingEvents.replacementUndone.make({
                subject: formerId,
                message: `The replacement of "${former.name}" was undone`
              })
            )
          })
        )
        yield* viewers.changed
      })

      return Replacements.of({
        preview: (formerId, request) => Effect.map(plan(formerId, request), (planned) => planned.plan),
        replace,
        get: Effect.fn("Replacements.get")((formerId) =>
          Effect.map(find(formerId), ({ actor, at, report }): Replacement => ({
            ...requireDocument(formats.report, formerId, report),
            at,
            actor
          }))
        ),
        undo
      })
    })
  )
}

const Before = Schema.Struct({
  rules: Schema.Array(
    Schema.Struct({
      before: StoredRule,
      condition: StoredRule.fields.condition,
      scope: RuleScope
    })
  ),
  protections: Schema.Array(Schema.String),
  joined: Schema.Array(Schema.Struct({ viewerId: Schema.String, identityIds: Schema.Array(Schema.String) })),
  integrations: Schema.Array(Schema.String)
})

const formats = {
  report: documentFormat("replacements", "report", ReplacementPlan),
  before: documentFormat("replacements", "before", Before)
}

interface Row {
  readonly former_id: number
  readonly successor_id: number
  readonly report: string
  readonly before: string
  readonly at: string
  readonly actor: string
}
