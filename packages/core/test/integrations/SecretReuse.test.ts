import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Actor } from "../../src/events/Actor.ts"
import { configField } from "../../src/integrations/ConfigForm.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { Kind } from "../../src/integrations/Kind.ts"
import { sealKind } from "../../src/integrations/Kinds.ts"
import { secretReuse } from "../../src/integrations/SecretReuse.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { draft, Probing, probingTest } from "./Probing.ts"

const stored = "http://shelf.test/base"
const sentTo = (probing: Probing, url: string) => probing.connected.filter((each) => each.url === url)

const reusesIn = Effect.map(RecordedEvents, ({ all }) =>
  all.filter(({ type }) => type === "integration.secrets-reused")
)

const elsewhere = [
  "http://other.test/base",
  "http://shelf.test.evil.example/base",
  "http://shelf.test:8080/base",
  "https://shelf.test:8443/base",
  "http://192.0.2.7/base"
]

describe("A stored key", () => {
  it.effect("is not sent to another host or port if the address changes, in a test or permanently", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create(draft)
      probing.connected.length = 0
      for (const url of elsewhere) {
        for (const config of [undefined, {}, { apiKey: "********" }, { pages: 3 }]) {
          const patch = { url, ...(config === undefined ? {} : { config }) }
          const refusals = [
            yield* Effect.flip(integrations.update(id, patch)),
            yield* Effect.flip(integrations.test({ integrationId: id, ...patch }))
          ]
          for (const refused of refusals) {
            assert.deepInclude(refused, { _tag: "SecretReuseRefused", status: 409, code: "secret-reuse-refused" })
            if (refused._tag !== "SecretReuseRefused") continue
            assert.deepStrictEqual([refused.fields, refused.from], [["apiKey"], "http://shelf.test"])
            assert.include(refused.detail, new URL(url).origin)
            assert.include(refused.detail, "confirmSecretReuse")
          }
          assert.isNull(yield* integrations.ask({ integrationId: id, ...patch }))
        }
      }
      assert.deepStrictEqual(probing.connected, [])
      assert.strictEqual((yield* integrations.get(id)).url, stored)
      assert.deepStrictEqual(yield* reusesIn, [])
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("is not sent elsewhere as another kind, which may treat it as harmless", () => {
    const probing = new Probing()
    const careless: Kind = sealKind<{ readonly apiKey: string }>({
      ...probing.kind,
      id: "careless",
      config: Schema.Struct({ apiKey: configField(Schema.String, { title: "Name", description: "", secret: false }) }),
      connect: (_client, { config, url }) => {
        probing.connected.push({ url, config })
        return { probe: probing.outcome, read: {} }
      }
    })
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create(draft)
      probing.connected.length = 0
      const elsewhere = { integrationId: id, kind: "careless", url: "http://other.test" }
      assert.strictEqual((yield* Effect.flip(integrations.test(elsewhere)))._tag, "SecretReuseRefused")
      assert.isNull(yield* integrations.ask(elsewhere))
      assert.deepStrictEqual(probing.connected, [])
    }).pipe(Effect.provide(probingTest(probing, careless)))
  })

  it.effect("is not needed if the key is entered again", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create(draft)
      const moved = { url: "http://other.test", config: { apiKey: "secret-2" } }
      assert.isTrue((yield* integrations.test({ integrationId: id, ...moved })).ok)
      yield* integrations.update(id, moved)
      assert.deepStrictEqual(
        sentTo(probing, moved.url).map(({ config }) => config),
        [{ apiKey: "secret-2" }, { apiKey: "secret-2" }]
      )
      assert.deepStrictEqual(yield* reusesIn, [])
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("is sent if that is confirmed, and each time an event names the actor before it is sent", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create(draft)
      const toldWhenAsked: Array<number> = []
      const { all } = yield* RecordedEvents
      const { outcome } = probing
      probing.outcome = Effect.suspend(() => {
        toldWhenAsked.push(all.filter(({ type }) => type === "integration.secrets-reused").length)
        return outcome
      })
      const moved = { url: "http://other.test:7878/base", confirmSecretReuse: true }
      yield* integrations.test({ integrationId: id, ...moved })
      yield* integrations.update(id, moved)
      assert.lengthOf(sentTo(probing, moved.url), 2)
      assert.deepStrictEqual(toldWhenAsked, [1, 2])
      const payloadOf = (use: string) => ({
        fields: ["apiKey"],
        from: "http://shelf.test",
        to: "http://other.test:7878",
        use,
        confirmed: true
      })
      assert.deepStrictEqual(
        (yield* reusesIn).map(({ actor, payload, severity, subject }) => [actor, severity, subject?.id, payload]),
        ["tested", "tested", "stored"].map((use) => ["key:script", "warning", id, payloadOf(use)])
      )
      assert.notInclude(JSON.stringify(all), "secret-1")
    }).pipe(Effect.provideService(Actor, "key:script"), Effect.provide(probingTest(probing)))
  })

  it.effect("is sent to another path of its host, and to https at the default port, which is logged", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create(draft)
      yield* integrations.update(id, { url: "http://SHELF.test./other" })
      assert.deepStrictEqual(yield* reusesIn, [])
      yield* integrations.update(id, { url: "https://shelf.test/other" })
      assert.deepStrictEqual(
        (yield* reusesIn).map(({ payload, severity }) => [severity, payload?.["confirmed"]]),
        [
          ["info", false],
          ["info", false]
        ]
      )
      const back = yield* Effect.flip(integrations.update(id, { url: "http://shelf.test/other" }))
      assert.strictEqual(back._tag, "SecretReuseRefused", "the key would travel in the clear")
    }).pipe(Effect.provide(probingTest(probing)))
  })
})

describe("A kind with a second address in its configuration", () => {
  const config = Schema.Struct({
    apiKey: configField(Schema.String, { title: "Key", description: "" }),
    gateway: configField(Schema.String, { title: "Gateway", description: "", secret: false })
  })
  const kind: Kind = sealKind<typeof config.Type>({
    ...new Probing().kind,
    config,
    connect: () => ({ probe: Effect.never, read: {} })
  })
  const before = { url: stored, config: { apiKey: "secret-1", gateway: "http://localhost:9000" } }

  it("does not send its keys to another host there either, whatever the spelling of the old one", () => {
    const to = (gateway: string) => secretReuse(kind, before, { config: { gateway } })?.to
    assert.strictEqual(to("http://gateway.test:9000"), "http://gateway.test:9000")
    assert.isUndefined(to("http://127.0.0.1:9000/other"))
    assert.isUndefined(to("no address"))
    assert.isNull(secretReuse(kind, before, { config: { gateway: "http://gateway.test", apiKey: "secret-2" } }))
  })

  it("withholds everything stored of an unknown kind, and secrets from a field that is new", () => {
    const moved = secretReuse(undefined, before, { url: "http://other.test" })
    assert.deepStrictEqual(moved?.fields, ["apiKey", "gateway"])
    const both = secretReuse(kind, before, { url: "https://shelf.test", config: { gateway: "http://other.test" } })
    assert.deepInclude(both, { to: "http://other.test", sameReceiver: false })
    const added = secretReuse(kind, before, { config: { webhook: "http://other.test" } })
    assert.deepInclude(added, { fields: ["apiKey"], from: "", to: "http://other.test" })
  })
})
