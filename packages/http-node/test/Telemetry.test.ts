import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { clientOf } from "../../core/test/http/Client.ts"
import { adminKey, startServer, withDirectory } from "../../core/test/http/ServerProcess.ts"
import { startCollector } from "../../core/test/telemetry/Collector.ts"
import { telemetrySuite } from "../../core/test/telemetry/Suite.ts"
import { openTendarr } from "../src/OpenTendarr.ts"
import { fromSource } from "./FromSource.ts"

const main = fileURLToPath(new URL("Mounts.main.ts", import.meta.url))

telemetrySuite("Node", { ...fromSource, args: [...fromSource.args.slice(0, -1), main] })

describe("The modules of the telemetry export", () => {
  const reportLoaded = fileURLToPath(new URL("loaded/ReportLoaded.ts", import.meta.url))
  const command = { ...fromSource, args: ["--import", reportLoaded, ...fromSource.args] }
  const loadedWith = (env: Readonly<Record<string, string>>) =>
    withDirectory(async (directory) => {
      const server = await startServer(command, ["--data-dir", directory], { TENDARR_API_KEY: adminKey, ...env })
      const admin = clientOf(server.url, adminKey)
      await admin("PATCH", "/settings/telemetry", { prometheus: true })
      assert.strictEqual((await admin("GET", "/metrics")).status, 200)
      await server.stop()
      return server.output().match(/^loaded .*/gm) ?? []
    })

  it("are loaded only if there is a collector", async () => {
    assert.isEmpty(await loadedWith({}))
    assert.isNotEmpty(await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" }))
  })
})

describe("Tendarr inside a program", () => {
  it("exports nothing by itself, whatever the environment contains", () =>
    withDirectory(async (dataDirectory) => {
      const collector = await startCollector()
      process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.url
      try {
        const tendarr = await openTendarr({ dataDirectory })
        await tendarr.status()
        await tendarr.dispose()
        assert.isEmpty(collector.exports)
      } finally {
        delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"]
        await collector.close()
      }
    }))
})
