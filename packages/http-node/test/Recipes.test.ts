/** The requests of the recipes in `docs/recipes`, sent to a running server: its responses contain every field that they use. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { parse } from "yaml"
import { adminKey, type RunningServer, startServer } from "../../core/test/http/ServerProcess.ts"

const recipe = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../docs/recipes/${name}.md`, import.meta.url)), "utf8")

const blocks = (text: string, language: string): ReadonlyArray<string> =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map((found) => found[1] ?? "")

/** Home Assistant's tag for a value from another file. */
const secretTag = { tag: "!secret", resolve: (name: string) => `secret ${name}` }

type Step = string | number

/** The value at a path; the test fails if there is none. */
const valueAt = (answer: unknown, path: ReadonlyArray<Step>): unknown =>
  path.reduce<unknown>((value, step) => {
    if (typeof value !== "object" || value === null || !(step in value)) {
      assert.fail(`There is no ${String(step)} of ${path.join(".")} in ${JSON.stringify(answer).slice(0, 200)}`)
    }
    return Reflect.get(value, step)
  }, answer)

describe("The recipes", () => {
  let server: RunningServer
  const keys: Record<string, string> = {}

  const call = async (method: string, address: string, key: string, body?: string): Promise<Response> => {
    const url = new URL(address)
    assert.strictEqual(url.origin, "http://tendarr:8787")
    return fetch(`${server.url}${url.pathname}${url.search}`, {
      method,
      headers: { "x-api-key": key, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body })
    })
  }

  const answerOf = async (address: string): Promise<unknown> => {
    const response = await call("GET", address, keys["read"] ?? "")
    assert.strictEqual(response.status, 200, address)
    return response.json()
  }

  beforeAll(async () => {
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
    const command = { program: process.execPath, args: ["--conditions", "tendarr-source", main] }
    server = await startServer(command, ["--sandbox", "--sandbox-items", "60"], { TENDARR_API_KEY: adminKey })
    await server.printed("Why one of them")
    for (const scope of ["read", "operate"]) {
      const body = JSON.stringify({ name: scope, scope })
      const response = await call("POST", "http://tendarr:8787/api/v1/api-keys", adminKey, body)
      keys[scope] = String(valueAt(await response.json(), ["key"]))
    }
  }, 60_000)

  afterAll(() => server.stop())

  it("show figures and disks on Homepage", async () => {
    const widgets = blocks(recipe("homepage"), "yaml").map((text) =>
      Object.values((parse(text) as ReadonlyArray<{ readonly Media: ReadonlyArray<object> }>)[0]?.Media[0] ?? {})
    )
    assert.lengthOf(widgets, 2)
    for (const [service] of widgets as ReadonlyArray<ReadonlyArray<HomepageService>>) {
      assert.isDefined(service)
      if (service.siteMonitor !== undefined) {
        for (const method of ["HEAD", "GET"]) assert.isTrue((await call(method, service.siteMonitor, "")).ok, method)
      }
      const { headers, mappings, type, url } = service.widget
      assert.strictEqual(type, "customapi")
      assert.deepEqual(Object.keys(headers), ["X-Api-Key"])
      const answer = await answerOf(url)
      for (const { field, format = "text" } of mappings) {
        const value = valueAt(answer, pathOf(field))
        assert.strictEqual(typeof value, format === "text" ? "string" : "number", JSON.stringify(field))
      }
    }
  })

  it("show figures in a custom widget of Homarr", async () => {
    const [text] = blocks(recipe("homarr"), "json")
    const widget = JSON.parse(text ?? "") as HomarrWidget
    const source = widget.sources.default
    assert.strictEqual(source.auth.name.toLowerCase(), "x-api-key")
    const shown = [...widget.template.matchAll(/\bdata\.(\w+)\?\.(\w+)/g)]
    assert.lengthOf(shown, 4)
    for (const [, request = "", field = ""] of shown) {
      const path = widget.requests[request]?.path
      assert.isDefined(path, request)
      assert.isNumber(valueAt(await answerOf(`${source.baseUrl}${path}`), [field]), field)
    }
  })

  it("let Home Assistant read figures and disks", async () => {
    const [text] = blocks(recipe("home-assistant"), "yaml")
    const { rest } = parse(text ?? "", { customTags: [secretTag] }) as HomeAssistant
    for (const { binary_sensor = [], headers, resource, sensor } of rest) {
      assert.deepEqual(headers, { "X-Api-Key": "secret tendarr_read_key" })
      const answer = await answerOf(resource)
      for (const [type, sensors] of Object.entries({ number: sensor, boolean: binary_sensor })) {
        for (const { unique_id, value_template } of sensors) {
          const [, path = ""] = /^\{\{ value_json\.([\w.[\]]+)(?: \| round\(\d\))? \}\}$/.exec(value_template) ?? []
          const steps = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".")
          assert.strictEqual(typeof valueAt(answer, steps), type, unique_id)
        }
      }
    }
  })

  it("let Home Assistant start a run, approve and reject", async () => {
    const [text] = blocks(recipe("home-assistant"), "yaml")
    const { rest_command: commands } = parse(text ?? "", { customTags: [secretTag] }) as HomeAssistant
    const send = async (name: string, id = "") => {
      const command = commands[name]
      assert.isDefined(command, name)
      assert.deepEqual(command.headers, { "X-Api-Key": "secret tendarr_operate_key" })
      const address = command.url.replace("{{ id }}", id)
      return call(command.method.toUpperCase(), address, keys["operate"] ?? "", command.payload)
    }
    const disks = await answerOf("http://tendarr:8787/api/v1/disk-groups")
    for (const { id } of valueAt(disks, ["items"]) as ReadonlyArray<{ readonly id: string }>) {
      await call("PATCH", `http://tendarr:8787/api/v1/disk-groups/${id}`, adminKey, '{"mode":"approval"}')
    }
    const plan = commands["tendarr_plan"]
    assert.isDefined(plan)
    const planned = await call(plan.method.toUpperCase(), `${plan.url}?wait=60`, keys["operate"] ?? "", plan.payload)
    assert.isTrue(planned.ok, await planned.text())
    const proposed = await answerOf("http://tendarr:8787/api/v1/removals?state=proposed&limit=2")
    const [first, second] = [0, 1].map((index) => String(valueAt(proposed, ["items", index, "id"])))
    for (const [name, id] of [
      ["tendarr_approve", first],
      ["tendarr_reject", second]
    ] as const) {
      const response = await send(name, id)
      assert.isTrue(response.ok, `${name}: ${await response.text()}`)
    }
    const decided = await answerOf("http://tendarr:8787/api/v1/removals?limit=200")
    const stateOf = (id: string | undefined) =>
      (valueAt(decided, ["items"]) as ReadonlyArray<{ readonly id: string; readonly state: string }>).find(
        (removal) => removal.id === id
      )?.state
    assert.deepEqual([stateOf(first), stateOf(second)], ["scheduled", "snoozed"])
  })
})

interface HomepageService {
  readonly siteMonitor?: string
  readonly widget: {
    readonly type: string
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly mappings: ReadonlyArray<{ readonly field: Field; readonly format?: string }>
  }
}

type Field = string | { readonly [step: string]: Field }

/** `{ diskGroups: { 0: usedPercent } }` */
const pathOf = (field: Field): ReadonlyArray<Step> =>
  typeof field === "string" ? [field] : Object.entries(field).flatMap(([step, rest]) => [step, ...pathOf(rest)])

interface HomarrWidget {
  readonly sources: { readonly default: { readonly baseUrl: string; readonly auth: { readonly name: string } } }
  readonly requests: Readonly<Record<string, { readonly path: string }>>
  readonly template: string
}

interface Sensor {
  readonly unique_id: string
  readonly value_template: string
}

interface HomeAssistant {
  readonly rest: ReadonlyArray<{
    readonly resource: string
    readonly headers: Readonly<Record<string, string>>
    readonly sensor: ReadonlyArray<Sensor>
    readonly binary_sensor?: ReadonlyArray<Sensor>
  }>
  readonly rest_command: Readonly<
    Record<
      string,
      {
        readonly url: string
        readonly method: string
        readonly headers: Readonly<Record<string, string>>
        readonly payload?: string
      }
    >
  >
}
