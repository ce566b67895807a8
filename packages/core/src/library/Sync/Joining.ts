/**
 * Joins all current readings, including the ones just staged, and prepares the result for storing. Everything is
 * processed in pieces: only the look-ups by id are in memory, and the event loop runs between any two pieces.
 */
import { Effect } from "effect"
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import type { CatalogItem, Observation, Observed } from "../../integrations/Observations.ts"
import { PersonMatcher, type StoredIdentity } from "../../viewers/PersonMatcher.ts"
import type { makeRequests } from "../../viewers/Requests.ts"
import type { FormerPlays } from "../FormerPlays.ts"
import type { ItemStore, JoinedItem } from "../ItemStore.ts"
import { joinItem } from "../Join.ts"
import { JoinLookup } from "../Join/Lookup.ts"
import { ManagedItems, type ManagedItem, mayBeManaged, unclaimedOf } from "../Join/Managed.ts"
import { mappingsOf, placing } from "../Places.ts"
import { reads } from "../ReadableObservations.ts"
import type { JoinedReading, ListObservation, Sources, StagedReading } from "../Sources.ts"
import { isServer, joinTargetOf, serverOf } from "./ServerOfReading.ts"

export const prepareJoined = Effect.fn("Sync.prepareJoined")(function* ({
  former,
  identities,
  items,
  live,
  managedElsewhere,
  removedIds,
  requests,
  sources,
  staged
}: {
  /** The plays that only former media servers know. */
  readonly former: ReadonlyArray<FormerPlays>
  /** The accounts that are stored. */
  readonly identities: ReadonlyArray<StoredIdentity>
  readonly items: ItemStore["Service"]
  readonly sources: Sources["Service"]
  /** Where the requests are staged. */
  readonly requests: Effect.Success<ReturnType<typeof makeRequests>>
  readonly live: ReadonlyArray<LiveIntegration>
  readonly removedIds: ReadonlyArray<string>
  /** Items that managers knew before these readings. */
  readonly managedElsewhere: ReadonlyArray<ManagedItem & { readonly integrationId: string }>
  readonly staged: ReadonlyArray<StagedReading>
}) {
  const states = yield* sources.states
  const readingOf = (integrationId: string, observation: ListObservation) => {
    const isIt = (one: { readonly integrationId: string; readonly observation: Observation }) =>
      one.integrationId === integrationId && one.observation === observation
    const state = states.find(isIt)
    return staged.find(isIt) ?? (state && { generation: state.generation, at: state.observedAt })
  }
  const generationOf = (integrationId: string, observation: ListObservation): number =>
    readingOf(integrationId, observation)?.generation ?? 0
  const joined: Array<JoinedReading> = []
  const each = Effect.fnUntraced(function* <O extends ListObservation>(
    one: LiveIntegration,
    observation: O,
    use: (entries: Observed[O]) => Effect.Effect<void>
  ) {
    const { id } = one.integration
    const generation = reads(one, observation) ? generationOf(id, observation) : 0
    if (generation === 0) return
    if (yield* sources.eachPiece(id, observation, generation, use)) {
      joined.push({ integrationId: id, observation, joinedTo: joinTargetOf(one, observation, live) })
      return
    }
    // Otherwise a reading that is lost would be joined as one without entries.
    return yield* Effect.die(new Error(`The ${observation} of integration ${id} are lost`))
  })
  const people = new PersonMatcher(identities)
  const place = placing(mappingsOf(live.map(({ integration }) => integration)))
  const lookup = new JoinLookup(place, people)
  for (const one of live) {
    const { id } = one.integration
    yield* each(one, "serverItems", (entries) => Effect.sync(() => lookup.addServerItems(id, entries)))
    const server = serverOf(one, live)
    yield* each(one, "playback", (entries) =>
      Effect.sync(() => {
        if (server._tag === "Found") lookup.addPlayback(server.integrationId, one.integration.name, entries)
      })
    )
    yield* each(one, "requests", (entries) => Effect.sync(() => lookup.addRequests(entries, id)))
    if (reads(one, "watchlists") && generationOf(id, "watchlists") > 0) lookup.addWatchlists([], id)
    yield* each(one, "watchlists", (entries) =>
      Effect.sync(() => lookup.addWatchlists(entries, id, server._tag === "Found" ? server.integrationId : undefined))
    )
  }
  for (const one of former) lookup.addFormerPlays(one)
  for (const _ of lookup.findLoosePlays()) yield* Effect.yieldNow
  yield* requests.clear
  for (const { integrationId, observation } of joined) {
    if (observation !== "requests") continue
    yield* sources.eachPiece(integrationId, observation, generationOf(integrationId, observation), (entries) =>
      requests.stage(integrationId, entries, people)
    )
  }
  const listing = live.filter((one) => reads(one, "catalog") && generationOf(one.integration.id, "catalog") > 0)
  const servers = live.filter(isServer)
  const managers = listing.filter((one) => !isServer(one))
  // With a single manager there is no second copy of a title.
  const sharing = managers.filter((one) => managers.some((other) => other !== one && haveOneKind(one, other)))
  for (const one of sharing) yield* each(one, "catalog", (entries) => Effect.sync(() => lookup.addCopies(entries)))
  const managed = new ManagedItems(place)
  if (servers.length > 0) {
    for (const one of managedElsewhere) managed.add(one.integrationId, one)
    for (const one of managers) {
      yield* each(one, "catalog", (entries) =>
        Effect.sync(() => {
          for (const item of entries) managed.add(one.integration.id, item)
        })
      )
    }
  }
  const unmanaged = new Map<string, number>()
  for (const one of servers) {
    const { id } = one.integration
    let count = 0
    yield* each(one, "serverItems", (entries) =>
      Effect.sync(() => {
        for (const entry of entries) {
          if (entry.kind !== "season" && !managed.seemsToKnow(unclaimedOf(id, entry))) count++
        }
      })
    )
    unmanaged.set(id, count)
  }
  // A server's items are what no manager knows. One that lists nothing any more has no items left.
  const owners = [...removedIds, ...[...managers, ...servers].map((one) => one.integration.id)]
  const prepared = yield* items.prepare(owners, (add) =>
    Effect.forEach(
      listing,
      (one) => {
        const integrationId = one.integration.id
        const isOwn = isServer(one) ? unknownTo(managed, lookup, integrationId) : () => true
        const join = (item: CatalogItem): JoinedItem => {
          const joined = joinItem(lookup, integrationId, item)
          const data = isServer(one) ? { ...joined.data, ofServer: true as const } : joined.data
          return { integrationId, item, ...joined, data }
        }
        return each(one, "catalog", (entries) => add(entries.filter(isOwn).map(join)))
      },
      { discard: true }
    )
  )
  /** Something may have been removed from an integration since. */
  const readAt = new Map(
    listing.flatMap(({ integration: { id } }) => {
      const at = readingOf(id, "catalog")?.at
      return typeof at === "string" ? [[id, at] as const] : []
    })
  )
  return { owners, prepared, readAt, joined, people, unmanaged }
})

/** Whether no manager knows an item of a media server. Seasons follow their show, which precedes them. */
const unknownTo = (managed: ManagedItems, lookup: JoinLookup, integrationId: string) => {
  const known = new Set<string>()
  return (item: CatalogItem): boolean => {
    if (item.parentExternalId !== null) return !known.has(item.parentExternalId)
    const isKnown = mayBeManaged(managed, lookup, integrationId, item)
    if (isKnown) known.add(item.externalId)
    return !isKnown
  }
}

const haveOneKind = (one: LiveIntegration, other: LiveIntegration): boolean =>
  one.kind.itemKinds.some((kind) => other.kind.itemKinds.includes(kind))
