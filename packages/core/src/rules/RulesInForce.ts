/**
 * The rules about items, as they apply to a library at one moment. Rules refer to names (of a library, a tag, a person)
 * that other people change; when a name is lost, items that a rule kept or exempted by it stay until a person has
 * reviewed the rule. All decisions take the rules from here, so that names are always checked before a library is
 * evaluated.
 */
import { Context, Effect, Layer, Ref, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import {
  type Bearing,
  bearings,
  type HeldName,
  heldNames,
  type NameKind,
  type NameOwner,
  nameWords,
  ownerKey,
  placesOf,
  presence,
  reckon,
  sameNames,
  writeHeldNames
} from "../library/HeldNames.ts"
import { factSheet } from "../library/ItemFacts.ts"
import { LibraryEvents } from "../library/LibraryEvents.ts"
import { Protections } from "../library/Protections.ts"
import { type Snapshot, Snapshots } from "../library/Snapshots.ts"
import { Sync } from "../library/Sync.ts"
import { nowIso } from "../problems/Instants.ts"
import { ReadSql } from "../storage/Database.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { RuleEvents } from "./RuleEvents.ts"
import { type ItemRule, type ItemRuleSet, itemRules } from "./ItemRules.ts"
import { bearersIn, bearingsOf, goesByNames } from "./RuleNames.ts"
import { Rules, type RulesUnreadable } from "./Rules.ts"
import { RuleSubjects, sparing } from "./RuleSubjects.ts"

export class RulesInForce extends Context.Service<
  RulesInForce,
  {
    /** All enabled rules about items, with the items that they keep by lost names. */
    readonly over: (snapshot: Snapshot) => Effect.Effect<ItemRuleSet, RulesUnreadable>
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
      const last = yield* Ref.make<Observed | null>(null)

      const rowsIn = (from: SqlClient.SqlClient) =>
        Effect.orDie(from<Place>`SELECT id, kind, name, url, deleted_at FROM integrations ORDER BY id`)

      /** Everything that refers to names, with the items that currently have them. */
      const ownersOf = Effect.fnUntraced(function* (set: ItemRuleSet, snapshot: Snapshot, places: Places) {
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
        set: ItemRuleSet,
        snapshot: Snapshot,
        from: SqlClient.SqlClient
      ) {
        const before = yield* heldNames.pipe(Effect.provideService(SqlClient.SqlClient, from))
        const places = placesIn(yield* rowsIn(from))
        const owners = yield* ownersOf(set, snapshot, places)
        if (before.size === 0 && owners.every(({ now }) => now.length === 0)) return set
        const at = yield* nowIso
        const presentOf = yield* presence(snapshot, [...before.values()].flat(), places.removed).pipe(
          Effect.provideService(SqlClient.SqlClient, from)
        )
        const reckoned = yield* Effect.forEach(owners, (owner) =>
          Effect.as(Effect.yieldNow, reckonOne(owner, before.get(ownerKey(owner)) ?? [], presentOf, places, at))
        )
        const differing = reckoned.filter(({ changed }) => changed)
        const known = new Set(owners.map(ownerKey))
        const orphans = [...before.keys()].filter((key) => !known.has(key)).map(ownerOf)
        if (differing.length > 0 || orphans.length > 0) {
          yield* transact(
            Effect.gen(function* () {
              for (const owner of orphans) yield* writeHeldNames(owner, [])
              for (const { found, lost, names, owner } of differing) {
                yield* writeHeldNames(owner, names)
                if (lost.length > 0) yield* tell(owner, "lost", lost, places)
                if (found.length > 0) yield* tell(owner, "found", found, places)
              }
            }).pipe(
              Effect.provideService(SqlClient.SqlClient, sql),
              // The actor is the system, not the caller that happens to trigger the check.
              Effect.provideService(Actor, "system")
            )
          )
        }
        const heldBy = new Map(reckoned.map(({ names, owner }) => [ownerKey(owner), heldOf(names)]))
        return {
          ...set,
          rules: set.rules.map((rule): ItemRule => {
            const held = heldBy.get(ownerKey({ type: "rule", id: rule.rule.id }))
            return held === undefined ? rule : { ...rule, held }
          })
        }
      })

      const tell = (
        owner: Owner,
        what: "lost" | "found",
        names: ReadonlyArray<HeldName>,
        { names: called }: Places
      ) => {
        const words = [
          ...new Set(
            names.map((one) =>
              one.what === "integration"
                ? `the integration "${called.get(one.name) ?? one.name}"`
                : nameWords(one.what, one.name)
            )
          )
        ].join(", ")
        const items = new Set(names.flatMap((one) => one.items)).size
        const payload = { names: names.map(({ items: all, ...one }) => ({ ...one, items: all.length })) }
        const subject = owner.id
        if (owner.type === "protection") {
          return what === "lost"
            ? events.append(
                LibraryEvents.collectionLost.make({
                  subject,
                  message: `The protected collection "${owner.title}" no longer exists in a place where it was; the ${items} items that were in it there stay protected`,
                  payload
                })
              )
            : events.append(
                LibraryEvents.collectionFound.make({
                  subject,
                  message: `The protected collection "${owner.title}" exists again`,
                  payload
                })
              )
        }
        return what === "lost"
          ? events.append(
              RuleEvents.namesLost.make({
                subject,
                message: `The rule "${owner.title}" names ${words}, which no longer exists; what it ${owner.keeps === false ? "spared" : "kept"} by it stays until a person has reviewed the rule`,
                payload
              })
            )
          : events.append(
              RuleEvents.namesFound.make({
                subject,
                message: `The rule "${owner.title}" names ${words}, which exists again`,
                payload
              })
            )
      }

      const over = Effect.fn("RulesInForce.over")(function* (snapshot: Snapshot) {
        const set = yield* rules.compiled(itemRules)
        const seen = (yield* Ref.get(last)) ?? undefined
        if (seen?.snapshot === snapshot && seen.set === set) return seen.result
        // Within a transaction, other fibers must not be waited for, and the result may be rolled back.
        if (yield* inTransaction(sql)) return yield* observe(set, snapshot, sql)
        return yield* single.withPermits(1)(
          Effect.gen(function* () {
            const again = yield* Ref.get(last)
            if (again?.snapshot === snapshot && again.set === set) return again.result
            const result = yield* observe(set, snapshot, reader)
            yield* Ref.set(last, { snapshot, set, result })
            return result
          })
        )
      })

      /**
       * An integration that was removed and connected again has a new id, to which the scopes of rules must be updated.
       */
      const recognise = Effect.gen(function* () {
        const { successorOf } = placesIn(yield* rowsIn(sql))
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
          reader`SELECT 1 FROM held_names UNION ALL SELECT 1 FROM protections WHERE collection IS NOT NULL LIMIT 1`
        )
        // The library is loaded into memory only if necessary.
        if (all.some(goesByNames) || (yield* watched).length > 0) yield* Effect.flatMap(snapshots.get, over)
      }).pipe(Effect.ignore)
      yield* sync.onApplied(Effect.andThen(recognise, current))
      yield* rules.onChanged(current)

      return RulesInForce.of({ over })
    })
  )
}

const reckonOne = (
  owner: Owner,
  before: ReadonlyArray<HeldName>,
  presentOf: (name: HeldName) => ReadonlyArray<string>,
  { removed }: Places,
  at: string
) => {
  const reckoning = reckon({ before, now: owner.now, presentOf, removed, at })
  return { owner, ...reckoning, changed: !sameNames(before, reckoning.names) }
}

interface Observed {
  readonly snapshot: Snapshot
  readonly set: ItemRuleSet
  readonly result: ItemRuleSet
}

interface Owner extends NameOwner {
  readonly title: string
  /** Set for a rule. */
  readonly keeps?: boolean
  readonly now: ReadonlyArray<Bearing>
}

interface Place {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly deleted_at: string | null
}

interface Places {
  readonly there: ReadonlySet<string>
  readonly removed: ReadonlySet<string>
  readonly names: ReadonlyMap<string, string>
  /**
   * The only integration of that kind that replaces a removed one: with the same address, or, if a mistake would keep
   * too much rather than too little, with the same name.
   */
  readonly successorOf: (id: string, byName: boolean) => string | null
}

const placesIn = (rows: ReadonlyArray<Place>): Places => {
  const live = rows.filter((row) => row.deleted_at === null)
  const gone = rows.filter((row) => row.deleted_at !== null)
  return {
    there: new Set(live.map(({ id }) => String(id))),
    removed: new Set(gone.map(({ id }) => String(id))),
    names: new Map(rows.map(({ id, name }) => [String(id), name])),
    successorOf: (id, byName) => {
      const before = gone.find((row) => String(row.id) === id)
      if (before === undefined) return null
      const same = live.filter(({ kind }) => kind === before.kind)
      const there = same.filter(({ url }) => addressOf(url) === addressOf(before.url))
      const named = same.filter(({ name }) => name === before.name)
      const both = there.filter((row) => named.includes(row))
      const [one, ...others] = both.length > 0 ? both : there.length > 0 ? there : byName ? named : []
      return one === undefined || others.length > 0 ? null : String(one.id)
    }
  }
}

const addressOf = (url: string): string => url.toLowerCase().replace(/\/+$/, "")

const ownerOf = (key: string): NameOwner => {
  const [type, id = ""] = key.split(":")
  return { type: type === "rule" ? "rule" : "protection", id }
}

/** The lost names of each item, by item. */
const heldOf = (names: ReadonlyArray<HeldName>): ItemRule["held"] => {
  const byItem = new Map<string, Map<NameKind, Array<string>>>()
  for (const { items, lostAt, name, what } of names) {
    if (lostAt === null) continue
    for (const item of items) {
      const all = byItem.get(item) ?? new Map<NameKind, Array<string>>()
      all.set(what, [...(all.get(what) ?? []), name])
      byItem.set(item, all)
    }
  }
  return byItem.size === 0 ? undefined : byItem
}
