/**
 * Checks answers against an application's own API document, and key sets against recorded answers. Both lie beside the
 * repository where they are available; tests that need them are skipped elsewhere.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"

/** Where the documents and recordings are, relative to the repository; `TENDARR_SHARED` overrides it. */
export const shared = process.env["TENDARR_SHARED"] ?? join(import.meta.dirname, "../../../../../shared")
export const hasSpecs = existsSync(join(shared, "specs"))
export const hasFixtures = existsSync(join(shared, "fixtures"))

export const fixture = (path: string): unknown => JSON.parse(readFileSync(join(shared, "fixtures", path), "utf8"))
export const fixtureText = (path: string): string => readFileSync(join(shared, "fixtures", path), "utf8")

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)
const objectAt = (value: unknown, key: string): Json => {
  const found = isObject(value) ? value[key] : undefined
  return isObject(found) ? found : {}
}

export interface ApiDocument {
  /** The faults of `value` as a successful response of this operation, as `path: problem`. */
  readonly problems: (method: string, path: string, value: unknown) => ReadonlyArray<string>
}

/** `strict` also reports unknown properties that the document does not forbid. */
export const openDocument = (file: string, strict: boolean): ApiDocument => {
  const document = parse(readFileSync(join(shared, "specs", file), "utf8"), { maxAliasCount: -1 }) as Json

  const resolve = (schema: Json): Json => {
    const reference = schema["$ref"]
    if (typeof reference !== "string") return schema
    return resolve(reference.split("/").slice(1).reduce<Json>(objectAt, document))
  }

  /** A schema with the parts of `allOf` merged. */
  const merged = (schema: Json): Json => {
    const plain = resolve(schema)
    const parts = plain["allOf"]
    if (!Array.isArray(parts)) return plain
    const all = [...parts.filter(isObject).map(merged), { ...plain, allOf: undefined }]
    const properties = Object.assign({}, ...all.map((part) => objectAt(part, "properties"))) as Json
    return { ...Object.assign({}, ...all), ...(Object.keys(properties).length > 0 ? { properties } : {}) }
  }

  const check = (given: Json, value: unknown, at: string): ReadonlyArray<string> => {
    const schema = merged(given)
    const choices = schema["oneOf"] ?? schema["anyOf"]
    if (Array.isArray(choices)) {
      const tried = choices.filter(isObject).map((choice) => check(choice, value, at))
      return tried.find((problems) => problems.length === 0) ?? tried[0] ?? []
    }
    const types = [schema["type"]].flat().filter((type) => typeof type === "string")
    if (value === null)
      return schema["nullable"] === true || types.includes("null") || types.length === 0 ? [] : [`${at}: is null`]
    if (types.length > 0 && !types.some((type) => hasType(type, value)))
      return [`${at}: ${typeof value} is no ${types.join("|")}`]
    const allowed = schema["enum"]
    if (Array.isArray(allowed) && !allowed.includes(value))
      return [`${at}: ${String(value)} is none of ${allowed.join()}`]
    if (Array.isArray(value))
      return value.flatMap((each, index) => check(objectAt(schema, "items"), each, `${at}[${index}]`))
    if (!isObject(value)) return []
    const properties = objectAt(schema, "properties")
    const open = schema["additionalProperties"] !== false && (!strict || Object.keys(properties).length === 0)
    const missing = [schema["required"]].flat().filter((key) => typeof key === "string" && !Object.hasOwn(value, key))
    return [
      ...missing.map((key) => `${at}.${String(key)}: is missing`),
      ...Object.entries(value).flatMap(([key, inner]) => {
        const property = properties[key]
        if (isObject(property)) return check(property, inner, `${at}.${key}`)
        return open ? [] : [`${at}.${key}: is not in the document`]
      })
    ]
  }

  return {
    problems: (method, path, value) => {
      const operation = objectAt(objectAt(objectAt(document, "paths"), path), method.toLowerCase())
      const responses = objectAt(operation, "responses")
      const success = objectAt(responses, Object.keys(responses).find((status) => status.startsWith("2")) ?? "200")
      const content = objectAt(success, "content")
      const media = Object.keys(content).find((type) => type.endsWith("json"))
      if (media === undefined) return [`${method} ${path}: the document has no JSON answer`]
      return check(objectAt(objectAt(content, media), "schema"), value, "")
    }
  }
}

const hasType = (type: string, value: unknown): boolean => {
  if (type === "integer") return Number.isInteger(value)
  if (type === "array") return Array.isArray(value)
  if (type === "object") return isObject(value)
  return typeof value === type
}

/** Keys of all objects in a value, as paths without indices. */
export const keyPaths = (value: unknown, at = ""): ReadonlySet<string> => {
  if (Array.isArray(value)) return new Set(value.flatMap((each) => [...keyPaths(each, at)]))
  if (!isObject(value)) return new Set()
  return new Set(Object.entries(value).flatMap(([key, inner]) => [`${at}${key}`, ...keyPaths(inner, `${at}${key}.`)]))
}

/** The keys that only one of the two has. */
export const lacking = (wanted: ReadonlySet<string>, given: ReadonlySet<string>): ReadonlyArray<string> =>
  [...wanted].filter((key) => !given.has(key)).sort()
