/** Names of libraries, collections and labels: which ones a media server has, and which ones a rule uses. */
import { Result } from "effect"
import { nameKey } from "../../viewers/NameKey.ts"
import type { ServerItem } from "../../integrations/Observations.ts"
import { compile } from "../../rules/Compile.ts"
import type { Condition, ConditionLeaf } from "../../rules/Condition.ts"
import { itemRules } from "../../rules/ItemRules.ts"
import type { StoredRule } from "../../rules/Rules.ts"
import { serverNames } from "../Replacement.ts"

export type NameKind = (typeof serverNames)[number]

/** Names of one server, by their kind. */
export type NamesOn = ReadonlyMap<NameKind, ReadonlySet<string>>

/** Collects the names in the entries of a server. */
export const namesOnServer = () => {
  const all = new Map<NameKind, Set<string>>(serverNames.map((what) => [what, new Set()]))
  return {
    all: all as NamesOn,
    add: (entries: ReadonlyArray<ServerItem>): void => {
      for (const { collections, labels, library, otherLibraries } of entries) {
        for (const name of [library, ...(otherLibraries ?? [])]) all.get("library")?.add(name)
        for (const name of collections) all.get("collections")?.add(name)
        for (const name of labels) all.get("labels")?.add(name)
      }
    }
  }
}

/** What a name of the former server becomes; `undefined` = it stays. */
export type Renaming = (what: NameKind, name: string) => string | undefined

export interface RenamedRule {
  readonly condition: StoredRule["condition"]
  readonly scope: StoredRule["scope"]
  /** As `library "Movies" becomes "Films"`. */
  readonly changes: ReadonlyArray<string>
}

/** The rule with other names. A pattern, or a part of a name, is no name. */
export const renamedRule = (rule: StoredRule, renaming: Renaming): RenamedRule => {
  const changes = new Set<string>()
  const rename = (what: NameKind, name: string): string => {
    const to = renaming(what, name)
    if (to === undefined || to === name) return name
    changes.add(`${what} "${name}" becomes "${to}"`)
    return to
  }
  const canonical = canonicalOf(rule.condition)
  const condition = mapLeaves(canonical, (leaf) => {
    const what = serverNames.find((one) => one === leaf.field)
    if (what === undefined || !wholeNames.has(leaf.operator)) return leaf
    const { value } = leaf
    if (typeof value === "string") return { ...leaf, value: rename(what, value) }
    return Array.isArray(value)
      ? { ...leaf, value: value.map((one) => (typeof one === "string" ? rename(what, one) : one)) }
      : leaf
  })
  const { collections, libraries, ...rest } = rule.scope ?? {}
  const scope = {
    ...rest,
    ...(libraries === undefined ? {} : { libraries: libraries.map((name) => rename("library", name)) }),
    ...(collections === undefined ? {} : { collections: collections.map((name) => rename("collections", name)) })
  }
  return changes.size === 0
    ? { condition: rule.condition, scope: rule.scope, changes: [] }
    : { condition, scope, changes: [...changes] }
}

/** The names that a rule uses, in the form of its author. */
export const namesUsed = (rule: StoredRule): ReadonlyArray<readonly [NameKind, string]> => {
  const used: Array<readonly [NameKind, string]> = []
  renamedRule(rule, (what, name) => {
    used.push([what, name])
    return undefined
  })
  return used
}

/** The spelling of a name on a server. */
export const spelledAs = (names: NamesOn, what: NameKind, name: string): string | undefined =>
  [...(names.get(what) ?? [])].find((one) => nameKey(one) === nameKey(name))

const wholeNames = new Set(["equals", "notEquals", "in", "notIn", "containsAny", "containsAll", "sameAs"])

const canonicalOf = (condition: Condition): Condition => {
  const compiled = compile(itemRules, condition)
  return Result.isSuccess(compiled) ? compiled.success.tree : condition
}

const mapLeaves = (condition: Condition, map: (leaf: ConditionLeaf) => ConditionLeaf): Condition =>
  condition.kind === "group"
    ? { ...condition, children: condition.children.map((child) => mapLeaves(child, map)) }
    : map(condition)
