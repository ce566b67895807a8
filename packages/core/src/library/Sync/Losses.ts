/** Looks at what was just read beside what counts, and says what a person has to confirm before it is applied. */
import { Effect } from "effect"
import type { Observation, Observed } from "../../integrations/Observations.ts"
import type { Settings } from "../../settings/Settings.ts"
import type { Items } from "../Items.ts"
import type { ListObservation, Sources } from "../Sources.ts"
import { keysOf, lostShare, whyHeld, wholesOf, without } from "./Disappearance.ts"
import { LibrarySettings } from "../LibrarySettings.ts"

export const makeLossOf = ({
  items,
  settings,
  sources
}: {
  readonly items: Items["Service"]
  readonly settings: Settings["Service"]
  readonly sources: Sources["Service"]
}) => {
  /** What the entries of the reading that counts are told apart by. */
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

  /** What a reading would make vanish, when that is more than is taken without asking. */
  return Effect.fn("Sync.lossOf")(function* (
    integrationId: string,
    observation: Observation,
    value: Observed[Observation]
  ) {
    if (observation === "disks") return null
    const states = yield* sources.states
    const state = states.find((s) => s.integrationId === integrationId && s.observation === observation)
    if (state === undefined || state.observedAt === null) return null
    const before = yield* keysBefore(integrationId, observation, state.generation)
    const loss = lostShare(observation, before, value)
    return loss === null ? null : whyHeld(loss, yield* settings.get(LibrarySettings))
  })
}
