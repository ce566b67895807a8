/** An example of a request: the minimum that the schema requires, and the command that sends it. */
import { type Json, type JsonObject, listOf, objectOf, textOf } from "../Json.ts"

/** Resolves a reference to a named schema. */
export type Lookup = (schema: JsonObject) => JsonObject

/** A value that fits a schema: only required properties, or one property if none is required. */
export const sampleOf = (schema: JsonObject, lookup: Lookup, depth = 0): Json => {
  const found = lookup(schema)
  const [choice] = listOf(found["enum"])
  if (choice !== undefined) return choice
  const [member] = listOf(found["anyOf"])
  if (member !== undefined) return sampleOf(objectOf(member), lookup, depth)
  switch (found["type"]) {
    case "integer":
    case "number":
      return typeof found["minimum"] === "number" ? Math.max(found["minimum"], 1) : 1
    case "boolean":
      return true
    case "array":
      return depth > deepest ? [] : [sampleOf(objectOf(found["items"]), lookup, depth + 1)]
    case "object":
      return sampleObject(found, lookup, depth)
    case "string":
      return found["format"] === "password" ? "correct horse battery" : "…"
    default:
      return null
  }
}

/** Nested conditions would recurse forever. */
const deepest = 3

const sampleObject = (schema: JsonObject, lookup: Lookup, depth: number): Json => {
  const properties = Object.entries(objectOf(schema["properties"]))
  const required = properties.filter(([name]) => listOf(schema["required"]).includes(name))
  const shown = required.length > 0 ? required : properties.slice(0, 1)
  return Object.fromEntries(shown.map(([name, type]) => [name, sampleOf(objectOf(type), lookup, depth + 1)]))
}

/** The command for an operation. The address and the key are shell variables. */
export const curlOf = (method: string, path: string, operation: JsonObject, lookup: Lookup): string => {
  const query = listOf(operation["parameters"])
    .map(objectOf)
    .filter((parameter) => parameter["in"] === "query" && parameter["required"] === true)
    .map(({ name }) => `${textOf(name)}=…`)
  const body = objectOf(objectOf(objectOf(operation["requestBody"])["content"])["application/json"])["schema"]
  const streams = "text/event-stream" in objectOf(objectOf(objectOf(operation["responses"])["200"])["content"])
  return [
    `curl -s${streams ? "N" : ""}${method === "get" ? "" : ` -X ${method.toUpperCase()}`}`,
    ...(listOf(operation["security"]).length === 0 ? [] : [`-H "X-Api-Key: $TENDARR_API_KEY"`]),
    ...(body === undefined
      ? []
      : [
          `-H "Content-Type: application/json"`,
          `-d '${JSON.stringify(sampleOf(objectOf(body), lookup)).replaceAll("'", "'\\''")}'`
        ]),
    `"$TENDARR_URL${path}${query.length === 0 ? "" : `?${query.join("&")}`}"`
  ].join(" \\\n  ")
}
