/**
 * Joins all current readings, including the ones just staged, and prepares the result for storing. Everything is
 * processed in pieces: only the look-ups by id are in memory, and the event loop runs between any two pieces.
 */
import { Effect } from "effect"
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import type { Observation, Observed } from "../../integrations/Observations.ts"
import { PersonMatcher, type StoredIdentity } from "../../viewers/PersonMatcher.ts"
import type { makeRequests } from "../../viewers/Requests.ts"
import type { ItemStore } from "../ItemStore.ts"
import { joinItem } from "../Join.ts"
import { JoinLookup } from "../Join/Lookup.ts"
import { mappingsOf, placing } from "../Places.ts"
import { reads } from "../ReadableObservations.ts"
import type { JoinedReading, ListObservation, Sources, StagedReading } from "../Sources.ts"
import { joinTargetOf, serverOf } from "./ServerOfReading.ts"

export const prepareJoined = Effect.fn("Sync.prepareJoined")(function* ({
  identities,
  items,
  live,
  removedIds,
  requests,
  sources,
  staged
}: {
  /** The accounts that are stored. */
  readonly identities: ReadonlyArray<StoredIdentity>
  readonly items: ItemStore["Service"]
  readonly sources: Sources["Service"]
  /** Where the requests are staged. */
  readonly requests: Effect.Success<ReturnType<typeof makeRequests>>
  readonly live: ReadonlyArray<LiveIntegration>
  readonly removedIds: ReadonlyArray<string>
  readonly staged: ReadonlyArray<StagedReading>
}) {
  const states = yield* sources.states
  const generationOf = (integrationId: string, observation: ListObservation): number => {
    const isIt = (one: { readonly integrationId: string; readonly observation: Observation }) =>
      one.integrationId === integrationId && one.observation === observation
    return staged.find(isIt)?.generation ?? states.find(isIt)?.generation ?? 0
  }
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
  const lookup = new JoinLookup(placing(mappingsOf(live.map(({ integration }) => integration))), people)
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
    yield* each(one, "watchlists", (entries) => Effect.sync(() => lookup.addWatchlists(entries, id)))
  }
  for (const _ of lookup.findLoosePlays()) yield* Effect.yieldNow
  yield* requests.clear
  for (const { integrationId, observation } of joined) {
    if (observation !== "requests") continue
    yield* sources.eachPiece(integrationId, observation, generationOf(integrationId, observation), (entries) =>
      requests.stage(integrationId, entries, people)
    )
  }
  const managers = live.filter((one) => reads(one, "catalog") && generationOf(one.integration.id, "catalog") > 0)
  // With a single manager there is no second copy of a title.
  const sharing = managers.filter((one) => managers.some((other) => other !== one && haveOneKind(one, other)))
  for (const one of sharing) yield* each(one, "catalog", (entries) => Effect.sync(() => lookup.addCopies(entries)))
  const owners = [...removedIds, ...managers.map((one) => one.integration.id)]
  const prepared = yield* items.prepare(owners, (add) =>
    Effect.forEach(
      managers,
      (one) =>
        each(one, "catalog", (entries) => {
          const integrationId = one.integration.id
          return add(entries.map((item) => ({ integrationId, item, ...joinItem(lookup, integrationId, item) })))
        }),
      { discard: true }
    )
  )
  return { owners, prepared, joined, people }
})

const haveOneKind = (one: LiveIntegration, other: LiveIntegration): boolean =>
  one.kind.itemKinds.some((kind) => other.kind.itemKinds.includes(kind))
