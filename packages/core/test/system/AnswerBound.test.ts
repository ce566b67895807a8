import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Services } from "../../src/Services.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { json, serve } from "../integrations/support/LoopbackServer.ts"
import { SqlTest } from "../support/Sql.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

const mebibyte = 1024 ** 2

describe("A response that is too large", () => {
  it.effect("is refused with the name of the setting that allows more, which applies at once", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) =>
        json(response, { appName: "Radarr", version: "5.0", padding: "x".repeat(2 * mebibyte) })
      )
      const integrations = yield* Integrations
      const settings = yield* Settings
      const draft = { kind: "radarr", url: server.url, config: { apiKey: "k" } }
      assert.isTrue((yield* integrations.test(draft)).ok)
      const { id } = yield* integrations.create({ ...draft, name: "Radarr" })
      const live = yield* integrations.connect(id)
      yield* settings.patch(LibrarySettings, { maxAnswerMebibytes: 1 })
      for (const detail of [
        (yield* integrations.test(draft)).error?.detail,
        (yield* Effect.flip(live!.connected.probe)).message
      ]) {
        assert.include(detail, "the answer is larger than 1 MiB; the setting library.maxAnswerMebibytes allows more")
      }
      yield* settings.patch(LibrarySettings, { maxAnswerMebibytes: 3 })
      assert.isTrue((yield* integrations.test(draft)).ok)
      yield* live!.connected.probe
      for (const bad of [0, 4097, 1.5]) {
        assert.strictEqual(
          (yield* Effect.flip(settings.patch(LibrarySettings, { maxAnswerMebibytes: bad })))._tag,
          "InvalidRequest"
        )
      }
    }).pipe(Effect.provide(Services.pipe(Layer.provideMerge(SqlTest))))
  )
})
