/** Writes values as YAML, in a form that people can edit. Reading is `parse` of `effect/encoding/Yaml`. */

/** A value as YAML: objects and lists as indented blocks, texts in quotes unless they are plain words. */
export const toYaml = (value: unknown): string => `${blockOf(value, 0).replace(/^\n/, "")}\n`

/** What follows a key or a hyphen: ` value`, or a block on the next lines. */
const blockOf = (value: unknown, depth: number): string => {
  const indent = "  ".repeat(depth)
  if (Array.isArray(value)) {
    if (value.length === 0) return " []"
    if (value.every(isScalar)) return ` [${value.map(scalarOf).join(", ")}]`
    return value.map((entry) => `\n${indent}-${entryOf(entry, depth + 1)}`).join("")
  }
  if (typeof value !== "object" || value === null) return ` ${scalarOf(value)}`
  const fields = fieldsOf(value)
  if (fields.length === 0) return " {}"
  return fields.map(([key, field]) => `\n${indent}${keyOf(key)}:${blockOf(field, depth + 1)}`).join("")
}

/** An entry of a list: the first field of an object follows the hyphen on its line. */
const entryOf = (value: unknown, depth: number): string => {
  const block = blockOf(value, depth)
  return block.startsWith("\n") ? ` ${block.slice(1 + 2 * depth)}` : block
}

const fieldsOf = (value: object): ReadonlyArray<readonly [string, unknown]> =>
  Object.entries(value).filter(([, field]) => field !== undefined)

const isScalar = (value: unknown): boolean => typeof value !== "object" || value === null

const keyOf = (key: string): string => (/^[A-Za-z][\w-]*$/.test(key) ? key : JSON.stringify(key))

/** Words that YAML would read as something else than text. */
const reserved = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i

const scalarOf = (value: unknown): string => {
  if (typeof value !== "string") return value === undefined ? "null" : String(value)
  return /^[A-Za-z][\w -]*[\w]$/.test(value) && !reserved.test(value) ? value : JSON.stringify(value)
}
