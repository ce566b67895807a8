import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { ConnectionTest, IntegrationPatch, NewIntegration } from "../../src/integrations/Integration.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { UpstreamUnauthorized } from "../../src/integrations/UpstreamErrors.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { draft, Probing, probingTest } from "./Probing.ts"

const pathsOf = (error: { readonly _tag: string; readonly errors?: ReadonlyArray<{ readonly path: unknown }> }) =>
  error.errors?.map((issue) => issue.path)

describe("Integrations", () => {
  it.effect("are connected with defaults, shown masked, and logged without their secrets", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const recorded = yield* RecordedEvents
      const created = yield* integrations.create({ ...draft, config: { apiKey: "secret-1", pages: 3 } })
      assert.deepInclude(created, {
        id: "1",
        kind: "probed",
        name: "Shelf",
        url: "http://shelf.test/base",
        config: { apiKey: "********", pages: 3 },
        enabled: true,
        capabilities: ["catalog", "playback"],
        version: 1
      })
      assert.strictEqual(created.health.status, "unknown")
      assert.deepStrictEqual(yield* integrations.list, [created])
      assert.deepStrictEqual(yield* integrations.get("1"), created)
      assert.notInclude(JSON.stringify(recorded.all), "secret-1")
      assert.deepStrictEqual(
        recorded.all.map((event) => event.type),
        ["integration.created"]
      )
      const live = yield* integrations.connect("1")
      assert.strictEqual(live?.integration.config["apiKey"], "********")
      const connection = { url: "http://shelf.test/base", config: { apiKey: "secret-1", pages: 3 } }
      assert.deepStrictEqual(probing.connected, [connection, connection], "to ask what it is, and to use it")
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("are refused with every value of the configuration that is wrong, missing or unknown", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const refused = (config: Record<string, unknown>) =>
        Effect.map(Effect.flip(integrations.create({ ...draft, config })), (error) =>
          pathsOf(error)
            ?.map((path) => JSON.stringify(path))
            .toSorted()
        )
      const inConfig = (key: string) => JSON.stringify(["payload", "config", key])
      assert.deepStrictEqual(yield* refused({}), [inConfig("apiKey")])
      assert.deepStrictEqual(yield* refused({ apiKey: "abc", pages: 1.5, apikey: "secret" }), [
        inConfig("apiKey"),
        inConfig("apikey"),
        inConfig("pages")
      ])
      assert.deepStrictEqual(
        yield* refused({ apiKey: "********" }),
        [inConfig("apiKey")],
        "the mask of another integration is not a key"
      )
      const kind = yield* Effect.flip(integrations.create({ ...draft, kind: "nobody" }))
      assert.deepStrictEqual(pathsOf(kind), [["payload", "kind"]])
      assert.include(kind.message + JSON.stringify(kind), "probed")
      assert.deepStrictEqual(yield* integrations.list, [])
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("keep their secrets when they are changed, unless new ones are given", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create(draft)
      yield* integrations.live
      probing.connected.length = 0
      const renamed = yield* integrations.update(id, { name: "Other", options: { wholeShows: true } }, 1)
      assert.deepInclude(renamed, { name: "Other", version: 2, config: { apiKey: "********" } })
      assert.deepInclude(renamed.options, { wholeShows: true, addImportExclusion: true })
      yield* integrations.live
      yield* integrations.update(id, { config: { apiKey: "********", pages: 5 } })
      yield* integrations.update(id, { config: { apiKey: "secret-2" } })
      yield* integrations.live
      yield* integrations.live
      assert.deepStrictEqual(
        probing.connected.map((one) => one.config),
        [
          { apiKey: "secret-1" },
          { apiKey: "secret-1", pages: 5 },
          { apiKey: "secret-2", pages: 5 },
          { apiKey: "secret-2", pages: 5 }
        ],
        "connected once for each version that was used, and probed if the configuration changed"
      )
      const wrong = yield* Effect.flip(integrations.update(id, { config: { pages: "many" } }))
      assert.deepStrictEqual(pathsOf(wrong), [["payload", "config", "pages"]])
      assert.strictEqual((yield* integrations.get(id)).version, 4)
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("are changed only in the version that was read, and lose no change while the database is busy", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const sql = yield* SqlClient.SqlClient
      const recorded = yield* RecordedEvents
      const { id } = yield* integrations.create(draft)
      yield* integrations.update(id, { name: "Second" }, 1)
      const conflict = yield* Effect.flip(integrations.update(id, { name: "Third" }, 1))
      assert.deepInclude(conflict, { _tag: "VersionConflict", version: 2 })

      const busy = yield* Effect.forkChild(sql.withTransaction(Effect.sleep("1 second")))
      yield* Effect.yieldNow
      const changes = yield* Effect.forkChild(
        Effect.all(
          [
            integrations.update(id, { url: "http://moved.test", confirmSecretReuse: true }),
            integrations.update(id, { config: { pages: 7 } }),
            Effect.flip(integrations.update(id, { name: "Late" }, 3))
          ],
          { concurrency: 3 }
        )
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(busy)
      const [, , late] = yield* Fiber.join(changes)
      assert.deepInclude(yield* integrations.get(id), {
        name: "Second",
        url: "http://moved.test",
        config: { apiKey: "********", pages: 7 },
        version: 4
      })
      assert.deepInclude(late, { _tag: "VersionConflict", version: 4 })
      assert.lengthOf(
        recorded.all.filter((event) => event.type === "integration.updated"),
        3
      )
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("have unique names, which can be used again after a removal", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const first = yield* integrations.create(draft)
      assert.deepInclude(yield* Effect.flip(integrations.create(draft)), {
        _tag: "IntegrationNameTaken",
        name: "Shelf"
      })
      const second = yield* integrations.create({
        ...draft,
        name: "Second",
        url: "http://second.test",
        config: { apiKey: "secret-2" }
      })
      const taken = yield* Effect.flip(integrations.update(second.id, { name: "Shelf" }))
      assert.deepInclude(taken, { _tag: "IntegrationNameTaken", name: "Shelf" })
      yield* integrations.remove(first.id)
      yield* integrations.update(second.id, { name: "Shelf" })
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("lose their secrets when they are removed, and are no longer found", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const sql = yield* SqlClient.SqlClient
      const { id } = yield* integrations.create(draft)
      yield* integrations.live
      yield* integrations.remove(id)
      assert.deepStrictEqual(yield* integrations.list, [])
      assert.deepStrictEqual(yield* integrations.live, [])
      assert.isUndefined(yield* integrations.connect(id))
      assert.deepStrictEqual(yield* integrations.removedIds, [id])
      assert.notInclude(JSON.stringify(yield* sql`SELECT * FROM integrations`), "secret-1")
      for (const gone of [
        integrations.get(id),
        integrations.update(id, { enabled: true }),
        integrations.remove(id),
        integrations.test({ integrationId: id })
      ]) {
        assert.strictEqual((yield* Effect.flip(gone))._tag, "IntegrationNotFound")
      }
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("are not connected while they are disabled, and use no capability that is disabled", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create({ ...draft, options: { disabledCapabilities: ["playback"] } })
      const live = yield* integrations.connect(id)
      assert.isTrue(live?.can("catalog"))
      assert.isFalse(live?.can("playback"))
      assert.isFalse(live?.can("removal"))
      yield* integrations.update(id, { enabled: false })
      assert.isUndefined(yield* integrations.connect(id))
      assert.deepStrictEqual(yield* integrations.live, [])
      assert.lengthOf(yield* integrations.list, 1)
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("can be tested before they are stored, and with stored secrets afterwards", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const tried = yield* integrations.test({ kind: "probed", url: "http://a.test", config: { apiKey: "typed-in" } })
      assert.deepStrictEqual(tried, {
        ok: true,
        appName: "Probed",
        version: "1.2",
        latencyMillis: 12,
        refusesRemoval: null,
        error: null
      })
      const { id } = yield* integrations.create(draft)
      probing.connected.splice(1)
      probing.outcome = Effect.fail(
        new UpstreamUnauthorized({ integration: "Probed", call: "GET /", detail: "wrong key", status: 401 })
      )
      const failed = yield* integrations.test({
        integrationId: id,
        url: "http://b.test",
        config: { apiKey: "********" },
        confirmSecretReuse: true
      })
      assert.deepInclude(failed, { ok: false, appName: null })
      assert.strictEqual(failed.error?.type, "UpstreamUnauthorized")
      assert.deepStrictEqual(probing.connected, [
        { url: "http://a.test", config: { apiKey: "typed-in" } },
        { url: "http://b.test", config: { apiKey: "secret-1" } }
      ])
      assert.deepStrictEqual(pathsOf(yield* Effect.flip(integrations.test({}))), [["payload", "kind"]])
      assert.deepStrictEqual(pathsOf(yield* Effect.flip(integrations.test({ kind: "probed" }))), [["payload", "url"]])
      assert.deepStrictEqual(
        pathsOf(yield* Effect.flip(integrations.test({ kind: "probed", url: "http://a.test", config: {} }))),
        [["payload", "config", "apiKey"]]
      )
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it("accept web addresses without credentials, and trim pasted ones", () => {
    const decode = Schema.decodeUnknownSync(NewIntegration)
    assert.strictEqual(decode({ ...draft, url: "  http://shelf.test  ", name: " Shelf " }).url, "http://shelf.test")
    const withKey = ["http://ann:pw@shelf.test", "http://shelf.test?apikey=secret", "http://shelf.test#secret"]
    for (const url of [...withKey, "shelf:7878", "ftp://shelf", "", "file:///etc/passwd", "http://"]) {
      assert.throws(() => decode({ ...draft, url }), /must/, undefined, url)
      assert.throws(() => Schema.decodeUnknownSync(IntegrationPatch)({ url }), /must/, undefined, url)
      assert.throws(() => Schema.decodeUnknownSync(ConnectionTest)({ url }), /must/, undefined, url)
    }
    assert.throws(() => decode({ ...draft, name: "   " }))
    assert.throws(() => decode({ ...draft, name: "x".repeat(101) }))
  })
})
