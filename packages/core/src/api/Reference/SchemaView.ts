/** Schemas for readers: the type in one line, and a table of its properties, if any. */
import { type Html, html, nothing, prose } from "../Html.ts"
import { isJsonObject, type JsonObject, listOf, objectOf, textOf } from "../Json.ts"

/** Name of the referenced schema, if it is a reference. */
export const referredName = (schema: JsonObject): string | undefined =>
  textOf(schema["$ref"]).split("/").at(-1) || undefined

/** The type in one line; named schemas link to their section of the page. */
export const typeOf = (schema: JsonObject): Html => {
  const name = referredName(schema)
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`
  const choices = listOf(schema["enum"])
  if (choices.length > 0) return alternatives(choices.map((choice) => html`<code>${JSON.stringify(choice)}</code>`))
  const members = listOf(schema["anyOf"]).map(objectOf)
  if (members.length > 0) return alternatives(members.map(typeOf))
  if (schema["type"] === "array") return html`list of ${typeOf(objectOf(schema["items"]))}`
  if (schema["type"] === "object" && isJsonObject(schema["additionalProperties"])) {
    return html`map of ${typeOf(schema["additionalProperties"])}`
  }
  return html`${textOf(schema["type"]) || "any"}`
}

const alternatives = (members: ReadonlyArray<Html>): Html =>
  html`${members.map((member, index) => (index === 0 ? member : html` or ${member}`))}`

/** The type, its bounds and description, and the properties of every object in it that is not a named schema. */
export const schemaView = (schema: JsonObject): Html => {
  const tables = objectsIn(schema).map(propertyTable)
  const line =
    tables.length === 1 && schema["type"] === "object" ? nothing : html`<p class="type">${typeOf(schema)}</p>`
  return html`${line}${notesOf(schema)}${tables}`
}

/** Objects with properties within a schema, except those of named schemas. */
const objectsIn = (schema: JsonObject): ReadonlyArray<JsonObject> => {
  if (isJsonObject(schema["properties"])) return [schema]
  const inner = [...listOf(schema["anyOf"]), schema["items"] ?? null, schema["additionalProperties"] ?? null]
  return inner.filter(isJsonObject).flatMap(objectsIn)
}

const propertyTable = (schema: JsonObject): Html => {
  const required = listOf(schema["required"])
  const rows = Object.entries(objectOf(schema["properties"])).map(([name, type]) =>
    fieldRow(name, objectOf(type), required.includes(name) ? "" : "optional")
  )
  return html`<table class="fields">
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

/** One row: name, whether it is required, type, bounds, description, and its own properties. */
export const fieldRow = (
  name: string,
  schema: JsonObject,
  remark: "" | "optional" | "required",
  description = ""
): Html =>
  html`<tr>
    <th scope="row"><code>${name}</code>${remark === "" ? nothing : html`<span class="remark">${remark}</span>`}</th>
    <td>
      ${typeOf(schema)}${description === "" ? nothing : html`<p>${prose(description)}</p>`}${notesOf(schema)}${objectsIn(schema).map(propertyTable)}
    </td>
  </tr> `

const notesOf = (schema: JsonObject): Html => {
  const description = textOf(schema["description"])
  const bounds = boundsOf(schema)
  return html`${description === "" ? nothing : html`<p>${prose(description)}</p>`}${
    bounds.length === 0 ? nothing : html`<p class="bounds">${bounds.join(", ")}</p>`
  }`
}

const boundsOf = (schema: JsonObject): ReadonlyArray<string> => [
  ...rangeOf(schema, "minimum", "maximum", ""),
  ...rangeOf(schema, "minLength", "maxLength", " characters"),
  ...rangeOf(schema, "minItems", "maxItems", " entries"),
  ...(schema["exclusiveMinimum"] === undefined ? [] : [`above ${JSON.stringify(schema["exclusiveMinimum"])}`]),
  ...(schema["pattern"] === undefined ? [] : [`matches ${textOf(schema["pattern"])}`]),
  ...(schema["default"] === undefined ? [] : [`default ${JSON.stringify(schema["default"])}`])
]

const rangeOf = (schema: JsonObject, least: string, most: string, unit: string): ReadonlyArray<string> => {
  const from = schema[least]
  const to = schema[most]
  if (from !== undefined && to !== undefined) return [`${String(from)} to ${String(to)}${unit}`]
  if (from !== undefined) return [`at least ${String(from)}${unit}`]
  return to === undefined ? [] : [`at most ${String(to)}${unit}`]
}
