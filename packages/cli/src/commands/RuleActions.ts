/** The flags for what a rule that acts does. */
import { removalActions } from "@tendarr/core/integrations/Kind"
import type { NewRule } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { misused } from "../Failure.ts"
import { choice, textFlag } from "../Root.ts"
import {
  type SeedingFlags,
  seedingActionOf,
  seedingActionText,
  seedingFlags,
  seedingFlagsGiven
} from "./SeedingActions.ts"

type Action = NonNullable<NewRule["action"]>

const whole = (name: string, metavar: string, description: string) =>
  Flag.Int(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const names = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.atLeast(0))

export const actionFlags = {
  act: Flag.Literals("act", ["report", "remove", "change", "strike", "seed", "hit-and-run", "arrange"]).pipe(
    Flag.withDescription(
      "Let the rule act by itself, whatever the disks: only report what it matches, queue it for removal, or change its entry in the application; strike, seed, hit-and-run and arrange are for downloads"
    ),
    Flag.optional
  ),
  priority: whole("priority", "N", "Of the acting rules that match an item, the highest one acts, 0 to 100"),
  removal: Flag.Literals("removal", removalActions).pipe(
    Flag.withDescription(
      "With --act remove: what is done; the default is remove-entry, and unmonitor-and-delete-files for seasons, albums and books"
    ),
    Flag.optional
  ),
  graceDays: whole("grace-days", "N", "With --act remove: days between the first match and the removal (default 7)"),
  approval: choice("approval", "With --act remove: a person must approve each removal (default no)"),
  importExclusion: choice(
    "import-exclusion",
    "With --act remove: keep import lists from adding it again; the default is the option of the integration"
  ),
  resetRequest: choice("reset-request", "With --act remove: reset its request afterwards (default no)"),
  addTags: names("add-tag", "TAG", "With --act change: give it this tag; may be repeated"),
  removeTags: names("remove-tag", "TAG", "With --act change: take this tag from it; may be repeated"),
  qualityProfile: textFlag("quality-profile", "NAME", "With --act change: switch it to this quality profile"),
  search: choice("search", "With --act change: search after the switch to the quality profile (default no)"),
  unmonitor: choice("unmonitor", "With --act change: unmonitor it (default no)"),
  strikes: whole("strikes", "N", "With --act strike: strikes after which a download is removed (default 3)"),
  minutesBetween: whole("minutes-between", "N", "With --act strike: least minutes between two strikes (default 10)"),
  reportOnly: choice("report-only", "With --act strike: report after the last strike instead of removing (default no)"),
  alsoFaultOf: Flag.Literals("also-fault-of", ["person", "nobody"]).pipe(
    Flag.withDescription(
      "With --act strike: also strike for what a person should look at, or for what cannot be told; may be repeated"
    ),
    Flag.atLeast(0)
  ),
  blocklist: choice("blocklist", "With --act strike: put the release on the blocklist (default yes)"),
  replace: choice("replace", "With --act strike: search for another release afterwards (default yes)"),
  keepPrivate: choice(
    "keep-private",
    "With --act strike: leave torrents of private trackers in their client (default yes)"
  ),
  ...seedingFlags
}

export interface ActionFlags extends SeedingFlags {
  readonly act: Option.Option<Action["type"]>
  readonly priority: Option.Option<number>
  readonly removal: Option.Option<(typeof removalActions)[number]>
  readonly graceDays: Option.Option<number>
  readonly approval: Option.Option<boolean>
  readonly importExclusion: Option.Option<boolean>
  readonly resetRequest: Option.Option<boolean>
  readonly addTags: ReadonlyArray<string>
  readonly removeTags: ReadonlyArray<string>
  readonly qualityProfile: Option.Option<string>
  readonly search: Option.Option<boolean>
  readonly unmonitor: Option.Option<boolean>
  readonly strikes: Option.Option<number>
  readonly minutesBetween: Option.Option<number>
  readonly reportOnly: Option.Option<boolean>
  readonly alsoFaultOf: ReadonlyArray<"person" | "nobody">
  readonly blocklist: Option.Option<boolean>
  readonly replace: Option.Option<boolean>
  readonly keepPrivate: Option.Option<boolean>
}

/**
 * The parts of a rule that these flags specify. Without `--act`, they change the action that a template or a stored
 * rule has `before`. A flag of another action is refused instead of ignored.
 */
export const partOfAction = Effect.fnUntraced(function* (flags: ActionFlags, before?: Action) {
  const act = Option.getOrElse(flags.act, () => before?.type)
  const ofRemoval = {
    removal: Option.isSome(flags.removal),
    "grace-days": Option.isSome(flags.graceDays),
    approval: Option.isSome(flags.approval),
    "import-exclusion": Option.isSome(flags.importExclusion),
    "reset-request": Option.isSome(flags.resetRequest)
  }
  const ofChange = {
    "add-tag": flags.addTags.length > 0,
    "remove-tag": flags.removeTags.length > 0,
    "quality-profile": Option.isSome(flags.qualityProfile),
    search: Option.isSome(flags.search),
    unmonitor: Option.isSome(flags.unmonitor)
  }
  const ofStrike = {
    strikes: Option.isSome(flags.strikes),
    "minutes-between": Option.isSome(flags.minutesBetween),
    "report-only": Option.isSome(flags.reportOnly),
    "also-fault-of": flags.alsoFaultOf.length > 0,
    blocklist: Option.isSome(flags.blocklist),
    replace: Option.isSome(flags.replace),
    "keep-private": Option.isSome(flags.keepPrivate)
  }
  const ofSeeding = seedingFlagsGiven(flags)
  const given = (of: Readonly<Record<string, boolean>>) => Object.keys(of).filter((name) => of[name] === true)
  for (const [type, misplaced] of [
    ["remove", given(ofRemoval)],
    ["change", given(ofChange)],
    ["strike", given(ofStrike)]
  ] as const) {
    if (act !== type && misplaced.length > 0) {
      return yield* misused(`--${misplaced.join(", --")} needs --act ${type}`)
    }
  }
  for (const { name, of } of ofSeeding) {
    if (!of.some((type) => type === act)) return yield* misused(`--${name} needs --act ${of.join(" or ")}`)
  }
  const priority = Option.isSome(flags.priority) ? { priority: flags.priority.value } : {}
  const isChanged = ofSeeding.length > 0 || [ofRemoval, ofChange, ofStrike].some((of) => given(of).length > 0)
  if (act === undefined || (Option.isNone(flags.act) && !isChanged)) return priority
  const kept = Option.isNone(flags.act) ? before : undefined
  return {
    effect: act === "report" || act === "remove" || act === "change" ? "act" : act,
    action: mergedAction(kept, actionOf(act, flags)),
    ...priority
  }
})

/** The given values replace those that were there; of limits, each for itself. */
const mergedAction = (before: Action | undefined, given: Action): Action =>
  before?.type === "arrange" && given.type === "arrange" && given.limits !== undefined
    ? { ...before, ...given, limits: { ...before.limits, ...given.limits } }
    : ({ ...before, ...given } as Action)

const actionOf = (type: Action["type"], flags: ActionFlags): Action => {
  if (type === "seed" || type === "hit-and-run" || type === "arrange") return seedingActionOf(type, flags)
  if (type === "report") return { type }
  const { addTags, approval, graceDays, importExclusion, qualityProfile, removal, removeTags } = flags
  if (type === "remove") {
    return {
      type,
      ...(Option.isSome(removal) ? { action: removal.value } : {}),
      ...(Option.isSome(graceDays) ? { graceDays: graceDays.value } : {}),
      ...(Option.isSome(approval) ? { approval: approval.value } : {}),
      ...(Option.isSome(importExclusion) ? { importExclusion: importExclusion.value } : {}),
      ...(Option.isSome(flags.resetRequest) ? { resetRequest: flags.resetRequest.value } : {})
    }
  }
  if (type === "strike") {
    const { alsoFaultOf, blocklist, keepPrivate, minutesBetween, replace, reportOnly, strikes } = flags
    return {
      type,
      ...(Option.isSome(strikes) ? { strikes: strikes.value } : {}),
      ...(Option.isSome(minutesBetween) ? { minutesBetween: minutesBetween.value } : {}),
      ...(Option.isSome(reportOnly) ? { action: reportOnly.value ? ("report" as const) : ("remove" as const) } : {}),
      ...(alsoFaultOf.length === 0 ? {} : { alsoFaultOf: [...alsoFaultOf] }),
      ...(Option.isSome(blocklist) ? { blocklist: blocklist.value } : {}),
      ...(Option.isSome(replace) ? { search: replace.value } : {}),
      ...(Option.isSome(keepPrivate) ? { keepPrivate: keepPrivate.value } : {})
    }
  }
  return {
    type,
    ...(addTags.length === 0 ? {} : { addTags: [...addTags] }),
    ...(removeTags.length === 0 ? {} : { removeTags: [...removeTags] }),
    ...(Option.isSome(qualityProfile) ? { qualityProfile: qualityProfile.value } : {}),
    ...(Option.isSome(flags.search) ? { search: flags.search.value } : {}),
    ...(Option.isSome(flags.unmonitor) ? { unmonitor: flags.unmonitor.value } : {})
  }
}

/** What a rule does, as text; empty for a rule that does not act. */
export const actionText = ({ action, priority = 0 }: Pick<NewRule, "action" | "priority">): string => {
  if (action === undefined) return ""
  const rank = priority === 0 ? "" : `, priority ${priority}`
  switch (action.type) {
    case "report":
      return `report${rank}`
    case "remove": {
      const { action: what, approval, graceDays = 7, importExclusion, resetRequest } = action
      return [
        what ?? "remove",
        `after ${graceDays} days`,
        ...(approval === true ? ["once approved"] : []),
        ...(importExclusion === true ? ["excluded from import lists"] : []),
        ...(resetRequest === true ? ["request reset"] : [])
      ]
        .join(", ")
        .concat(rank)
    }
    case "strike": {
      const { action: last = "remove", blocklist = true, minutesBetween = 10, search = true, strikes = 3 } = action
      return [
        `${last} after ${strikes} strikes`,
        `${minutesBetween} minutes apart`,
        ...(last === "remove" && !blocklist ? ["not on the blocklist"] : []),
        ...(last === "remove" && !search ? ["no search"] : [])
      ]
        .join(", ")
        .concat(rank)
    }
    case "seed":
    case "hit-and-run":
    case "arrange":
      return seedingActionText(action).concat(rank)
    case "change": {
      const { addTags = [], qualityProfile, removeTags = [], search, unmonitor } = action
      return [
        ...addTags.map((tag) => `+${tag}`),
        ...removeTags.map((tag) => `-${tag}`),
        ...(qualityProfile === undefined ? [] : [`profile ${qualityProfile}${search === true ? " and search" : ""}`]),
        ...(unmonitor === true ? ["unmonitor"] : [])
      ]
        .join(", ")
        .concat(rank)
    }
  }
}
