/** The reference page of the API: one HTML document that loads nothing and can be read without scripts. */
import { type Html, html, prose } from "./Html.ts"
import { type JsonObject, listOf, objectOf, textOf } from "./Json.ts"
import { scriptElement, styleElement } from "./Reference/Look.ts"
import { type Operation, operationsOf, operationView } from "./Reference/OperationView.ts"
import type { Lookup } from "./Reference/Sample.ts"
import { referredName, schemaView } from "./Reference/SchemaView.ts"

/**
 * Renders an OpenAPI 3.1 document, served under `base`. Serve it with the content security policy of
 * `Reference/Look.ts`.
 */
export const referencePage = (document: JsonObject, base = ""): string => {
  const info = objectOf(document["info"])
  const components = objectOf(document["components"])
  const schemas = objectOf(components["schemas"])
  const operations = operationsOf(document)
  const groups = listOf(document["tags"]).map((tag) => {
    const { description, name } = objectOf(tag)
    const title = textOf(name)
    return { title, description: textOf(description), operations: operations.filter(({ group }) => group === title) }
  })
  const lookup: Lookup = (schema) => {
    const name = referredName(schema)
    return name === undefined ? schema : objectOf(schemas[name])
  }
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${textOf(info["title"])} API</title>
        ${styleElement}
      </head>
      <body>
        <div class="frame">
          <nav aria-label="Contents">
            <input id="filter" type="search" placeholder="Filter" aria-label="Filter operations and schemas" hidden />
            ${groups.map(({ operations, title }) => contentsView(title, operations))}
            <div data-group>
              <h2><a href="#schemas">Schemas</a></h2>
              <ul>
                ${Object.keys(schemas)
                  .toSorted()
                  .map(
                    (name) => html`<li data-words="${name.toLowerCase()}"><a href="#schema-${name}">${name}</a></li>`
                  )}
              </ul>
            </div>
          </nav>
          <main>
            <h1>${textOf(info["title"])} API</h1>
            <p>${prose(textOf(info["description"]))}</p>
            <p>
              <a href="${base}/openapi.json">OpenAPI ${textOf(document["openapi"])} document</a>, version
              ${textOf(info["version"])}
            </p>
            ${accessView(objectOf(components["securitySchemes"]), base)}
            ${groups.map(
              (group) =>
                html`<section id="group-${group.title}">
                  <h2>${group.title}</h2>
                  <p>${prose(group.description)}</p>
                  ${group.operations.map((operation) => operationView(operation, lookup))}
                </section>`
            )}
            <section id="schemas">
              <h2>Schemas</h2>
              ${Object.entries(schemas)
                .toSorted(([left], [right]) => (left < right ? -1 : 1))
                .map(
                  ([name, schema]) =>
                    html`<section class="schema" id="schema-${name}">
                      <h3><a href="#schema-${name}">${name}</a></h3>
                      ${schemaView(objectOf(schema))}
                    </section> `
                )}
            </section>
          </main>
        </div>
        ${scriptElement}
      </body>
    </html> `
  return page.html
}

const contentsView = (title: string, operations: ReadonlyArray<Operation>): Html =>
  html`<div data-group>
    <h2><a href="#group-${title}">${title}</a></h2>
    <ul>
      ${operations.map(
        ({ id, method, path, value }) =>
          html`<li data-words="${`${method} ${path} ${id} ${textOf(value["summary"])}`.toLowerCase()}">
            <span class="method ${method}">${method.toUpperCase()}</span
            ><a href="#${id}">${textOf(value["summary"])}</a>
          </li> `
      )}
    </ul>
  </div> `

const accessView = (schemes: JsonObject, base: string): Html => {
  const rows = Object.values(schemes).map((entry) => {
    const scheme = objectOf(entry)
    const place = textOf(scheme["in"])
    return scheme["type"] === "http"
      ? html`<li>
          header <code>Authorization: ${textOf(scheme["scheme"])} …</code>, with an API key or the token of a session
        </li>`
      : place === "cookie"
        ? html`<li>cookie <code>${textOf(scheme["name"])}</code>, which signing in sets</li>`
        : html`<li>
            ${place === "query" ? "query parameter" : "header"} <code>${textOf(scheme["name"])}</code>, with an API key
          </li>`
  })
  return html`<div class="card">
    <h3>Credentials</h3>
    <p>One of these, tried in this order:</p>
    <ul>
      ${rows}
    </ul>
    <p>
      Keys have a scope: <code>read</code> views, <code>operate</code> runs jobs and decides on removals,
      <code>admin</code> changes settings, integrations and access. Each operation names the scope it needs. The
      commands below take the address and the key from the shell:
    </p>
    <pre><code>export TENDARR_URL=http://127.0.0.1:8787${base}
export TENDARR_API_KEY=…</code></pre>
  </div> `
}
