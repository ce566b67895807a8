/** Rules of Cleanuparr about downloads, as rules with strikes. */
import type { Condition } from "../../../rules/Condition.ts"
import type { RuleDefinition } from "../../../rules/Rule.ts"
import { defaultMinutesBetween, mostStrikes, type StrikeAction } from "../../../rules/StrikeAction.ts"
import type { FoundRule } from "../../Found.ts"
import { type Fields, flagIn, keyOf, numberIn, originalOf, textIn } from "../../Records.ts"
import { listIn, type Source } from "./Source.ts"

const title = "Cleanuparr"

/** The longest interval of its schedules. */
const longestMinutes = 360

/** What all rules of a file share. */
interface Given {
  readonly minutesBetween: number
  readonly dryRun: boolean
  readonly search: boolean
  readonly notes: ReadonlyArray<string>
}

export const queueRulesOf = (source: Source): ReadonlyArray<FoundRule> => {
  const { general, queue } = source
  const schedule = textIn(queue, "cron_expression")
  const minutes = minutesOf(schedule)
  const given: Given = {
    minutesBetween: minutes ?? (schedule === null ? defaultMinutesBetween : longestMinutes),
    dryRun: flagIn(general, "dry_run"),
    search: general["search_enabled"] === undefined || flagIn(general, "search_enabled"),
    notes: [
      ...(schedule === null || minutes !== null
        ? []
        : [
            `its schedule "${schedule}" is not understood: strikes are at least ${longestMinutes / 60} hours apart here`
          ]),
      ...(flagIn(general, "dry_run")
        ? [`${title} was in dry run: after its last strike, a download is only reported`]
        : []),
      ...(flagIn(queue, "enabled") || queue["enabled"] === undefined
        ? []
        : [`its queue cleaner was switched off in ${title}`])
    ]
  }
  return [
    ...source.stall.map((row) => ruleOf(row, "stalled", [faulty("stalled")], given)),
    ...source.slow.map((row) => slowRuleOf(row, given)),
    ...metadataRule(queue, given),
    ...failedImportRules(source, given),
    ...ignoreRules(source)
  ]
}

// --- conditions -----------------------------------------------------------------------------------------------------------

const leaf = (
  field: string,
  operator: string,
  value: string | number | boolean | ReadonlyArray<string>
): Condition => ({
  kind: "condition",
  field,
  operator,
  value
})

const group = (logic: "AND" | "OR" | "NOT", children: ReadonlyArray<Condition>): Condition =>
  children.length === 1 && logic !== "NOT" ? children[0]! : { kind: "group", logic, children }

const faulty = (fault: string): Condition => leaf("faults", "containsAny", [fault])

/** A lower bound is exclusive there unless it is 0; an upper bound is inclusive. */
const withinOf = (row: Fields): ReadonlyArray<Condition> => {
  const least = numberIn(row, "min_completion_percentage") ?? 0
  const most = numberIn(row, "max_completion_percentage") ?? 100
  return [
    ...(least > 0 ? [leaf("completion", "greaterThan", least)] : []),
    ...(most < 100 ? [leaf("completion", "lessThanOrEqual", most)] : [])
  ]
}

const privacies: ReadonlyMap<string, ReadonlyArray<Condition>> = new Map([
  ["public", [leaf("private", "equals", false)]],
  ["private", [leaf("private", "equals", true)]],
  ["both", []]
])

// --- rules ----------------------------------------------------------------------------------------------------------------

const ruleOf = (
  row: Fields,
  what: string,
  conditions: ReadonlyArray<Condition>,
  given: Given,
  notes: ReadonlyArray<string> = [],
  lost: ReadonlyArray<string> = []
): FoundRule => {
  const { id: _, ...content } = row
  const name = (textIn(row, "name") ?? what).slice(0, 120)
  const privacy = textIn(row, "privacy_type")?.toLowerCase() ?? "public"
  const strikes = numberIn(row, "max_strikes") ?? 3
  const progress = textIn(row, "minimum_progress")
  const missing = [
    ...lost,
    ...strikesLost(strikes),
    ...(!privacies.has(privacy) ? [`the privacy "${privacy}" is not known`] : []),
    ...(flagIn(row, "change_category")
      ? ["after its last strike, the category of a download is changed instead of removing it: that has no equivalent"]
      : [])
  ]
  const action = actionOf(strikes, given, {
    resetOnProgress: row["reset_strikes_on_progress"] === undefined || flagIn(row, "reset_strikes_on_progress"),
    keepPrivate: !flagIn(row, "delete_private_torrents_from_client")
  })
  return {
    key: keyOf("rule", what, content),
    name,
    original: originalOf(row),
    rule:
      missing.length > 0
        ? null
        : definitionOf(
            name,
            group("AND", [...conditions, ...(privacies.get(privacy) ?? []), ...withinOf(row)]),
            action
          ),
    libraryKeys: [],
    lost: missing,
    notes: [
      ...notes,
      ...(progress === null || !action.resetOnProgress
        ? []
        : [`any progress takes its strikes away here; in ${title}, progress of ${progress}`]),
      flagIn(row, "enabled") || row["enabled"] === undefined
        ? `it was switched on in ${title}`
        : `it was switched off in ${title}`,
      ...given.notes
    ]
  }
}

/** Fewer strikes would remove a download earlier than there. */
const strikesLost = (strikes: number): ReadonlyArray<string> =>
  strikes < 1
    ? ["it has no strikes"]
    : strikes > mostStrikes
      ? [`it has ${strikes} strikes, and at most ${mostStrikes} are possible here`]
      : []

const actionOf = (
  strikes: number,
  { dryRun, minutesBetween, search }: Given,
  more: Partial<StrikeAction>
): StrikeAction => ({
  type: "strike",
  strikes: Math.ceil(strikes),
  minutesBetween,
  resetOnProgress: true,
  action: dryRun ? "report" : "remove",
  blocklist: true,
  search,
  keepPrivate: true,
  ...more
})

const definitionOf = (name: string, condition: Condition, action: StrikeAction): RuleDefinition => ({
  subject: "download",
  name,
  enabled: false,
  effect: "strike",
  condition,
  action
})

const slowRuleOf = (row: Fields, given: Given): FoundRule => {
  const speedText = textIn(row, "min_speed")
  const sizeText = textIn(row, "ignore_above_size")
  const [speed, size] = [bytesOf(speedText), bytesOf(sizeText)]
  const hours = numberIn(row, "max_time_hours") ?? 0
  const limits = [
    ...(speed === null || speed <= 0 ? [] : [leaf("averageSpeed", "lessThan", speed)]),
    ...(hours > 0 ? [leaf("etaHours", "greaterThan", hours)] : [])
  ]
  const lost = [
    ...(speedText !== null && speed === null ? [`the speed "${speedText}" is not understood`] : []),
    ...(sizeText !== null && size === null ? [`the size "${sizeText}" is not understood`] : []),
    ...(limits.length === 0 ? ["it has neither a speed nor a time"] : [])
  ]
  const conditions = [
    faulty("slow"),
    ...(limits.length === 0 ? [] : [group("OR", limits)]),
    ...(size === null ? [] : [leaf("sizeBytes", "lessThan", size)])
  ]
  const notes = [
    ...(speed === null ? [] : [`the speed is the average of the last minutes here; in ${title}, that of the moment`]),
    ...(limits.length > 1 ? [`speed and time share their strikes here; in ${title}, each had its own`] : []),
    ...(flagIn(row, "ignore_while_alt_speed_active") || row["ignore_while_alt_speed_active"] === undefined
      ? []
      : ["while the alternative speed limits of its client are on, no download is struck here"])
  ]
  return ruleOf(row, "slow", conditions, given, notes, lost)
}

const metadataRule = (queue: Fields, given: Given): ReadonlyArray<FoundRule> => {
  const strikes = numberIn(queue, "downloading_metadata_max_strikes") ?? 0
  if (strikes <= 0) return []
  const name = "Without metadata"
  return [
    {
      key: keyOf("rule", "metadata", strikes),
      name,
      original: originalOf({ downloading_metadata_max_strikes: strikes }),
      rule:
        strikesLost(strikes).length > 0 ? null : definitionOf(name, faulty("metadata"), actionOf(strikes, given, {})),
      libraryKeys: [],
      lost: strikesLost(strikes),
      notes: [
        `private torrents, and magnets of which that is not known, stay in their client here; ${title} removed them`,
        ...given.notes
      ]
    }
  ]
}

/** One rule for the usual number of strikes, and one for each kind of application that has its own. */
const failedImportRules = ({ instances, queue }: Source, given: Given): ReadonlyArray<FoundRule> => {
  const usual = numberIn(queue, "failed_import_max_strikes") ?? 0
  const patterns = listIn(queue, "failed_import_patterns").filter((pattern) => pattern.trim() !== "")
  const mode = textIn(queue, "failed_import_pattern_mode")?.toLowerCase() ?? "include"
  const own = new Map<number, Array<string>>()
  for (const row of instances) {
    const name = textIn(row, "name")
    const strikes = numberIn(row, "failed_import_max_strikes") ?? -1
    if (name !== null && strikes >= 0) own.set(strikes, [...(own.get(strikes) ?? []), name])
  }
  const exceptions = [...own.values()].flat()
  const messages = patterns.map((pattern) => leaf("importMessages", "contains", pattern))
  const lost = [
    ...(mode === "include" && patterns.length === 0 ? ["it has no patterns"] : []),
    ...(mode === "include" || mode === "exclude" ? [] : [`the mode "${mode}" is not known`]),
    ...(flagIn(queue, "failed_import_change_category")
      ? ["after its last strike, the category of a download is changed instead of removing it: that has no equivalent"]
      : [])
  ]
  const rule = (name: string, strikes: number, of: ReadonlyArray<Condition>): ReadonlyArray<FoundRule> => {
    if (strikes <= 0) return []
    const matching =
      messages.length === 0
        ? []
        : mode === "exclude"
          ? [group("NOT", [group("OR", messages)])]
          : [group("OR", messages)]
    const conditions = [
      faulty("failed-import"),
      ...matching,
      ...(flagIn(queue, "failed_import_ignore_private") ? [leaf("private", "equals", false)] : []),
      ...of
    ]
    const action = actionOf(strikes, given, {
      resetOnProgress: false,
      keepPrivate: !flagIn(queue, "failed_import_delete_private"),
      // The patterns say which of them a person wants to be gone.
      ...(mode === "include" ? { alsoFaultOf: ["person", "nobody"] } : {})
    })
    const missing = [...lost, ...strikesLost(strikes)]
    return [
      {
        key: keyOf("rule", "failed import", name, strikes, patterns, mode),
        name,
        original: originalOf({ ...queue, failed_import_max_strikes: strikes }),
        rule: missing.length > 0 ? null : definitionOf(name, group("AND", conditions), action),
        libraryKeys: [],
        lost: missing,
        notes: given.notes
      }
    ]
  }
  const others = exceptions.map((name) => group("NOT", [leaf("application", "equals", name)]))
  return [
    ...rule("Failed imports", usual, others),
    ...[...own].flatMap(([strikes, names]) =>
      rule(`Failed imports of ${names.join(", ")}`.slice(0, 120), strikes, [leaf("application", "in", names)])
    )
  ]
}

const hash = /^([\da-f]{40}|[\da-f]{64}|SABnzbd_nzo_\w+)$/i

/** Entries are hashes, categories, tags, hosts of trackers, or names of clients. It does not say which. */
const ignoreRules = ({ general, queue }: Source): ReadonlyArray<FoundRule> => {
  const all = [...new Set([...listIn(general, "ignored_downloads"), ...listIn(queue, "ignored_downloads")])]
  if (all.length === 0) return []
  const hashes = all.filter((entry) => hash.test(entry))
  const names = all.filter((entry) => !hash.test(entry))
  const name = "Ignored downloads"
  const conditions = [
    leaf("category", "in", names),
    leaf("tags", "containsAny", names),
    ...names.filter((name) => name.includes(".")).map((name) => leaf("trackers", "endsWith", name)),
    leaf("client", "in", names)
  ]
  return [
    {
      key: keyOf("rule", "ignored", all.toSorted()),
      name,
      original: originalOf({ ignored_downloads: all }),
      rule:
        names.length === 0
          ? null
          : { subject: "download", name, enabled: true, effect: "ignore", condition: group("OR", conditions) },
      libraryKeys: [],
      lost:
        names.length === 0
          ? ["it lists only single downloads by their hashes: mark them with a tag in their client"]
          : [],
      notes: [
        "it is switched on: it only keeps",
        ...(hashes.length === 0
          ? []
          : [
              `${hashes.length === 1 ? "one download is listed by its hash: mark it" : `${hashes.length} downloads are listed by their hashes: mark them`} with a tag`
            ])
      ]
    }
  ]
}

// --- values ---------------------------------------------------------------------------------------------------------------

const units: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** `100KB` in bytes, in multiples of 1024; `null` for none, and for what is not understood. */
export const bytesOf = (text: string | null): number | null => {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(KB|MB|GB)\s*$/i.exec(text ?? "") ?? []
  const factor = units[unit?.toLowerCase() ?? ""]
  return number === undefined || factor === undefined ? null : Math.round(Number(number) * factor)
}

/** The minutes between two runs of a schedule with seconds first; `null` if it is another one. */
export const minutesOf = (cron: string | null): number | null => {
  const [seconds = "", minutes = "", hours = ""] = cron?.trim().split(/\s+/) ?? []
  const step = (field: string): number | null => {
    const [, every] = /^(?:\*|\d+)\/(\d+)$/.exec(field) ?? []
    return every === undefined ? null : Number(every)
  }
  if (step(seconds) !== null) return 1
  if (minutes === "*") return 1
  const [byMinute, byHour] = [step(minutes), step(hours)]
  if (byMinute !== null) return Math.max(1, byMinute)
  if (hours === "*" && /^\d+$/.test(minutes)) return 60
  return byHour === null ? null : byHour * 60
}
