import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cases } from "./Cases.ts"
import { chromiumPath, isBrowserRequired, startChromium } from "./Chromium.ts"
import type { Outcomes } from "./RunCases.ts"
import { type Files, type Stage, startStage } from "./Stage.ts"

const isSkipped = chromiumPath === undefined && !isBrowserRequired

describe.skipIf(isSkipped)(isSkipped ? "in Chromium (there is none here)" : "in Chromium", () => {
  let stage: Stage
  let outcomes: Outcomes = {}
  /** The outcome of a direct call of the server in the page, for which the server is another origin. */
  let elsewhere: unknown

  beforeAll(async () => {
    stage = await startStage(files)
    const browser = await startChromium()
    try {
      const page = await browser.newPage()
      page.on("pageerror", (error) => assert.fail(error.message))
      await page.goto(`${stage.url}/page`)
      const outcome = await page.waitForFunction("globalThis.outcomes", undefined, { timeout: 110_000 })
      outcomes = (await outcome.jsonValue()) as Outcomes
      elsewhere = await page.evaluate(`callFrom(${JSON.stringify(stage.server())})`)
    } finally {
      await browser.close()
    }
  }, 120_000)

  afterAll(() => stage.stop())

  for (const { name } of cases) it(name, () => assert.isNull(outcomes[name]))

  it("cannot be called by a page of another origin", async () => {
    const answer = await fetch(`${stage.server()}/api/v1/stats`, { headers: { "x-api-key": stage.apiKey } })
    assert.strictEqual(answer.status, 200, "the server is there")
    assert.strictEqual(elsewhere, "network")
  })
})

/** The page loads the same files that a user installs: the built package, and its dependencies from the registry. */
const files: Files = (path) => {
  if (path === "/page") return { type: "text/html; charset=utf-8", text: page }
  const [, folder, rest] = /^\/(client|test|modules)\/([\w./@-]+)$/.exec(path) ?? []
  if (folder === undefined || rest === undefined) return undefined
  if (folder === "test") return { type: "text/javascript", text: script(read(`./${rest}`)) }
  return { type: "text/javascript", text: read(folder === "client" ? `../dist/${rest}` : `../node_modules/${rest}`) }
}

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8")

const script = (text: string) =>
  ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } })
    .outputText

/** The path of the main module of a dependency in the folder of modules. */
const mainOf = (name: string) => {
  const file = createRequire(import.meta.url).resolve(name)
  return `/modules/${name}${file.slice(file.lastIndexOf(name) + name.length)}`
}

const page = `<!doctype html>
<title>The client in a page</title>
<script type="importmap">
  ${JSON.stringify({ imports: { ky: mainOf("ky"), "eventsource-parser": mainOf("eventsource-parser") } })}
</script>
<script type="module">
  import * as sdk from "/client/TendarrClient.js"
  import { cases } from "/test/Cases.ts"
  import { runCases } from "/test/RunCases.ts"
  const apiKey = "key-of-the-client-test"
  const surroundings = { url: location.origin, apiKey, sdk }
  globalThis.callFrom = (baseUrl) =>
    sdk.createTendarrClient({ baseUrl, apiKey, retries: 0 }).system.stats().then(() => "answered", (error) => error.code)
  globalThis.outcomes = await runCases(cases, surroundings)
</script>
`
