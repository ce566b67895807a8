/** Looks at what was just read beside what counts, and says what a person has to confirm before it is applied. */
import { Effect } from "effect"
import type { Observation, Observed } from "../../integrations/Observations.ts"
import type { Settings } from "../../settings/Settings.ts"
import type { Items } from "../Items.ts"
import type { ListObservation, Sources } from "../Sources.ts"
import { keysOf, lostShare, whyHeld, wholesOf, without } from "./Disappearance.ts"

/** One observation as it was just read. */
export interface FreshReading {
  readonly observation: Observation
  readonly value: Observed[Observation]
}

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

  /** What the readings of an integration would make vanish, when that is more than is taken without asking. */
  return Effect.fn("Sync.lossOf")(function* (integrationId: string, readings: ReadonlyArray<FreshReading>) {
    const bounds = yield* settings.get("library")
    const states = yield* sources.states
    for (const { observation, value } of readings) {
      const state = states.find((s) => s.integrationId === integrationId && s.observation === observation)
      if (state === undefined || state.observedAt === null) continue
      if (observation === "disks") continue
      const before = yield* keysBefore(integrationId, observation, state.generation)
      const loss = lostShare(observation, before, value)
      const because = loss === null ? null : whyHeld(loss, bounds)
      if (because !== null) return because
    }
    return null
  })
}
