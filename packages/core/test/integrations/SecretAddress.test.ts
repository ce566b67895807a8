/** A stored key can be used only at the address that it was entered for, whoever changes the database. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { SqlClient } from "effect/sql"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { Probing } from "./Probing.ts"
import { connectedKeys, draft, other, sealedFormerly, secret, withDirectory } from "./SecretDirectory.ts"

const changed = (url: string, id = 1) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE integrations SET url = ${url} WHERE id = ${id}`)

const two = Integrations.use((all) =>
  Effect.andThen(all.create(draft("Shelf", secret)), all.create(draft("Second", other)))
)

const urlsOf = (probing: Probing) => probing.connected.map(({ url }) => url)

describe("A stored key whose address was changed outside Tendarr", () => {
  for (const url of ["http://evil.test", "https://shelf.test", "http://shelf.test:8080", "http://second.test"]) {
    it.effect(`is not sent to ${url}, which is logged, and everything else works`, () =>
      withDirectory(({ bare, start }) =>
        Effect.gen(function* () {
          yield* start(two)
          yield* bare(changed(url))
          const probing = new Probing()
          yield* start(
            Effect.gen(function* () {
              const integrations = yield* Integrations
              assert.deepStrictEqual(yield* connectedKeys(probing), [other])
              assert.notInclude(urlsOf(probing), url)
              const shown = yield* integrations.get("1")
              assert.deepStrictEqual(shown.config, { pages: 3 })
              assert.strictEqual(shown.health.status, "troubled")
              assert.deepInclude(shown.health.problems[0], { code: "key-withheld", severity: "error" })
              assert.match(shown.health.problems[0]?.detail ?? "", /apiKey was given for another address/)
              const live = yield* integrations.connect("1")
              const failed = yield* Effect.flip(live!.connected.probe)
              assert.strictEqual(failed._tag, "UpstreamHeldBack")
              const read = yield* Effect.flip(live!.connected.read.playback!(() => Effect.void, undefined!))
              assert.match(read.message, /another address/, "its facts are unknown, not absent")
              const { all } = yield* RecordedEvents
              assert.deepStrictEqual(
                all.map(({ payload, severity, subject, type }) => [type, severity, subject?.id, payload]),
                [["integration.secrets-withheld", "warning", "1", { fields: ["apiKey"], url }]]
              )
            }),
            {},
            probing
          )
        })
      )
    )
  }

  it.effect("is not sent if the address is confirmed, or if only other fields are changed", () =>
    withDirectory(({ bare, start }) =>
      Effect.gen(function* () {
        yield* start(two)
        yield* bare(changed("http://evil.test"))
        const probing = new Probing()
        yield* start(
          Effect.gen(function* () {
            const integrations = yield* Integrations
            for (const change of [{}, { url: "http://evil.test/base" }, { config: { apiKey: "********" } }]) {
              const confirmed = { ...change, confirmSecretReuse: true }
              yield* Effect.flip(integrations.test({ integrationId: "1", ...confirmed }))
              yield* Effect.ignore(integrations.update("1", confirmed))
              assert.isNull(yield* integrations.ask({ integrationId: "1", ...confirmed }))
            }
            assert.strictEqual((yield* integrations.update("1", { name: "Renamed", enabled: false })).name, "Renamed")
            const on = yield* Effect.flip(integrations.update("1", { enabled: true }))
            assert.strictEqual(on._tag, "InvalidRequest", "it needs its key")
            assert.deepStrictEqual(
              [...(yield* integrations.configs).values()],
              [{ pages: 3 }, { apiKey: other, pages: 3 }]
            )
            assert.notInclude(urlsOf(probing).join(), "evil")
          }),
          {},
          probing
        )
      })
    )
  )

  it.effect("works again when it is entered again, or when the address is restored", () =>
    withDirectory(({ bare, start }) =>
      Effect.gen(function* () {
        yield* start(two)
        yield* bare(changed("http://evil.test"))
        yield* start(Effect.void, { renew: true })
        yield* bare(changed("http://shelf.test/base"))
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [secret, other])
        yield* bare(changed("http://moved.test"))
        yield* start(
          Effect.gen(function* () {
            const integrations = yield* Integrations
            const { health } = yield* integrations.update("1", { config: { apiKey: "TYPED-AGAIN" } })
            assert.deepStrictEqual(health.problems, [])
          })
        )
        const after = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(after), {}, after), ["TYPED-AGAIN", other])
      })
    )
  )

  it.effect("is sent to an address that is changed through Tendarr if it is entered again or confirmed", () =>
    withDirectory(({ start }) =>
      Effect.gen(function* () {
        yield* start(
          Effect.gen(function* () {
            yield* two
            const integrations = yield* Integrations
            yield* integrations.update("1", { url: "http://moved.test:81", confirmSecretReuse: true })
            yield* integrations.update("2", { url: "https://second.test" })
          })
        )
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [secret, other])
        assert.deepStrictEqual(urlsOf(probing), ["http://moved.test:81", "https://second.test"])
      })
    )
  )

  it.effect("can be neither swapped between integrations, nor sent to a second address, nor changed", () =>
    withDirectory(({ bare, start }) =>
      Effect.gen(function* () {
        yield* start(two)
        const run = (write: (sql: SqlClient.SqlClient) => Effect.Effect<unknown, unknown>) =>
          bare(Effect.flatMap(SqlClient.SqlClient, write))
        yield* run(
          (sql) => sql`UPDATE integrations SET config = (SELECT config FROM integrations WHERE id = 2) WHERE id = 1`
        )
        yield* run(
          (sql) => sql`UPDATE integrations SET config = json_set(config, '$.pages', 'http://evil.test') WHERE id = 2`
        )
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [])
      })
    )
  )
})

describe("A key that an earlier version sealed", () => {
  const formerly = (
    folder: { readonly bare: Parameters<Parameters<typeof withDirectory>[0]>[0]["bare"]; readonly keyFile: string },
    url: string
  ) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const key = yield* files.readFileString(folder.keyFile)
      const apiKey = sealedFormerly(key, "integrations/1/config/apiKey", secret)
      yield* folder.bare(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) =>
            sql`UPDATE integrations SET url = ${url}, config = ${JSON.stringify({ apiKey, pages: 3 })} WHERE id = 1`
        )
      )
    })
  const markOf = (folder: string) => Effect.map(Path.Path, (path) => path.join(folder, "tendarr.bound"))

  it.effect("is sealed for its address at the first start with this version, and at no later start", () =>
    withDirectory((directory) =>
      Effect.gen(function* () {
        const { bare, folder, start } = directory
        const files = yield* FileSystem.FileSystem
        yield* start(two)
        yield* Effect.ignore(files.remove(yield* markOf(folder)))
        yield* formerly(directory, "http://shelf.test")
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [secret, other])
        yield* bare(changed("http://evil.test"))
        const moved = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(moved), {}, moved), [other], "it is bound now")
        yield* formerly(directory, "http://evil.test")
        const again = new Probing()
        const detail = yield* start(
          Effect.gen(function* () {
            assert.deepStrictEqual(yield* connectedKeys(again), [other], "the former form is not taken any more")
            return (yield* (yield* Integrations).get("1")).health.problems[0]?.detail
          }),
          {},
          again
        )
        assert.match(detail ?? "", /an earlier version.*backup.*enter the key again/)
      })
    )
  )

  it.effect("is not accepted from a backup that this start restores, even on another machine", () =>
    withDirectory((directory) =>
      Effect.gen(function* () {
        const { folder, start } = directory
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        yield* start(two)
        yield* formerly(directory, "http://evil.test")
        yield* Effect.ignore(files.remove(yield* markOf(folder)))
        const restore = path.join(folder, "restore")
        yield* files.makeDirectory(restore)
        yield* files.rename(path.join(folder, "tendarr.db"), path.join(restore, "database.db"))
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [other])
        assert.isTrue(yield* files.exists(yield* markOf(folder)))
      })
    )
  )
})
