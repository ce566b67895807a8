/** The OpenAPI document as clients see it: component names without suffixes, parameters with their real types. */
import { Schema } from "effect"
import { HttpApi, type HttpApiGroup, OpenApi } from "effect/http-api"
import { Api } from "./Api.ts"
import { scopeOf } from "./Common.ts"
import { isJsonObject, type Json, type JsonObject, listOf, mapEntries, objectOf, textOf } from "./Json.ts"

export type { JsonObject } from "./Json.ts"

/** The document of any API, including those of other mounts. */
export const openApiOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): JsonObject => {
  const raw: unknown = OpenApi.fromApi(api, {
    referencePolicy: ({ identifier }) => identifier?.replace(/Encoded$/, "")
  })
  const document = withoutTwins(objectOf(tidy(toJson(raw))))
  const declared = declaredOperations(api)
  return {
    ...document,
    paths: mapEntries(objectOf(document["paths"]), (item) =>
      mapEntries(objectOf(item), (operation) => finished(objectOf(operation), declared))
    )
  }
}

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/**
 * Removes bounds of safe integers, which carry no information, and replaces streams with the schema of their events.
 */
const tidy = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(tidy)
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(
    ([key, entry]) =>
      !(key === "minimum" && entry === Number.MIN_SAFE_INTEGER) &&
      !(key === "maximum" && entry === Number.MAX_SAFE_INTEGER) &&
      key !== "x-effect-stream"
  )
  return mapEntries(withChoices(Object.fromEntries(kept)), (entry, key) =>
    tidy(key === streamType ? frameData(entry) : entry)
  )
}

/** Names that a check lists (`allOf: [{ enum }]`) are moved to where clients and forms expect them. */
const withChoices = (schema: JsonObject): JsonObject => {
  const { allOf, ...rest } = schema
  const [only, ...others] = listOf(allOf)
  const { enum: choices, ...more } = objectOf(only)
  return choices === undefined || others.length > 0 || Object.keys(more).length > 0
    ? schema
    : { ...rest, enum: choices }
}

const streamType = "text/event-stream"

/** The schema of a frame's data instead of the frame itself: generated clients yield the data. */
const frameData = (media: Json): Json => {
  const { data } = objectOf(objectOf(objectOf(media)["schema"])["properties"])
  return isJsonObject(data) ? { ...objectOf(media), schema: data["contentSchema"] ?? data } : media
}

/**
 * A schema that is reached in two ways is listed twice, as `Event` and `Event_1`; if both are equal, one is removed.
 */
const withoutTwins = (document: JsonObject): JsonObject => {
  const components = objectOf(document["components"])
  const schemas = objectOf(components["schemas"])
  const original = (name: string): string => {
    const base = name.replace(/_\d+$/, "")
    return JSON.stringify(schemas[base]) === JSON.stringify(schemas[name]) ? base : name
  }
  const renamed = (value: Json, key?: string): Json => {
    if (Array.isArray(value)) return value.map((entry) => renamed(entry))
    if (isJsonObject(value)) return mapEntries(value, renamed)
    return key === "$ref" && typeof value === "string" ? value.replace(/[^/]+$/, (name) => original(name)) : value
  }
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => original(name) === name))
  return objectOf(renamed({ ...document, components: { ...components, schemas: kept } }))
}

/** Request slots by their OpenAPI names. */
const slots = { query: "query", path: "params", header: "headers" } as const

interface DeclaredOperation {
  readonly scope: string
  /** Types by `<in> <name>`. */
  readonly parameters: ReadonlyMap<string, JsonObject>
}

/**
 * What the generated document lacks: the scope that an operation needs, and the types of its parameters. Parameters are
 * encoded as text, but a client wants to pass a number or a boolean.
 */
const declaredOperations = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): ReadonlyMap<string, DeclaredOperation> => {
  const operations = new Map<string, DeclaredOperation>()
  HttpApi.reflect(api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint, group }) => {
      const parameters = Object.entries(slots).flatMap(([place, slot]) =>
        propertiesOf(endpoint[slot]).map(([name, type]) => [`${place} ${name}`, type] as const)
      )
      operations.set(`${group.identifier}.${endpoint.identifier}`, {
        scope: scopeOf(endpoint),
        parameters: new Map(parameters)
      })
    }
  })
  return operations
}

const propertiesOf = (schema: Schema.Constraint | undefined): ReadonlyArray<readonly [string, JsonObject]> => {
  if (schema === undefined) return []
  const document = Schema.toJsonSchemaDocument(Schema.toType(schema))
  const definitions = objectOf(toJson(document.definitions))
  const properties = objectOf(objectOf(toJson(document.schema))["properties"])
  return Object.entries(properties).map(([name, type]) => [name, objectOf(tidy(inlined(type, definitions)))])
}

/** Replaces references with their definitions; parameters are not recursive, so this terminates. */
const inlined = (value: Json, definitions: JsonObject): Json => {
  if (Array.isArray(value)) return value.map((entry) => inlined(entry, definitions))
  if (!isJsonObject(value)) return value
  const name = typeof value["$ref"] === "string" ? value["$ref"].split("/").at(-1) : undefined
  const definition = name === undefined ? undefined : definitions[name]
  return definition === undefined
    ? mapEntries(value, (entry) => inlined(entry, definitions))
    : inlined(definition, definitions)
}

const finished = (operation: JsonObject, declared: ReadonlyMap<string, DeclaredOperation>): JsonObject => {
  const { parameters, scope } = declared.get(textOf(operation["operationId"])) ?? {}
  return {
    ...operation,
    // OpenAPI 3.1 allows every security scheme to list the required roles.
    security: listOf(operation["security"]).map((way) => mapEntries(objectOf(way), () => [scope ?? "admin"])),
    parameters: listOf(operation["parameters"]).map((entry) => {
      const parameter = objectOf(entry)
      const type = parameters?.get(`${textOf(parameter["in"])} ${textOf(parameter["name"])}`)
      const { description, ...schema } = type ?? objectOf(parameter["schema"])
      return { ...parameter, ...(description === undefined ? {} : { description }), schema }
    }),
    responses: Object.fromEntries(
      Object.entries(objectOf(operation["responses"])).filter(
        ([status]) => operation["requestBody"] !== undefined || !aboutBodies.includes(status)
      )
    )
  }
}

/** Errors that only an operation with a body can return. */
const aboutBodies: ReadonlyArray<string> = ["413", "415"]

/**
 * The text of a document for the path under which it is served, which is added to it as the server. Built on first use,
 * so that it does not slow down the start.
 */
export const openApiText = (value: () => JsonObject): ((base?: string) => string) => {
  const texts = new Map<string, string>()
  return (base = "") => {
    const text = texts.get(base) ?? JSON.stringify(base === "" ? value() : { ...value(), servers: [{ url: base }] })
    texts.set(base, text)
    return text
  }
}

let built: JsonObject | undefined

const value = (): JsonObject => (built ??= openApiOf(Api))

export const OpenApiDocument = { value, text: openApiText(value) }
