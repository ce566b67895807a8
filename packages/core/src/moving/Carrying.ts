/**
 * Carries what was found in a file over to this installation, within the caller's transaction, and reports what it did
 * with each record. A preview is the same, rolled back.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { Protections } from "../library/Protections.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { endProtected } from "../removals/ProtectedRemovals.ts"
import { RemovalStore } from "../removals/RemovalStore.ts"
import { storedIdentities } from "../viewers/Identities.ts"
import { nameKey } from "../viewers/NameKey.ts"
import type { Carried } from "./Carrying/Carried.ts"
import { makeCarryConnection } from "./Carrying/CarryConnections.ts"
import { withNames } from "./Carrying/ConnectionNames.ts"
import { makeCarryProtections } from "./Carrying/CarryProtections.ts"
import { makeCarryRemovals } from "./Carrying/CarryRemovals.ts"
import { makeCarryRule } from "./Carrying/CarryRules.ts"
import type { Found, FoundDeed, FoundSecrets } from "./Found.ts"
import { matchingOf } from "./Matching.ts"
import { MovingEvents } from "./MovingEvents.ts"
import type { MoveInOptions, MoveInSection, MoveInSummary, ProductName } from "./MoveIn.ts"

export interface Carriage {
  readonly carried: ReadonlyArray<Carried>
  readonly mediaServer: MoveInSummary["mediaServer"]
  readonly libraries: MoveInSummary["libraries"]
}

export interface CarryOptions {
  readonly product: ProductName
  readonly title: string
  readonly found: Found
  readonly secrets: FoundSecrets
  readonly options: MoveInOptions
  /** The times that the preview showed, by the keys of their records: nothing is removed before them. */
  readonly shown: ReadonlyMap<string, string>
  /** Whether the events of the history are appended; a preview only counts them. */
  readonly writesHistory: boolean
}

export class Carrying extends Context.Service<
  Carrying,
  { readonly carry: (given: CarryOptions) => Effect.Effect<Carriage> }
>()("tendarr/moving/Carrying") {
  static readonly layer = Layer.effect(
    Carrying,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const protections = yield* Protections
      const snapshots = yield* Snapshots
      const integrations = yield* Integrations
      const events = yield* EventLog
      const store = yield* RemovalStore
      const carryConnection = yield* makeCarryConnection
      const carryRule = yield* makeCarryRule
      const carryProtections = yield* makeCarryProtections
      const carryRemovals = yield* makeCarryRemovals

      /** When each record was moved in before. */
      const movedBefore = Effect.fnUntraced(function* (product: ProductName) {
        const rows = yield* Effect.orDie(
          sql<{ section: string; key: string; at: string }>`SELECT section, "key", at FROM moved_in
            WHERE product = ${product}`
        )
        return new Map(rows.map(({ at, key, section }) => [`${section} ${key}`, at]))
      })

      const carryHistory = Effect.fnUntraced(function* (
        deeds: ReadonlyArray<FoundDeed>,
        product: ProductName,
        writes: boolean
      ) {
        // Oldest first, as they happened.
        const ordered = deeds.toSorted((one, other) => ((one.at ?? "") < (other.at ?? "") ? -1 : 1))
        if (writes) {
          yield* events.append(
            ...ordered.map(({ at, by, bytes, text, title, what }) =>
              MovingEvents.history.make({
                subject: null,
                message: at === null ? text : `${text} (${at.slice(0, 10)})`,
                payload: { product, what, title, at, bytes, by }
              })
            )
          )
        }
        return ordered.map(({ at, key, text }): Carried => ({
          key,
          created: "event",
          entry: {
            section: "history",
            title: text,
            outcome: "create",
            because: null,
            notes: [],
            original: text,
            itemId: null,
            matchedBy: null,
            at
          }
        }))
      })

      const people = Effect.fnUntraced(function* (found: Found["people"]) {
        const known = new Set((yield* storedIdentities(sql)).flatMap(({ names }) => names.map(nameKey)))
        return found.map(({ key, name, original }): Carried => ({
          key,
          created: null,
          entry: {
            section: "people",
            title: name,
            ...(known.has(nameKey(name))
              ? { outcome: "present", because: "an account of that name is here already" }
              : {
                  outcome: "not-carried",
                  because: "accounts are read from the media server: none of that name has been read yet"
                }),
            notes: [],
            original,
            itemId: null,
            matchedBy: null
          }
        }))
      })

      return Carrying.of({
        carry: Effect.fn("Carrying.carry")(function* ({
          found,
          options,
          product,
          secrets,
          shown,
          title,
          writesHistory
        }) {
          const before = yield* movedBefore(product)
          const snapshot = yield* snapshots.get
          const chosen = new Map(
            (options.library ?? []).map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)])
          )
          const matching = matchingOf({
            samples: found.samples,
            snapshot,
            integrations: yield* integrations.list,
            ...(options.mediaServer === undefined ? {} : { mediaServerId: options.mediaServer }),
            libraries: chosen
          })
          const carried: Array<Carried> = []
          /** The records that were not moved in before; those that were are reported as present. */
          const fresh = <R extends { readonly key: string; readonly original?: string }>(
            section: MoveInSection,
            records: ReadonlyArray<R>,
            titleOf: (record: R) => string
          ): ReadonlyArray<R> => {
            const twice = new Set<string>()
            return records.filter((record) => {
              const at = before.get(`${section} ${record.key}`)
              if (at === undefined && !twice.has(record.key)) {
                twice.add(record.key)
                return true
              }
              carried.push({
                key: record.key,
                created: null,
                entry: {
                  section,
                  title: titleOf(record),
                  outcome: "present",
                  because: at === undefined ? "the file contains it twice" : `it was moved in before, at ${at}`,
                  notes: [],
                  original: record.original ?? titleOf(record),
                  itemId: null,
                  matchedBy: null
                }
              })
              return false
            })
          }
          // First: rules may name them.
          const names = new Map<string, string | null>()
          for (const one of fresh("connections", found.connections, ({ name }) => name)) {
            const { carried: entry, nameHere } = yield* carryConnection(one, secrets.get(one.key) ?? {}, title)
            names.set(one.name, nameHere)
            carried.push(entry)
          }
          for (const one of fresh("rules", found.rules, ({ name }) => name)) {
            carried.push(yield* carryRule(withNames(one, names), matching, title))
          }
          const kept = fresh("protections", found.protections, (each) => each.title)
          carried.push(...(yield* carryProtections(kept, matching, snapshot)))
          if (found.protections.length > 0) {
            const protecting = yield* protections.readableProtectingIn(snapshot)
            yield* Effect.orDie(endProtected(sql, store, snapshot, protecting))
          }
          const waiting = fresh("removals", found.removals, (each) => each.title)
          carried.push(...(yield* carryRemovals(waiting, matching, shown)))
          carried.push(
            ...(yield* carryHistory(
              fresh("history", found.history, ({ text }) => text),
              product,
              writesHistory
            ))
          )
          carried.push(...(yield* people(found.people)))
          carried.push(
            ...found.rest.map(({ because, key, original, title: called }): Carried => ({
              key,
              created: null,
              entry: {
                section: "other",
                title: called,
                outcome: "not-carried",
                because,
                notes: [],
                original,
                itemId: null,
                matchedBy: null
              }
            }))
          )
          const keys = [...new Set([...found.rules.flatMap(({ libraryKeys }) => libraryKeys), ...chosen.keys()])]
          return {
            carried,
            mediaServer: matching.mediaServer,
            libraries: keys.toSorted().map((key) => ({ key, title: matching.titleOf(key) }))
          }
        })
      })
    })
  )
}
