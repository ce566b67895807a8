import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"
import { objectOf } from "../../src/api/Json.ts"
import { OpenApiDocument } from "../../src/api/OpenApiDocument.ts"
import { referencePage } from "../../src/api/Reference.ts"
import { referencePolicy } from "../../src/api/Reference/Look.ts"
import { operationsOf } from "../../src/api/Reference/OperationView.ts"

const page = referencePage(OpenApiDocument.value())
const elements = (name: string) => [...page.matchAll(new RegExp(`<${name}[^>]*>([\\s\\S]*?)</${name}>`, "g"))]

describe("The reference page", () => {
  it("shows every operation and every schema once, without broken links", () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    assert.strictEqual(new Set(ids).size, ids.length)
    for (const { id } of operationsOf(OpenApiDocument.value())) assert.include(ids, id)
    const schemas = objectOf(objectOf(OpenApiDocument.value()["components"])["schemas"])
    for (const name of Object.keys(schemas)) assert.include(ids, `schema-${name}`)
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert.include(ids, target)
  })

  it("loads nothing: its only style and script are those of the policy", () => {
    for (const [name, directive] of [
      ["style", "style-src"],
      ["script", "script-src"]
    ] as const) {
      const [element, ...more] = elements(name)
      assert.deepStrictEqual(more, [])
      const hash = createHash("sha256")
        .update(element?.[1] ?? "")
        .digest("base64")
      assert.include(referencePolicy, `${directive} 'sha256-${hash}'`)
    }
    assert.notMatch(page, /\bsrc=|<link|@import|url\(|<img|<iframe| style=| on[a-z]+=/)
    for (const [, href] of page.matchAll(/href="([^#"][^"]*)"/g)) assert.strictEqual(href, "/openapi.json")
  })

  it("hides the filter until a script has enabled it", () => {
    assert.match(page, /<input[^>]* hidden/)
  })

  it("shows a command for each operation, with its body", () => {
    const commands = elements("pre").map(([, text]) => text ?? "")
    assert.isAtLeast(commands.length, operationsOf(OpenApiDocument.value()).length)
    const create = commands.find((text) => text.includes("/api/v1/api-keys&#34;") && text.includes("-X POST")) ?? ""
    assert.include(create, "{&#34;name&#34;:&#34;…&#34;,&#34;scope&#34;:&#34;read&#34;}")
    assert.include(create, "X-Api-Key: $TENDARR_API_KEY")
    assert.notInclude(commands.find((text) => text.includes("/api/v1/health")) ?? "", "X-Api-Key")
  })

  it("escapes all text of the document", () => {
    const evil = `"><script>alert('x')</script>&`
    const hostile = referencePage({
      openapi: evil,
      info: { title: evil, version: evil, description: `\`${evil}\`` },
      tags: [{ name: evil, description: evil }],
      paths: {
        [`/${evil}/{id}`]: {
          post: {
            operationId: evil,
            tags: [evil],
            summary: evil,
            description: evil,
            parameters: [{ name: evil, in: "query", required: true, description: evil, schema: { enum: [evil] } }],
            requestBody: { content: { "application/json": { schema: { enum: [evil] } } } },
            responses: { "400": { content: { [evil]: { schema: { $ref: `#/components/schemas/${evil}` } } } } }
          }
        }
      },
      components: { schemas: { [evil]: { type: "string", pattern: evil, default: evil } } }
    })
    assert.notInclude(hostile, "<script>alert")
    assert.strictEqual(hostile.split("<script").length, 2)
    assert.notMatch(hostile, /"><script/)
  })

  it("quotes the body so that it cannot end the command in a shell", () => {
    const document = {
      paths: {
        "/a": {
          post: {
            operationId: "a.b",
            tags: ["a"],
            requestBody: { content: { "application/json": { schema: { enum: ["it's"] } } } },
            responses: {}
          }
        }
      },
      tags: [{ name: "a" }]
    }
    assert.include(referencePage(document), "-d &#39;&#34;it&#39;\\&#39;&#39;s&#34;&#39;")
  })
})
