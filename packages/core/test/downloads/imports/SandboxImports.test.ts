/** Downloads of the simulated stack that their arrs have blocked, imported over real HTTP. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Downloads } from "../../../src/downloads/Downloads.ts"
import { importDownloadAct } from "../../../src/downloads/imports/ImportDownload.ts"
import { ImportsSettings } from "../../../src/downloads/imports/ImportSettings.ts"
import { Integrations } from "../../../src/integrations/Integrations.ts"
import { Kinds } from "../../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../../src/integrations/KyUpstreamClient.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { ServicesOver } from "../../../src/Services.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { withSandbox } from "../../sandbox/SandboxTest.ts"
import { SqlTest } from "../../support/Sql.ts"
import { actsOf } from "../malware/Blocking.ts"
import { handOver, verdicts } from "./Importing.ts"

const services = ServicesOver.pipe(
  Layer.provideMerge(Layer.mergeAll(Kinds.layer, KyUpstreamClient.layer)),
  Layer.provideMerge(SqlTest)
)

describe("Downloads of the simulated stack", () => {
  it.effect("that their arrs have blocked are imported, and proven to be by the histories of the arrs", () =>
    withSandbox(
      { items: 400, kinds: ["radarr", "sonarr", "qbittorrent", "sabnzbd"] },
      Effect.gen(function* () {
        const integrations = yield* Integrations
        const { applications } = yield* Sandbox
        for (const { integration } of applications) {
          const { config, kind, name, url } = integration
          const login = kind === "qbittorrent" ? { username: "admin" } : {}
          yield* integrations.create({ kind, name, url, config: { ...login, ...config } })
        }
        yield* Effect.flatMap(Settings, (settings) => settings.patch(ImportsSettings, { importing: true }))
        yield* TestClock.adjust("3 hours")
        yield* Effect.flatMap(Downloads, ({ poll }) => poll)
        const due = Object.values(yield* verdicts).filter(({ outcome }) => outcome === "import")
        const applicationsDue = new Set(due.map(({ application }) => application))
        assert.strictEqual(applicationsDue.size, 2, "of both arrs")
        assert.deepStrictEqual([...new Set(due.map(({ mode }) => mode))].toSorted(), ["auto", "copy"])
        assert.deepInclude(yield* handOver, { planned: due.length, imported: due.length, failed: 0 })
        yield* Effect.flatMap(Downloads, ({ poll }) => poll)
        const after = yield* verdicts
        for (const { name } of due) assert.strictEqual(after[name]?.outcome, "imported")
        assert.isTrue((yield* actsOf(importDownloadAct)).every(({ state }) => state === "done"))
      }).pipe(Effect.provide(services))
    )
  )
})
