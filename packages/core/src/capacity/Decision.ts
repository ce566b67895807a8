/** The engine's decision about one item at one time, and the data it is based on. */
import type { LiveIntegration } from "../integrations/Integrations.ts"
import { isWholeKind, wholeKindOf } from "../integrations/Observations.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { LoadedFacts } from "../library/Facts/Loading.ts"
import type { Counting } from "../library/Counting.ts"
import { partsOf as everyPartOf, wholesOf } from "../library/Families.ts"
import type { LibraryItem } from "../library/Item.ts"
import { factSheet } from "../library/ItemFacts.ts"
import type { Protecting } from "../library/Protections.ts"
import type { Snapshot } from "../library/Snapshots.ts"
import type { SourceContext } from "../library/SourceContext.ts"
import type { ItemRule, ItemRuleSet } from "../rules/ItemRules.ts"
import { applyRules } from "../rules/RuleOutcome.ts"
import { inScope, missingFacts, truthOfRule } from "../rules/RuleSet.ts"
import type { Truth } from "../rules/Truth.ts"
import type { TieBreaker } from "./CapacitySettings.ts"
import type { DiskGroup } from "./DiskGroup.ts"
import type { Factor } from "./Factors.ts"
import { nameOf, whyFolderStays } from "./SamePlace.ts"
import { rankOf, score } from "./Score.ts"
import type { Weights } from "./ScoreWeights.ts"

/** Everything a decision depends on, as of one time. */
export interface Environment {
  readonly now: number
  readonly snapshot: Snapshot
  /** Which items are counted, and how they are summed. */
  readonly counting: Counting
  readonly sources: SourceContext
  readonly rules: ItemRuleSet
  readonly factors: ReadonlyArray<Factor>
  readonly weights: Weights
  readonly protecting: Protecting
  readonly groups: ReadonlyMap<string, DiskGroup>
  readonly live: ReadonlyMap<string, LiveIntegration>
  readonly tieBreaker: TieBreaker
  /** Heavy facts of items, which `Engine.loaded` loads; absent = every heavy fact is unknown. */
  readonly loaded?: LoadedFacts<FactName>
}

export const decisionStatuses = ["candidate", "undecided", "kept", "protected", "irremovable"] as const
export type DecisionStatus = (typeof decisionStatuses)[number]

export interface Decision {
  readonly item: LibraryItem
  readonly status: DecisionStatus
  /** 0..1, provisional while undecided. */
  readonly score: number
  /** Score times the modifiers of the rules; 0 if a rule keeps the item. */
  readonly rank: number
  readonly undecidedBecause: ReadonlyArray<FactName>
  /** Why it is not a candidate, in one sentence; `null` for candidates. */
  readonly because: string | null
  /**
   * Items that are removed together are ranked by the part or member that should go last: its title; `null` = the item
   * is ranked by itself. If it is set, `rank` is the rank of that member.
   */
  readonly rankedBy: string | null
}

const nothing: ReadonlySet<FactName> = new Set()

export const sheetOf = (environment: Environment, item: LibraryItem): FactSheet =>
  factSheet(item, environment.sources, environment.snapshot, environment.loaded)

export const allowedUnknownOf = (environment: Environment, item: LibraryItem): ReadonlySet<FactName> => {
  const allowed = item.diskGroupId === null ? undefined : environment.groups.get(item.diskGroupId)?.allowedUnknown
  return allowed === undefined || allowed.length === 0 ? nothing : new Set(allowed)
}

export const decide = (environment: Environment, item: LibraryItem): Decision => {
  const own = decideAlone(environment, item, whyIrremovable)
  const all = partsOf(environment, item)
  if (all.length === 0) return own
  const parts = all.filter(({ kind }) => kind !== "episode")
  const episodes = all.length === parts.length ? [] : all.filter(({ kind }) => kind === "episode")
  const wholeShows = environment.live.get(item.integrationId)?.integration.options.wholeShows === true
  const decided =
    parts.length === 0 ? own : wholeShows ? withParts(environment, own, parts) : withKeptPart(environment, own, parts)
  return episodes.length === 0 ? decided : withEpisodes(environment, decided, episodes)
}

/**
 * The items whose facts a decision about these items reads: themselves, their parts, the seasons of episodes, and the same
 * files elsewhere.
 */
export const readWith = (environment: Environment, items: ReadonlyArray<LibraryItem>): ReadonlyArray<LibraryItem> => {
  const all = new Set(items.flatMap((item) => [item, ...partsOf(environment, item), ...seasonsOf(environment, item)]))
  for (const item of all) for (const twin of environment.snapshot.sameFileAs(item)) all.add(twin)
  return [...all]
}

/** The parts that are removed with this item. */
const partsOf = ({ snapshot }: Environment, item: LibraryItem): ReadonlyArray<LibraryItem> =>
  isWholeKind(item.kind) || item.kind === "season" ? everyPartOf(snapshot, item) : []

/** The season of an episode: rules that keep it keep its episodes. */
const seasonsOf = ({ snapshot }: Environment, item: LibraryItem): ReadonlyArray<LibraryItem> =>
  item.kind === "episode" ? wholesOf(snapshot, item).filter(({ kind }) => kind === "season") : []

/**
 * If parts are removed one by one, the engine never removes the whole. A person may still request its removal, which
 * would also remove a part that must be kept.
 */
const withKeptPart = (environment: Environment, own: Decision, parts: ReadonlyArray<LibraryItem>): Decision => {
  if (own.status !== "irremovable" || !mayKeepParts(environment)) return own
  const found = keptAmong(environment, parts)
  return found === null ? own : { ...own, ...found }
}

const mayKeepParts = ({ protecting, rules }: Environment): boolean =>
  protecting.byCollection === true || rules.rules.some(({ rule }) => rule.effect === "always-keep")

/** The first of these parts that must be kept. */
const keptAmong = (environment: Environment, parts: ReadonlyArray<LibraryItem>) => {
  for (const part of parts) {
    const sheet = sheetOf(environment, part)
    const kept = environment.rules.rules.some((rule) => alwaysKeeps(environment, rule, part, sheet) === "true")
    const found = whyStays(environment, part, kept, keepingOfTwins(environment, part))
    if (found !== null) return ofPart(part, found)
  }
  return null
}

/**
 * An episode that must be kept keeps what it belongs to, and one that may have to be kept leaves it undecided. The ranks of
 * episodes count for nothing: disks are relieved by seasons or shows.
 */
const withEpisodes = (environment: Environment, own: Decision, episodes: ReadonlyArray<LibraryItem>): Decision => {
  if (own.status === "protected" || own.status === "kept" || !mayKeepParts(environment)) return own
  const found = keptAmong(environment, episodes)
  if (found !== null) return { ...own, ...found }
  if (own.status !== "candidate") return own
  for (const episode of episodes) {
    const unsure = unsureAlone(environment, episode)
    if (unsure.length === 0) continue
    const because = `of its part "${episode.title}" ${whyUndecided(sheetOf(environment, episode), unsure)}`
    return { ...own, status: "undecided", undecidedBecause: unsure, because }
  }
  return own
}

const ofPart = (part: LibraryItem, { because, status }: Stays) => ({
  status,
  because: `"${part.title}", which is a part of it, must be kept: ${because}`
})

/** Whether a rule always keeps an item. */
const alwaysKeeps = (environment: Environment, rule: ItemRule, item: LibraryItem, sheet: FactSheet): Truth =>
  rule.effect.name === "always-keep" && inScope(rule, item) ? truthOfRule(rule, item, sheet, environment.now) : "false"

/**
 * A whole that is removed as one unit is removed only if every part of it may be, and no earlier than its last part
 * would be.
 */
const withParts = (environment: Environment, own: Decision, parts: ReadonlyArray<LibraryItem>): Decision => {
  if (own.status === "protected" || own.status === "kept" || own.status === "irremovable") return own
  const decisions = parts.map((part) => decideAlone(environment, part, () => null))
  for (const { because, item, status } of decisions) {
    if (status === "kept" || status === "protected")
      return { ...own, ...ofPart(item, { status, because: because ?? "" }) }
  }
  const late = decisions.reduce((latest, part) => (part.rank < latest.rank ? part : latest), own)
  const ranked = late === own ? own : { ...own, rank: late.rank, rankedBy: late.item.title }
  const undecided = [own, ...decisions].find(({ status }) => status === "undecided")
  if (undecided === undefined || undecided === own) return ranked
  const { because, item, undecidedBecause } = undecided
  return { ...ranked, status: "undecided", undecidedBecause, because: `of its part "${item.title}" ${because}` }
}

const decideAlone = (
  environment: Environment,
  item: LibraryItem,
  whyNot: (environment: Environment, item: LibraryItem) => string | null
): Decision => {
  const sheet = sheetOf(environment, item)
  const allowed = allowedUnknownOf(environment, item)
  const rules = applyRules(environment.rules, item, sheet, environment.now, allowed)
  const scored = score(sheet, item.kind, environment.weights, environment.factors, environment.now, allowed)
  const base = { item, score: scored.score, rank: rankOf(scored.score, rules), rankedBy: null }
  const twins = keepingOfTwins(environment, item)
  const stays = whyStays(environment, item, rules.kept, twins)
  if (stays !== null) return { ...base, ...stays, undecidedBecause: [] }
  const irremovable = whyNot(environment, item)
  if (irremovable !== null) return { ...base, status: "irremovable", undecidedBecause: [], because: irremovable }
  const catalog = environment.sources.catalog(item.integrationId)
  const sized = catalog._tag === "Fresh" && item.data.untold?.sizeBytes === undefined
  const undecided = [
    ...new Set([
      ...scored.undecided,
      ...rules.undecidedBecause,
      ...twins.flatMap((one) => one.rules.undecidedBecause),
      ...unsureProtection(environment, sheet, allowed),
      ...(sized ? [] : (["sizeBytes"] as const))
    ])
  ]
  if (undecided.length > 0) {
    return { ...base, status: "undecided", undecidedBecause: undecided, because: whyUndecided(sheet, undecided) }
  }
  return { ...base, status: "candidate", undecidedBecause: [], because: null }
}

interface Stays {
  readonly status: "protected" | "kept"
  readonly because: string
}

/** `kept` = a rule always keeps it. */
const whyStays = (
  environment: Environment,
  item: LibraryItem,
  kept: boolean,
  twins: ReturnType<typeof keepingOfTwins>
): Stays | null => {
  const protection = environment.protecting(item)
  if (protection !== undefined) {
    const because = `Protected by ${protection.actor}: ${protection.reason || protection.title}`
    return { status: "protected", because }
  }
  if (kept) return { status: "kept", because: "A rule always keeps it" }
  const [season] = seasonsOf(environment, item).filter((one) => {
    const sheet = sheetOf(environment, one)
    return environment.rules.rules.some((rule) => alwaysKeeps(environment, rule, one, sheet) === "true")
  })
  if (season !== undefined)
    return { status: "kept", because: `A rule always keeps "${season.title}", to which it belongs` }
  const keeping = twins.find((one) => one.rules.kept)
  return keeping === undefined
    ? null
    : { status: "kept", because: `A rule always keeps the same file in ${nameOf(environment, keeping.twin)}` }
}

/** A rule that keeps the same file under another application keeps it here as well: there is only one file. */
const keepingOfTwins = (environment: Environment, item: LibraryItem) =>
  environment.snapshot.sameFileAs(item).map((twin) => ({
    twin,
    rules: applyRules(
      environment.rules,
      twin,
      sheetOf(environment, twin),
      environment.now,
      allowedUnknownOf(environment, twin)
    )
  }))

/** An item may be in a protected collection while its collections are unknown. */
const unsureProtection = (
  { protecting }: Environment,
  sheet: FactSheet,
  allowed: ReadonlySet<FactName>
): ReadonlyArray<FactName> =>
  protecting.byCollection === true && !allowed.has("collections") && sheet.get("collections")._tag === "Unknown"
    ? ["collections"]
    : []

/**
 * Unknown facts that leave it undecided whether a rule or the protection of a collection keeps the item, or a part that
 * would be removed with it; facts that a person has allowed to be unknown are left out.
 */
export const unsureKeeping = (environment: Environment, item: LibraryItem): ReadonlyArray<FactName> => [
  ...new Set(
    [item, ...partsOf(environment, item), ...seasonsOf(environment, item)].flatMap((one) =>
      unsureAlone(environment, one)
    )
  )
]

const unsureAlone = (environment: Environment, item: LibraryItem): ReadonlyArray<FactName> => {
  const sheet = sheetOf(environment, item)
  const allowed = allowedUnknownOf(environment, item)
  return [
    ...environment.rules.rules
      .filter((rule) => alwaysKeeps(environment, rule, item, sheet) === "unknown")
      .flatMap((rule) => missingFacts(rule, item, sheet, environment.now, allowed)),
    ...unsureProtection(environment, sheet, allowed),
    ...keepingOfTwins(environment, item).flatMap(({ rules }) => rules.undecidedBecause)
  ]
}

/**
 * Removing a whole removes its parts (a show its seasons, an artist the albums, an author the books), so only one of
 * the two is the unit of removal; the integration's options decide which. Single episodes take no part in relieving disks:
 * their bytes are those of their season.
 */
const whyIrremovable = (environment: Environment, item: LibraryItem): string | null =>
  item.kind === "episode"
    ? (whyEpisodeStays(environment, item) ??
      "Single episodes are removed by rules and by people, not to relieve a disk")
    : whyUnitStays(environment, item)

/** Why an episode cannot be removed by a rule; `null` = it can. */
export const whyEpisodeStays = (environment: Environment, item: LibraryItem): string | null => {
  const cannot = whyCannotRemove(environment, item)
  if (cannot !== null) return cannot
  return item.sizeBytes > 0 || item.data.untold?.sizeBytes !== undefined ? null : "It has no files"
}

const whyCannotRemove = (environment: Environment, item: LibraryItem): string | null => {
  const live = environment.live.get(item.integrationId)
  if (live === undefined) return "Its integration is disabled"
  const removal = live.connected.removal
  if (removal === undefined || !live.can("removal")) return `${live.integration.name} cannot remove items`
  return removal.kinds.includes(item.kind) ? null : `${live.integration.name} cannot remove a ${item.kind}`
}

const whyUnitStays = (environment: Environment, item: LibraryItem): string | null => {
  const cannot = whyCannotRemove(environment, item)
  const live = environment.live.get(item.integrationId)
  const removal = live?.connected.removal
  if (cannot !== null || live === undefined || removal === undefined) return cannot ?? "Its integration is disabled"
  const { wholeShows } = live.integration.options
  const whole = wholeKindOf(item.kind)
  if (whole !== null && wholeShows) return `Whole ${whole}s are removed, not ${item.kind}s`
  // Applies also to a whole without any parts in the library: removing parts would not remove what is on its disk.
  const part = wholeShows
    ? undefined
    : removal.kinds.find((kind) => kind !== "episode" && wholeKindOf(kind) === item.kind)
  if (part !== undefined) return `Its ${part}s are removed one by one`
  if (!wholeShows && item.kind !== "season" && environment.snapshot.childrenOf(item).length > 0) {
    return `${live.integration.name} removes whole ${item.kind}s, which its option wholeShows must allow`
  }
  return item.sizeBytes > 0 || item.data.untold?.sizeBytes !== undefined
    ? whyFolderStays(environment, item)
    : "It has no files"
}

/** Groups facts that are unknown for the same reason. */
const whyUndecided = (sheet: FactSheet, facts: ReadonlyArray<FactName>): string => {
  const byReason = new Map<string, ReadonlyArray<FactName>>()
  for (const name of facts) {
    const fact = sheet.get(name)
    const reason = fact._tag === "Unknown" ? fact.detail : "no source knows it"
    byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  }
  return [...byReason]
    .map(([reason, names]) => `${names.join(", ")} ${names.length === 1 ? "is" : "are"} unknown (${reason})`)
    .join("; ")
}
