/** Switching dialects: what fails is reported, and affects nothing else. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { DialectKeys } from "../../src/access/DialectKeys.ts"
import { dialects } from "../../src/dialects/Dialects.ts"
import { serveDialects } from "../../src/server/DialectServing.ts"
import { cannotListen } from "../../src/server/Listening.ts"
import { Mounts, type MountsShape } from "../../src/server/Mounts.ts"
import { DialectsSettings } from "../../src/settings/DialectsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { Dialects } from "../../src/system/Dialects.ts"
import { AccessTest } from "../access/AccessTest.ts"

const services = Dialects.layer.pipe(Layer.provideMerge(DialectKeys.layer), Layer.provideMerge(AccessTest))

/** Serves at the shared port; a port of its own is taken below 1024. */
const mountsThat = (start: MountsShape["start"]) => Layer.succeed(Mounts)({ start, running: Effect.succeed([]) })

const usually: MountsShape["start"] = (mount, place = "shared") => {
  if (place === "shared") return Effect.succeed(`http://here${mount.prefix}`)
  const address = { host: place.host, port: place.port, mount: mount.name }
  return place.port < 1024
    ? Effect.fail(cannotListen(address, new Error("it is taken")))
    : Effect.succeed(`http://here:${place.port}`)
}

const serving = { dialects, flags: {}, host: "127.0.0.1" } as const
const state = Effect.flatMap(Dialects, (all) =>
  Effect.map(all.list, (states) => states.find(({ name }) => name === "prunerr"))
)

/** What the settings say takes effect shortly after the change. */
const changed = (patch: object) =>
  Effect.gen(function* () {
    yield* (yield* Settings).patch(DialectsSettings, { prunerr: patch })
    for (let turn = 0; turn < 50; turn++) yield* Effect.yieldNow
    return yield* state
  })

describe("Serving dialects", () => {
  it.effect("reports a port that is taken, and serves the dialect where it can", () =>
    Effect.gen(function* () {
      yield* serveDialects(serving)
      assert.deepInclude(yield* state, { enabled: false, url: null, problem: null })
      const taken = yield* changed({ enabled: true, port: 80 })
      assert.deepInclude(taken, { url: "http://here/prunerr", ownUrl: null })
      assert.match(taken?.problem ?? "", /127\.0\.0\.1:80 .*it is taken/)
      assert.deepInclude(yield* changed({ port: 3000 }), { ownUrl: "http://here:3000", problem: null })
      assert.deepInclude(yield* changed({ enabled: false }), { url: null, ownUrl: null, problem: null })
    }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(services, mountsThat(usually))))
  )

  it.effect("opens a port of its own as soon as whoever has it leaves, unless it is switched off before", () => {
    let taken = true
    const start: MountsShape["start"] = (mount, place) =>
      Effect.suspend(() =>
        usually(mount, place !== undefined && place !== "shared" && taken ? { ...place, port: 80 } : place)
      )
    return Effect.gen(function* () {
      yield* serveDialects(serving)
      const failed = yield* changed({ enabled: true, port: 3000 })
      assert.deepInclude(failed, { url: "http://here/prunerr", ownUrl: null })
      assert.match(failed?.problem ?? "", /it is taken/)
      yield* TestClock.adjust("90 seconds")
      assert.deepInclude(yield* state, { ownUrl: null, problem: failed?.problem ?? null })
      taken = false
      yield* TestClock.adjust("30 seconds")
      assert.deepInclude(yield* state, { url: "http://here/prunerr", ownUrl: "http://here:3000", problem: null })

      taken = true
      yield* changed({ port: 3001 })
      yield* changed({ enabled: false })
      taken = false
      yield* TestClock.adjust("90 seconds")
      assert.deepInclude(yield* state, { enabled: false, url: null, ownUrl: null, problem: null })
    }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(services, mountsThat(start))))
  })

  it.effect("goes on after a dialect that could not be started", () => {
    let broken = true
    const start: MountsShape["start"] = (mount, place) =>
      broken ? Effect.die(new Error("its module is damaged")) : usually(mount, place)
    return Effect.gen(function* () {
      yield* serveDialects({ ...serving, flags: { prunerr: { port: null } } })
      const failed = yield* state
      assert.deepInclude(failed, { enabled: true, byFlag: true, url: null })
      assert.match(failed?.problem ?? "", /could not be started/)
      broken = false
      assert.deepInclude(yield* changed({ port: 3000, enabled: true }), { url: "http://here/prunerr", problem: null })
    }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(services, mountsThat(start))))
  })

  it.effect("ends as the last of many changes says, and serves it once", () => {
    const open: Array<string> = []
    const start: MountsShape["start"] = (mount, place) =>
      Effect.gen(function* () {
        yield* Effect.yieldNow
        const url = yield* usually(mount, place)
        yield* Effect.acquireRelease(
          Effect.sync(() => void open.push(url)),
          () =>
            Effect.andThen(
              Effect.yieldNow,
              Effect.sync(() => void open.splice(open.indexOf(url), 1))
            )
        )
        return url
      })
    return Effect.gen(function* () {
      yield* serveDialects(serving)
      const settings = yield* Settings
      const patch = (prunerr: object) => settings.patch(DialectsSettings, { prunerr })
      yield* Effect.all(
        Array.from({ length: 20 }, (_, turn) =>
          patch({ enabled: turn % 2 === 0, port: turn % 3 === 0 ? null : 3000 + turn })
        ),
        { concurrency: "unbounded" }
      )
      yield* changed({ enabled: true, port: 3000 })
      for (let turn = 0; turn < 500; turn++) yield* Effect.yieldNow
      assert.deepStrictEqual(open, ["http://here/prunerr", "http://here:3000"])
      assert.deepInclude(yield* state, { url: "http://here/prunerr", ownUrl: "http://here:3000", problem: null })
      yield* changed({ enabled: false })
      for (let turn = 0; turn < 500; turn++) yield* Effect.yieldNow
      assert.deepStrictEqual(open, [])
    }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(services, mountsThat(start))))
  })
})
