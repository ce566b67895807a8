/** A kind with a secret and a plain setting, whose probe a test controls. */
import { Effect, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { configField } from "../../src/integrations/ConfigForm.ts"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { Kind, Probe } from "../../src/integrations/Kind.ts"
import { Kinds, sealKind } from "../../src/integrations/Kinds.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import type { UpstreamError } from "../../src/integrations/UpstreamErrors.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { SqlTest } from "../support/Sql.ts"
import { startOfTest } from "../support/Stack.ts"

const Config = Schema.Struct({
  apiKey: configField(Schema.String.check(Schema.isMinLength(4)), { title: "Key", description: "", ownSecret: true }),
  pages: Schema.optionalKey(configField(Schema.Int, { title: "Pages", description: "" }))
})

export class Probing {
  /** The result of the next probes. */
  outcome: Effect.Effect<Probe, UpstreamError> = Effect.succeed({
    appName: "Probed",
    version: "1.2",
    latencyMillis: 12.4
  })
  /** The results of probes of these addresses instead. */
  readonly outcomes = new Map<string, Effect.Effect<Probe, UpstreamError>>()
  /** All connections so far, with their secrets. */
  readonly connected: Array<{ readonly url: string; readonly config: unknown }> = []
  probes = 0

  readonly kind: Kind = sealKind<typeof Config.Type>({
    id: "probed",
    title: "Probed",
    description: "A kind of a test",
    capabilities: ["catalog", "playback"],
    itemKinds: ["movie"],
    config: Config,
    syncCost: { formula: "1", calls: () => 1 },
    connect: (_client, { config, url }) => {
      this.connected.push({ url, config })
      return {
        probe: Effect.suspend(() => {
          this.probes++
          return this.outcomes.get(url) ?? this.outcome
        }),
        read: {}
      }
    }
  })
}

const noClient = Layer.succeed(UpstreamClient, {
  open: () => {
    throw new Error("This kind speaks to nobody")
  }
})

export const probingTest = (probing: Probing, ...others: ReadonlyArray<Kind>) =>
  HealthMonitor.layer.pipe(
    Layer.provideMerge(Integrations.layer),
    Layer.provideMerge(Layer.mergeAll(Kinds.layerWith([probing.kind, ...others]), noClient)),
    Layer.provideMerge(RecordedEvents.layer),
    Layer.provideMerge(SqlTest),
    Layer.provide(Layer.effectDiscard(TestClock.setTime(startOfTest)))
  )

export const draft = { kind: "probed", name: "Shelf", url: "http://shelf.test/base", config: { apiKey: "secret-1" } }
