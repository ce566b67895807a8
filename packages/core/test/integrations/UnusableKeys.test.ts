import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { fieldsOf } from "../../src/integrations/ConfigForm.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { InvalidRequest } from "../../src/problems/Problem.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { SqlTest } from "../support/Sql.ts"

/** A client that counts how often it is opened, and sends nothing. */
const countingClient = () => {
  const client = { opened: 0 }
  const layer = Layer.succeed(UpstreamClient, {
    open: () => {
      client.opened += 1
      throw new Error("nothing shall be sent")
    }
  })
  return { client, layer }
}

const services = (client: Layer.Layer<UpstreamClient>) =>
  Integrations.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(Kinds.layer, client)),
    Layer.provideMerge(RecordedEvents.layer),
    Layer.provideMerge(SqlTest)
  )

const unusable = {
  empty: "",
  "only white space": "  ",
  "a space before": " 0123456789abcdef",
  "a line break after, as of a file": "0123456789abcdef\n",
  "a line break within": "01234567\n89abcdef",
  "a letter of another alphabet": "0123456789abсdef",
  "an invisible character": "01234567\u200b89abcdef",
  "a control character": "01234567\u000089abcdef",
  "a space that does not break": "01234567\u00a089abcdef"
}

describe("A key that cannot be sent", () => {
  it.effect(
    "is refused with its field for every kind, in a test, on creation and on change, and nothing is sent",
    () => {
      const { client, layer } = countingClient()
      return Effect.gen(function* () {
        const integrations = yield* Integrations
        for (const kind of yield* (yield* Kinds).list) {
          const field = fieldsOf(kind).find(({ type }) => type === "secret")?.key ?? ""
          const draft = { kind: kind.id, name: kind.title, url: `http://${kind.id}.test` }
          const stored = yield* integrations.create({
            ...draft,
            config: { [field]: `right-key-of-${kind.id}` },
            enabled: false
          })
          for (const [what, key] of Object.entries(unusable)) {
            const config = { [field]: key }
            const attempts: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>> = [
              integrations.test({ kind: kind.id, url: draft.url, config }),
              integrations.test({ integrationId: stored.id, config }),
              integrations.create({ ...draft, name: "Another", config }),
              integrations.update(stored.id, { config })
            ]
            for (const attempt of attempts) {
              const error = yield* Effect.flip(attempt)
              if (!(error instanceof InvalidRequest)) return assert.fail(`${kind.id}, ${what}: ${error._tag}`)
              assert.deepStrictEqual(error.errors[0]?.path, ["payload", "config", field], `${kind.id}, ${what}`)
              if (key.trim() !== "") assert.notInclude(JSON.stringify(error), key.trim())
            }
          }
        }
        assert.strictEqual(client.opened, 0)
      }).pipe(Effect.provide(services(layer)))
    }
  )

  it.effect("that was stored earlier does not prevent a change of the name", () => {
    const { layer } = countingClient()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { id } = yield* integrations.create({
        kind: "radarr",
        name: "Radarr",
        url: "http://radarr.test",
        config: { apiKey: "right" }
      })
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE integrations SET config = ${JSON.stringify({ apiKey: " stored before keys were checked" })}`
      const renamed = yield* integrations.update(id, { name: "Films", config: { apiKey: "********" } })
      assert.strictEqual(renamed.name, "Films")
    }).pipe(Effect.provide(services(layer)))
  })
})
