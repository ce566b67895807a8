/** The titles that would disappear if a held sync were applied, for the person who confirms or discards it. */
import { Effect, Schema } from "effect"
import type { Integrations, LiveIntegration } from "../../integrations/Integrations.ts"
import { observations, type Observed } from "../../integrations/Observations.ts"
import { HeldSyncNotFound } from "../LibraryErrors.ts"
import type { Snapshot, Snapshots } from "../Snapshots.ts"
import type { ListObservation, Sources, SourceState } from "../Sources.ts"
import { entriesByKey, keysOf } from "./Disappearance.ts"
import { serverOf } from "./ServerOfReading.ts"

/** Number of titles that are listed; further ones are only counted. */
const listed = 100

export const HeldReading = Schema.Struct({
  observation: Schema.Literals(observations),
  readAt: Schema.String,
  before: Schema.Int.annotate({ description: "Entries currently in use." }),
  lost: Schema.Int.annotate({ description: "Of those, the entries that the held reading no longer contains." }),
  titles: Schema.Array(Schema.String).annotate({
    description: `Titles of items that would disappear, in alphabetical order, at most ${listed}.`
  }),
  more: Schema.Int.annotate({ description: "Number of items that would disappear in addition to the listed titles." })
}).annotate({ identifier: "HeldReading" })
export type HeldReading = typeof HeldReading.Type

export const HeldSync = Schema.Struct({
  integrationId: Schema.String,
  detail: Schema.String.annotate({ description: "Why the sync is held." }),
  readings: Schema.Array(HeldReading).annotate({ description: "The readings that would lose entries." })
}).annotate({ identifier: "HeldSync" })
export type HeldSync = typeof HeldSync.Type

export const makeHeldSync = (services: {
  readonly integrations: Integrations["Service"]
  readonly snapshots: Snapshots["Service"]
  readonly sources: Sources["Service"]
}) =>
  Effect.fn("Sync.held")(function* (integrationId: string) {
    const { integrations, snapshots, sources } = services
    const snapshot = yield* snapshots.get
    const states = snapshot.sourceStates
    const own = states.filter((state) => state.integrationId === integrationId)
    const live = yield* integrations.live
    const readings: Array<HeldReading> = []
    let detail: string | null = null
    for (const { generation, held, observation } of own) {
      if (held === null) continue
      detail = held.detail
      if (observation === "disks") continue
      const before = yield* titlesOf(sources, { integrationId, observation, generation, snapshot, live })
      const count = before.size
      yield* sources.eachPiece(integrationId, observation, held.generation, (entries) =>
        Effect.sync(() => {
          for (const key of keysOf(observation, entries)) before.delete(key)
        })
      )
      if (before.size === 0) continue
      const titles = [...before.values()].sort((a, b) => a.localeCompare(b, "en")).slice(0, listed)
      readings.push({
        observation,
        readAt: held.at,
        before: count,
        lost: before.size,
        titles,
        more: before.size - titles.length
      })
    }
    return detail === null ? yield* new HeldSyncNotFound({ integrationId }) : { integrationId, detail, readings }
  })

interface Counting {
  readonly integrationId: string
  readonly observation: ListObservation
  readonly generation: number
  readonly snapshot: Snapshot
  readonly live: ReadonlyArray<LiveIntegration>
}

/** The current entries by key, with their display names. */
const titlesOf = Effect.fnUntraced(function* (
  sources: Sources["Service"],
  { generation, integrationId, live, observation, snapshot }: Counting
) {
  const collect = <O extends ListObservation>(
    of: string,
    what: O,
    at: number,
    titleOf: (entry: Observed[O][number]) => string
  ) => {
    const titles = new Map<string, string>()
    return Effect.as(
      sources.eachPiece(of, what, at, (entries) =>
        Effect.sync(() => {
          for (const [key, entry] of entriesByKey(what, entries)) titles.set(key, titleOf(entry))
        })
      ),
      titles
    )
  }
  switch (observation) {
    case "catalog":
      // Taken from the items rather than from the reading: items may have been removed since, or come from an earlier
      // reading.
      return new Map(
        snapshot.items
          .filter((item) => item.integrationId === integrationId)
          .map((item) => [item.externalId, item.title])
      )
    case "serverItems": {
      const wholes = new Map<string, string>()
      return yield* collect(integrationId, observation, generation, (entry) => {
        wholes.set(entry.serverItemId, entry.title)
        const whole = entry.parentServerItemId === null ? undefined : wholes.get(entry.parentServerItemId)
        return whole === undefined ? entry.title : `${whole} - ${entry.title}`
      })
    }
    case "playback": {
      const one = live.find(({ integration }) => integration.id === integrationId)
      const server = one === undefined ? null : serverOf(one, live)
      const names =
        server?._tag === "Found"
          ? yield* collect(
              server.integrationId,
              "serverItems",
              generationOf(snapshot.sourceStates, server.integrationId),
              (entry) => entry.title
            )
          : new Map<string, string>()
      return yield* collect(integrationId, observation, generation, (entry) => {
        const name = names.get(entry.serverItemId) ?? `${entry.kind} ${entry.serverItemId}`
        return entry.seasonNumber === null ? name : `${name} - Season ${entry.seasonNumber}`
      })
    }
    case "requests":
    case "watchlists": {
      const titles = new Map(snapshot.items.flatMap((item) => item.ids.map((id) => [id, item.title] as const)))
      return yield* collect(integrationId, observation, generation, (entry) => {
        const known = entry.ids.find((id) => titles.has(id))
        const other = "requestId" in entry ? `request ${entry.requestId}` : `entry ${entry.entryId}`
        return (known === undefined ? entry.ids[0] : titles.get(known)) ?? other
      })
    }
  }
})

const generationOf = (states: ReadonlyArray<SourceState>, integrationId: string): number =>
  states.find((state) => state.integrationId === integrationId && state.observation === "serverItems")?.generation ?? 0
