/** Replaces the names that connections had in the other product, in the conditions of rules, by those that they have here. */
import type { Condition } from "../../rules/Condition.ts"
import type { FoundRule } from "../Found.ts"

/** The name of each connection here by its name there; `null` = it is not connected here. */
export type ConnectionNames = ReadonlyMap<string, string | null>

const renamedFields = new Set(["application", "client"])

export const withNames = (found: FoundRule, names: ConnectionNames): FoundRule => {
  if (found.rule === null) return found
  const absent = new Set<string>()
  const nameOf = <V>(field: string, name: V): V | string => {
    const here = typeof name === "string" ? names.get(name) : undefined
    if (here === null && field === "application") absent.add(String(name))
    return here ?? name
  }
  const renamed = (condition: Condition): Condition => {
    if (condition.kind === "group") return { ...condition, children: condition.children.map(renamed) }
    const { field, value } = condition
    if (!renamedFields.has(field) || value === undefined) return condition
    return { ...condition, value: Array.isArray(value) ? value.map((one) => nameOf(field, one)) : nameOf(field, value) }
  }
  const rule = { ...found.rule, condition: renamed(found.rule.condition) }
  // An application that it leaves out under another name would not be left out.
  const lost = [...absent].map(
    (name) => `it names "${name}", which is not connected here: connect it, and preview the file again`
  )
  return { ...found, rule, lost: [...found.lost, ...lost] }
}
