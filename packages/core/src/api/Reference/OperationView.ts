/** One operation on the page: its parameters and body, its responses, its errors, and a command that calls it. */
import { type Html, html, nothing, prose } from "../Html.ts"
import { type JsonObject, listOf, objectOf, textOf } from "../Json.ts"
import { curlOf, type Lookup } from "./Sample.ts"
import { fieldRow, referredName, schemaView } from "./SchemaView.ts"

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly group: string
  readonly value: JsonObject
}

/** Every operation, in the order of the document. */
export const operationsOf = (document: JsonObject): ReadonlyArray<Operation> =>
  Object.entries(objectOf(document["paths"])).flatMap(([path, item]) =>
    Object.entries(objectOf(item)).map(([method, operation]) => {
      const value = objectOf(operation)
      return { id: textOf(value["operationId"]), method, path, group: textOf(listOf(value["tags"])[0]), value }
    })
  )

export const operationView = (operation: Operation, lookup: Lookup): Html => {
  const { id, method, path, value } = operation
  return html`<article class="operation" id="${id}">
    <h3><a href="#${id}">${textOf(value["summary"])}</a></h3>
    <p class="line">
      <span class="method ${method}">${method.toUpperCase()}</span>
      <code class="path">${pathView(path)}</code> ${accessView(value)}
    </p>
    ${value["description"] === undefined ? nothing : html`<p>${prose(textOf(value["description"]))}</p>`}
    ${parametersView(value)}${bodyView(value)}${answersView(value)}${refusalsView(value, lookup)}
    <pre><code>${curlOf(method, path, value, lookup)}</code></pre>
  </article> `
}

/** Highlights the parameters of the path. */
const pathView = (path: string): Html =>
  html`${path.split(/(\{[^}]+\})/).map((part) => (part.startsWith("{") ? html`<var>${part}</var>` : html`${part}`))}`

const accessView = (operation: JsonObject): Html => {
  const [first] = listOf(operation["security"])
  if (first === undefined) return html`<span class="access">open</span>`
  const [scopes] = Object.values(objectOf(first))
  return html`<span class="access">scope ${textOf(listOf(scopes)[0])}</span>`
}

const places = { path: "Path", query: "Query", header: "Headers" } as const

const parametersView = (operation: JsonObject): Html => {
  const parameters = listOf(operation["parameters"]).map(objectOf)
  return html`${Object.entries(places).map(([place, title]) => {
    const rows = parameters
      .filter((parameter) => parameter["in"] === place)
      .map((parameter) =>
        fieldRow(
          textOf(parameter["name"]),
          objectOf(parameter["schema"]),
          parameter["required"] === true ? "required" : "",
          textOf(parameter["description"])
        )
      )
    return rows.length === 0
      ? nothing
      : html`<h4>${title}</h4>
          <table class="fields">
            <tbody>
              ${rows}
            </tbody>
          </table>`
  })}`
}

const bodyView = (operation: JsonObject): Html =>
  html`${Object.entries(objectOf(objectOf(operation["requestBody"])["content"])).map(
    ([type, media]) =>
      html`<h4>Body <span class="media">${type}</span></h4>
        ${schemaView(objectOf(objectOf(media)["schema"]))}`
  )}`

const responsesOf = (operation: JsonObject, from: number, to: number) =>
  Object.entries(objectOf(operation["responses"]))
    .filter(([status]) => Number(status) >= from && Number(status) < to)
    .map(([status, response]) => [status, objectOf(response)] as const)

const answersView = (operation: JsonObject): Html =>
  html`${responsesOf(operation, 200, 300).map(([status, response]) => {
    const media = Object.entries(objectOf(response["content"]))
    return media.length === 0
      ? html`<h4>Response <span class="status">${status}</span></h4>
          <p>Without a body.</p>`
      : html`${media.map(
          ([type, value]) =>
            html`<h4>Response <span class="status">${status}</span> <span class="media">${type}</span></h4>
              ${schemaView(objectOf(objectOf(value)["schema"]))}`
        )}`
  })}`

/** One line per problem, collapsed: most are the same for all operations. */
const refusalsView = (operation: JsonObject, lookup: Lookup): Html => {
  const rows = responsesOf(operation, 400, 600).flatMap(([status, response]) =>
    Object.values(objectOf(response["content"]))
      .map((media) => objectOf(objectOf(media)["schema"]))
      .flatMap((schema) => (schema["anyOf"] === undefined ? [schema] : listOf(schema["anyOf"]).map(objectOf)))
      .map((schema) => problemRow(status, schema, lookup))
  )
  return html`<details>
    <summary>Problems (${rows.length})</summary>
    <table class="problems">
      <tbody>
        ${rows}
      </tbody>
    </table>
  </details>`
}

const problemRow = (status: string, schema: JsonObject, lookup: Lookup): Html => {
  const { code, title } = objectOf(lookup(schema)["properties"])
  const name = referredName(schema)
  const shown = textOf(listOf(objectOf(code)["enum"])[0])
  return html`<tr>
    <td><span class="status">${status}</span></td>
    <td><code>${name === undefined ? shown : html`<a href="#schema-${name}">${shown}</a>`}</code></td>
    <td>${textOf(listOf(objectOf(title)["enum"])[0])}</td>
  </tr>`
}
