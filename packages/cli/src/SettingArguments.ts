/** Parses settings on a command line: `removals.caps.maxItems=50`, typed by the schema of the group. */
import type { SettingsSchemasResponse } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { isObject, type JsonObject } from "./Documents.ts"
import { type CommandFailure, misused } from "./Failure.ts"
import { nearest } from "./UsageErrors.ts"

export type GroupSchema = SettingsSchemasResponse["items"][number]
export type GroupName = GroupSchema["group"]

export interface Setting {
  readonly group: GroupName
  /** Within the group. */
  readonly path: ReadonlyArray<string>
  readonly schema: JsonObject
}

export const groupNamed = (
  schemas: ReadonlyArray<GroupSchema>,
  name: string
): Effect.Effect<GroupSchema, CommandFailure> => {
  const found = schemas.find(({ group }) => group === name)
  const names = schemas.map(({ group }) => group)
  return found === undefined
    ? Effect.fail(
        misused(`There is no group of settings "${name}"${guess(name, names)}`, `There are: ${names.join(", ")}`)
      )
    : Effect.succeed(found)
}

/** The setting with a name such as `removals.deletionsEnabled`. */
export const settingNamed = Effect.fnUntraced(function* (schemas: ReadonlyArray<GroupSchema>, name: string) {
  const [groupName = "", ...path] = name.split(".")
  const { group, schema } = yield* groupNamed(schemas, groupName)
  if (path.length === 0)
    return yield* misused(`"${name}" is a group; name one of its settings, such as ${group}.${firstKey(schema)}`)
  let at: JsonObject = resolved(schema, schema)
  for (const [index, key] of path.entries()) {
    const properties = isObject(at["properties"]) ? at["properties"] : {}
    const next = properties[key] ?? (isObject(at["additionalProperties"]) ? at["additionalProperties"] : undefined)
    if (next === undefined) {
      const known = Object.keys(properties)
      const before = [group, ...path.slice(0, index)].join(".")
      const near = guess(key, known, `${before}.`)
      return yield* misused(
        `There is no setting "${[before, key].join(".")}"${near}`,
        known.length === 0 ? null : `There are: ${known.join(", ")}`
      )
    }
    at = resolved(next, schema)
  }
  return { group, path, schema: at } satisfies Setting
})

/** The description of a setting, from its schema. */
export const meaningOf = ({ schema }: GroupSchema, key: string): string => {
  const { description } = resolved(valueAt(schema, ["properties", key]), schema)
  return typeof description === "string" ? description : ""
}

/** Converts a text according to the schema; invalid values are left to Tendarr, which refuses them with their path. */
export const settingValue = ({ schema }: Setting, text: string): unknown => {
  const types = typesOf(schema)
  if (types.has("null") && /^(null|none)$/i.test(text)) return null
  if (types.has("boolean")) {
    const found = booleans[text.toLowerCase()]
    if (found !== undefined) return found
  }
  if ((types.has("integer") || types.has("number")) && text.trim() !== "" && Number.isFinite(Number(text))) {
    return Number(text)
  }
  if (types.has("object") || types.has("array")) {
    const json = parsed(text)
    if (json !== undefined && typeof json === "object") return json
    if (types.has("array")) return text.split(",").flatMap((entry) => (entry.trim() === "" ? [] : [entry.trim()]))
  }
  return text
}

/** `{ caps: { maxItems: 5 } }` from the path and the value. */
export const patchOf = (path: ReadonlyArray<string>, value: unknown): unknown =>
  path.reduceRight((inner: unknown, key) => ({ [key]: inner }), value)

/** The part of a value at a path. */
export const valueAt = (value: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce((inner: unknown, key) => (isObject(inner) ? inner[key] : undefined), value)

/** Merges two patches of one group. */
export const merged = (a: unknown, b: unknown): unknown =>
  isObject(a) && isObject(b)
    ? Object.fromEntries(
        [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [
          key,
          key in a && key in b ? merged(a[key], b[key]) : key in b ? b[key] : a[key]
        ])
      )
    : b

/** A value on one line. */
export const shownValue = (value: unknown): string =>
  value === undefined ? "(not set)" : typeof value === "string" ? value : JSON.stringify(value)

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  yes: true,
  false: false,
  off: false,
  no: false
}

const guess = (word: string, known: ReadonlyArray<string>, prefix = ""): string => {
  const near = nearest(word, known)
  return near === null ? "" : `. Did you mean ${prefix}${near}?`
}

const firstKey = (schema: unknown): string =>
  Object.keys((isObject(schema) && isObject(schema["properties"]) ? schema["properties"] : null) ?? { "…": 0 })[0] ??
  "…"

/** A schema with its references resolved, merged with the members of its `allOf` and the properties of its `anyOf`. */
const resolved = (schema: unknown, root: unknown): JsonObject => {
  if (!isObject(schema)) return {}
  const { $ref, allOf, ...own } = schema
  const name = typeof $ref === "string" ? $ref.split("/").at(-1) : undefined
  const parts = [
    ...(name === undefined ? [] : [valueAt(root, ["$defs", name])]),
    ...(Array.isArray(allOf) ? allOf : []),
    ...(Array.isArray(own["anyOf"])
      ? own["anyOf"].map((member) => ({ properties: resolved(member, root)["properties"] }))
      : [])
  ].map((part) => resolved(part, root))
  return [...parts, own].reduce((whole, part) => {
    const properties = { ...propertiesOf(whole), ...propertiesOf(part) }
    return { ...whole, ...part, ...(Object.keys(properties).length === 0 ? {} : { properties }) }
  }, {})
}

const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {})

const typesOf = (schema: JsonObject): ReadonlySet<string> => {
  const own = schema["type"]
  const members = Array.isArray(schema["anyOf"]) ? schema["anyOf"].filter(isObject) : []
  return new Set([
    ...(typeof own === "string" ? [own] : Array.isArray(own) ? own.map(String) : []),
    ...("properties" in schema ? ["object"] : []),
    ...members.flatMap((member) => ("$ref" in member ? ["object"] : [...typesOf(member)]))
  ])
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
