/** Prunerr's types of events and its actors, as beginnings of ours. */
import type { ActivityEntry } from "../../../system/Activity.ts"
import type { Entry } from "./Api.ts"

type EventType = (typeof Entry.Type)["eventType"]

/** The first one that covers a type is its name. */
const eventTypes: Readonly<Record<EventType, ReadonlyArray<string>>> = {
  error: [
    "removal.failed",
    "removal.half-done",
    "removal.restore-failed",
    "removals.unsettled",
    "integration.down",
    "integration.sync-failed",
    "integration.sync-held",
    "job-run.failed"
  ],
  deletion: ["removal.removed", "removal.executing", "removal.entry-settled", "removal.restored"],
  protection: ["protection."],
  scan: ["library.", "job-run.", "integration.recovered"],
  rule_match: ["removal.proposed", "removal.withdrawn", "removal.spared", "rule.", "rules."],
  manual_action: [
    "removal.",
    "collection.",
    "act.",
    "download.",
    "download-client.",
    "move-in.",
    "settings.",
    "account.",
    "api-key.",
    "dialect-key.",
    "integration.",
    "viewer.",
    "disk-group.",
    "scoring.",
    "backup.",
    "session.",
    "setup.",
    "clock.",
    "configuration.",
    "capacity.",
    "orphan.",
    "name-list.",
    "job."
  ]
}

const names = Object.keys(eventTypes) as ReadonlyArray<EventType>

const covers = (beginnings: ReadonlyArray<string>, type: string): boolean =>
  beginnings.some((one) => (one.endsWith(".") ? type.startsWith(one) : type === one))

export const eventTypeOf = (type: string): EventType =>
  names.find((name) => covers(eventTypes[name], type)) ?? "manual_action"

/**
 * What lists of Prunerr's types select and exclude: our types, without those that have another name. `null` = everything. A
 * list without a known name does not filter, as in Prunerr.
 */
export const selectionOf = (given: ReadonlyArray<string>, excluded: ReadonlyArray<string> = []) => {
  const asked = names.filter((name) => given.includes(name))
  const wanted = (asked.length === 0 ? names : asked).filter((name) => !excluded.includes(name))
  if (wanted.length === names.length) return null
  const types = wanted.flatMap((name) => eventTypes[name])
  const others = names.filter((name) => !wanted.includes(name))
  return {
    types,
    withoutTypes: others
      .flatMap((name) => eventTypes[name])
      .filter((type) => !type.endsWith(".") && !types.includes(type))
  }
}

const actorTypes = {
  scheduler: ["system", "job:"],
  user: ["account:", "key:", "local", "dialect:"],
  rule: ["job:rule"]
} as const

/** The actors that a list of Prunerr's types selects; undefined = all. */
export const actorsOf = (given: ReadonlyArray<string>) => {
  const found = Object.entries<ReadonlyArray<string>>(actorTypes).filter(([name]) => given.includes(name))
  if (found.length === 0) return undefined
  return {
    actors: found.flatMap(([, actors]) => actors),
    // The runs of rules are jobs, too.
    withoutActors: given.includes("rule") ? [] : actorTypes.rule
  }
}

export const actorTypeOf = (actor: string): (typeof Entry.Type)["actorType"] => {
  if (covers(["job:rule"], actor)) return "rule"
  return actor === "system" || actor.startsWith("job:") ? "scheduler" : "user"
}

/** The part of a type after its subject, in Prunerr's form: `removal.rescheduled` is `removal_rescheduled`. */
export const actionOf = ({ actor, collection, type }: ActivityEntry): string => {
  switch (type) {
    case "protection.added":
      return collection === null ? "protected" : "collection_protected"
    case "protection.removed":
      return collection === null ? "unprotected" : "collection_unprotected"
    case "removal.scheduled":
    case "removal.approved":
      return "item_queued"
    case "removal.proposed":
      // What a person requests on a disk in dry-run remains a proposal.
      return actorTypeOf(actor) === "user" ? "item_queued" : "item_flagged"
    case "removal.cancelled":
      return "queue_removed"
    case "removal.removed":
      return "deleted"
    case "library.synced":
      return "completed"
    default:
      return type.replace(/[.-]/g, "_")
  }
}
