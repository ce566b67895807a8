/**
 * Who is about to watch a season: viewers who are in an earlier season of the same show, and for whom this is the next
 * available one. Such a season has no plays, like one that nobody wants, but must be treated as the opposite.
 */
import { dayMillis } from "../../problems/Instants.ts"
import { nameKey } from "../../viewers/NameKey.ts"
import type { ViewerPlays } from "../Facts.ts"
import type { LibraryItem } from "../Item.ts"
import { seasonNumberOf } from "../Titles.ts"
import { keysOf } from "../ViewerTally.ts"

/** The viewers for whom a season is up next; `unknownBecause` = why they are not known. */
export type UpNext = { readonly names: ReadonlyArray<string> } | { readonly unknownBecause: string }

export interface Show {
  /** Its seasons in the library. */
  readonly seasons: ReadonlyArray<LibraryItem>
  /** Viewers of any of its seasons, including seasons that are no longer in the library. */
  readonly viewers: ReadonlyArray<ViewerPlays>
}

/** `now` in epoch milliseconds. */
export const upNext = (season: LibraryItem, show: Show, now: number, activeDays: number): UpNext => {
  const number = seasonNumberOf(season)
  if (number === null || number === 0) return { names: [] }
  const before = show.seasons
    .flatMap((one) => seasonNumberOf(one) ?? [])
    .filter((one) => one > 0 && one < number)
    .reduce<number | null>((latest, one) => Math.max(latest ?? 0, one), null)
  const since = now - activeDays * dayMillis
  const names: Array<string> = []
  let undated = false
  for (const place of placesIn(show.seasons)) {
    // A viewer who is in a later season, or in this one, is not waiting for it.
    if (place.season !== before) continue
    if (place.at === null) undated = true
    else if (place.at >= since) names.push(place.viewer.user)
    // If one of several plays has no date, it may be the last one.
    else if (place.viewer.undated === true) undated = true
  }
  if (names.length > 0) return { names }
  if (undated) return { unknownBecause: "plays of its show have no date" }
  // Unknown plays of another season can only mean that a viewer is further ahead, never that they are in the season
  // before this one.
  const [reason] = show.seasons.flatMap((one) => (seasonNumberOf(one) === before ? (one.data.untold?.plays ?? []) : []))
  if (reason !== undefined) return { unknownBecause: `of the season before it: ${reason}` }
  const away = before === number - 1 || number === 1 ? undefined : playsElsewhere(show, since)
  return away === undefined
    ? { names }
    : { unknownBecause: `${away.user} recently played a season of its show that is no longer in the library` }
}

/** A viewer who played the show recently, but played none of its available seasons that recently. */
const playsElsewhere = ({ seasons, viewers }: Show, since: number): ViewerPlays | undefined => {
  const latest = new Map<string, number>()
  for (const { data } of seasons) {
    for (const viewer of data.playback?.users ?? []) {
      const at = viewer.lastPlayedAt === null ? 0 : Date.parse(viewer.lastPlayedAt)
      for (const key of keysOf(viewer)) latest.set(key, Math.max(latest.get(key) ?? 0, at))
    }
  }
  return viewers.find((viewer) => {
    const at = viewer.lastPlayedAt === null ? 0 : Date.parse(viewer.lastPlayedAt)
    // The dates that a server reports for a show and for its season may differ by some hours.
    return at >= since && keysOf(viewer).every((key) => (latest.get(key) ?? 0) < at - dayMillis)
  })
}

interface Place {
  readonly viewer: ViewerPlays
  readonly season: number
  /** `null` = they played it, and no play has a date. */
  readonly at: number | null
}

/** The season that each viewer played last. */
const placesIn = (siblings: ReadonlyArray<LibraryItem>): ReadonlyArray<Place> => {
  const places = new Map<string, Place>()
  for (const sibling of siblings) {
    const season = seasonNumberOf(sibling)
    if (season === null || season === 0) continue
    for (const viewer of sibling.data.playback?.users ?? []) {
      if (viewer.plays === 0) continue
      const at = viewer.lastPlayedAt === null ? null : Date.parse(viewer.lastPlayedAt)
      const key = viewer.person ?? nameKey(viewer.user)
      const before = places.get(key)
      if (before === undefined || isLater(at, season, before)) places.set(key, { viewer, season, at })
    }
  }
  return [...places.values()]
}

const isLater = (at: number | null, season: number, before: Place): boolean => {
  if (at === null || before.at === null) return at !== null || (before.at === null && season > before.season)
  return at > before.at || (at === before.at && season > before.season)
}
