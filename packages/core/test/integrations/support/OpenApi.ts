/**
 * Checks requests against an OpenAPI document: the path with its method, every query parameter, and the body by its
 * schema. Returns the faults.
 */
import { Predicate } from "effect"
import type { Sent } from "./FakeUpstream.ts"

export interface Allowance {
  /** The path of the application under which the document begins. */
  readonly prefix?: string
  /** Body properties that the application accepts although its document does not list them. */
  readonly body?: ReadonlyArray<string>
}

export const faultsOf = (document: unknown, sent: Sent, allowance: Allowance = {}): ReadonlyArray<string> => {
  const path = sent.path.slice((allowance.prefix ?? "").length)
  // A literal path takes precedence over one with a parameter.
  const found = Object.entries(at(document, "paths"))
    .filter(([template]) => matches(template, path))
    .sort(([a], [b]) => a.split("{").length - b.split("{").length)[0]
  if (found === undefined) return [`there is no path ${path}`]
  const operation = at(found[1], sent.method.toLowerCase())
  if (Object.keys(operation).length === 0) return [`${found[0]} takes no ${sent.method}`]
  const parameters = [...list(found[1], "parameters"), ...list(operation, "parameters")].map((one) =>
    resolve(document, one)
  )
  return [...queryFaults(document, parameters, sent), ...bodyFaults(document, operation, sent, allowance)]
}

const queryFaults = (document: unknown, parameters: ReadonlyArray<object>, sent: Sent): ReadonlyArray<string> => {
  const known = parameters.filter((one) => Reflect.get(one, "in") === "query")
  const unknown = [...new Set(sent.query.keys())].filter(
    (key) => !known.some((one) => namesOf(document, one).includes(key))
  )
  const missing = known
    .filter((one) => Reflect.get(one, "required") === true && !sent.query.has(String(Reflect.get(one, "name"))))
    .map((one) => String(Reflect.get(one, "name")))
  const wrong = known.flatMap((one) => {
    const name = String(Reflect.get(one, "name"))
    const choices = choicesOf(document, one)
    const values = sent.query.getAll(name).flatMap((value) => value.split(","))
    return Array.isArray(choices)
      ? values.filter((value) => !choices.map(String).includes(value)).map((value) => `${name}=${value}`)
      : []
  })
  return [
    ...unknown.map((key) => `there is no query parameter ${key}`),
    ...missing.map((key) => `the query parameter ${key} is missing`),
    ...wrong.map((pair) => `${pair} is no choice`)
  ]
}

/** The schema of a parameter, or of each of its values; in a document of version 2, the parameter itself is the schema. */
const choicesOf = (document: unknown, parameter: object): unknown => {
  const schema = resolve(document, at(parameter, "schema"))
  return (
    Reflect.get(schema, "enum") ??
    Reflect.get(resolve(document, at(schema, "items")), "enum") ??
    Reflect.get(parameter, "enum")
  )
}

/** The names in the query that a parameter accepts: its own, or those of the object that is expanded into the query. */
const namesOf = (document: unknown, parameter: object): ReadonlyArray<string> => {
  const properties = Object.keys(at(resolve(document, at(parameter, "schema")), "properties"))
  return properties.length > 0 ? properties : [String(Reflect.get(parameter, "name"))]
}

const bodyFaults = (document: unknown, operation: object, sent: Sent, allowance: Allowance): ReadonlyArray<string> => {
  const content = at(at(operation, "requestBody"), "content")
  const media = Object.entries(content).find(([type]) => type.includes("json"))?.[1]
  if (media === undefined) return sent.body === undefined ? [] : ["there is no body"]
  if (sent.body === undefined) return ["the body is missing"]
  return valueFaults(document, at(media, "schema"), sent.body, "body", allowance.body ?? [])
}

const valueFaults = (
  document: unknown,
  schema: object,
  value: unknown,
  path: string,
  allowed: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const is = resolve(document, schema)
  const type: unknown = Reflect.get(is, "type")
  if (value === null) return Reflect.get(is, "nullable") === true ? [] : [`${path} is null`]
  if (type === "array") {
    if (!Array.isArray(value)) return [`${path} is no array`]
    return value.flatMap((one, index) => valueFaults(document, at(is, "items"), one, `${path}[${index}]`, []))
  }
  if (type === "object" || "properties" in is) {
    if (!Predicate.isObject(value)) return [`${path} is no object`]
    const properties = at(is, "properties")
    return Object.entries(value).flatMap(([key, one]) => {
      if (allowed.includes(key)) return []
      const property: unknown = Reflect.get(properties, key)
      if (!Predicate.isObject(property)) {
        return Reflect.get(is, "additionalProperties") === false ? [`${path}.${key} is not known`] : []
      }
      return valueFaults(document, property, one, `${path}.${key}`, [])
    })
  }
  const choices: unknown = Reflect.get(is, "enum")
  if (Array.isArray(choices)) return choices.includes(value) ? [] : [`${path} is ${JSON.stringify(value)}`]
  if (type === "integer") return Number.isInteger(value) ? [] : [`${path} is no integer`]
  return type === undefined || typeof value === type ? [] : [`${path} is no ${String(type)}`]
}

const matches = (template: string, path: string): boolean => {
  const wanted = template.split("/")
  const given = path.split("/")
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith("{") || part === given[index])
}

const resolve = (document: unknown, schema: unknown): object => {
  const reference = Predicate.hasProperty(schema, "$ref") ? schema.$ref : undefined
  if (typeof reference !== "string") return Predicate.isObject(schema) ? schema : {}
  return resolve(
    document,
    reference
      .slice(2)
      .split("/")
      .reduce<unknown>((node, key) => at(node, key), document)
  )
}

const at = (node: unknown, key: string): object => {
  const value: unknown = Predicate.isObject(node) ? Reflect.get(node, key) : undefined
  return Predicate.isObject(value) ? value : {}
}

const list = (node: unknown, key: string): ReadonlyArray<unknown> => {
  const value: unknown = Predicate.isObject(node) ? Reflect.get(node, key) : undefined
  return Array.isArray(value) ? value : []
}
