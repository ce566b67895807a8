import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { openTendarr } from "@tendarr/http-node/OpenTendarr"
import { Layer, ManagedRuntime } from "effect"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { openStage } from "./docs/Stage.ts"
import { startStagearr } from "./FakeStagearr.ts"
import { runExample, startExample } from "./RunningExample.ts"

describe("The examples", () => {
  let folder: string
  let stack: Sandbox["Service"]
  let stop: () => Promise<void>

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tendarr-example-"))
    const runtime = ManagedRuntime.make(Sandbox.layer({ items: 60 }).pipe(Layer.provide(LoopbackListener)))
    stop = () => runtime.dispose()
    stack = await runtime.runPromise(Sandbox)
  })

  afterEach(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Address and key of one application of the simulated stack. */
  const application = (kind: string) => {
    const found = stack.integrations.find((integration) => integration.kind === kind)
    assert.isDefined(found)
    return { url: found.url, apiKey: String(found.config["apiKey"]) }
  }

  const radarr = () => {
    const { apiKey, url } = application("radarr")
    return { TENDARR_DATA_DIR: folder, RADARR_URL: url, RADARR_API_KEY: apiKey }
  }

  const untouched = () => assert.isEmpty(stack.world.journal.filter(({ method }) => method !== "GET"))

  it("embed: connects Radarr, reads it, and prints what could be removed and why", async () => {
    const printed = await runExample("embed", radarr())
    assert.match(printed, /^\d+ items in the library$/m)
    assert.match(printed, /^\S+: [\d.]+ % of [\d.]+ GB used, dry-run$/m)
    assert.match(printed, /^- .+ \([\d.]+ GB\): .+$/m)
    untouched()
  })

  it("watch-events: prints each event once, and continues after a restart where it stopped", async () => {
    const [first, second] = stack.integrations
    const connect = async (draft: typeof first) => {
      assert.isDefined(draft)
      await using tendarr = await openTendarr({ dataDirectory: folder })
      const { config, kind, name, url } = draft
      await tendarr.integrations.create({ kind, name, url, config })
    }
    const idsOf = (printed: string) => [...printed.matchAll(/^(\d+) \S+Z /gm)].map(([, id]) => Number(id))
    const watchUntil = async (pattern: RegExp) => {
      const watching = startExample("watch-events", { TENDARR_DATA_DIR: folder })
      await watching.line(pattern)
      watching.process.kill("SIGTERM")
      return watching.ended
    }

    await connect(first)
    const printed = idsOf(await watchUntil(/integration\.created/))
    assert.strictEqual(printed[0], 1)
    const bookmark = Number(readFileSync(join(folder, "last-event"), "utf8"))
    assert.strictEqual(bookmark, printed.at(-1))

    await connect(second)
    const later = idsOf(await watchUntil(/integration\.created/))
    assert.strictEqual(later[0], bookmark + 1)
  })

  it("own-factor: is listed, weighted and explained", async () => {
    await runExample("embed", radarr())
    const printed = await runExample("own-factor", { TENDARR_DATA_DIR: folder })
    assert.match(printed, /^watchHistory: 10 of 10$/m)
    assert.match(printed, /^sharpness: 5 of 10$/m)
    assert.match(printed, /^.+: It is in \d+p, \d+ of \d+ points$/m)
    assert.match(await runExample("own-factor", { TENDARR_DATA_DIR: folder }), /^sharpness: 10 of 10$/m)
    untouched()
  })

  it("own-kind: reads an application of a kind that Tendarr does not include", async () => {
    const { apiKey, url } = application("sonarr")
    const stagearr = await startStagearr(url)
    try {
      const env = { TENDARR_DATA_DIR: folder, STAGEARR_URL: stagearr.url, STAGEARR_API_KEY: apiKey }
      const printed = await runExample("own-kind", env)
      assert.match(printed, /^Stagearr 4\.\S+ answers$/m)
      assert.match(printed, /^Stagearr: applied, [1-9]\d+ items in \d calls$/m)
      assert.match(printed, /^- season .+: .+$/m)
      const refused = await runExample("own-kind", { ...env, STAGEARR_URL: url }).catch(String)
      assert.match(refused, /this is Sonarr, not Stagearr/)
    } finally {
      await stagearr.stop()
    }
    const lines = readFileSync(new URL("../stagearr.ts", import.meta.url), "utf8")
      .trimEnd()
      .split("\n")
    assert.isBelow(lines.length, 60)
    untouched()
  })

  it("client: pages through a list, distinguishes problems by their code, and follows events", async () => {
    const { env, stop: close } = await openStage("sandbox")
    try {
      const printed = await runExample("client", env)
      assert.match(printed, /^[1-9]\d\d movies, \d\.\d TB$/m)
      assert.match(printed, /^404 item-not-found: there is no item 4711$/m)
      assert.match(printed, /^job-run\.started: .+\njob-run\.completed: .+$/m)
    } finally {
      await close()
    }
  })

  it("effect-program: replaces a service with a layer, and handles problems by their type", async () => {
    const printed = await runExample("effect-program", radarr())
    assert.match(printed, /^Radarr: GET api\/v3\/movie$/m)
    assert.match(printed, /^\d+ items in the library$/m)
    assert.match(printed, /^- .+: .+$/m)
    assert.match(printed, /^There is no item 4711$/m)
    untouched()
  })
})
