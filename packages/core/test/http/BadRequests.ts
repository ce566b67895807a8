/** Bad requests made from the OpenAPI document: for every operation, each way in which a request can be wrong. */
import { type Json, type JsonObject, listOf, objectOf, textOf } from "../../src/api/Json.ts"
import { OpenApiDocument } from "../../src/api/OpenApiDocument.ts"
import { type Operation, operationsOf } from "../../src/api/Reference/OperationView.ts"
import type { Sent } from "./Client.ts"

export interface BadRequest {
  readonly what: string
  readonly path: string
  readonly sent: Sent
  /** The expected status; without one, any refusal is accepted. */
  readonly status?: number
  /** The field that the response must name. */
  readonly names?: ReadonlyArray<string>
}

const schemas = objectOf(objectOf(OpenApiDocument.value()["components"])["schemas"])

export const operations: ReadonlyArray<Operation> = operationsOf(OpenApiDocument.value())

/** Whether an operation refuses keys, since it is about the account that has signed in. */
export const isForAccounts = ({ value }: Operation): boolean =>
  JSON.stringify(objectOf(objectOf(value["responses"])["403"])).includes("/AccountNeeded")

/** An id that no entry has. */
const unknownId = "999999999"

const resolved = (schema: JsonObject): JsonObject => {
  const name = textOf(schema["$ref"]).split("/").at(-1)
  return name === undefined || name === "" ? schema : objectOf(schemas[name])
}

/** The path of an operation with ids that do not exist, except for a group of settings, which does. */
const pathOf = ({ path, value }: Operation, over: Readonly<Record<string, string>> = {}): string =>
  path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const parameter = listOf(value["parameters"])
      .map(objectOf)
      .find((each) => each["name"] === name)
    const [choice] = listOf(objectOf(parameter?.["schema"])["enum"])
    return over[name] ?? (typeof choice === "string" ? choice : unknownId)
  })

const bodySchemaOf = ({ value }: Operation): JsonObject | undefined => {
  const media = objectOf(objectOf(value["requestBody"])["content"])["application/json"]
  return media === undefined ? undefined : resolved(objectOf(objectOf(media)["schema"]))
}

/** The smallest valid body. */
const bodyOf = (operation: Operation): Sent => {
  const schema = bodySchemaOf(operation)
  return schema === undefined ? {} : { json: fitting(schema) }
}

export const badRequests = (operation: Operation): ReadonlyArray<BadRequest> => [
  ...badParameters(operation),
  ...badBodies(operation),
  ...unknownOnes(operation)
]

const unknownOnes = (operation: Operation): ReadonlyArray<BadRequest> => {
  const path = pathOf(operation)
  return path.includes(unknownId)
    ? [{ what: "an id that nothing has", path, sent: bodyOf(operation), status: missing(operation) }]
    : []
}

/** The response of an operation for a missing resource: 404, or a conflict if there is nothing to change. */
const missing = ({ value }: Operation): number => ("404" in objectOf(value["responses"]) ? 404 : 409)

const badParameters = (operation: Operation): ReadonlyArray<BadRequest> => {
  const parameters = listOf(operation.value["parameters"]).map(objectOf)
  const body = bodyOf(operation)
  const queries = parameters.filter((each) => each["in"] === "query")
  const query = (name: string, text: string, what: string, certain: boolean): BadRequest => ({
    what: `${what} as ${name}`,
    path: `${pathOf(operation)}?${name}=${encodeURIComponent(text)}`,
    sent: body,
    ...(certain ? { status: 400, names: ["query", name] } : {})
  })
  return [
    ...queries.flatMap((each) => {
      const name = textOf(each["name"])
      const schema = objectOf(each["schema"])
      return [
        ...wrongTexts(schema).map((text) => query(name, text, JSON.stringify(text), true)),
        query(name, "\u0000", "a null byte", false),
        query(name, "'\"; DROP TABLE items --", "SQL", false),
        query(name, "x".repeat(5000), "a long text", false),
        ...(name === "cursor" ? [query(name, "bm9uc2Vuc2U", "a cursor of nothing", true)] : [])
      ]
    }),
    ...parameters
      .filter((each) => each["in"] === "header")
      .map((each): BadRequest => {
        const name = textOf(each["name"])
        const headers = { [name]: "x".repeat(1000) }
        return { what: `a long ${name}`, path: pathOf(operation), sent: { ...body, headers }, status: 400 }
      }),
    ...parameters
      .filter((each) => each["in"] === "path")
      .flatMap((each) =>
        ["x".repeat(3000), "%00", "%FF", "..%2F..%2Fetc%2Fpasswd", "-1", "1e3", "%F0%9F%8E%AC", "' OR 1=1 --"].map(
          (text): BadRequest => ({
            what: `${text.slice(0, 30)} as ${textOf(each["name"])}`,
            path: pathOf(operation, { [textOf(each["name"])]: text }),
            sent: body
          })
        )
      )
  ]
}

/** Texts that cannot be read as a query parameter of the schema. */
const wrongTexts = (schema: JsonObject): ReadonlyArray<string> => {
  if (listOf(schema["enum"]).length > 0) return ["nonsense", ""]
  switch (schema["type"]) {
    case "integer":
      return ["many", "1.5", "NaN", ""]
    case "boolean":
      return ["maybe", "2"]
    case "array":
      return wrongTexts(objectOf(schema["items"]))
    case "string":
      return typeof schema["maxLength"] === "number" ? ["x".repeat(schema["maxLength"] + 1)] : []
    default:
      return []
  }
}

const badBodies = (operation: Operation): ReadonlyArray<BadRequest> => {
  const schema = bodySchemaOf(operation)
  if (schema === undefined) return []
  const path = pathOf(operation)
  const good = fitting(schema)
  const bad = (what: string, sent: Sent, status: number, names?: ReadonlyArray<string>): BadRequest => ({
    what,
    path,
    sent,
    status,
    ...(names === undefined ? {} : { names: ["payload", ...names] })
  })
  return [
    bad("no body", { raw: "" }, 400, []),
    bad("no body and no type", { contentType: null }, 400, []),
    bad("half of a JSON text", { raw: '{"a":' }, 400, []),
    bad("bytes that are no text", { raw: new Uint8Array([0xff, 0xfe, 0x00]) }, 400, []),
    ...["[]", '"text"', "null", "1", "true"].map((raw) => bad(raw, { raw }, 400, [])),
    bad("JSON under another name", { raw: JSON.stringify(good), contentType: "text/plain" }, 415),
    bad("a form", { raw: "a=1", contentType: "application/x-www-form-urlencoded" }, 415),
    bad("a compressed body", { json: good, headers: { "content-encoding": "gzip" } }, 415),
    bad("10 MB", { raw: `{"a":"${"x".repeat(10_000_000)}"}` }, 413),
    bad("10 MB of unknown length", { raw: streamOf(10_000_000) }, 413),
    bad("a deep list", { raw: "[".repeat(100_000) + "]".repeat(100_000) }, 400, []),
    bad("a deep object", { raw: `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}` }, 400, []),
    ...(schema["additionalProperties"] === false
      ? [
          bad("an unknown key", { json: { ...objectOf(good), surprise: 1 } }, 400, ["surprise"]),
          bad("a prototype", { raw: `{"__proto__":{"a":1}}` }, 400)
        ]
      : []),
    ...Object.entries(objectOf(schema["properties"])).flatMap(([name, type]) =>
      badField(name, objectOf(type), listOf(schema["required"]).includes(name), objectOf(good), bad)
    )
  ]
}

const badField = (
  name: string,
  type: JsonObject,
  required: boolean,
  good: JsonObject,
  bad: (what: string, sent: Sent, status: number, names?: ReadonlyArray<string>) => BadRequest
): ReadonlyArray<BadRequest> => {
  const { [name]: _, ...without } = good
  const withValue = (value: Json): Sent => ({ json: { ...good, [name]: value } })
  const wrong = wrongValues.filter((value) => !fits(type, value))
  return [
    ...(required ? [bad(`no ${name}`, { json: without }, 400, [name])] : []),
    ...wrong.map((value) => bad(`${JSON.stringify(value)} as ${name}`, withValue(value), 400, [name])),
    ...(fits(type, "text")
      ? oddTexts.map(({ text, what }): BadRequest => {
          const { names: _names, status: _status, ...request } = bad(`${what} as ${name}`, withValue(text), 400)
          return request
        })
      : [])
  ]
}

/** One of each kind of JSON. */
const wrongValues: ReadonlyArray<Json> = ["text", -1.5, true, null, [], [[]], {}, { a: 1 }]

/** Texts that may be accepted or refused, but must not break anything. */
const oddTexts = [
  { what: "100,000 letters", text: "x".repeat(100_000) },
  { what: "a null byte", text: "a\u0000b" },
  { what: "half a surrogate pair", text: "a\ud800b" },
  { what: "an empty text", text: "" }
]

/** Whether a value is of a schema's type, without its bounds; an undecidable value counts as matching. */
const fits = (type: JsonObject, value: Json): boolean => {
  const schema = resolved(type)
  const members = listOf(schema["anyOf"])
  if (members.length > 0) return members.some((member) => fits(objectOf(member), value))
  const choices = listOf(schema["enum"])
  if (choices.length > 0) return choices.includes(value)
  switch (schema["type"]) {
    case "string":
      return typeof value === "string"
    case "integer":
      return Number.isInteger(value)
    case "number":
      return typeof value === "number"
    case "boolean":
      return typeof value === "boolean"
    case "null":
      return value === null
    case "array":
      return Array.isArray(value) && value.every((entry) => fits(objectOf(schema["items"]), entry))
    case "object":
      return isFittingObject(schema, value)
    default:
      return true
  }
}

const isFittingObject = (schema: JsonObject, value: Json): boolean => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const properties = objectOf(schema["properties"])
  const { additionalProperties: more } = schema
  return (
    listOf(schema["required"]).every((name) => typeof name === "string" && name in value) &&
    Object.entries(value).every(([name, entry]) =>
      name in properties ? fits(objectOf(properties[name]), entry) : more !== false && fits(objectOf(more), entry)
    )
  )
}

/** The smallest valid value of a schema. */
const fitting = (type: JsonObject): Json => {
  const schema = resolved(type)
  const [member] = listOf(schema["anyOf"])
  if (member !== undefined) return fitting(objectOf(member))
  const [choice] = listOf(schema["enum"])
  if (choice !== undefined) return choice
  switch (schema["type"]) {
    case "string":
      return schema["maxLength"] === 40 ? "2030-01-01T00:00:00.000Z" : "text"
    case "integer":
    case "number":
      return 1
    case "boolean":
      return true
    case "array":
      return [fitting(objectOf(schema["items"]))]
    case "object": {
      const required = listOf(schema["required"])
      return Object.fromEntries(
        Object.entries(objectOf(schema["properties"]))
          .filter(([name]) => required.includes(name))
          .map(([name, property]) => [name, fitting(objectOf(property))])
      )
    }
    default:
      return null
  }
}

/** A body without a content length. */
const streamOf = (bytes: number): ReadableStream => {
  const chunk = new TextEncoder().encode(" ".repeat(64_000))
  let left = bytes
  return new ReadableStream({
    pull: (controller) => {
      controller.enqueue(chunk)
      left -= chunk.length
      if (left <= 0) controller.close()
    }
  })
}
