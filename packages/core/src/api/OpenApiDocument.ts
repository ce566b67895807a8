/** The OpenAPI document as clients see it: component names without suffixes, parameters with their real types. */
import { OpenApi } from "effect/http-api"
import { Api } from "./Api.ts"

type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Bounds of a safe integer say nothing, and the stream extension is this server's own business. */
const tidy = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(tidy)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, entry]) =>
          !(key === "minimum" && entry === Number.MIN_SAFE_INTEGER) &&
          !(key === "maximum" && entry === Number.MAX_SAFE_INTEGER) &&
          key !== "x-effect-stream"
      )
      .map(([key, entry]) => [key, key === "parameters" && Array.isArray(entry) ? entry.map(parameter) : tidy(entry)])
  )
}

/** Query and path values travel as text; a client wants to give a number or a boolean. */
const parameter = (value: Json): Json =>
  isObject(value) && value["schema"] !== undefined
    ? { ...tidyObject(value), schema: parameterSchema(value["schema"]) }
    : tidy(value)

const tidyObject = (value: JsonObject): JsonObject => {
  const tidied = tidy(value)
  return isObject(tidied) ? tidied : value
}

const parameterSchema = (schema: Json): Json => {
  if (!isObject(schema)) return schema
  if (schema["type"] === "string" && typeof schema["pattern"] === "string" && schema["pattern"].startsWith("^[+-]?")) {
    const { description, maximum, minimum } = tidyObject(schema)
    return {
      type: "integer",
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...(description === undefined ? {} : { description })
    }
  }
  const choices = schema["enum"]
  if (
    schema["type"] === "string" &&
    Array.isArray(choices) &&
    choices.length === 2 &&
    choices.includes("true") &&
    choices.includes("false")
  ) {
    return { type: "boolean", ...(schema["description"] === undefined ? {} : { description: schema["description"] }) }
  }
  if (Array.isArray(schema["anyOf"])) {
    const rest = schema["anyOf"].map(parameterSchema).filter((member) => !isObject(member) || member["type"] !== "null")
    return rest.length === 1 ? (rest[0] ?? schema) : { ...tidyObject(schema), anyOf: rest }
  }
  if (Array.isArray(schema["allOf"])) return { ...tidyObject(schema), allOf: schema["allOf"].map(parameterSchema) }
  return tidy(schema)
}

/** An event stream is described by what its events carry, which is what generated clients yield. */
const streamsByTheirData = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(streamsByTheirData)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (key !== "text/event-stream" || !isObject(entry) || !isObject(entry["schema"]))
        return [key, streamsByTheirData(entry)]
      const properties = entry["schema"]["properties"]
      const data = isObject(properties) ? properties["data"] : undefined
      return [key, isObject(data) ? { ...entry, schema: data["contentSchema"] ?? data } : entry]
    })
  )
}

const build = (): JsonObject => {
  const raw: unknown = OpenApi.fromApi(Api, {
    referencePolicy: ({ identifier }) => identifier?.replace(/Encoded$/, "")
  })
  const document = streamsByTheirData(tidy(JSON.parse(JSON.stringify(raw)) as Json))
  return isObject(document) ? document : {}
}

let built:
  | {
      readonly value: JsonObject
      readonly text: string
      readonly paths: ReadonlyArray<readonly [RegExp, ReadonlyArray<string>]>
    }
  | undefined

/** Built when first asked for: who never looks at it does not pay for it at the start. */
const document = () => {
  if (built === undefined) {
    const value = build()
    const paths = isObject(value["paths"]) ? value["paths"] : {}
    built = {
      value,
      text: JSON.stringify(value),
      paths: Object.entries(paths).map(([template, item]) => [
        new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+")}/?$`),
        isObject(item) ? Object.keys(item).map((method) => method.toUpperCase()) : []
      ])
    }
  }
  return built
}

export const OpenApiDocument = {
  value: (): JsonObject => document().value,
  text: (): string => document().text,
  /** Methods that the API takes at a path; empty = there is no such path. */
  methodsOf: (path: string): ReadonlyArray<string> => [
    ...new Set(document().paths.flatMap(([pattern, methods]) => (pattern.test(path) ? methods : [])))
  ]
}
