/** The stored rules: validated completely before they are stored, compiled once, in the order set by a person. */
import { Context, DateTime, Effect, Layer, Ref, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { changeOf } from "../events/Change.ts"
import { EventLog } from "../events/EventLog.ts"
import { forgetHeldNames } from "../library/HeldNames.ts"
import { nowIso } from "../problems/Instants.ts"
import { VersionConflict } from "../problems/VersionConflict.ts"
import { InvalidRequest, invalidField, type Issue } from "../problems/Problem.ts"
import { GeneralSettings } from "../settings/GeneralSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import { toBit, toJson } from "../storage/Rows.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { defaultSubject, RuleDefinition } from "./Rule.ts"
import { RuleNameTaken, RuleNotFound, RulesUnreadable } from "./RuleErrors.ts"
import { RuleEvents } from "./RuleEvents.ts"
import type { CompiledRule, CompiledRuleSet } from "./RuleSet.ts"
import type { AnyRuleSubject, RuleLanguage } from "./RuleSubject.ts"
import { requireSubject, RuleSubjects, subjectNamed } from "./RuleSubjects.ts"
import { compileAs, makeCompiledSets } from "./Rules/CompiledSets.ts"
import { damageOf, loadRules, type RuleHead, toUnreadable, type UnreadableRule } from "./Rules/Rows.ts"

export { UnreadableRule } from "./Rules/Rows.ts"
export { RuleDoesNotAct, RuleNameTaken, RuleNotFound, RulesUnreadable } from "./RuleErrors.ts"
export type { CompiledRule, CompiledRuleSet } from "./RuleSet.ts"

export const StoredRule = Schema.Struct({
  id: Schema.String,
  /** Name of its subject; it never changes. */
  subject: Schema.String,
  name: Schema.String,
  enabled: Schema.Boolean,
  effect: Schema.String,
  condition: RuleDefinition.fields.condition,
  scope: RuleDefinition.fields.scope,
  /** Present for a rule that acts, and only there. */
  action: RuleDefinition.fields.action,
  priority: RuleDefinition.fields.priority,
  /** Its place among the rules about its subject. */
  position: Schema.Int,
  version: Schema.Int,
  createdAt: Schema.String,
  updatedAt: Schema.String
})
export type StoredRule = typeof StoredRule.Type

export const RulePatch = Schema.Struct({
  name: Schema.optionalKey(RuleDefinition.fields.name),
  enabled: Schema.optionalKey(Schema.Boolean),
  effect: Schema.optionalKey(RuleDefinition.fields.effect),
  condition: Schema.optionalKey(RuleDefinition.fields.condition),
  scope: RuleDefinition.fields.scope,
  action: RuleDefinition.fields.action,
  priority: RuleDefinition.fields.priority
}).annotate({
  identifier: "RulePatch",
  description: "A rule that is given another effect than `act` loses its action and its priority."
})
export type RulePatch = typeof RulePatch.Type

export class Rules extends Context.Service<
  Rules,
  {
    /** The subjects that rules can be about. */
    readonly subjects: ReadonlyArray<AnyRuleSubject>
    /** The subject with a name from a request, given at `path`. */
    readonly subject: (name: string, path: Issue["path"]) => Effect.Effect<AnyRuleSubject, InvalidRequest>
    /** All rules that can be read, grouped by subject and in their order. */
    readonly list: Effect.Effect<ReadonlyArray<StoredRule>>
    /** What is wrong with each rule that cannot be read. Nothing is decided about its subject while there is one. */
    readonly damaged: Effect.Effect<ReadonlyArray<UnreadableRule>>
    /** Those about one subject, in their order. */
    readonly about: (subject: string) => Effect.Effect<ReadonlyArray<StoredRule>>
    readonly get: (id: string) => Effect.Effect<StoredRule, RuleNotFound>
    readonly create: (draft: RuleDefinition) => Effect.Effect<StoredRule, InvalidRequest | RuleNameTaken>
    readonly update: (
      id: string,
      patch: RulePatch,
      expectedVersion?: number
    ) => Effect.Effect<StoredRule, InvalidRequest | RuleNotFound | RuleNameTaken | VersionConflict>
    readonly remove: (id: string) => Effect.Effect<void, RuleNotFound>
    /** Puts the rules about a subject (`item` by default) into the order of `ids`, which must name each exactly once. */
    readonly reorder: (
      ids: ReadonlyArray<string>,
      subject?: string
    ) => Effect.Effect<ReadonlyArray<StoredRule>, InvalidRequest>
    /** Validates a rule as `create` would, without storing it. */
    readonly check: (draft: RuleDefinition) => Effect.Effect<CompiledRule, InvalidRequest>
    /** Compiles a rule about this subject, whether or not the integrations that it names exist. */
    readonly compile: <Name extends string, Outcome extends string>(
      subject: RuleLanguage<Name, Outcome>,
      draft: RuleDefinition
    ) => Effect.Effect<CompiledRule<Name, Outcome>, InvalidRequest>
    /** The zone of days in conditions, from the settings. */
    readonly zone: Effect.Effect<DateTime.TimeZone>
    /** A person has reviewed it: the rule no longer keeps items by lost names. */
    readonly acknowledge: (id: string) => Effect.Effect<StoredRule, RuleNotFound>
    /** Replaces removed integrations in the scope of a rule with the ones that were connected again. */
    readonly moveScope: (id: string, successors: ReadonlyMap<string, string>) => Effect.Effect<void>
    /** Registers a step that runs after every change of the rules. */
    readonly onChanged: (step: Effect.Effect<void>) => Effect.Effect<void>
    /**
     * The enabled rules about a subject, compiled. Rules about other subjects are ignored. Decisions take them from
     * `RulesInForce`, which adds what they keep by lost names.
     */
    readonly compiled: <Name extends string, Outcome extends string>(
      subject: RuleLanguage<Name, Outcome>
    ) => Effect.Effect<CompiledRuleSet<Name, Outcome>, RulesUnreadable>
  }
>()("tendarr/rules/Rules") {
  static readonly layer = Layer.effect(
    Rules,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const reader = yield* ReadSql
      const events = yield* EventLog
      const subjects = yield* RuleSubjects
      const steps = yield* Ref.make<ReadonlyArray<Effect.Effect<void>>>([])
      const changed = Effect.flatMap(Ref.get(steps), (all) => Effect.all(all, { discard: true }))

      const loadAbout = (from: SqlClient.SqlClient, subject: string) =>
        Effect.map(loadRules(from), ({ rules }) => rules.filter((rule) => rule.subject === subject))

      // Inside a transaction, as an import is, the committed rules are not the current ones.
      const current = Effect.flatMap(inTransaction(sql), (inside) => loadRules(inside ? sql : reader))

      const settings = yield* Settings
      const zone = Effect.map(settings.get(GeneralSettings), ({ timeZone }) => DateTime.zoneMakeNamedUnsafe(timeZone))
      const sets = yield* makeCompiledSets(
        sql,
        Effect.fnUntraced(function* (subject) {
          const { damaged, rules } = yield* loadRules(sql)
          const [first] = damaged.filter((rule) => rule.subject === subject)
          return first === undefined
            ? rules.filter((rule) => rule.subject === subject)
            : yield* Effect.fail(damageOf(first))
        }),
        zone
      )

      const findAny = Effect.fnUntraced(function* (id: string) {
        const { damaged, rules } = yield* loadRules(sql)
        const found = rules.find((rule) => rule.id === id) ?? damaged.find((rule) => rule.id === id)
        return found ?? (yield* new RuleNotFound({ ruleId: id }))
      })

      const find = Effect.fnUntraced(function* (id: string) {
        const rule = yield* findAny(id)
        return "damage" in rule ? yield* Effect.die(new RulesUnreadable({ detail: damageOf(rule) })) : rule
      })

      const isActing = (subject: string | undefined, effect: string | undefined) =>
        subjectNamed(subjects, subject ?? defaultSubject)?.effectNamed(effect ?? "")?.acts !== undefined

      /** A rule that a patch stops from acting has no action any more. */
      const withoutAction = <R extends RuleHead | StoredRule>(rule: R, patch: RulePatch): R => {
        if (patch.effect === undefined || isActing(rule.subject, patch.effect)) return rule
        const { action: _a, priority: _p, ...rest } = { action: undefined, ...rule }
        return rest as R
      }

      /** The rule that a patch results in. What is damaged must be replaced as a whole. */
      const patched = Effect.fnUntraced(function* (id: string, patch: RulePatch) {
        const rule = yield* findAny(id)
        if (!("damage" in rule)) return { before: rule, next: { ...withoutAction(rule, patch), ...patch } }
        const { head } = rule
        const { action, condition, scope } = patch
        const acts = isActing(head?.subject, patch.effect ?? head?.effect)
        if (head === null || condition === undefined || scope === undefined || (acts && action === undefined)) {
          return yield* Effect.die(new RulesUnreadable({ detail: damageOf(rule) }))
        }
        return { before: head, next: { ...withoutAction(head, patch), ...patch, condition, scope } }
      })

      const compileOne = (draft: RuleDefinition, id: string) =>
        Effect.flatMap(requireSubject(subjects, draft.subject ?? defaultSubject, ["payload", "subject"]), (subject) =>
          Effect.flatMap(zone, (now) => compileAs(subject, draft, id, now))
        )

      const check = Effect.fnUntraced(function* (draft: RuleDefinition, id = "new") {
        const rule = yield* compileOne(draft, id)
        const named = draft.scope?.integrationIds ?? []
        if (named.length === 0) return rule
        const rows = yield* Effect.orDie(sql<{ id: number }>`SELECT id FROM integrations WHERE deleted_at IS NULL`)
        const there = new Set(rows.map((row) => String(row.id)))
        const errors = named.flatMap((one, index) =>
          there.has(one) || goneElsewhere.test(one)
            ? []
            : [{ path: ["payload", "scope", "integrationIds", index], message: `there is no integration ${one}` }]
        )
        return errors.length === 0 ? rule : yield* new InvalidRequest({ detail: "The rule is not valid", errors })
      })

      const unlessTaken = <A>(effect: Effect.Effect<A, SqlError.SqlError>, name: string) =>
        effect.pipe(
          Effect.catchReason("SqlError", "UniqueViolation", () => Effect.fail(new RuleNameTaken({ name }))),
          Effect.catchTag("SqlError", Effect.die)
        )

      /** Within the transaction that changes the rules: its commit clears the cache, whatever happens to the fiber. */
      const forget = sql.afterCommit(sets.forget)

      const forgetHeld = (id: string) =>
        forgetHeldNames({ type: "rule", id }).pipe(Effect.provideService(SqlClient.SqlClient, sql))

      const create = Effect.fn("Rules.create")(function* (draft: RuleDefinition) {
        const { effect } = yield* check(draft)
        const subject = draft.subject ?? defaultSubject
        const at = yield* nowIso
        const id = yield* transact(
          Effect.gen(function* () {
            const [last] = yield* sql<{ position: number | null }>`SELECT max(position) AS position FROM rules
                WHERE subject = ${subject}`
            const [row] = yield* unlessTaken(
              sql<{ id: number }>`INSERT INTO rules ${sql.insert({
                subject,
                name: draft.name,
                position: (last?.position ?? 0) + 1,
                enabled: toBit(draft.enabled),
                effect: effect.name,
                condition: toJson(draft.condition),
                scope: toJson(draft.scope ?? {}),
                ...actionColumns(draft),
                version: 1,
                created_at: at,
                updated_at: at
              })} RETURNING id`,
              draft.name
            )
            yield* events.append(
              RuleEvents.created.make({
                subject: String(row!.id),
                message: `Created the rule "${draft.name}"`,
                payload: { effect: effect.name }
              })
            )
            yield* forget
            return String(row!.id)
          })
        )
        yield* changed
        return yield* Effect.orDie(find(id))
      })

      const update = Effect.fn("Rules.update")(function* (id: string, patch: RulePatch, expectedVersion?: number) {
        const at = yield* nowIso
        const updated = yield* transact(
          Effect.gen(function* () {
            const { before: rule, next } = yield* patched(id, patch)
            if (expectedVersion !== undefined && expectedVersion !== rule.version) {
              return yield* new VersionConflict({ version: rule.version })
            }
            // An integration that was named before and is gone must not prevent another change.
            const { effect } = yield* patch.scope === undefined ? compileOne(next, id) : check(next, id)
            yield* forgetHeld(id)
            yield* unlessTaken(
              sql`UPDATE rules SET ${sql.update({
                name: next.name,
                enabled: toBit(next.enabled),
                effect: effect.name,
                condition: toJson(next.condition),
                scope: toJson(next.scope ?? {}),
                ...actionColumns(next),
                version: rule.version + 1,
                updated_at: at
              })} WHERE id = ${Number(id)}`,
              next.name
            )
            yield* events.append(
              RuleEvents.updated.make({
                subject: id,
                message: `Changed the rule "${next.name}"`,
                payload: changeOf(rule, patch.effect === undefined ? patch : { ...patch, effect: effect.name })
              })
            )
            yield* forget
            return yield* find(id)
          })
        )
        yield* changed
        return updated
      })

      const acknowledge = Effect.fn("Rules.acknowledge")(function* (id: string) {
        const rule = yield* find(id)
        yield* transact(
          Effect.gen(function* () {
            const names = yield* sql<{ what: string; name: string }>`SELECT what, name FROM held_names
                WHERE owner = 'rule' AND owner_id = ${Number(id)} AND lost_at IS NOT NULL`
            yield* forgetHeld(id)
            yield* events.append(
              RuleEvents.acknowledged.make({
                subject: id,
                message: `The rule "${rule.name}" was reviewed: it now uses only the names that exist`,
                payload: { names }
              })
            )
            yield* forget
          })
        )
        yield* changed
        return rule
      })

      const moveScope = Effect.fn("Rules.moveScope")(function* (id: string, successors: ReadonlyMap<string, string>) {
        const at = yield* nowIso
        yield* transact(
          Effect.gen(function* () {
            const { name, scope, version } = yield* find(id)
            const before = scope?.integrationIds ?? []
            const after = [...new Set(before.map((one) => successors.get(one) ?? one))]
            yield* sql`UPDATE rules SET ${sql.update({
              scope: toJson({ ...scope, integrationIds: after }),
              version: version + 1,
              updated_at: at
            })} WHERE id = ${Number(id)}`
            yield* sql`DELETE FROM held_names WHERE owner = 'rule' AND owner_id = ${Number(id)} AND what = 'integration'`
            yield* events.append(
              RuleEvents.namesFound.make({
                subject: id,
                message: `The rule "${name}" was updated: an integration in its scope was removed and connected again, and the scope now contains the new one`,
                payload: { before: { integrationIds: before }, after: { integrationIds: after } }
              })
            )
            yield* forget
          })
        ).pipe(Effect.orDie)
      })

      return Rules.of({
        subjects,
        subject: (name, path) => requireSubject(subjects, name, path),
        list: Effect.map(current, ({ rules }) => rules),
        damaged: Effect.map(loadRules(reader), ({ damaged }) => damaged.map(toUnreadable)),
        about: (subject) => loadAbout(reader, subject),
        get: Effect.fn("Rules.get")(find),
        create,
        update,
        remove: Effect.fn("Rules.remove")(function* (id) {
          const found = yield* findAny(id)
          const rule = "damage" in found ? (found.head ?? { id, name: id }) : found
          yield* transact(
            Effect.all(
              [
                sql`DELETE FROM rules WHERE id = ${Number(id)}`,
                forgetHeld(id),
                events.append(
                  RuleEvents.removed.make({
                    subject: id,
                    message: `Removed the rule "${rule.name}"`,
                    payload: { rule }
                  })
                ),
                forget
              ],
              { discard: true }
            )
          )
          yield* changed
        }),
        reorder: Effect.fn("Rules.reorder")(function* (ids, subject = defaultSubject) {
          yield* requireSubject(subjects, subject, ["payload", "subject"])
          const { damaged, rules: all } = yield* loadRules(sql)
          const [broken] = damaged.filter((rule) => rule.subject === subject)
          if (broken !== undefined) return yield* Effect.die(new RulesUnreadable({ detail: damageOf(broken) }))
          const known = all.filter((rule) => rule.subject === subject).map((rule) => rule.id)
          const given = new Set(ids)
          if (given.size !== ids.length || known.length !== ids.length || known.some((id) => !given.has(id))) {
            return yield* invalidField(["payload", "ids"], "must name every rule exactly once")
          }
          yield* transact(
            Effect.gen(function* () {
              for (const [index, id] of ids.entries()) {
                yield* sql`UPDATE rules SET position = ${index + 1} WHERE id = ${Number(id)}`
              }
              yield* events.append(
                RuleEvents.reordered.make({
                  message: "Changed the order of the rules",
                  payload: { before: known, after: ids }
                })
              )
              yield* forget
            })
          )
          return yield* loadAbout(sql, subject)
        }),
        check: Effect.fn("Rules.check")((draft) => check(draft)),
        compile: (subject, draft) => Effect.flatMap(zone, (now) => compileAs(subject, draft, "new", now)),
        zone,
        acknowledge,
        moveScope,
        onChanged: (step) => Ref.update(steps, (all) => [...all, step]),
        compiled: (subject) => Effect.mapError(sets.of(subject), (detail) => new RulesUnreadable({ detail }))
      })
    })
  )
}

const actionColumns = ({ action, priority }: RuleDefinition) => ({
  action: action === undefined ? null : toJson(action),
  priority: action === undefined ? null : (priority ?? 0)
})

/** An integration that no longer existed when the configuration was exported. */
const goneElsewhere = /^#\d+$/
