/**
 * Rules to start from. Each is a complete rule; what it is said to match is found by evaluating that very rule. Never
 * played counts as infinitely long ago in `daysSinceWatched`, so that a template about what was watched once says so.
 */
import type { Condition } from "../../rules/Condition.ts"
import type { RuleDefinition, RuleScope } from "../../rules/Rule.ts"
import type { RuleAction } from "../../rules/RuleAction.ts"

export interface Template {
  /** Lower-kebab-case, stable. */
  readonly id: string
  readonly description: string
  readonly rule: RuleDefinition
}

type Value = string | number | boolean | ReadonlyArray<string>

const is = (field: string, operator: string, value: Value): Condition => ({
  kind: "condition",
  field,
  operator,
  value
})
const all = (...children: ReadonlyArray<Condition>): Condition => ({ kind: "group", logic: "AND", children })
const any = (...children: ReadonlyArray<Condition>): Condition => ({ kind: "group", logic: "OR", children })

const watched = is("neverWatched", "equals", false)
const neverWatched = is("neverWatched", "equals", true)
const addedOver = (days: number) => is("daysSinceAdded", "greaterThan", days)
/** Includes what was never played. */
const notWatchedFor = (days: number) => is("daysSinceWatched", "greaterThan", days)

/** What a template proposes is carried out only after a person has approved it. */
const propose: RuleAction = { type: "remove", graceDays: 14, approval: true }
const report: RuleAction = { type: "report" }

const template = (
  id: string,
  name: string,
  description: string,
  condition: Condition,
  given: { readonly itemKinds?: RuleScope["itemKinds"]; readonly action?: RuleAction } = {}
): Template => ({
  id,
  description,
  rule: {
    name,
    enabled: true,
    effect: "act",
    condition,
    ...(given.itemKinds === undefined ? {} : { scope: { itemKinds: given.itemKinds } }),
    action: given.action ?? propose
  }
})

const movies = { itemKinds: ["movie"] } as const
const series = { itemKinds: ["show", "season"] } as const
const episodes = { itemKinds: ["episode"] } as const

export const templates: ReadonlyArray<Template> = [
  template(
    "never-watched",
    "Never watched",
    "Added over 30 days ago, and nobody ever played it.",
    all(neverWatched, addedOver(30))
  ),
  template(
    "never-watched-for-a-year",
    "Never watched for a year",
    "Added over a year ago, nobody ever played it, and it is on no watchlist.",
    all(neverWatched, addedOver(365), is("onWatchlist", "notEquals", true))
  ),
  template(
    "watched-once",
    "Watched once",
    "Played exactly once, over 60 days ago.",
    all(is("playCount", "equals", 1), notWatchedFor(60))
  ),
  template(
    "large-files",
    "Large files",
    "Over 10 GiB, added over 30 days ago, and not played for 30 days or never.",
    all(is("sizeGb", "greaterThan", 10), addedOver(30), notWatchedFor(30))
  ),
  template(
    "stale",
    "Not watched for 90 days",
    "Last played over 90 days ago, or never and added over 90 days ago.",
    any(all(watched, notWatchedFor(90)), all(neverWatched, addedOver(90)))
  ),
  template(
    "old-movies",
    "Movies watched once",
    "Movies that were played exactly once, over 30 days ago.",
    all(is("playCount", "equals", 1), notWatchedFor(30)),
    movies
  ),
  template(
    "completed-shows",
    "Ended shows",
    "Seasons of shows that have ended, which somebody watched, and nobody within 60 days.",
    all(is("showStatus", "equals", "ended"), watched, notWatchedFor(60)),
    series
  ),
  template(
    "last-episodes-of-daily-shows",
    "Last ten episodes of daily shows",
    "Episodes of daily shows but the last ten. The option episodeItems of the integration must make them items.",
    all(is("seriesType", "equals", "daily"), is("episodeRank", "greaterThan", 10)),
    episodes
  ),
  template(
    "watched-episodes",
    "Watched episodes",
    "Episodes that somebody watched, and nobody within 30 days, but the last three of each season. The option episodeItems of the integration must make them items.",
    all(watched, notWatchedFor(30), is("episodeRankInSeason", "greaterThan", 3)),
    episodes
  ),
  template(
    "ended-and-watched-by-requesters",
    "Ended shows watched by all who asked",
    "Seasons of shows that have ended, which everybody who requested them has watched, over 30 days ago.",
    all(is("showStatus", "equals", "ended"), is("watchedByAllRequesters", "equals", true), notWatchedFor(30)),
    series
  ),
  template(
    "requested-and-watched",
    "Watched by all who asked",
    "Everybody who requested it has watched it, and nobody has played it within 30 days.",
    all(is("requested", "equals", true), is("watchedByAllRequesters", "equals", true), notWatchedFor(30))
  ),
  template(
    "requested-and-unwatched",
    "Requested and never watched by who asked",
    "Requested over 90 days ago, added over 90 days ago, and nobody who requested it has watched it since.",
    all(
      is("requested", "equals", true),
      is("watchedByRequester", "equals", false),
      is("lastRequestedAt", "overAgo", 90),
      addedOver(90)
    )
  ),
  template(
    "low-quality",
    "Low quality",
    "Files with fewer than 1080 lines; a report, because a better release may be found.",
    is("resolutionNumber", "lessThan", 1080),
    { action: report }
  ),
  template(
    "low-quality-copies",
    "Copies of lower quality",
    "Another copy of the same title has a higher resolution.",
    all(is("copyCount", "greaterThan", 0), is("betterCopy", "equals", true))
  ),
  template(
    "old-codec",
    "Old codec",
    "Movies in H.264, which are larger than in later codecs; a report.",
    any(...["h264", "h.264", "x264", "avc"].map((codec) => is("videoCodec", "contains", codec))),
    { ...movies, action: report }
  ),
  template(
    "classic-never-rewatched",
    "Classics that nobody watches",
    "Movies from before 2015, added over 180 days ago, and not played for 180 days or never.",
    all(is("year", "lessThan", 2015), addedOver(180), notWatchedFor(180)),
    movies
  ),
  template(
    "large-4k-watched-once",
    "Large 4K movies watched once",
    "Movies in 4K of over 20 GiB that were played exactly once.",
    all(is("resolutionNumber", "greaterThan", 2000), is("playCount", "equals", 1), is("sizeGb", "greaterThan", 20)),
    movies
  ),
  template(
    "low-play-count",
    "Hardly ever watched",
    "Played at most twice and not for 90 days, or never and added over 90 days ago.",
    all(is("playCount", "lessThan", 3), addedOver(90), notWatchedFor(90))
  ),
  template(
    "begun-and-given-up",
    "Begun and given up",
    "Movies that somebody began over 180 days ago, and that nobody has watched to the end.",
    all(watched, is("viewersWhoFinishedCount", "equals", 0), notWatchedFor(180)),
    movies
  )
]
