/**
 * When and for how long an item was watched, who has only begun it, and what was only marked: heavy facts from the table
 * of plays, loaded only for rules that name them.
 */
import { type Fact, type FactValue, known, type ViewerPlays } from "../Facts.ts"
import { countOfViewers, wholeDaysSincePlayed } from "../Facts/Derivations.ts"
import type { LibraryItem } from "../Item.ts"
import { later } from "../ViewerTally.ts"
import { type ItemContext, type ItemFacts, onNoServer, statistics } from "./Definition.ts"
import { dates } from "./Dates.ts"
import { plays } from "./Plays.ts"
import { leftOpen, withoutValue } from "./Through.ts"
import { asFinished, byPerson, fromPlays, loadPlays, together, undistinguished } from "./Viewing.ts"
import { hasSeen } from "./Watched.ts"

type Told = FactValue | { readonly unknownBecause: string }

/** The last time that anybody has watched it to the end. */
const lastFinished = (item: LibraryItem, { sources }: ItemContext, all: ReadonlyArray<ViewerPlays>): Told => {
  let last: string | null = null
  for (const one of all) {
    const seen = hasSeen(one, item, sources.watching)
    if (seen === null) return { unknownBecause: undistinguished([one]) }
    if (!seen) continue
    const { lastPlayedAt } = asFinished(one)
    if (lastPlayedAt === null) return { unknownBecause: `it is not known when ${one.user} has watched it` }
    last = later(last, lastPlayedAt)
  }
  return last
}

/** Those who have played some of it, and have not finished it with any of their accounts. */
const stopped = (item: LibraryItem, { sources }: ItemContext, all: ReadonlyArray<ViewerPlays>): Told => {
  const found: Array<ViewerPlays> = []
  for (const accounts of byPerson(all)) {
    const seen = accounts.map((one) => hasSeen(one, item, sources.watching))
    if (seen.includes(true)) continue
    if (seen.includes(null)) return { unknownBecause: undistinguished(accounts) }
    found.push(accounts.reduce(together))
  }
  return found
}

const minutesOf = (all: ReadonlyArray<ViewerPlays>): Told => {
  const open = all.find(({ minutes }) => minutes === undefined)
  return open === undefined
    ? all.reduce((sum, { minutes = 0 }) => sum + minutes, 0)
    : { unknownBecause: `no source reports how long ${open.user} has played it` }
}

/** Each person with the minutes of all their accounts; those whose minutes are not known are without. */
const minutesByPerson = (all: ReadonlyArray<ViewerPlays>): Told =>
  byPerson(all).map((accounts): ViewerPlays => {
    const { minutes: _, ...one } = accounts.reduce(together)
    const minutes = minutesOf(accounts)
    return typeof minutes === "number" ? { ...one, minutes } : one
  })

const markers = (all: ReadonlyArray<ViewerPlays>): Told => {
  const found: Array<ViewerPlays> = []
  for (const accounts of byPerson(all)) {
    if (accounts.some(({ marked = 0 }) => marked > 0)) found.push(accounts.reduce(together))
    else if (accounts.some(({ marked, seen }) => marked === undefined && seen !== 0)) {
      return { unknownBecause: `no source distinguishes whether ${accounts[0]?.user ?? ""} has played it or marked it` }
    }
  }
  return found
}

const watchedSinceAddedFact = (item: LibraryItem, context: ItemContext): Fact => {
  const last = leftOpen(item, "lastPlayedAt", plays.lastPlayedAt.read(item, context))
  if (last._tag !== "Known") return withoutValue(last)
  if (last.value === null) return known(false, last.source, last.at)
  const added = leftOpen(item, "addedAt", dates.addedAt.read(item, context))
  if (added._tag !== "Known") return withoutValue(added)
  const value = added.value === null ? null : String(last.value) >= String(added.value)
  return known(value, last.source, last.at)
}

const ofPart = "the part"
const notDistinguished = "no source distinguishes watched from begun"
const watched = { kinds: ["movie", "show", "season"], source: statistics, ofPart } as const

export const finishing = {
  watchedSinceAdded: {
    type: "boolean",
    title: "Watched since it was added",
    description:
      "Whether somebody has played it since it was added to the library; empty if it was played and has no date of its addition.",
    source: statistics,
    unknown: `${onNoServer}; the date of the last play or of its addition is unknown`,
    ofPart,
    read: watchedSinceAddedFact
  },
  lastFinishedAt: {
    type: "date",
    title: "Last watched to the end at",
    description:
      "When somebody last watched it to the end, as defined for the viewers who finished; empty if nobody has. Plays that were only begun do not count.",
    never: true,
    ...watched,
    unknown: `${onNoServer}; ${notDistinguished}, or reports when it was watched`,
    heavy: { load: loadPlays },
    read: (item, context, loaded) => fromPlays(item, context, loaded, null, (all) => lastFinished(item, context, all)),
    derived: {
      daysSinceFinished: {
        type: "number",
        title: "Days since it was watched to the end",
        description:
          "Whole days since somebody last watched it to the end. Never counts as infinitely long ago, and as empty.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSincePlayed
      }
    }
  },
  viewersWhoStopped: {
    type: "plays",
    title: "Begun and not finished",
    description: "Who has begun it and never watched it to the end, and when they last played it.",
    named: "viewer",
    ...watched,
    unknown: `${onNoServer}; ${notDistinguished}`,
    heavy: { load: loadPlays, namesFrom: "plays" },
    read: (item, context, loaded) => fromPlays(item, context, loaded, [], (all) => stopped(item, context, all)),
    derived: {
      viewersWhoStoppedCount: {
        type: "number",
        title: "Number of viewers who have not finished",
        description: "How many people have begun it and never watched it to the end.",
        unit: "people",
        read: countOfViewers
      }
    }
  },
  minutesWatched: {
    type: "number",
    title: "Minutes watched",
    description: "For how many minutes everybody together has played it, without pauses.",
    unit: "minutes",
    aliases: ["watch_time"],
    ...watched,
    unknown: `${onNoServer}; no source reports how long somebody has played it`,
    heavy: { load: loadPlays },
    read: (item, context, loaded) => fromPlays(item, context, loaded, 0, minutesOf)
  },
  watchTimeByUser: {
    type: "plays",
    title: "Minutes watched by a person",
    description: "For how many minutes one person has played it, without pauses, how often, and when last.",
    timed: true,
    named: "viewer",
    ...watched,
    unknown: `${onNoServer}; no source reports how long the person has played it`,
    heavy: { load: loadPlays, namesFrom: "plays" },
    read: (item, context, loaded) => fromPlays(item, context, loaded, [], minutesByPerson)
  },
  markedWatchedBy: {
    type: "plays",
    title: "Marked as watched by",
    description: "Who has marked it, or an episode of it, as watched by hand, without having played that.",
    named: "viewer",
    ...watched,
    unknown: `${onNoServer}; no source distinguishes played from marked`,
    heavy: { load: loadPlays, namesFrom: "plays" },
    read: (item, context, loaded) => fromPlays(item, context, loaded, [], markers)
  }
} as const satisfies ItemFacts
