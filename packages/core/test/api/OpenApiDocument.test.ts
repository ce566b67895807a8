import { assert, describe, it } from "vitest"
import { isJsonObject, type Json, type JsonObject, listOf, objectOf, textOf } from "../../src/api/Json.ts"
import { OpenApiDocument } from "../../src/api/OpenApiDocument.ts"
import { operationsOf } from "../../src/api/Reference/OperationView.ts"

const document = OpenApiDocument.value()
const operations = operationsOf(document)
const schemas = objectOf(objectOf(document["components"])["schemas"])
const responsesOf = (operation: JsonObject) =>
  Object.entries(objectOf(operation["responses"])).map(
    ([status, response]) => [Number(status), objectOf(response)] as const
  )
const parametersOf = (operation: JsonObject) => listOf(operation["parameters"]).map(objectOf)

/** Every object within a value, itself included. */
const objectsIn = (value: Json): ReadonlyArray<JsonObject> => {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  return isJsonObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : []
}

const parameter = (id: string, name: string): JsonObject | undefined =>
  parametersOf(operations.find((each) => each.id === id)?.value ?? {}).find((each) => each["name"] === name)

describe("The OpenAPI document", () => {
  it("is of version 3.1 and survives JSON", () => {
    assert.strictEqual(document["openapi"], "3.1.0")
    assert.deepStrictEqual(JSON.parse(OpenApiDocument.text()), document)
    assert.isAbove(operations.length, 50)
  })

  it("has no numbers that JSON cannot represent", () => {
    const odd = objectsIn(document).filter((object) => listOf(object["enum"]).includes("NaN"))
    assert.deepStrictEqual(odd, [], "a number of the API is `Finite` or `Int`")
  })

  it("gives every operation a summary, one described tag, and a unique name", () => {
    const tags = new Map(listOf(document["tags"]).map((tag) => [objectOf(tag)["name"], objectOf(tag)["description"]]))
    for (const { id, value } of operations) {
      assert.match(id, /^[a-z]+\.[a-z]+([A-Z][a-z]+)*$/)
      assert.match(textOf(value["summary"]), /^[A-Z].*[^.]$/, id)
      assert.strictEqual(listOf(value["tags"]).length, 1, id)
      assert.isString(tags.get(listOf(value["tags"])[0] ?? null), id)
    }
    assert.strictEqual(new Set(operations.map(({ id }) => id)).size, operations.length)
  })

  it("gives every operation one success, and its failures as problems with a code", () => {
    for (const { id, value } of operations) {
      const responses = responsesOf(value)
      assert.strictEqual(responses.filter(([status]) => status < 300).length, 1, id)
      for (const [status, response] of responses.filter(([status]) => status >= 400)) {
        assert.deepStrictEqual(Object.keys(objectOf(response["content"])), ["application/problem+json"], id)
        for (const { $ref } of objectsIn(response)) {
          if ($ref === undefined) continue
          const { code, status: statusSchema } = objectOf(
            objectOf(schemas[textOf($ref).split("/").at(-1) ?? ""])["properties"]
          )
          assert.match(textOf(listOf(objectOf(code)["enum"])[0]), /^[a-z]+(-[a-z]+)*$/, `${id} ${status}`)
          assert.deepStrictEqual(objectOf(statusSchema)["enum"], [status], `${id} ${status}`)
        }
      }
    }
  })

  it("contains 401 and 403 wherever credentials are needed, with the scope, and 413 and 415 wherever there is a body", () => {
    for (const { id, value } of operations) {
      const statuses = responsesOf(value).map(([status]) => status)
      const closed = listOf(value["security"]).length > 0
      assert.strictEqual(closed, !["health.live", "setup.state", "setup.redeem", "setup.login"].includes(id), id)
      if (closed) assert.includeMembers(statuses, [401, 403], id)
      for (const way of listOf(value["security"])) {
        for (const scopes of Object.values(objectOf(way))) {
          assert.isTrue(["read", "operate", "admin"].includes(textOf(listOf(scopes)[0])), id)
        }
      }
      const hasBody = value["requestBody"] !== undefined
      assert.deepStrictEqual([statuses.includes(413), statuses.includes(415)], [hasBody, hasBody], id)
      assert.includeMembers(statuses, [400, 500], id)
    }
  })

  it("types parameters, with their range and description", () => {
    const limit = { type: "integer", minimum: 1, maximum: 200 }
    assert.deepStrictEqual(parameter("library.items", "limit")?.["schema"], limit)
    assert.match(textOf(parameter("library.items", "limit")?.["description"]), /50 by default/)
    assert.deepStrictEqual(parameter("library.items", "gone")?.["schema"], { type: "boolean" })
    assert.strictEqual(objectOf(parameter("events.stream", "categories")?.["schema"])["type"], "array")
    for (const { id, path, value } of operations) {
      for (const each of parametersOf(value)) {
        const { $ref, type } = objectOf(each["schema"])
        assert.isString(type, `${id} ${textOf(each["name"])}`)
        assert.isUndefined($ref)
        if (each["in"] === "path") assert.include(path, `{${textOf(each["name"])}}`)
      }
      const named = parametersOf(value).filter((each) => each["in"] === "path")
      assert.strictEqual(named.length, path.split("{").length - 1, id)
    }
  })

  it("has readable names for its schemas, without broken references", () => {
    for (const name of Object.keys(schemas)) {
      assert.match(name, /^[A-Z][A-Za-z]+$/)
      assert.notMatch(name, /Encoded$/)
    }
    for (const { $ref } of objectsIn(document)) {
      if ($ref !== undefined) assert.property(schemas, textOf($ref).replace("#/components/schemas/", ""))
    }
  })

  it("contains no internals of the server", () => {
    const text = OpenApiDocument.text()
    assert.notMatch(text, /x-effect|Infinity|NaN|9007199254740991|Encoded"/)
  })

  it("describes the event stream by the events in it", () => {
    const stream = operations.find(({ id }) => id === "events.stream")?.value ?? {}
    const ok = objectOf(objectOf(objectOf(stream["responses"])["200"])["content"])
    const members = listOf(objectOf(objectOf(ok["text/event-stream"])["schema"])["anyOf"])
    assert.deepStrictEqual(members, [{ $ref: "#/components/schemas/Event" }, { $ref: "#/components/schemas/Ping" }])
  })
})
