import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { countCall } from "../../src/integrations/KyUpstreamClient/CallMetrics.ts"
import { UpstreamRefused } from "../../src/integrations/UpstreamErrors.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { System } from "../../src/system/System.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"
import { TelemetrySettings } from "../../src/system/TelemetrySettings.ts"

/** The samples in a text, without those of other tests in this process. */
const samplesOf = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))

describe("Metrics", () => {
  it.effect("are disabled by default", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip((yield* System).metrics)
      assert.deepStrictEqual(
        [error.code, error.detail],
        ["metrics-off", "turn on `telemetry.prometheus` in the settings"]
      )
    }).pipe(Effect.provide(feedTest(new Feeds())))
  )

  it.effect("show the current state of the installation, without removed integrations", () => {
    const feeds = new Feeds()
    feeds.of('The "Manager"').catalog = [catalogItem({ externalId: "1", title: "Alien", sizeBytes: 5 })]
    return Effect.gen(function* () {
      const system = yield* System
      yield* (yield* Settings).patch(TelemetrySettings, { prometheus: true })
      const id = yield* connectFeed("manager", 'The "Manager"')
      yield* Effect.flatMap(Sync, (sync) => sync.run())
      yield* (yield* HealthMonitor).checkDue
      const samples = samplesOf(yield* system.metrics)
      const up = `tendarr_integration_up{integration_id="${id}",integration="The \\"Manager\\"",kind="manager"} 1`
      for (const sample of ["tendarr_library_items 1", "tendarr_library_bytes 5", up]) assert.include(samples, sample)
      assert.include(samples, 'tendarr_open_removals{state="proposed"} 0')
      yield* (yield* Integrations).remove(id)
      assert.lengthOf(
        samplesOf(yield* system.metrics).filter((line) => line.startsWith("tendarr_integration_up")),
        0
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("count calls to applications by their outcome", () =>
    Effect.gen(function* () {
      const labels = { integration: "Shelf", method: "GET" }
      const refused = new UpstreamRefused({ integration: "Shelf", call: "GET x", detail: "no", status: 500 })
      yield* countCall(labels, Effect.void)
      yield* countCall(labels, Effect.void)
      yield* Effect.ignore(countCall(labels, Effect.fail(refused)))
      yield* Effect.exit(countCall(labels, Effect.interrupt))
      const system = yield* System
      yield* (yield* Settings).patch(TelemetrySettings, { prometheus: true })
      const samples = samplesOf(yield* system.metrics)
      const calls = samples.filter((line) => line.startsWith("tendarr_upstream_calls_total"))
      assert.deepStrictEqual(calls.toSorted(), [
        'tendarr_upstream_calls_total{integration="Shelf",method="GET",outcome="answered"} 2',
        'tendarr_upstream_calls_total{integration="Shelf",method="GET",outcome="refused"} 1'
      ])
      assert.include(samples, 'tendarr_upstream_call_duration_seconds_count{integration="Shelf"} 3')
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()), Effect.provide(feedTest(new Feeds())))
  )
})
