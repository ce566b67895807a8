/** Compares new readings with the current ones, and returns what a person must confirm before they are applied. */
import { Effect } from "effect"
import type { Observation, Observed } from "../../integrations/Observations.ts"
import type { Settings } from "../../settings/Settings.ts"
import type { ItemStore } from "../ItemStore.ts"
import type { ListObservation, Sources } from "../Sources.ts"
import { keysOf, lostShare, whyHeld, wholesOf, without } from "./Disappearance.ts"
import { LibrarySettings } from "../LibrarySettings.ts"

export const makeLossOf = ({
  items,
  settings,
  sources
}: {
  readonly items: ItemStore["Service"]
  readonly settings: Settings["Service"]
  readonly sources: Sources["Service"]
}) => {
  /** Identity keys of the entries in the current reading. */
  const keysBefore = Effect.fnUntraced(function* (
    integrationId: string,
    observation: ListObservation,
    generation: number
  ) {
    if (observation === "catalog") return yield* items.presentUnits(integrationId)
    const keys = new Set<string>()
    const wholes = new Set<string>()
    yield* sources.eachPiece(integrationId, observation, generation, (entries) =>
      Effect.sync(() => {
        for (const key of keysOf(observation, entries)) keys.add(key)
        for (const key of wholesOf(observation, entries)) wholes.add(key)
      })
    )
    return without(keys, wholes)
  })

  /** The loss that a reading would cause, if it is more than is accepted without confirmation. */
  return Effect.fn("Sync.lossOf")(function* (
    integrationId: string,
    observation: Observation,
    value: Observed[Observation]
  ) {
    if (observation === "disks" || isOpen(value)) return null
    const states = yield* sources.states
    const state = states.find((s) => s.integrationId === integrationId && s.observation === observation)
    if (state === undefined || state.observedAt === null) return null
    const before = yield* keysBefore(integrationId, observation, state.generation)
    const loss = lostShare(observation, before, value)
    return loss === null ? null : whyHeld(loss, yield* settings.get(LibrarySettings))
  })
}

/** What an unread list no longer contains is unknown: nothing depends on it until the list is read again. */
const isOpen = (value: Observed[Observation]): boolean =>
  Array.isArray(value) && value.some((entry: object) => "unread" in entry)
