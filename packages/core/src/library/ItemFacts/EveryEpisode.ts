/** Who has watched every episode: a heavy fact from the plays by account and the table of episodes. */
import { Effect } from "effect"
import type { ViewerPlays } from "../Facts.ts"
import { known } from "../Facts.ts"
import { countOfViewers, hasAny } from "../Facts/Derivations.ts"
import type { HeavyFact } from "../Facts/Definition.ts"
import type { LibraryItem } from "../Item.ts"
import { contentsTrust, throughContents } from "./Contents.ts"
import { type ItemFacts, onNoServer, statistics } from "./Definition.ts"
import { countWhere, episodesUnknown, seasonsOfItems, undatedRead } from "./Episodes.ts"
import { playsOf } from "./Plays.ts"
import { withoutValue } from "./Through.ts"
import { asFinished, isPlays, loadPlays, together } from "./Viewing.ts"

interface Figures {
  readonly aired: number
  /** Files of aired episodes: a file with two episodes may be one entry of a media server. */
  readonly files: number
  readonly unread: number
}

/**
 * A person who has seen as many different episodes as have aired has seen each of them. A person who has seen fewer than
 * there are files has not seen all of those. Otherwise it is not known which ones were seen, and the item is left out.
 */
const loadEveryEpisode: HeavyFact["load"] = (ids) =>
  Effect.gen(function* () {
    const items = yield* seasonsOfItems<Figures>(
      ids,
      (sql, now) => sql`${countWhere(sql, sql`e.airs_at <= ${now}`)} AS aired,
        count(DISTINCT CASE WHEN e.airs_at <= ${now} AND e.has_file = 1 THEN coalesce(e.file_id, e.episode_id) END)
          AS files,
        ${countWhere(sql, sql.literal(`${undatedRead} OR e.has_file IS NULL`))} AS unread`
    )
    const plays = yield* loadPlays(ids)
    const values = new Map<string, ReadonlyArray<ViewerPlays>>()
    for (const { all, id, season } of items) {
      const counted = season === null ? all : all.filter((one) => one.season === season)
      const sum = (key: keyof Figures) => counted.reduce((total, one) => total + one[key], 0)
      const known = plays.get(id)
      const figures = { aired: sum("aired"), files: sum("files"), unread: sum("unread") }
      const viewers = figures.unread > 0 ? null : viewersOf(isPlays(known) ? known : [], figures)
      if (viewers !== null) values.set(id, viewers)
    }
    return values
  })

const viewersOf = (plays: ReadonlyArray<ViewerPlays>, { aired, files }: Figures) => {
  const people = new Map<string, Array<ViewerPlays>>()
  for (const one of plays) people.set(one.person ?? "", [...(people.get(one.person ?? "") ?? []), one])
  const viewers: Array<ViewerPlays> = []
  for (const accounts of people.values()) {
    const whole = files === 0 ? [] : accounts.filter(({ seen }) => seen === aired)
    if (whole.length > 0) viewers.push(whole.map(asFinished).reduce(together))
    else if (files > 0 && accounts.some(({ plays: count, seen }) => seen === undefined && count > 0)) return null
    else if (files > 0 && accounts.reduce((sum, { seen = 0 }) => sum + seen, 0) >= files) return null
  }
  return viewers
}

/** What a person has seen is counted in each entry of a server: of two entries, it may be different episodes. */
const mayBeElsewhere = ({ data: { onServers, playback } }: LibraryItem, viewers: ReadonlyArray<ViewerPlays>): boolean =>
  new Set(onServers.map(({ integrationId }) => integrationId)).size < onServers.length &&
  (playback?.users.length ?? 0) > viewers.length

const unsettled =
  "a person has seen as many episodes as there are files, but not as many as have aired, and no source reports which ones"

export const everyEpisode = {
  viewersOfEveryEpisode: {
    type: "plays",
    title: "Watched every episode",
    description:
      "Who has watched every episode that has aired and has a file, and when last. Nobody, if there is no such episode.",
    named: "viewer",
    kinds: ["show", "season"],
    source: statistics,
    unknown: `${onNoServer}; ${unsettled}; no source distinguishes watched from begun; it is twice on one media server; ${episodesUnknown}`,
    ofPart: "the part",
    heavy: { load: loadEveryEpisode, namesFrom: "plays", contents: "episodes" },
    read: (item, context, loaded) => {
      const plays = playsOf(item, context.sources)
      if (plays._tag !== "Known") return withoutValue(plays)
      if ((item.data.playback?.users ?? []).length === 0) return known([], plays.source, plays.at)
      const trust = contentsTrust(item, context, "episodes")
      if (trust._tag !== "Fresh") return throughContents(trust, undefined, unsettled)
      if (!isPlays(loaded) || mayBeElsewhere(item, loaded)) {
        return { _tag: "Unknown", reason: "not-told", detail: unsettled, source: plays.source }
      }
      return known(loaded, plays.source, plays.at < trust.at ? plays.at : trust.at)
    },
    derived: {
      everyEpisodeWatched: {
        type: "boolean",
        title: "Every episode watched",
        description: "Whether one person has watched every episode that has aired and has a file.",
        read: hasAny
      },
      viewersOfEveryEpisodeCount: {
        type: "number",
        title: "Number of viewers of every episode",
        description: "How many people have watched every episode that has aired and has a file.",
        unit: "people",
        read: countOfViewers
      }
    }
  }
} as const satisfies ItemFacts
