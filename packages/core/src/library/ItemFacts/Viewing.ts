/** What people have seen of an item, from the table of plays: heavy facts, loaded only for rules that name them. */
import { Effect } from "effect"
import { ReadSql } from "../../storage/Database.ts"
import { nameKey } from "../../viewers/NameKey.ts"
import { type PlaysOfViewer, playsOfItems } from "../../viewers/Plays.ts"
import { type Fact, type FactValue, known, type ViewerPlays } from "../Facts.ts"
import { countOfViewers, wholeDaysSincePlayed } from "../Facts/Derivations.ts"
import type { HeavyFact } from "../Facts/Definition.ts"
import type { LibraryItem } from "../Item.ts"
import { earlier, later } from "../ViewerTally.ts"
import { type ItemContext, type ItemFacts, onNoServer, statistics } from "./Definition.ts"
import { playsOf } from "./Plays.ts"
import { withoutValue } from "./Through.ts"
import { hasSeen } from "./Watched.ts"

/** One entry for each account, with the viewer as its person. */
export const loadPlays: HeavyFact["load"] = (ids) =>
  Effect.gen(function* () {
    const byItem = new Map<string, Array<ViewerPlays>>()
    for (const row of yield* playsOfItems(yield* ReadSql, ids)) {
      const plays = byItem.get(row.itemId) ?? []
      plays.push(asViewer(row))
      byItem.set(row.itemId, plays)
    }
    return byItem
  })

const asViewer = (row: PlaysOfViewer): ViewerPlays => {
  const names = row.names.filter((name) => nameKey(name) !== nameKey(row.viewerName))
  return {
    user: row.viewerName,
    ...(names.length === 0 ? {} : { names }),
    plays: row.plays,
    lastPlayedAt: row.lastPlayedAt,
    ...(row.undated ? { undated: true } : {}),
    ...(row.seen === null ? {} : { seen: row.seen, lastSeenAt: row.lastSeenAt }),
    ...(row.furthest === null ? {} : { furthest: row.furthest }),
    ...(row.seconds === null ? {} : { minutes: row.seconds / 60 }),
    ...(row.marked === null ? {} : { marked: row.marked }),
    ...(row.ambiguous.length === 0 ? {} : { ambiguous: row.ambiguous }),
    person: row.viewerId
  }
}

/** The first play of each item, if the sources report the first play of every account. */
const loadFirstPlays: HeavyFact["load"] = (ids) =>
  Effect.gen(function* () {
    const first = new Map<string, string | null>()
    for (const { firstPlayedAt, itemId } of yield* playsOfItems(yield* ReadSql, ids)) {
      const before = first.get(itemId)
      first.set(
        itemId,
        before === null || firstPlayedAt === null
          ? null
          : before === undefined
            ? firstPlayedAt
            : earlier(before, firstPlayedAt)
      )
    }
    return new Map([...first].flatMap(([id, at]) => (at === null ? [] : [[id, at] as const])))
  })

/** A fact from the plays of an item by account; `nothing` is its value if nobody has played it. */
export const fromPlays = (
  item: LibraryItem,
  { sources }: ItemContext,
  loaded: FactValue | undefined,
  nothing: FactValue,
  value: (plays: ReadonlyArray<ViewerPlays>) => FactValue | { readonly unknownBecause: string }
): Fact => {
  const plays = playsOf(item, sources)
  if (plays._tag !== "Known") return withoutValue(plays)
  if ((item.data.playback?.users ?? []).length === 0) return known(nothing, plays.source, plays.at)
  const unknown = (detail: string): Fact => ({ _tag: "Unknown", reason: "not-told", detail, source: plays.source })
  if (!isPlays(loaded) || loaded.length === 0) return unknown("the next sync reads who has seen it")
  const result = value(loaded)
  return isUnknown(result) ? unknown(result.unknownBecause) : known(result, plays.source, plays.at)
}

export const isPlays = (value: FactValue | undefined): value is ReadonlyArray<ViewerPlays> =>
  Array.isArray(value) && value.every((one) => typeof one !== "string")

const isUnknown = (
  value: FactValue | { readonly unknownBecause: string }
): value is { readonly unknownBecause: string } =>
  typeof value === "object" && value !== null && "unknownBecause" in value

/** The accounts of each person. */
export const byPerson = (plays: ReadonlyArray<ViewerPlays>): ReadonlyArray<ReadonlyArray<ViewerPlays>> => {
  const people = new Map<string, Array<ViewerPlays>>()
  for (const one of plays) people.set(one.person ?? "", [...(people.get(one.person ?? "") ?? []), one])
  return [...people.values()]
}

/** A person has finished it if one of their accounts has. */
const finishers = (item: LibraryItem, { sources }: ItemContext, plays: ReadonlyArray<ViewerPlays>) => {
  const finished: Array<ViewerPlays> = []
  for (const accounts of byPerson(plays)) {
    const seen = accounts.filter((one) => hasSeen(one, item, sources.watching) === true)
    if (seen.length > 0) {
      finished.push(seen.map(asFinished).reduce(together))
    } else if (accounts.some((one) => hasSeen(one, item, sources.watching) === null)) {
      return { unknownBecause: undistinguished(accounts) }
    }
  }
  return finished
}

export const undistinguished = (accounts: ReadonlyArray<ViewerPlays>): string =>
  `no source distinguishes whether ${accounts[0]?.user ?? ""} has watched it or only begun`

/** Its last play is the last one to the end; without a date if that is not reported. */
export const asFinished = ({ lastPlayedAt, lastSeenAt, plays, ...one }: ViewerPlays): ViewerPlays => {
  const at = lastSeenAt ?? (plays === 1 ? lastPlayedAt : null)
  return { ...one, plays, lastPlayedAt: at, ...(at === null ? { undated: true } : {}) }
}

export const together = (one: ViewerPlays, other: ViewerPlays): ViewerPlays => {
  const ambiguous = [...new Set([...(one.ambiguous ?? []), ...(other.ambiguous ?? [])])]
  return {
    ...one,
    names: [...new Set([...(one.names ?? []), ...(other.names ?? [])])],
    plays: one.plays + other.plays,
    lastPlayedAt: later(one.lastPlayedAt, other.lastPlayedAt),
    ...(one.undated === true || other.undated === true ? { undated: true } : {}),
    ...(ambiguous.length === 0 ? {} : { ambiguous })
  }
}

const furthest = (plays: ReadonlyArray<ViewerPlays>): FactValue | { readonly unknownBecause: string } => {
  const largest = Math.max(...plays.map((one) => one.furthest ?? 0))
  // Nobody covers more than all of it.
  if (largest >= 1) return 1
  const open = plays.find((one) => one.plays > 0 && one.furthest === undefined)
  return open === undefined ? largest : { unknownBecause: `no source reports how far ${open.user} has watched it` }
}

const noFirstPlay = "no source reports every play of everybody who played it with its date"
const ofPart = "the part"

export const viewing = {
  viewersWhoFinished: {
    type: "plays",
    title: "Finished",
    description:
      "Who has watched it to the end, and when last. The settings of the library define from which share on; for a season or a show, from which share of its episodes.",
    named: "viewer",
    kinds: ["movie", "show", "season", "episode"],
    source: statistics,
    unknown: `${onNoServer}; no source distinguishes watched from begun; for a rule about one person, several people have that name and not all of them have finished it`,
    ofPart,
    heavy: { load: loadPlays, namesFrom: "plays" },
    read: (item, context, loaded) => fromPlays(item, context, loaded, [], (plays) => finishers(item, context, plays)),
    derived: {
      viewersWhoFinishedCount: {
        type: "number",
        title: "Number of viewers who finished",
        description: "How many people have watched it to the end.",
        unit: "people",
        read: countOfViewers
      }
    }
  },
  furthestWatched: {
    type: "number",
    title: "Furthest watched",
    description: "The largest share of it, 0 to 1, that anybody has watched in one play; 0 if nobody ever played it.",
    kinds: ["movie", "episode"],
    source: statistics,
    unknown: `${onNoServer}; a source does not report how far somebody has watched it`,
    ofPart,
    heavy: { load: loadPlays },
    read: (item, context, loaded) => fromPlays(item, context, loaded, 0, furthest)
  },
  firstPlayedAt: {
    type: "date",
    title: "First played at",
    description: "When somebody first played it; empty if nobody ever did.",
    never: true,
    kinds: ["movie", "show", "season", "episode"],
    source: statistics,
    unknown: `${onNoServer}; ${noFirstPlay}`,
    ofPart,
    heavy: { load: loadFirstPlays },
    read: (item, { sources }, loaded) => {
      const plays = playsOf(item, sources)
      if (plays._tag !== "Known") return withoutValue(plays)
      if ((item.data.playback?.plays ?? 0) === 0) return known(null, plays.source, plays.at)
      return typeof loaded === "string"
        ? known(loaded, plays.source, plays.at)
        : { _tag: "Unknown", reason: "not-told", detail: noFirstPlay, source: plays.source }
    },
    derived: {
      daysSinceFirstPlayed: {
        type: "number",
        title: "Days since first played",
        description:
          "Whole days since somebody first played it. Never played counts as infinitely long ago, and as empty.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSincePlayed
      }
    }
  }
} as const satisfies ItemFacts
