/**
 * Applies the integration's option for the entry of a show, an artist or an author whose last part was removed, and
 * describes requests that remain. If the process ends in between, the entry stays as it is.
 */
import { Effect } from "effect"
import { isBraked } from "../acts/Brake.ts"
import { decide, unsureKeeping } from "../capacity/Decision.ts"
import type { Engine } from "../capacity/Engine.ts"
import type { EventLog } from "../events/EventLog.ts"
import type { IntegrationOptions } from "../integrations/Integration.ts"
import type { EntryFate, RemovalCapability } from "../integrations/Kind.ts"
import { CurrentFinalCheck } from "../integrations/FinalCheck.ts"
import { wholeKindOf } from "../integrations/Observations.ts"
import { partsOf, wholesOf } from "../library/Families.ts"
import type { LibraryItem } from "../library/Item.ts"
import { requestFact } from "../library/ItemFacts/Requests.ts"
import type { ItemStore } from "../library/ItemStore.ts"
import type { Snapshots } from "../library/Snapshots.ts"
import type { SourceContext } from "../library/SourceContext.ts"
import { nowIso } from "../problems/Instants.ts"
import type { Settings } from "../settings/Settings.ts"
import { RemovalEvents } from "./RemovalEvents.ts"
import { targetOf } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

/** The requesters of an item, as the end of a sentence; empty if there are none, or if they are unknown. */
export const requestsStanding = (item: LibraryItem, context: SourceContext, isReset: boolean): string => {
  const fact = requestFact(item, context, "requested")
  if (fact._tag !== "Known" || fact.value !== true) return ""
  const names = [
    ...new Set((item.data.requests ?? []).map((request) => request.names[0] ?? "somebody who was deleted"))
  ]
  return `; requested by ${names.join(", ")} in ${fact.source}, where the request ${isReset ? "is to be reset" : "stays"}`
}

export const makeEmptyEntries = ({
  engine,
  events,
  items,
  settings,
  snapshots,
  transact
}: {
  readonly engine: Engine["Service"]
  readonly events: EventLog["Service"]
  readonly items: ItemStore["Service"]
  readonly settings: Settings["Service"]
  readonly snapshots: Snapshots["Service"]
  readonly transact: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
}) => {
  /**
   * Why nothing is done to the whole. Checked again right before the call: minutes may have passed since the removal
   * was claimed.
   */
  const whyNot = Effect.fnUntraced(function* (whole: LibraryItem) {
    if (yield* isBraked(settings)) return "deletions are switched off"
    const environment = yield* engine.loaded(yield* engine.environment, [whole])
    const { because, status } = decide(environment, whole)
    if (status === "protected" || status === "kept") return because ?? status
    const unsure = unsureKeeping(environment, whole)
    return unsure.length === 0 ? null : `a rule may keep it: ${unsure.join(", ")} unknown`
  })

  /** `removal` has removed `part`. Never fails: the removal itself is done. */
  const settle = Effect.fn("EmptyEntries.settle")(function* (
    removal: StoredRemoval,
    part: LibraryItem,
    capability: RemovalCapability,
    options: IntegrationOptions
  ) {
    const choice = options.emptyEntries
    if (choice === "keep" || capability.settleEntry === undefined || wholeKindOf(part.kind) === null) return
    const snapshot = yield* snapshots.get
    const wholes = wholesOf(snapshot, part)
    const whole = wholes.at(-1)
    // While other parts have files there is nothing to do; the application is asked only after the last one.
    const others = whole === undefined ? [] : partsOf(snapshot, whole)
    if (whole === undefined || others.some((other) => other.id !== part.id && !isWithin(other, part, wholes))) return
    const hindrance = yield* Effect.catch(whyNot(whole), (error) => Effect.succeed(error.message))
    const fate = yield* hindrance !== null
      ? Effect.succeed<EntryFate>({ _tag: "Kept", reason: hindrance })
      : capability.settleEntry(targetOf(removal), choice, options).pipe(
          Effect.provideService(CurrentFinalCheck, {
            whyNot: () => Effect.catch(whyNot(whole), (error) => Effect.succeed(error.message))
          }),
          Effect.catch((error) =>
            Effect.succeed<EntryFate>({
              _tag: "Kept",
              reason: error._tag === "UpstreamHeldBack" ? error.detail : error.message
            })
          )
        )
    const at = yield* nowIso
    const message = sentenceOf(whole.title, fate)
    const logged = events.append(
      RemovalEvents.entrySettled.make({
        subject: whole.id,
        message,
        payload: {
          removalId: removal.id,
          itemId: whole.id,
          title: whole.title,
          because: message,
          choice,
          outcome: outcomes[fate._tag]
        }
      })
    )
    yield* transact(fate._tag === "Removed" ? Effect.andThen(items.markGone(whole.id, at), logged) : logged)
  })

  return { settle }
}

/** Whether a part of the same entry goes with the part that was removed, or is what that part belonged to. */
const isWithin = (other: LibraryItem, part: LibraryItem, wholes: ReadonlyArray<LibraryItem>): boolean =>
  wholes.some(({ id }) => id === other.id) ||
  (part.kind === "season" &&
    other.kind === "episode" &&
    other.data.catalog.seasonNumber === part.data.catalog.seasonNumber)

const outcomes = { Removed: "removed", Unmonitored: "unmonitored", Kept: "kept" } as const

const sentenceOf = (title: string, fate: EntryFate): string => {
  switch (fate._tag) {
    case "Removed":
      return `The entry of "${title}" was taken off the application's list: its last part is gone`
    case "Unmonitored":
      return `The entry of "${title}" is no longer monitored: its last part is gone`
    case "Kept":
      return `The entry of "${title}" stays as it is: ${fate.reason}`
  }
}
