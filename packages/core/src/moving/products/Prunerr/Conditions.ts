/**
 * Prunerr's conditions as ours, and back. Most names are understood as they are, since our fields and operators have them
 * as aliases; listed here is what differs: names, units, and values that Prunerr's own pages offer.
 *
 * - `days_since_watched > n` also holds for what was never watched: it becomes "longer ago than".
 * - Comparisons of dates compare dates.
 * - `resolution` `4k` or `1080` is `2160p` or `1080p`; `hdr` `Dolby Vision` is `dv`; `bitrate` is in kbit/s.
 * - Whether a collection is protected is no fact of an item here: a protected collection is kept, whatever a rule says. The
 *   two operators that ask for it are kept as conditions on a name that no collection has.
 */
import { Effect, Predicate } from "effect"
import { invalidField, type InvalidRequest, type Issue } from "../../../problems/Problem.ts"
import type { Condition, ConditionLeaf } from "../../../rules/Condition.ts"
import { operators as ourOperators } from "../../../rules/Operators.ts"

type Value = Exclude<ConditionLeaf["value"], undefined>

/** A leaf in Prunerr's form. */
export interface PrunerrLeaf {
  readonly kind: "condition"
  readonly field: string
  readonly operator: string
  readonly value?: unknown
  /** Instead of `value`: another field; only rules of Tendarr have it. */
  readonly otherField?: string
  readonly params?: { readonly username?: string; readonly user?: string; readonly days?: number }
}
export interface PrunerrGroup {
  readonly kind: "group"
  readonly logic: "AND" | "OR" | "NOT"
  readonly children: ReadonlyArray<PrunerrNode>
}
export type PrunerrNode = PrunerrLeaf | PrunerrGroup

/** What a protected collection is called in a condition. */
const anyProtected = "(any protected collection)"

/** Prunerr's names for our fields, where they are not only spelt in another way. */
const fields: Readonly<Record<string, string>> = {
  type: "kind",
  last_watched_at: "lastPlayedAt",
  library_key: "library",
  file_path: "path",
  file_size: "sizeBytes",
  rating_rt: "ratingRottenTomatoes",
  series_status: "showStatus",
  original_language: "language",
  collection_membership: "collections"
}

const ourField = (theirs: string): string => {
  const name = snake(theirs)
  return Object.hasOwn(fields, name) ? (fields[name] ?? theirs) : theirs
}

const fieldNames = new Map(Object.entries(fields).map(([theirs, ours]) => [ours, theirs] as const))

/** Our operators with another name in Prunerr. All of Prunerr's names are aliases of ours. */
const operators: Readonly<Record<string, string>> = {
  matches: "regex_match",
  isEmpty: "is_null",
  isNotEmpty: "is_not_null"
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const plain = (name: string): string => name.replace(/[_\s-]/g, "").toLowerCase()

/** By every name of an operator, its own one; an operator that is not known is refused when the rule is compiled. */
const canonicalOperators = new Map(
  ourOperators.flatMap(({ aliases, name }) => [name, ...aliases].map((one) => [plain(one), plain(name)] as const))
)

const isComparison = new Set(["greaterthan", "greaterthanorequal", "lessthan", "lessthanorequal"])
const lists = new Set(["in", "notin", "containsany", "containsall", "matchesany", "matchesall", "between"])
const numbers = new Set(
  [
    "year",
    "daysSinceAdded",
    "daysSinceWatched",
    "playCount",
    "sizeGb",
    "sizeBytes",
    "resolutionNumber",
    "bitrate",
    "ratingImdb",
    "ratingTmdb",
    "ratingRottenTomatoes",
    "runtimeMinutes",
    "seasonCount",
    "episodeCount",
    "watchedByCount"
  ].map(plain)
)
const dates = new Set(["lastPlayedAt", "addedAt"].map(plain))

/** Values that Prunerr's pages offer under other names; by field, in lower case. */
const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  resolution: { "4k": "2160p", "2160": "2160p", "1080": "1080p", "720": "720p", "576": "576p", "480": "480p" },
  hdr: { "dolby vision": "dv", dolbyvision: "dv" }
}

const kilobit = 1000

// --- to ours --------------------------------------------------------------------------------------------------------------

/** The titles of collections by id, for conditions on one of them. */
export type CollectionTitles = ReadonlyMap<string, string>

/**
 * Refuses what has no equivalent; names and operands are checked when the rule is compiled. A part that is `kept` comes
 * back as it is stored: Prunerr's form of it may mean more here, such as `days_since_watched > 90`.
 */
export const toCondition = (
  node: PrunerrNode,
  titles: CollectionTitles,
  path: Issue["path"] = ["payload", "conditions", "root"],
  kept: KeptParts = nothingKept
): Effect.Effect<Condition, InvalidRequest> =>
  Effect.gen(function* () {
    const stored = kept.get(keyOf(node))
    if (stored !== undefined) return stored
    if (node.kind === "condition") return yield* toLeaf(node, titles, path)
    if (node.children.length === 0) return yield* invalidField([...path, "children"], "must not be empty")
    const children = yield* Effect.forEach(node.children, (child, index) =>
      toCondition(child, titles, [...path, "children", index], kept)
    )
    // NOT denies that all of them hold.
    return node.logic === "NOT" && children.length > 1
      ? { kind: "group", logic: "NOT", children: [{ kind: "group", logic: "AND", children }] }
      : { kind: "group", logic: node.logic, children }
  })

/** The parts of a stored condition, by the form in which they are shown. */
export type KeptParts = ReadonlyMap<string, Condition>
const nothingKept: KeptParts = new Map()

export const keptParts = (condition: Condition, ids: ReadonlyMap<string, string>): KeptParts => {
  const kept = new Map<string, Condition>()
  const walk = (part: Condition): void => {
    const key = keyOf(fromCondition(part, ids))
    // Of two parts with one form, the first one is found.
    if (!kept.has(key)) kept.set(key, part)
    if (part.kind === "group") for (const child of part.children) walk(child)
  }
  walk(condition)
  return kept
}

/** Equal for nodes that differ only in the order of their keys. */
const keyOf = (node: PrunerrNode): string =>
  node.kind === "group"
    ? `${node.logic}[${node.children.map(keyOf).join()}]`
    : JSON.stringify([
        node.field,
        node.operator,
        node.value ?? null,
        node.otherField ?? null,
        node.params?.username ?? node.params?.user ?? null,
        node.params?.days ?? null
      ])

const toLeaf = (
  { field: theirs, operator, otherField, params, value: given }: PrunerrLeaf,
  titles: CollectionTitles,
  path: Issue["path"]
): Effect.Effect<Condition, InvalidRequest> =>
  Effect.gen(function* () {
    const field = ourField(theirs)
    const is = (name: string) => plain(field) === plain(name)
    const how = canonicalOperators.get(plain(operator)) ?? plain(operator)
    const leaf = (operator: string, value?: Value, name = field): ConditionLeaf => ({
      kind: "condition",
      field: name,
      operator,
      ...(value === undefined ? {} : { value })
    })
    if (otherField !== undefined) return { ...leaf(operator), otherField: ourField(otherField) }
    if (is("collections")) {
      if (how === "inanyprotected") return leaf("contains", anyProtected)
      if (how === "notinanyprotected") return leaf("notContains", anyProtected)
      if (how === "incollectionid") {
        const title = titles.get(String(given))
        return title === undefined
          ? yield* invalidField([...path, "value"], "is not the id of a collection")
          : leaf("equals", title)
      }
    }
    if (is("watchedByUser")) {
      const user = params?.username ?? params?.user ?? (typeof given === "string" ? given : undefined)
      return {
        kind: "condition",
        field,
        operator,
        params: {
          ...(user === undefined ? {} : { user }),
          ...(params?.days === undefined ? {} : { days: params.days })
        }
      }
    }
    if (/^is(not)?(null|empty)$/.test(how)) return leaf(operator)
    const value = yield* valueOf(given, field, how, path)
    if (is("kind") && (how === "equals" || how === "notequals" || how === "in" || how === "notin"))
      return kindCondition(how, value, leaf)
    if (is("daysSinceWatched") && typeof value === "number") {
      if (how === "greaterthan") return leaf("overAgo", value)
      // Of whole days: at least 1.5 is more than 1.
      if (how === "greaterthanorequal" && value >= 1) return leaf("overAgo", Math.ceil(value) - 1)
      if (how === "greaterthanorequal") {
        return { kind: "group", logic: "OR", children: [leaf("isEmpty"), leaf("greaterThanOrEqual", value)] }
      }
    }
    if (dates.has(plain(field)) && isComparison.has(how))
      return leaf(how.startsWith("less") ? "before" : "after", value)
    return leaf(operator, value)
  })

/** A season is removed by itself, and is of the type of its show. */
const kindCondition = (
  how: "equals" | "notequals" | "in" | "notin",
  value: Value,
  leaf: (operator: string, value?: Value) => ConditionLeaf
): ConditionLeaf => {
  const given = (Array.isArray(value) ? value : [value]).map((one) => String(one).toLowerCase())
  const kinds = [...new Set(given.flatMap((one) => (one === "tv" || one === "show" ? ["show", "season"] : [one])))]
  const isNegative = how === "notequals" || how === "notin"
  if (kinds.length > 1) return leaf(isNegative ? "notIn" : "in", kinds)
  return leaf(isNegative ? "notEquals" : "equals", kinds[0] ?? "")
}

/** An operand with the type of its field, in our words and units. */
const valueOf = (
  given: unknown,
  field: string,
  how: string,
  path: Issue["path"]
): Effect.Effect<Value, InvalidRequest> =>
  Effect.gen(function* () {
    const isList = lists.has(how)
    const raw = isList ? listIn(given) : [given]
    const found: Array<string | number | boolean> = []
    for (const one of raw) {
      if (typeof one !== "string" && typeof one !== "number" && typeof one !== "boolean") {
        return yield* invalidField([...path, "value"], "must be a text, a number, or a list of them")
      }
      found.push(wordOf(one, field))
    }
    if (isList) return found.map((one) => (typeof one === "boolean" ? String(one) : one))
    return found[0] ?? ""
  })

const wordOf = (given: string | number | boolean, field: string): string | number | boolean => {
  const name = plain(field)
  if (name === "neverwatched") {
    // Another word is refused as no truth value; as "no", it would match what was watched.
    const word = String(given).toLowerCase()
    return word === "true" || word === "1" ? true : word === "false" || word === "0" ? false : given
  }
  if (numbers.has(name)) {
    const number = typeof given === "string" && given.trim() !== "" ? Number(given) : given
    if (typeof number !== "number" || Number.isNaN(number)) return given
    return name === "bitrate" ? number * kilobit : number
  }
  if (typeof given === "boolean") return given
  const text = String(given)
  const words = values[name]
  const word = text.toLowerCase()
  return words !== undefined && Object.hasOwn(words, word) ? (words[word] ?? text) : text
}

/** A list, a list as JSON, or a text with commas. */
const listIn = (given: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(given)) return given
  if (typeof given !== "string") return [given]
  if (given.trim().startsWith("[")) {
    try {
      const parsed: unknown = JSON.parse(given)
      if (Array.isArray(parsed)) return parsed
    } catch {
      // It is a text that begins with a bracket.
    }
  }
  return given.split(",").map((one) => one.trim())
}

// --- to Prunerr's -----------------------------------------------------------------------------------------------------------

export const fromCondition = (condition: Condition, ids: ReadonlyMap<string, string>): PrunerrNode => {
  if (condition.kind === "group") {
    return {
      kind: "group",
      logic: condition.logic,
      children: condition.children.map((child) => fromCondition(child, ids))
    }
  }
  const { field, operator, otherField, params, value } = condition
  const name = fieldNames.get(field) ?? snake(field)
  const leaf = (how: string, shown: unknown = value): PrunerrLeaf => ({
    kind: "condition",
    field: name,
    operator: how,
    value: shown ?? null,
    ...(params === undefined
      ? {}
      : { params: { ...params, ...(params.user === undefined ? {} : { username: params.user }) } })
  })
  if (otherField !== undefined) {
    return { ...leaf(nameOf(operator)), otherField: fieldNames.get(otherField) ?? snake(otherField) }
  }
  if (field === "collections") {
    if (value === anyProtected) return leaf(operator === "contains" ? "in_any_protected" : "not_in_any_protected", true)
    const id = operator === "equals" && typeof value === "string" ? ids.get(value) : undefined
    if (id !== undefined) return leaf("in_collection_id", Number(id))
  }
  if (field === "kind" && Array.isArray(value)) {
    const types = [...new Set(value.map((one) => (one === "season" ? "show" : one)))]
    if (types.length === 1) return leaf(operator === "in" ? "equals" : "not_equals", types[0])
    return leaf(snake(operator), types)
  }
  if (field === "daysSinceWatched" && operator === "overAgo") return leaf("greater_than")
  if (dates.has(plain(field))) {
    if (operator === "before") return leaf("less_than")
    if (operator === "after") return leaf("greater_than")
  }
  if (field === "bitrate") return leaf(nameOf(operator), kilobits(value))
  if (field === "hdr" && value === "dv") return leaf(nameOf(operator), "Dolby Vision")
  return leaf(nameOf(operator))
}

const nameOf = (operator: string): string => operators[operator] ?? snake(operator)

const kilobits = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(kilobits) : Predicate.isNumber(value) ? value / kilobit : (value ?? null)
