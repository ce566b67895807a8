/** What Prunerr's scans never touch, as rules that keep, switched on. */
import type { RuleDefinition } from "../../../rules/Rule.ts"
import type { FoundRule } from "../../Found.ts"
import { type Fields, isFields, jsonIn, keyOf, originalOf, textIn, textsIn } from "../../Records.ts"

const title = "Prunerr"

/** Patterns of titles and types. */
export const patternRules = (text: string | null): ReadonlyArray<FoundRule> => {
  const patterns = jsonIn({ text }, "text")
  if (!Array.isArray(patterns)) return []
  return patterns.map((pattern: unknown, index): FoundRule => {
    const fields: Fields = isFields(pattern) ? pattern : { value: pattern }
    const field = textIn(fields, "field") ?? "title"
    const operator = patternOperators[textIn(fields, "operator", "type", "matchType") ?? "contains"]
    const value = textIn(fields, "value", "pattern")
    const lost = [
      ...(field === "title" || field === "type" ? [] : [`the field "${field}" has no equivalent`]),
      ...(operator === undefined ? ["its operator has no equivalent"] : []),
      ...(value === null ? ["it has no value"] : [])
    ]
    const name = `${title}: exclusion pattern ${index + 1}`
    return {
      key: keyOf("exclusion pattern", fields),
      name,
      original: originalOf(fields),
      rule:
        lost.length > 0 || operator === undefined || value === null
          ? null
          : keeping(name, {
              kind: "condition",
              field: field === "type" ? "kind" : "title",
              operator,
              value: field === "type" && value === "tv" ? "show" : value
            }),
      libraryKeys: [],
      lost,
      notes: []
    }
  })
}

const patternOperators: Readonly<Record<string, string>> = {
  contains: "contains",
  equals: "equals",
  starts_with: "startsWith",
  ends_with: "endsWith",
  regex: "matches",
  regex_match: "matches"
}

/** Libraries that it left out: nothing of them was ever removed. */
export const libraryRules = (settings: ReadonlyMap<string, string | null>): ReadonlyArray<FoundRule> =>
  textsIn(jsonIn({ keys: settings.get("excluded_library_keys") }, "keys")).map((libraryKey) => {
    const name = `${title}: excluded library ${libraryKey}`
    return {
      key: keyOf("excluded library", libraryKey),
      name,
      original: originalOf({ excluded_library_key: libraryKey }),
      rule: keeping(name, { kind: "condition", field: "title", operator: "isNotEmpty" }),
      libraryKeys: [libraryKey],
      lost: [],
      notes: [`${title} left out this library, so that nothing of it was removed`]
    }
  })

const keeping = (name: string, condition: RuleDefinition["condition"]): RuleDefinition => ({
  name,
  enabled: true,
  effect: "always-keep",
  condition
})
