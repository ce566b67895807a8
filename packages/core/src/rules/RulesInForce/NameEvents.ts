/** Logs that names no longer exist or exist again, with the items that depend on them. */
import type { Effect } from "effect"
import type { EventLog } from "../../events/EventLog.ts"
import { type Bearing, type HeldName, type NameOwner, nameInText } from "../../library/HeldNames.ts"
import { LibraryEvents } from "../../library/LibraryEvents.ts"
import { RuleEvents } from "../RuleEvents.ts"
import type { ReferredIntegrations } from "./ReferredIntegrations.ts"

export interface Owner extends NameOwner {
  readonly title: string
  /** Set for a rule. */
  readonly keeps?: boolean
  readonly now: ReadonlyArray<Bearing>
}

/** `called` returns the word that people use for the names of a fact. */
export const makeLogNames =
  (events: EventLog["Service"], called: (fact: string) => string, places: ReferredIntegrations) =>
  (owner: Owner, what: "lost" | "found", names: ReadonlyArray<HeldName>): Effect.Effect<void> => {
    const words = [
      ...new Set(
        names.map((one) =>
          one.what === "integration"
            ? `the integration "${places.names.get(one.name) ?? one.name}"`
            : nameInText(one.what, one.name, called)
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
