/** The HTTP API from its OpenAPI document: every call, and every problem that a call may return. */
import { OpenApiDocument } from "../../packages/core/src/api/OpenApiDocument.ts"
import { isJsonObject, type Json, listOf, objectOf, textOf } from "../../packages/core/src/api/Json.ts"
import { code, sections, table } from "./Markdown.ts"

interface Operation {
  readonly call: string
  readonly tag: string
  readonly summary: string
  readonly scope: string
  readonly responses: Json
}

/** Every call by group, with its required scope. */
export const callsReference = (): string => {
  const document = objectOf(OpenApiDocument.value())
  const all = operations()
  return sections(
    listOf(document["tags"]).map((tag) => {
      const { description = "", name = "" } = objectOf(tag)
      const group = textOf(name)
      return sections([
        `## ${group.slice(0, 1).toUpperCase()}${group.slice(1)}`,
        textOf(description),
        table(
          ["call", "", "scope"],
          all
            .filter((operation) => operation.tag === group)
            .map(({ call, scope, summary }) => [code(call), summary, scope])
        )
      ])
    })
  )
}

/** Maximum number of calls to list for a problem; beyond that, it is listed for any call. */
const fewCalls = 6

/** Every problem code, by status. */
export const problemsReference = (): string => {
  const schemas = objectOf(objectOf(objectOf(OpenApiDocument.value())["components"])["schemas"])
  const all = operations()
  const problems = Object.entries(schemas).flatMap(([name, schema]) => {
    const properties = objectOf(objectOf(schema)["properties"])
    const [code, status, title] = ["code", "status", "title"].map((key) => listOf(objectOf(properties[key])["enum"])[0])
    if (typeof code !== "string" || typeof status !== "number") return []
    const extras = Object.keys(properties).filter((key) => !usual.has(key))
    const calls = all.filter(({ responses }) => JSON.stringify(responses).includes(`/schemas/${name}"`))
    return [{ code, status, title: typeof title === "string" ? title : "", extras, calls }]
  })
  return table(
    ["status", "code", "meaning", "carries", "answered by"],
    problems
      .toSorted((a, b) => a.status - b.status || a.code.localeCompare(b.code))
      .map((problem) => [
        String(problem.status),
        code(problem.code),
        problem.title,
        problem.extras.map(code).join(", "),
        problem.calls.length > fewCalls
          ? `${problem.calls.length} calls`
          : problem.calls.map(({ call }) => code(call)).join("<br>")
      ])
  )
}

const usual = new Set(["code", "status", "title", "type", "detail", "instance"])

const operations = (): ReadonlyArray<Operation> =>
  Object.entries(objectOf(objectOf(OpenApiDocument.value())["paths"])).flatMap(([path, methods]) =>
    Object.entries(objectOf(methods)).flatMap(([method, given]): ReadonlyArray<Operation> => {
      if (!isJsonObject(given)) return []
      const needed = listOf(objectOf(listOf(given["security"])[0] ?? {})["apiKeyHeader"])[0]
      return [
        {
          call: `${method.toUpperCase()} ${path.replace("/api/v1", "")}`,
          tag: textOf(listOf(given["tags"])[0] ?? ""),
          summary: textOf(given["summary"] ?? ""),
          scope: typeof needed === "string" ? needed : "open to anyone",
          responses: given["responses"] ?? {}
        }
      ]
    })
  )
