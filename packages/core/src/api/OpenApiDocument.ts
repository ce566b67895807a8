/** The OpenAPI document as clients see it: component names without suffixes, parameters with their real types. */
import { Schema } from "effect"
import { HttpApi, OpenApi } from "effect/http-api"
import { Api } from "./Api.ts"

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const build = (): JsonObject => {
  const raw: unknown = OpenApi.fromApi(Api, {
    referencePolicy: ({ identifier }) => identifier?.replace(/Encoded$/, "")
  })
  const document = objectOf(tidy(toJson(raw)))
  const types = parameterTypes()
  return {
    ...document,
    paths: mapEntries(objectOf(document["paths"]), (item) =>
      mapEntries(objectOf(item), (operation) => finished(objectOf(operation), types))
    )
  }
}

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

const mapEntries = (object: JsonObject, map: (value: Json, key: string) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))

/** Bounds of a safe integer say nothing, JSON has finite numbers only, and a stream is told by what its events carry. */
const tidy = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(tidy)
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(
    ([key, entry]) =>
      !(key === "minimum" && entry === Number.MIN_SAFE_INTEGER) &&
      !(key === "maximum" && entry === Number.MAX_SAFE_INTEGER) &&
      key !== "x-effect-stream"
  )
  const { anyOf, ...rest } = Object.fromEntries(kept)
  if (!Array.isArray(anyOf))
    return mapEntries(rest, (entry, key) => tidy(key === streamType ? frameData(entry) : entry))
  const members = anyOf.filter((member) => !isNonFinite(member)).map(tidy)
  const [only] = members
  return members.length === 1 && isJsonObject(only)
    ? { ...only, ...objectOf(tidy(rest)) }
    : { ...objectOf(tidy(rest)), anyOf: members }
}

const streamType = "text/event-stream"

const isNonFinite = (schema: Json): boolean => listOf(objectOf(schema)["enum"]).includes("NaN")

/** The schema of a frame's data instead of the frame's: generated clients yield the data. */
const frameData = (media: Json): Json => {
  const { data } = objectOf(objectOf(objectOf(media)["schema"])["properties"])
  return isJsonObject(data) ? { ...objectOf(media), schema: data["contentSchema"] ?? data } : media
}

/** Slots of a request by their names in OpenAPI. */
const slots = { query: "query", path: "params", header: "headers" } as const

/**
 * The types of all parameters: `<operationId> <in> <name>`. The document itself tells them as they travel, which is
 * text; a client wants to give a number or a boolean.
 */
const parameterTypes = (): ReadonlyMap<string, JsonObject> => {
  const types = new Map<string, JsonObject>()
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint, group }) => {
      for (const [place, slot] of Object.entries(slots)) {
        const schema = endpoint[slot]
        if (schema === undefined) continue
        const document = Schema.toJsonSchemaDocument(Schema.toType(schema))
        const definitions = objectOf(toJson(document.definitions))
        const properties = objectOf(objectOf(toJson(document.schema))["properties"])
        for (const [name, type] of Object.entries(properties)) {
          types.set(
            `${group.identifier}.${endpoint.identifier} ${place} ${name}`,
            objectOf(tidy(inlined(type, definitions)))
          )
        }
      }
    }
  })
  return types
}

/** Puts definitions in the place of references to them; parameters are flat, so that this ends. */
const inlined = (value: Json, definitions: JsonObject): Json => {
  if (Array.isArray(value)) return value.map((entry) => inlined(entry, definitions))
  if (!isJsonObject(value)) return value
  const name = typeof value["$ref"] === "string" ? value["$ref"].split("/").at(-1) : undefined
  const definition = name === undefined ? undefined : definitions[name]
  return definition === undefined
    ? mapEntries(value, (entry) => inlined(entry, definitions))
    : inlined(definition, definitions)
}

const finished = (operation: JsonObject, types: ReadonlyMap<string, JsonObject>): JsonObject => ({
  ...operation,
  parameters: listOf(operation["parameters"]).map((entry) => {
    const parameter = objectOf(entry)
    const key = `${String(operation["operationId"])} ${String(parameter["in"])} ${String(parameter["name"])}`
    const { description, ...schema } = types.get(key) ?? objectOf(parameter["schema"])
    return { ...parameter, ...(description === undefined ? {} : { description }), schema }
  }),
  responses: Object.fromEntries(
    Object.entries(objectOf(operation["responses"])).filter(
      ([status]) => operation["requestBody"] !== undefined || !aboutBodies.includes(status)
    )
  )
})

/** Refusals that only an operation with a body makes. */
const aboutBodies: ReadonlyArray<string> = ["413", "415"]

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
    const paths = isJsonObject(value["paths"]) ? value["paths"] : {}
    built = {
      value,
      text: JSON.stringify(value),
      paths: Object.entries(paths).map(([template, item]) => [
        new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+")}/?$`),
        isJsonObject(item) ? Object.keys(item).map((method) => method.toUpperCase()) : []
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
