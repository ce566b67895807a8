/**
 * Who played an item, how often and when; for a season or an episode also the plays of its show, and for a season for whom
 * it is up next.
 */
import { type Fact, inapplicable, known } from "../Facts.ts"
import { asList, countOfViewers, isZero, wholeDaysSincePlayed } from "../Facts/Derivations.ts"
import { entryOf } from "../Families.ts"
import type { ItemPlayback, LibraryItem } from "../Item.ts"
import type { SourceContext } from "../SourceContext.ts"
import { namesOf } from "../ViewerTally.ts"
import { type ItemContext, type ItemFact, type ItemFacts, onNoServer, statistics, unmatched } from "./Definition.ts"
import { leftOpen, notMatched, through } from "./Through.ts"
import { upNext } from "./UpNext.ts"

const values = {
  playCount: ({ plays }: ItemPlayback) => plays,
  lastPlayedAt: ({ lastPlayedAt }: ItemPlayback) => lastPlayedAt,
  watchedBy: ({ users }: ItemPlayback) => users.flatMap(namesOf),
  plays: ({ users }: ItemPlayback) => users,
  playing: ({ playing }: ItemPlayback) => playing === true
}
type PlaybackFactName = keyof typeof values

const playbackFact = (item: LibraryItem, sources: SourceContext, name: PlaybackFactName): Fact => {
  const believed = sources.playback(item.kind)
  const playback = item.data.playback
  if (believed._tag === "None") return inapplicable
  if (playback === null) return notMatched(believed, unmatched)
  // Plays are attached to the entries of a server, so both readings must be valid.
  const servers = sources.servers(item.kind)
  const sound = servers._tag === "Unsure" ? servers : believed
  return through(sound, values[name](playback))
}

const playback =
  (name: PlaybackFactName): ItemFact["read"] =>
  (item, { sources }) =>
    playbackFact(item, sources, name)

/** Who played the item, as reported by its sources, if they left nothing open. */
export const playsOf = (item: LibraryItem, sources: SourceContext): Fact =>
  leftOpen(item, "plays", playbackFact(item, sources, "plays"))

/** A fact of the show that a season or an episode belongs to. */
const ofShow = (item: LibraryItem, { family, sources }: ItemContext, name: PlaybackFactName): Fact => {
  if (item.kind !== "season" && item.kind !== "episode") return inapplicable
  const show = entryOf(family, item)
  if (show === undefined) return notMatched(sources.playback(item.kind), "its show is not in the library")
  return leftOpen(show, name, playbackFact(show, sources, name))
}

const upNextFact = (item: LibraryItem, context: ItemContext, name: "upNext" | "upNextFor"): Fact => {
  const { family, sources } = context
  if (item.kind !== "season") return inapplicable
  const ofWhole = ofShow(item, context, "plays")
  if (ofWhole._tag !== "Known") return ofWhole
  const show = family.parentOf(item)
  const seasons = show === undefined ? [] : family.childrenOf(show).filter(({ kind }) => kind === "season")
  const viewers = show?.data.playback?.users ?? []
  const next = upNext(item, { seasons, viewers }, Date.parse(ofWhole.at), sources.watching.activeDays)
  if ("unknownBecause" in next) {
    return { _tag: "Unknown", reason: "not-told", detail: next.unknownBecause, source: ofWhole.source }
  }
  return known(name === "upNext" ? next.names.length > 0 : next.names, ofWhole.source, ofWhole.at)
}

const leftLoose = "a server left it open, or part of that title was played under a key that its server no longer has"
const ofPart = "the part"
const played = { source: statistics, unknown: `${onNoServer}; ${leftLoose}`, ofPart } as const
const dated = { source: statistics, unknown: `${onNoServer}; ${leftLoose}; one of the plays has no date` } as const
const next = {
  kinds: ["season"],
  source: statistics,
  unknown:
    "somebody played, or may have played, the season before it at an unknown time; somebody recently played a season that is no longer in the library",
  ofPart
} as const

export const plays = {
  playCount: {
    type: "number",
    title: "Play count",
    description: "Plays by everybody.",
    unit: "plays",
    aliases: ["view_count"],
    ...played,
    read: playback("playCount"),
    derived: {
      neverWatched: {
        type: "boolean",
        title: "Never watched",
        description: "Nobody ever played it.",
        aliases: ["never_played"],
        read: isZero
      }
    }
  },
  lastPlayedAt: {
    type: "date",
    title: "Last played at",
    description: "When somebody last played it; empty if nobody ever did.",
    never: true,
    aliases: ["last_played", "last_watched", "last_watched_at", "last_viewed_at"],
    ...dated,
    ofPart,
    read: playback("lastPlayedAt"),
    derived: {
      daysSinceWatched: {
        type: "number",
        title: "Days since watched",
        description:
          "Whole days since somebody last played it. Never played counts as infinitely long ago, and as empty.",
        unit: "days",
        elapsed: true,
        aliases: ["days_since_played", "days_since_last_watched"],
        read: wholeDaysSincePlayed
      }
    }
  },
  watchedBy: {
    type: "strings",
    title: "Watched by",
    description: "Names of everybody who played it, including all names of each person.",
    aliases: ["watched_by_users", "viewers"],
    named: "viewer",
    ...played,
    read: playback("watchedBy")
  },
  plays: {
    type: "plays",
    title: "Plays by person",
    description: "Who played it, how often, and when last.",
    named: "viewer",
    plain: false,
    ...played,
    read: playback("plays"),
    derived: {
      watchedByCount: {
        type: "number",
        title: "Number of viewers",
        description: "How many people played it.",
        unit: "people",
        aliases: ["viewer_count"],
        read: countOfViewers
      },
      watchedByUser: {
        type: "viewer",
        title: "Watched by a person",
        description: "Plays by one person.",
        aliases: ["plays"],
        read: asList
      }
    }
  },
  playing: {
    type: "boolean",
    title: "Playing now",
    description: "Whether somebody was playing it when this was last read.",
    aliases: ["now_playing", "is_playing"],
    source: statistics,
    unknown: onNoServer,
    ofPart,
    read: playback("playing")
  },
  showPlayCount: {
    type: "number",
    title: "Play count of the show",
    description: "Plays of all seasons together, by everybody.",
    unit: "plays",
    kinds: ["season", "episode"],
    ...played,
    ofPart: "the whole",
    read: (item, context) => ofShow(item, context, "playCount")
  },
  showLastPlayedAt: {
    type: "date",
    title: "Show last played at",
    description: "When somebody last played any season of the show.",
    never: true,
    kinds: ["season", "episode"],
    ...dated,
    ofPart: "the whole",
    read: (item, context) => ofShow(item, context, "lastPlayedAt"),
    derived: {
      daysSinceShowWatched: {
        type: "number",
        title: "Days since the show was watched",
        description: "Whole days since somebody last played any season of the show.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSincePlayed
      }
    }
  },
  upNext: {
    type: "boolean",
    title: "Up next",
    description:
      "Whether somebody who is watching the show is currently in the season before this one. A setting limits how long ago their last play may be.",
    ...next,
    read: (item, context) => upNextFact(item, context, "upNext")
  },
  upNextFor: {
    type: "strings",
    title: "Up next for",
    description: "Names of the people for whom it is up next.",
    ...next,
    read: (item, context) => upNextFact(item, context, "upNextFor")
  }
} as const satisfies ItemFacts
