/** Protects what was protected: items that are found here, and those that are recognised when they are added. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../events/EventLog.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import type { ItemKind } from "../../integrations/Observations.ts"
import { placeProtection } from "../../library/PortableProtections.ts"
import { Protections } from "../../library/Protections.ts"
import type { Snapshot } from "../../library/Snapshots.ts"
import type { FoundItem, FoundProtection } from "../Found.ts"
import type { Match, Matching } from "../Matching.ts"
import type { MoveInEntry } from "../MoveIn.ts"
import type { Carried } from "./Carried.ts"

export const makeCarryProtections = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const events = yield* EventLog
  const integrations = yield* Integrations
  const protections = yield* Protections

  /** The integration that will manage an item of a kind that is added later, if there is only one. */
  const homes = Effect.map(integrations.live, (live) => (kind: ItemKind) => {
    const managers = live.filter((one) => one.can("catalog") && one.kind.itemKinds.includes(kind))
    return managers.length === 1 ? (managers[0]?.integration ?? null) : null
  })

  const placeForLater = Effect.fnUntraced(function* (
    { ids, kind }: FoundItem,
    { reason, title }: FoundProtection,
    because: string,
    homeOf: Effect.Success<typeof homes>
  ): Effect.fn.Return<string | null> {
    if (kind === null || ids.length === 0) return because
    const home = homeOf(kind)
    if (home === null) return `${because}, and not exactly one application manages such items`
    const { id: integrationId, name: integration } = home
    const known = { target: "item", integration, kind, ids, externalId: null, seasonNumber: null } as const
    yield* placeProtection(
      { ...known, title, reason, expiresAt: null },
      { replaces: null, integrationId, itemId: null }
    ).pipe(Effect.provideService(SqlClient.SqlClient, sql), Effect.provideService(EventLog, events))
    return null
  })

  return Effect.fnUntraced(function* (all: ReadonlyArray<FoundProtection>, matching: Matching, snapshot: Snapshot) {
    const homeOf = yield* homes
    const standing = (yield* protections.list).filter(({ expiresAt }) => expiresAt === null)
    const items = new Set(standing.flatMap(({ itemId }) => itemId ?? []))
    const collections = new Set(standing.flatMap(({ collection }) => collection ?? []))

    return yield* Effect.forEach(
      all,
      Effect.fnUntraced(function* (found) {
        const { collection, item, key, members, notes, original, reason } = found
        const result = (
          more: Partial<MoveInEntry> & Pick<MoveInEntry, "outcome">,
          created: string | null = null
        ): Carried => ({
          key,
          created,
          entry: {
            section: "protections",
            title: found.title,
            notes,
            original,
            itemId: null,
            matchedBy: null,
            because: null,
            ...more
          }
        })

        if (collection !== null && snapshot.collections.includes(collection)) {
          if (collections.has(collection)) {
            return result({ outcome: "present", because: "the collection is protected already" })
          }
          const made = yield* Effect.orDie(protections.add({ collection, reason, expiresAt: null }))
          collections.add(collection)
          return result({ outcome: "create" }, `protection:${made.id}`)
        }

        const answers = (item === null ? members : [item]).map((one) => matching.find(one))
        const matches = answers.filter((one): one is Match => typeof one !== "string")
        const here = [...new Set(matches.flatMap((match) => match.items))]
        const made: Array<string> = []
        for (const { id } of here) {
          if (items.has(id)) continue
          made.push((yield* Effect.orDie(protections.add({ itemId: id, reason, expiresAt: null }))).id)
          items.add(id)
        }
        yield* Effect.yieldNow

        const [first] = here
        if (item === null) {
          if (first === undefined) {
            return result({
              outcome: "not-carried",
              because: "there is no collection of that title here, and none of its members"
            })
          }
          const missing = answers.length - matches.length
          const note = `there is no collection of that title here: its members are protected one by one${missing === 0 ? "" : `, except for ${missing} that are not in the library`}`
          return made.length === 0
            ? result({ outcome: "present", because: "its members are protected already" })
            : result({ outcome: "create", notes: [note, ...notes] }, `protection:${made.join()}`)
        }
        if (first !== undefined) {
          const about = { title: first.title, itemId: first.id, matchedBy: matches[0]?.by ?? null }
          return made.length === 0
            ? result({ ...about, outcome: "present", because: "it is protected already" })
            : result({ ...about, outcome: "create" }, `protection:${made.join()}`)
        }
        const refusal = yield* placeForLater(item, found, typeof answers[0] === "string" ? answers[0] : "", homeOf)
        return refusal === null
          ? result({ outcome: "create", notes: [later, ...notes] }, "protection")
          : result({ outcome: "not-carried", because: refusal })
      })
    )
  })
})

const later = "it is not in the library yet: it is protected as soon as it is added"
