/**
 * Prunerr's conditions as Prunerr evaluates them. Its API here may read more into them than its code does, since a person
 * sees the result at once; a rule that is moved in must not match more than it did.
 */
import type { PrunerrNode } from "./Conditions.ts"

export interface Faithful {
  readonly tree: PrunerrNode
  /** What it did not match there, although its words say so. */
  readonly notes: ReadonlyArray<string>
}

export const faithful = (root: PrunerrNode): Faithful => {
  const notes = new Set<string>()
  const walk = (node: PrunerrNode): PrunerrNode => {
    if (node.kind === "group") return { ...node, children: node.children.map(walk) }
    const field = plain(node.field)
    const operator = plain(node.operator)
    if (field === "dayssincewatched" && operator.startsWith("greaterthan")) {
      notes.add("as in Prunerr, what was never watched does not count as watched long ago")
      return {
        kind: "group",
        logic: "AND",
        children: [{ kind: "condition", field: node.field, operator: "is_not_null" }, node]
      }
    }
    if (dates.has(field) && comparisons.has(operator)) {
      notes.add(`${node.field} is compared as a date here; in Prunerr this comparison never held`)
    }
    if (field === "collectionmembership" && operator.endsWith("inanyprotected")) {
      notes.add("a protected collection is kept here whatever a rule says, so that this condition decides nothing")
    }
    return node
  }
  return { tree: walk(root), notes: [...notes] }
}

const plain = (name: string): string => name.replace(/[_\s-]/g, "").toLowerCase()

const dates = new Set(["lastwatchedat", "addedat"])
const comparisons = new Set(["greaterthan", "greaterthanorequal", "lessthan", "lessthanorequal"])
