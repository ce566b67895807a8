import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import type { AlreadyConnected } from "../../src/integrations/Integration.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { Probe } from "../../src/integrations/Kind.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { draft, Probing, probingTest } from "./Probing.ts"

const down = Effect.fail(new UpstreamUnreachable({ integration: "x", call: "GET /", detail: "refused" }))
const answer = (said: Partial<Probe>) =>
  Effect.succeed({ appName: "Probed", version: "1.2", latencyMillis: 12, ...said })

const another = (changes: Partial<typeof draft> = {}) => ({
  ...draft,
  name: "Another",
  url: "http://another.test",
  config: { apiKey: "secret-2" },
  ...changes
})

const refusalOf = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E | AlreadyConnected>) =>
  Effect.map(Effect.flip(effect), (error) => {
    if (!("integrationId" in error) || error._tag !== "AlreadyConnected") return assert.fail(error._tag)
    return error
  })

const warnings = Effect.map(RecordedEvents, (recorded) =>
  recorded.all.filter((event) => event.severity === "warning").map(({ message, type }) => [type, message] as const)
)

describe("An application that is already connected", () => {
  it.effect("is refused under any spelling of its address, and the message names the first integration", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      yield* integrations.create({ ...draft, url: "http://localhost:7878/base" })
      for (const url of ["http://127.0.0.1:7878/base/", "http://[::1]:7878/base", "https://LocalHost:7878/base"]) {
        const refused = yield* refusalOf(integrations.create(another({ url })))
        assert.deepInclude(refused, { integrationId: "1", name: "Shelf", status: 409, code: "already-connected" })
        assert.strictEqual(refused.detail, 'already connected as "Shelf" (integration 1): it has the same address')
      }
      const { id } = yield* integrations.create(another())
      const moved = yield* refusalOf(
        integrations.update(id, { url: "http://127.0.0.1:7878/base", confirmSecretReuse: true })
      )
      assert.strictEqual(moved.name, "Shelf")
      yield* integrations.update(id, { name: "Renamed" })
      assert.lengthOf(yield* integrations.list, 2)
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("is refused under another address and key if its identity is the same", () => {
    const probing = new Probing()
    probing.outcome = answer({ identity: "one-and-the-same" })
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      yield* integrations.create(draft)
      assert.include((yield* refusalOf(integrations.create(another()))).detail, "the application itself reports")
      probing.outcomes.set("http://another.test", answer({ identity: "another" }))
      const { id } = yield* integrations.create(another())
      probing.outcomes.set("http://moved.test", answer({ identity: "one-and-the-same" }))
      yield* refusalOf(integrations.update(id, { url: "http://moved.test", confirmSecretReuse: true }))
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("is refused under another address with the same key, unless both respond as two installations", () => {
    const probing = new Probing()
    probing.outcome = answer({ process: "started at noon" })
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      yield* integrations.create(draft)
      const twin = another({ config: draft.config })
      assert.include((yield* refusalOf(integrations.create(twin))).detail, "it has the same key")
      probing.outcomes.set(twin.url, down)
      yield* refusalOf(integrations.create(twin))
      probing.outcomes.set(twin.url, answer({ process: "started at one" }))
      yield* integrations.create(twin)
      const monitor = yield* HealthMonitor
      yield* monitor.checkDue
      assert.deepStrictEqual(yield* warnings, [])
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("counts as another one with another address and key, although the program is the same", () => {
    const probing = new Probing()
    probing.outcome = answer({ process: "both started by one compose file" })
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      yield* integrations.create(draft)
      yield* integrations.create(another())
      yield* monitor.checkDue
      assert.deepStrictEqual(yield* warnings, [])
      assert.deepStrictEqual(
        (yield* integrations.list).map(({ health }) => health.status),
        ["up", "up"]
      )
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("is stored while it does not respond, and reported as soon as it does", () => {
    const probing = new Probing()
    probing.outcome = answer({ identity: "one-and-the-same" })
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      yield* integrations.create(draft)
      probing.outcomes.set("http://another.test", down)
      const { id } = yield* integrations.create(another())
      yield* monitor.checkDue
      assert.strictEqual((yield* integrations.get(id)).health.status, "failing")
      probing.outcomes.delete("http://another.test")
      for (let round = 0; round < 3; round += 1) {
        yield* TestClock.adjust("2 minutes")
        yield* monitor.checkDue
      }
      const { health } = yield* integrations.get(id)
      assert.strictEqual(health.status, "troubled")
      assert.deepStrictEqual(
        health.problems.map(({ code, detail, severity }) => [code, severity, detail]),
        [["connected-twice", "warning", 'this is the application that is already connected as "Shelf" (integration 1)']]
      )
      assert.strictEqual((yield* integrations.get("1")).health.status, "up", "the first stays what it is")
      assert.deepStrictEqual(
        (yield* warnings).map(([type]) => type),
        ["integration.connected-twice"],
        "logged once"
      )
      yield* integrations.remove("1")
      assert.strictEqual((yield* integrations.get(id)).health.status, "up")
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("is probed only for as long as a person would wait", () => {
    const probing = new Probing()
    probing.outcome = Effect.never
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const creating = yield* Effect.forkChild(integrations.create(draft))
      yield* TestClock.adjust("10 seconds")
      assert.isDefined(creating.pollUnsafe())
      assert.lengthOf(yield* integrations.list, 1)
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("counts while it is disabled, and cannot be enabled in addition to another", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create({ ...draft, enabled: false })
      assert.include((yield* refusalOf(integrations.create(another({ url: draft.url })))).detail, "disabled")
      yield* integrations.update(id, { enabled: true })
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("is reported if another installation responds at its address", () => {
    const probing = new Probing()
    probing.outcome = answer({ identity: "the old one" })
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      yield* integrations.create(draft)
      yield* monitor.checkDue
      probing.outcome = answer({ identity: "the new one" })
      yield* TestClock.adjust("2 minutes")
      yield* monitor.checkDue
      assert.deepStrictEqual(yield* warnings, [
        ["integration.replaced", 'Another installation than before answers at the address of "Shelf"']
      ])
    }).pipe(Effect.provide(probingTest(probing)))
  })
})

describe("A changed address or key", () => {
  it.effect("is probed at once, and the identity from the old one is forgotten", () => {
    const probing = new Probing()
    probing.outcome = down
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      const { id } = yield* integrations.create(draft)
      for (let round = 0; round < 3; round += 1) {
        yield* TestClock.adjust("2 minutes")
        yield* monitor.checkDue
      }
      assert.strictEqual((yield* integrations.get(id)).health.status, "down")
      probing.outcome = answer({})
      probing.probes = 0
      const moved = yield* integrations.update(id, { url: "http://moved.test", confirmSecretReuse: true })
      assert.strictEqual(probing.probes, 1)
      assert.deepInclude(moved.health, { status: "unknown", problems: [], error: null, nextCheckAt: null })
    }).pipe(Effect.provide(probingTest(probing)))
  })
})
