/**
 * The rules as they apply at one moment: those about items to a library, those about another subject to its things.
 * Rules refer to names (of a library, a tag, a person) that other people change; when a name is lost, what a rule kept or
 * exempted by it stays until a person has reviewed the rule. All decisions take the rules from here, so that names are
 * always checked before anything is evaluated.
 */
import { Context, Effect, Layer, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import {
  bearings,
  type HeldName,
  heldNames,
  type NameOwner,
  ownerKey,
  placesOf,
  presence,
  reckon,
  sameNames,
  writeHeldNames
} from "../library/HeldNames.ts"
import { factSheet } from "../library/ItemFacts.ts"
import { Protections } from "../library/Protections.ts"
import { type Snapshot, Snapshots } from "../library/Snapshots.ts"
import { Sync } from "../library/Sync.ts"
import { nowIso } from "../problems/Instants.ts"
import { ReadSql } from "../storage/Database.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { type ItemRuleSet, itemRules, splitRules } from "./ItemRules.ts"
import type { ItemEffect } from "./RuleEffect.ts"
import type { FactName } from "../library/Facts.ts"
import { bearersIn, bearingsOf, calledIn, collectBearers, goesByNames } from "./RuleNames.ts"
import { Rules, type RulesUnreadable } from "./Rules.ts"
import type { CompiledRule, CompiledRuleSet } from "./RuleSet.ts"
import type { AnyRuleSubject, ListedThings, RuleLanguage } from "./RuleSubject.ts"
import { RuleSubjects, sparing } from "./RuleSubjects.ts"
import { unlessBuggy } from "./SubjectSheets.ts"
import { type ReferredIntegrations, readReferredIntegrations } from "./RulesInForce/ReferredIntegrations.ts"
import { makeLogNames, type Owner } from "./RulesInForce/NameEvents.ts"

export type { Snapshot } from "../library/Snapshots.ts"
export type { ItemRuleSet } from "./ItemRules.ts"

export class RulesInForce extends Context.Service<
  RulesInForce,
  {
    /** All enabled rules about items, with the items that they keep by lost names. */
    readonly over: (snapshot: Snapshot) => Effect.Effect<ItemRuleSet, RulesUnreadable>
    /**
     * All enabled rules about a subject other than items, with the things that they keep by lost names. Such things are
     * found by their ids in the `RuleTarget`. If the subject does not say how its things are listed, no name is lost.
     */
    readonly about: <Name extends string, Outcome extends string>(
      subject: RuleLanguage<Name, Outcome> & Pick<AnyRuleSubject, "listed">
    ) => Effect.Effect<CompiledRuleSet<Name, Outcome>, RulesUnreadable>
  }
>()("tendarr/rules/RulesInForce") {
  static readonly layer = Layer.effect(
    RulesInForce,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const reader = yield* ReadSql
      const rules = yield* Rules
      const snapshots = yield* Snapshots
      const protections = yield* Protections
      const sync = yield* Sync
      const events = yield* EventLog
      const subjects = yield* RuleSubjects
      const single = yield* Semaphore.make(1)
      /** Weak, so that it does not keep a library in memory. */
      const observed = new WeakMap<Snapshot, Observed>()

      /** Everything that refers to names, with the items that currently have them. */
      const ownersOf = Effect.fnUntraced(function* (
        set: AllItemRules,
        snapshot: Snapshot,
        places: ReferredIntegrations
      ) {
        const context = yield* snapshots.contextOf(snapshot)
        const bearers = yield* bearersIn(set.rules, snapshot.items, (item) => factSheet(item, context, snapshot))
        const owners = set.rules.map((rule): Owner => ({
          type: "rule",
          id: rule.rule.id,
          title: rule.rule.name,
          keeps: rule.effect.keeps,
          now: bearingsOf(rule, bearers, places.there)
        }))
        for (const { collection, id } of yield* protections.list) {
          if (collection === null) continue
          const found = bearings()
          for (const item of snapshot.inCollection(collection)) {
            for (const place of placesOf(item, "collections", collection)) {
              found.add("collections", collection, place, item.id)
            }
          }
          owners.push({ type: "protection", id, title: collection, now: found.all() })
        }
        return owners
      })

      const observe = Effect.fn("RulesInForce.observe")(function* (
        set: AllItemRules,
        snapshot: Snapshot,
        from: SqlClient.SqlClient
      ) {
        const before = yield* heldNames(itemRules.name).pipe(Effect.provideService(SqlClient.SqlClient, from))
        const places = yield* readReferredIntegrations(from)
        const owners = yield* ownersOf(set, snapshot, places)
        if (before.size === 0 && owners.every(({ now }) => now.length === 0)) return set
        const presentOf = yield* presence(snapshot, [...before.values()].flat(), places.removed).pipe(
          Effect.provideService(SqlClient.SqlClient, from)
        )
        return yield* settle({ set, before, owners, places, presentOf })
      })

      /** The same for the things of another subject, each of which belongs to one integration. */
      const observeThings = Effect.fn("RulesInForce.observeThings")(function* <
        Name extends string,
        Outcome extends string
      >(set: CompiledRuleSet<Name, Outcome>, listed: ListedThings, from: SqlClient.SqlClient) {
        const before = yield* heldNames(set.subject.name).pipe(Effect.provideService(SqlClient.SqlClient, from))
        if (before.size === 0 && !set.rules.some(goesByNames)) return set
        const places = yield* readReferredIntegrations(from)
        const { add, bearers } = collectBearers(set.rules)
        const there = new Map<string, string>()
        yield* listed(bearers.keys(), (thing, sheet) => {
          there.set(thing.id, thing.integrationId)
          add(thing, sheet, () => [thing.integrationId])
        }).pipe(Effect.provideService(ReadSql, from))
        const owners = set.rules.map((rule): Owner => ({
          type: "rule",
          id: rule.rule.id,
          title: rule.rule.name,
          keeps: rule.effect.keeps,
          now: bearingsOf(rule, bearers, places.there)
        }))
        const presentOf = ({ items, name, what }: HeldName) =>
          what === "integration"
            ? [...there].flatMap(([id, integrationId]) => (integrationId === name ? [id] : []))
            : items.filter((id) => there.has(id))
        return yield* settle({ set, before, owners, places, presentOf })
      })

      /** Stores what was lost and found, and returns the rules with the things that they keep by lost names. */
      const settle = Effect.fnUntraced(function* <Name extends string, Outcome extends string>({
        before,
        owners,
        places,
        presentOf,
        set
      }: {
        readonly set: CompiledRuleSet<Name, Outcome>
        readonly before: ReadonlyMap<string, ReadonlyArray<HeldName>>
        readonly owners: ReadonlyArray<Owner>
        readonly places: ReferredIntegrations
        readonly presentOf: (name: HeldName) => ReadonlyArray<string>
      }) {
        const { subject } = set
        const at = yield* nowIso
        const reckoned = yield* Effect.forEach(owners, (owner) =>
          Effect.as(Effect.yieldNow, reckonOne(owner, before.get(ownerKey(owner)) ?? [], presentOf, places, at))
        )
        const differing = reckoned.filter(({ changed }) => changed)
        const known = new Set(owners.map(ownerKey))
        const orphans = [...before.keys()].filter((key) => !known.has(key)).map(ownerOf)
        if (differing.length > 0 || orphans.length > 0) {
          const logNames = makeLogNames(events, calledIn(subject), places)
          yield* transact(
            Effect.gen(function* () {
              for (const owner of orphans) yield* writeHeldNames(owner, [], subject.name)
              for (const { found, lost, names, owner } of differing) {
                yield* writeHeldNames(owner, names, subject.name)
                if (lost.length > 0) yield* logNames(owner, "lost", lost)
                if (found.length > 0) yield* logNames(owner, "found", found)
              }
            }).pipe(
              Effect.provideService(SqlClient.SqlClient, sql),
              // The actor is the system, not the caller that happens to trigger the check.
              Effect.provideService(Actor, "system")
            )
          )
        }
        const heldBy = new Map(reckoned.map(({ names, owner }) => [ownerKey(owner), heldOf<Name>(names, subject)]))
        return {
          ...set,
          rules: set.rules.map((rule): CompiledRule<Name, Outcome> => {
            const held = heldBy.get(ownerKey({ type: "rule", id: rule.rule.id }))
            return held === undefined ? rule : { ...rule, held }
          })
        }
      })

      const over = Effect.fn("RulesInForce.over")(function* (snapshot: Snapshot) {
        const set = yield* rules.compiled(itemRules)
        const seen = observed.get(snapshot)
        if (seen?.set === set) return seen.result
        // Within a transaction, other fibers must not be waited for, and the result may be rolled back.
        if (yield* inTransaction(sql)) return splitRules(yield* observe(set, snapshot, sql))
        return yield* single.withPermits(1)(
          Effect.gen(function* () {
            const again = observed.get(snapshot)
            if (again?.set === set) return again.result
            const result = splitRules(yield* observe(set, snapshot, reader))
            observed.set(snapshot, { set, result })
            return result
          })
        )
      })

      const about: RulesInForce["Service"]["about"] = Effect.fn("RulesInForce.about")(function* (subject) {
        if (subject.name === itemRules.name)
          return yield* Effect.die(new Error("Rules about items are taken by `over`"))
        const set = yield* rules.compiled(subject)
        if (subject.listed === null) return set
        if (yield* inTransaction(sql)) return yield* observeThings(set, subject.listed, sql)
        return yield* single.withPermits(1)(observeThings(set, subject.listed, reader))
      })

      /**
       * An integration that was removed and connected again has a new id, to which the scopes of rules must be updated.
       */
      const recognise = Effect.gen(function* () {
        const { successorOf } = yield* readReferredIntegrations(sql)
        for (const rule of yield* rules.list) {
          const successors = new Map(
            (rule.scope?.integrationIds ?? []).flatMap((id) => {
              const successor = successorOf(id, sparing(subjects, rule))
              return successor === null ? [] : [[id, successor] as const]
            })
          )
          if (successors.size > 0) yield* rules.moveScope(rule.id, successors)
        }
      })

      // A rule that cannot be read stops every plan, so no name can be lost unnoticed.
      const current = Effect.gen(function* () {
        const { rules: all } = yield* rules.compiled(itemRules)
        const watched = Effect.orDie(
          reader`SELECT 1 FROM held_names WHERE subject = ${itemRules.name}
            UNION ALL SELECT 1 FROM protections WHERE collection IS NOT NULL LIMIT 1`
        )
        // The library is loaded into memory only if necessary.
        if (all.some(goesByNames) || (yield* watched).length > 0) yield* Effect.flatMap(snapshots.get, over)
      }).pipe(Effect.ignore)
      const others = Effect.forEach(
        subjects.filter(({ listed, name }) => listed !== null && name !== itemRules.name),
        (subject) => Effect.ignore(unlessBuggy(subject, undefined)(about(subject))),
        { discard: true }
      )
      yield* sync.onApplied(Effect.andThen(recognise, current))
      yield* rules.onChanged(Effect.andThen(current, others))

      return RulesInForce.of({ over, about })
    })
  )
}

const reckonOne = (
  owner: Owner,
  before: ReadonlyArray<HeldName>,
  presentOf: (name: HeldName) => ReadonlyArray<string>,
  { removed }: ReferredIntegrations,
  at: string
) => {
  const reckoning = reckon({ before, now: owner.now, presentOf, removed, at })
  return { owner, ...reckoning, changed: !sameNames(before, reckoning.names) }
}

/** Rules of all effects, as they are stored. */
type AllItemRules = CompiledRuleSet<FactName, ItemEffect>

interface Observed {
  readonly set: AllItemRules
  readonly result: ItemRuleSet
}

const ownerOf = (key: string): NameOwner => {
  const [type, id = ""] = key.split(":")
  return { type: type === "rule" ? "rule" : "protection", id }
}

/** The lost names of each thing, by its id. */
const heldOf = <Name extends string>(
  names: ReadonlyArray<HeldName>,
  { fields }: Pick<RuleLanguage<Name>, "fields">
): CompiledRule<Name>["held"] => {
  const facts = new Map<string, Name>(fields.map(({ fact }) => [fact, fact]))
  const byThing = new Map<string, Map<Name | "integration", Array<string>>>()
  for (const { items, lostAt, name, what } of names) {
    const fact = what === "integration" ? what : facts.get(what)
    if (lostAt === null || fact === undefined) continue
    for (const item of items) {
      const all = byThing.get(item) ?? new Map<Name | "integration", Array<string>>()
      all.set(fact, [...(all.get(fact) ?? []), name])
      byThing.set(item, all)
    }
  }
  return byThing.size === 0 ? undefined : byThing
}
