/** Maintainerr's rule groups as rules that act, with the action and the days of their collections. */
import { Result } from "effect"
import type { RemovalAction } from "../../../integrations/Kind.ts"
import { defaultGraceDays, type RuleAction } from "../../../rules/RuleAction.ts"
import type { ForeignRow } from "../../../storage/ForeignDatabase.ts"
import type { FoundRule } from "../../Found.ts"
import { type Fields, flagIn, isFields, jsonIn, keyOf, numberIn, originalOf, textIn } from "../../Records.ts"
import {
  conditionOf,
  type Level,
  type Logic,
  type MaintainerrCondition,
  namedConditionOf,
  toCondition
} from "./Conditions.ts"

const levels = ["movie", "show", "season", "episode"] as const
type AnyLevel = (typeof levels)[number]

/** A level by its name, or by its number in versions before 3. */
export const levelIn = (fields: Fields, name: string): AnyLevel | null => {
  const text = textIn(fields, name)?.toLowerCase()
  return levels.find((level) => level === text) ?? levels[Number(text) - 1] ?? null
}

interface Deed {
  /** `null` = nothing is removed. */
  readonly action: RemovalAction | null
  readonly because: string
  readonly notes: ReadonlyArray<string>
}

/** What a collection does with its members when their days are over. */
export const actionOf = (collection: Fields, level: AnyLevel | null): Deed => {
  const nothing = (because: string): Deed => ({ action: null, because, notes: [] })
  const does = (action: RemovalAction, ...notes: ReadonlyArray<string>): Deed => ({ action, because: "", notes })
  const isSeason = level === "season"
  switch (numberIn(collection, "arrAction")) {
    case 0:
      return does(isSeason ? "unmonitor-and-delete-files" : "remove-entry")
    case 1:
      return does("unmonitor-and-delete-files")
    case 2:
      return nothing("the action UNMONITOR_DELETE_EXISTING leaves later episodes monitored, which has no equivalent")
    case 3:
      return does("unmonitor")
    case 4:
      return nothing("the action DO_NOTHING removes nothing")
    case 5:
      return isSeason
        ? does(
            "unmonitor-and-delete-files",
            `an empty show is removed as the option "emptyEntries" of its integration says`
          )
        : nothing("its action has no equivalent")
    case 6:
      return isSeason
        ? does("unmonitor", "a show without monitored seasons stays monitored")
        : nothing("its action has no equivalent")
    case 7:
      return nothing("the action CHANGE_QUALITY_PROFILE names its profile by a number: choose the profile here")
    default:
      return nothing("its action is not known")
  }
}

export const resetsRequests = (collection: Fields): boolean => flagIn(collection, "forceSeerr", "forceOverseerr")

/** A rule group of the database, with its conditions and its collection. */
export const ruleOfGroup = (
  group: ForeignRow,
  conditions: ReadonlyArray<ForeignRow>,
  collection: ForeignRow | null
): FoundRule => {
  const { collectionId: _c, id: _i, ...content } = group
  const { id: _, ...terms } = collection ?? {}
  const rows = conditions.map((row) => ({
    section: numberIn(row, "section") ?? 0,
    isOff: row["isActive"] !== undefined && !flagIn(row, "isActive"),
    json: jsonIn(row, "ruleJson")
  }))
  const name = (textIn(group, "name") ?? "(without a name)").slice(0, 120)
  const level = levelIn(group, "dataType") ?? (collection === null ? null : levelIn(collection, "type"))
  const libraryKey = textIn(group, "libraryId")
  const { action, notes } = ruleActionOf(collection, level)
  return ruleFrom({
    key: keyOf("rule group", content, terms, rows),
    name,
    original: originalOf({ ...content, collection: terms, rules: rows.map(({ json }) => json) }),
    level,
    lost: rows.some(({ isOff }) => isOff) ? ["one of its conditions is switched off"] : [],
    conditions: rows.map(({ json, section }) => conditionOf(json, section)),
    unset: (one) => (isFields(one) && one["operator"] === null ? "OR" : "AND"),
    raw: rows.map(({ json }) => json),
    action,
    notes: [
      ...notes,
      flagIn(group, "isActive") ? "it was switched on in Maintainerr" : "it was switched off in Maintainerr"
    ],
    libraryKeys: libraryKey === null ? [] : [libraryKey]
  })
}

/** An export: its sections are objects with one key, their number. */
export const ruleOfExport = (document: Fields, sections: ReadonlyArray<unknown>, name: string): FoundRule => {
  const mediaType = String(document["mediaType"]).toLowerCase().replace(/s$/, "")
  const entries = sections.flatMap((section, number) =>
    isFields(section)
      ? Object.values(section).flatMap((rules) =>
          Array.isArray(rules) ? rules.map((entry: unknown) => ({ entry, number })) : []
        )
      : []
  )
  return ruleFrom({
    key: keyOf("export", document),
    name,
    original: originalOf(document),
    level: levels.find((level) => level === mediaType) ?? null,
    lost: [],
    conditions: entries.map(({ entry, number }) => namedConditionOf(entry, number)),
    unset: () => "OR",
    raw: entries.map(({ entry }) => entry),
    action: { type: "report" },
    notes: ["the export does not contain what is done with what matches: choose an action before you switch it on"],
    libraryKeys: []
  })
}

interface Given {
  readonly key: string
  readonly name: string
  readonly original: string
  readonly level: AnyLevel | null
  readonly lost: ReadonlyArray<string>
  readonly conditions: ReadonlyArray<MaintainerrCondition>
  /** What a missing operator means within a section. */
  readonly unset: (raw: unknown) => Logic
  readonly raw: ReadonlyArray<unknown>
  readonly action: RuleAction
  readonly notes: ReadonlyArray<string>
  readonly libraryKeys: ReadonlyArray<string>
}

const ruleFrom = (given: Given): FoundRule => {
  const { action, key, level, libraryKeys, name, notes, original } = given
  const base = { key, name, original, libraryKeys }
  const lost = [
    ...given.lost,
    ...(level === null ? ["it does not say whether it is about movies, shows or seasons"] : []),
    ...(level === "episode" ? ["rules about single episodes have no equivalent"] : [])
  ]
  if (level === null || level === "episode") return { ...base, rule: null, lost, notes: [] }
  const translated = translatedOf(given, level)
  if (Result.isFailure(translated) || lost.length > 0) {
    return {
      ...base,
      rule: null,
      lost: [...lost, ...(Result.isFailure(translated) ? translated.failure : [])],
      notes: []
    }
  }
  const { condition, notes: differences } = translated.success
  return {
    ...base,
    rule: { name, enabled: false, effect: "act", condition, action, scope: { itemKinds: [level] } },
    lost,
    notes: [...differences, ...notes]
  }
}

/** A missing operator is given the one that it has at its place, the first of a section excepted. */
const translatedOf = ({ conditions, raw, unset }: Given, level: Level) => {
  const explicit = conditions.map((one, index) => {
    const isFirst = index === 0 || conditions[index - 1]?.section !== one.section
    return one.operator !== null || isFirst ? one : { ...one, operator: unset(raw[index]) }
  })
  return toCondition(explicit, level)
}

const ruleActionOf = (
  collection: ForeignRow | null,
  level: AnyLevel | null
): { readonly action: RuleAction; readonly notes: ReadonlyArray<string> } => {
  if (collection === null)
    return { action: { type: "report" }, notes: ["it has no collection, so that it only reports"] }
  const deed = actionOf(collection, level)
  if (deed.action === null) return { action: { type: "report" }, notes: [`it only reports here: ${deed.because}`] }
  const days = numberIn(collection, "deleteAfterDays")
  if (days === null) {
    return { action: { type: "report" }, notes: ["it only reports here: its collection has no number of days"] }
  }
  // Whether 0 days means at once or never differs between versions.
  const graceDays = days <= 0 ? defaultGraceDays : Math.min(3650, Math.ceil(days))
  return {
    action: {
      type: "remove",
      action: deed.action,
      graceDays,
      resetRequest: resetsRequests(collection),
      ...(deed.action === "remove-entry" ? { importExclusion: flagIn(collection, "listExclusions") } : {})
    },
    notes: [...deed.notes, ...(days <= 0 ? [`its ${days} days are ${defaultGraceDays} here`] : [])]
  }
}
