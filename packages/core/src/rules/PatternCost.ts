/**
 * The size of a compiled regular expression. RE2 matches in linear time, but it unrolls counted repetitions, so that
 * `(…){1000}` of a few letters can become a program with a million steps.
 */

/** Maximum cost of one pattern, and of all patterns of one condition together. */
export const costliestPattern = 2_000
export const costliestCondition = 10_000

/**
 * Number of steps of the unrolled pattern, estimated without compiling it. Classes count as one step, so the program
 * may be a few times larger, but not orders of magnitude.
 */
export const patternCost = (pattern: string): number => {
  /** Costs of the open groups, outermost first. */
  const open: Array<number> = [0]
  /** Cost of what a following repetition would repeat. */
  let atom = 0
  const add = (cost: number) => {
    atom = cost
    open[open.length - 1] = open[open.length - 1]! + cost
  }
  for (let index = 0; index < pattern.length; index++) {
    const repetition = pattern[index] === "{" ? counted.exec(pattern.slice(index, index + 12)) : null
    if (repetition !== null) {
      add(atom * Math.max(Number(repetition[1]), Number(repetition[2] ?? 0), 1))
      index += repetition[0].length - 1
      continue
    }
    switch (pattern[index]) {
      case "\\":
        index++
        if (pattern[index] === "Q") {
          const end = pattern.indexOf("\\E", index)
          const quoted = end === -1 ? pattern.slice(index + 1) : pattern.slice(index + 1, end)
          // An empty quotation adds nothing: a repetition after it applies to what precedes it.
          for (const _ of quoted) add(1)
          index += quoted.length + (end === -1 ? 0 : 2)
        } else if (pattern[index] !== "E") add(1)
        break
      case "[":
        index = endOfClass(pattern, index)
        add(1)
        break
      case "(": {
        // Flags alone, as in a(?i){3}, are not a group: a repetition after them applies to what precedes them.
        const alone = flags.exec(pattern.slice(index, index + 12))
        if (alone === null) open.push(0)
        else index += alone[0].length - 1
        break
      }
      case ")": {
        const inner = open.length > 1 ? open.pop()! : open[0]!
        add(inner + 1)
        break
      }
      case "?":
      case "*":
      case "+":
        // Repeats the preceding element without unrolling it.
        open[open.length - 1]! += 1
        break
      default:
        add(1)
    }
  }
  return open.reduce((sum, cost) => sum + cost, 0)
}

const counted = /^\{(\d{1,4})(?:,(\d{0,4}))?\}/

const flags = /^\(\?[A-Za-z-]{1,9}\)/

/** Position of the bracket that closes a class; a bracket right after the opening one belongs to the class. */
const endOfClass = (pattern: string, start: number): number => {
  let index = start + 1
  if (pattern[index] === "^") index++
  if (pattern[index] === "]") index++
  for (; index < pattern.length && pattern[index] !== "]"; index++) if (pattern[index] === "\\") index++
  return index
}
