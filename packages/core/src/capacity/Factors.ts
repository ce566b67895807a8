/**
 * The factors of the score: each maps facts to a number from 0 (keep) to 1 (remove). The formulas are those of
 * Capacitarr (3.3.2), so that its users get the same ranking; unlike there, a fact that could not be determined never
 * counts as "no".
 */
import type { ItemKind } from "../integrations/Observations.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import { gibibyte } from "../library/Facts/Derivations.ts"
import { dayMillis, factMillis } from "../problems/Instants.ts"
import { lacking, numberOf, onDate, onNumber } from "./FactorReading.ts"

/**
 * The result of a factor for an item: its raw number in 0..1, the name of an unknown fact, or `null` if it does not
 * apply because no configured integration can know its fact for this kind of item.
 */
export type FactorOutcome = number | FactName | null

/**
 * A factor. Add your own with `ScoreFactors.layerWith`, or with the option `factors` of `Tendarr.make`. Read facts with
 * the helpers of `FactorReading.ts`: they distinguish "unknown" from "none".
 *
 * @example
 * ```ts
 * import { onNumber } from "@tendarr/core/capacity/FactorReading"
 * import type { Factor } from "@tendarr/core/capacity/Factors"
 *
 * export const seasons: Factor = {
 *   key: "seasons",
 *   name: "Seasons",
 *   description: "How many seasons the show has. Ten or more count fully.",
 *   aliases: [],
 *   defaultWeight: 3,
 *   facts: ["seasonCount"],
 *   itemKinds: ["show"],
 *   raw: (sheet) => onNumber("seasonCount", sheet, (count) => Math.min(1, (count ?? 0) / 10)),
 *   reason: () => "By the number of its seasons"
 * }
 * ```
 */
export interface Factor {
  /** Stable: a letter, then letters, digits, `_` or `-`. Weights are stored under it. */
  readonly key: string
  readonly name: string
  readonly description: string
  /** Other names under which its weight can be set. */
  readonly aliases: ReadonlyArray<string>
  /** A whole number, 0..10; 0 = the factor does not count until it is given a weight. */
  readonly defaultWeight: number
  /** Facts that it may read. */
  readonly facts: ReadonlyArray<FactName>
  /** Kinds of items that it applies to; `null` = all. */
  readonly itemKinds: ReadonlyArray<ItemKind> | null
  /** `now` is in epoch milliseconds. A number outside 0..1 is clamped; NaN counts as 0, which keeps the item. */
  readonly raw: (sheet: FactSheet, now: number) => FactorOutcome
  /** Explains the raw number, for people. Called only if `raw` returned a number. */
  readonly reason: (sheet: FactSheet, now: number) => string
}

/** Up next for somebody: 0. Played `n` times: 0.5/n; never: 1. */
const watchHistory: Factor = {
  key: "watchHistory",
  name: "Play history",
  description:
    "How often it was played. The fewer plays, the likelier it is removed, unless it is up next for somebody.",
  aliases: ["playHistory", "playCount"],
  defaultWeight: 10,
  facts: ["playCount", "upNext"],
  itemKinds: null,
  raw: (sheet) =>
    unlessUpNext(
      sheet,
      onNumber("playCount", sheet, (plays) => (plays !== null && plays > 0 ? Math.min(1, 0.5 / plays) : 1))
    ),
  reason: (sheet) => {
    if (isUpNext(sheet)) return upNextReason(sheet)
    const plays = numberOf(sheet, "playCount") ?? 0
    return plays > 0 ? `Played ${plays === 1 ? "once" : `${plays} times`}` : "Never played"
  }
}

/** Up next for somebody: 0. Days since the last play, divided by 365; never: 1. */
const lastWatched: Factor = {
  key: "lastWatched",
  name: "Last played",
  description: "How long ago it was last played. A year or more counts fully, unless it is up next for somebody.",
  aliases: ["lastPlayed"],
  defaultWeight: 8,
  facts: ["lastPlayedAt", "upNext"],
  itemKinds: null,
  raw: (sheet, now) =>
    unlessUpNext(
      sheet,
      onDate("lastPlayedAt", sheet, (millis) => (millis === null ? 1 : share(millis, now)))
    ),
  reason: (sheet, now) =>
    isUpNext(sheet) ? upNextReason(sheet) : agoOf(sheet, "lastPlayedAt", now, "Last played", "No play has a date")
}

/** GiB divided by 50. */
const fileSize: Factor = {
  key: "fileSize",
  name: "File size",
  description: "How much space it takes. 50 GiB or more counts fully.",
  aliases: ["size"],
  defaultWeight: 6,
  facts: ["sizeBytes"],
  itemKinds: null,
  raw: (sheet) => onNumber("sizeBytes", sheet, (bytes) => Math.min(1, (bytes ?? 0) / (50 * gibibyte))),
  reason: (sheet) => `Takes ${((numberOf(sheet, "sizeBytes") ?? 0) / gibibyte).toFixed(2)} GiB`
}

/** 1 - r/10 on a scale of 10, 1 - r/100 on one of 100; none: 0.5. */
const rating: Factor = {
  key: "rating",
  name: "Rating",
  description: "How well it is rated. The lower the rating, the likelier it is removed.",
  aliases: [],
  defaultWeight: 5,
  facts: ["rating"],
  itemKinds: null,
  raw: (sheet) =>
    onNumber("rating", sheet, (given) => {
      if (given === null || given <= 0 || given > 100) return 0.5
      return given <= 10 ? 1 - given / 10 : 1 - given / 100
    }),
  reason: (sheet) => {
    const given = numberOf(sheet, "rating")
    return given === null || given <= 0 || given > 100 ? "Not rated" : `Rated ${given} of ${given <= 10 ? 10 : 100}`
  }
}

/** Days since it was added, divided by 365; no date: 0.5. */
const timeInLibrary: Factor = {
  key: "timeInLibrary",
  name: "Time in library",
  description: "How long ago it was added. A year or more counts fully.",
  aliases: [],
  defaultWeight: 4,
  facts: ["addedAt"],
  itemKinds: null,
  raw: (sheet, now) => onDate("addedAt", sheet, (millis) => (millis === null ? 0.5 : share(millis, now))),
  reason: (sheet, now) => agoOf(sheet, "addedAt", now, "Added", "No date of adding")
}

/** Ended: 1; continuing: 0.2; anything else: 0.5. */
const showStatus: Factor = {
  key: "showStatus",
  name: "Show status",
  description: "Whether the show is continuing. A show that has ended is likelier to be removed.",
  aliases: ["seriesStatus"],
  defaultWeight: 3,
  facts: ["showStatus"],
  itemKinds: ["show", "season"],
  raw: (sheet) => {
    const fact = sheet.get("showStatus")
    if (fact._tag !== "Known") return lacking("showStatus", fact)
    const status = typeof fact.value === "string" ? fact.value.toLowerCase() : null
    return status === "ended" ? 1 : status === "continuing" ? 0.2 : 0.5
  },
  reason: (sheet) => {
    const fact = sheet.get("showStatus")
    return fact._tag === "Known" && typeof fact.value === "string" ? `The show is ${fact.value}` : "No show status"
  }
}

/**
 * Not requested: 0.5; requested and watched by the requester: 0.3; requested: 0.1. Without a source of plays it cannot
 * be known whether the requester has watched it, which counts as not yet watched.
 */
const requestPopularity: Factor = {
  key: "requestPopularity",
  name: "Request popularity",
  description:
    "Whether somebody requested it, and whether they have watched it since. Requested items are less likely to be removed.",
  aliases: ["requests"],
  defaultWeight: 2,
  facts: ["requested", "watchedByRequester"],
  itemKinds: null,
  raw: (sheet) => {
    const requested = sheet.get("requested")
    if (requested._tag !== "Known") return lacking("requested", requested)
    if (requested.value !== true) return 0.5
    const watched = sheet.get("watchedByRequester")
    if (watched._tag === "Unknown") return "watchedByRequester"
    return watched._tag === "Known" && watched.value === true ? 0.3 : 0.1
  },
  reason: (sheet) => {
    const requested = sheet.get("requested")
    if (requested._tag !== "Known" || requested.value !== true) return "Nobody requested it"
    const watched = sheet.get("watchedByRequester")
    return watched._tag === "Known" && watched.value === true
      ? "Requested, and watched by a requester"
      : "Requested, and not yet watched by a requester"
  }
}

export const defaultFactors: ReadonlyArray<Factor> = [
  watchHistory,
  lastWatched,
  fileSize,
  rating,
  timeInLibrary,
  showStatus,
  requestPopularity
]

/** Whether a factor applies to this kind of item at all. */
export const isAbout = (factor: Factor, kind: ItemKind): boolean =>
  factor.itemKinds === null || factor.itemKinds.includes(kind)

/** A season that is up next has no plays only because its viewer has not reached it yet. */
const unlessUpNext = (sheet: FactSheet, outcome: FactorOutcome): FactorOutcome => {
  if (typeof outcome !== "number") return outcome
  const next = sheet.get("upNext")
  if (next._tag === "Unknown") return "upNext"
  return next._tag === "Known" && next.value === true ? 0 : outcome
}

const isUpNext = (sheet: FactSheet): boolean => {
  const next = sheet.get("upNext")
  return next._tag === "Known" && next.value === true
}

const upNextReason = (sheet: FactSheet): string => {
  const names = sheet.get("upNextFor")
  const who = names._tag === "Known" && Array.isArray(names.value) ? names.value.join(", ") : ""
  return `Up next for ${who === "" ? "somebody" : who}`
}

/** The share of a year that has passed since then, 0..1. */
const share = (millis: number, now: number): number => Math.min(1, Math.max(0, (now - millis) / dayMillis / 365))

const agoOf = (sheet: FactSheet, name: FactName, now: number, verb: string, without: string): string => {
  const fact = sheet.get(name)
  const millis = fact._tag === "Known" && typeof fact.value === "string" ? factMillis(fact.value) : null
  if (millis === null) return without
  const days = (now - millis) / dayMillis
  if (days < 0) return `${verb} at a time in the future`
  return `${verb} ${days.toFixed(1)} days ago`
}
