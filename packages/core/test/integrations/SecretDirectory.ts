/** A data directory with sealed secrets, and the service of integrations, which can be restarted. */
import { createCipheriv, randomBytes } from "node:crypto"
import { NodeServices } from "@effect/platform-node"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { assert } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path, type Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient } from "effect/sql"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { MigrationsLive } from "../../src/storage/Migrations.ts"
import { SecretsAtRest } from "../../src/storage/SecretsAtRest.ts"
import { secretKeyOf } from "../../src/storage/SecretBox.ts"
import { defaultSecretKeyOptions, SecretKeyOptions } from "../../src/storage/SecretKeys.ts"
import { BuiltInSealedColumns } from "../../src/system/BuiltInSealedColumns.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { databaseIn } from "../storage/Files.ts"
import { Probing } from "./Probing.ts"

export const secret = "THE-SECRET-OF-THE-SHELF"
export const other = "ANOTHER-SECRET-OF-A-SHELF"
export const removed = "SECRET-OF-A-REMOVED-SHELF"

const dataDirectory = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* files.makeTempDirectoryScoped({ prefix: "tendarr-test-" })
  const file = path.join(folder, "tendarr.db")
  const keyFile = path.join(folder, "tendarr.key")

  const startWith = (options: Partial<SecretKeyOptions>, probing = new Probing()) =>
    Integrations.layer.pipe(
      Layer.provideMerge(RecordedEvents.layer),
      Layer.provideMerge(MigrationsLive),
      Layer.provideMerge(SecretsAtRest),
      Layer.provideMerge(BuiltInSealedColumns),
      Layer.provideMerge(
        Layer.mergeAll(
          databaseIn(folder, file),
          Kinds.layerWith([probing.kind]),
          Layer.succeed(UpstreamClient, { open: () => assert.fail("This kind speaks to nobody") }),
          Layer.succeed(SecretKeyOptions, { ...defaultSecretKeyOptions, ...options })
        )
      )
    )
  const start = <A, E>(
    use: Effect.Effect<A, E, Integrations | RecordedEvents | SqlClient.SqlClient>,
    options: Partial<SecretKeyOptions> = {},
    probing?: Probing
  ) => Effect.scoped(Effect.provide(use, startWith(options, probing)))

  /** The content of all files of the database. */
  const raw = Effect.gen(function* () {
    const names = (yield* files.readDirectory(folder)).filter((name) => name.startsWith("tendarr.db"))
    const texts = yield* Effect.forEach(names, (name) => files.readFile(path.join(folder, name)))
    return texts.map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n")
  })

  /** The database, opened only with its driver. */
  const bare = <A, E>(use: Effect.Effect<A, E, SqlClient.SqlClient>) =>
    Effect.scoped(
      Effect.flatMap(SqliteClient.make({ filename: file }), (client) =>
        Effect.provideService(use, SqlClient.SqlClient, client)
      )
    ).pipe(Effect.provide(Reactivity.layer))

  /** As an earlier version left it: migrated, and with the secret in plain text. */
  const inTheClear = Effect.gen(function* () {
    yield* Effect.scoped(Layer.build(MigrationsLive.pipe(Layer.provideMerge(databaseIn(folder, file)))))
    yield* bare(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        for (const [name, key] of [
          ["Shelf", secret],
          ["Second shelf", other]
        ]) {
          yield* sql`INSERT INTO integrations (kind, name, url, config, enabled, options, version, created_at, updated_at)
            VALUES ('probed', ${name}, 'http://shelf.test', ${JSON.stringify({ apiKey: key, pages: 3 })}, 1, '{}', 1, '', '')`
        }
        // Overwritten text also remains in free pages.
        yield* sql`INSERT INTO integrations (kind, name, url, config, enabled, options, version, created_at, updated_at)
          VALUES ('probed', 'Gone', '', ${removed.repeat(1000)}, 0, '{}', 1, '', '')`
        yield* sql`DELETE FROM integrations WHERE name = 'Gone'`
        yield* sql`UPDATE integrations SET config = json_set(config, '$.apiKey', 'x') WHERE id = 2`
        yield* sql`UPDATE integrations SET config = json_set(config, '$.apiKey', ${other}) WHERE id = 2`
      })
    )
  })

  return { bare, file, folder, inTheClear, keyFile, raw, start, startWith }
})

export const draft = (name: string, apiKey: string) => ({
  kind: "probed",
  name,
  url: `http://${name}.test`,
  config: { apiKey, pages: 3 }
})

/** The keys with which the kind is connected now. */
export const connectedKeys = (probing: Probing) =>
  Effect.gen(function* () {
    yield* (yield* Integrations).live
    return [...new Set(probing.connected.map(({ config }) => (config as { readonly apiKey: string }).apiKey))]
  })

export const withDirectory = <A, E>(
  use: (
    directory: Effect.Success<typeof dataDirectory>
  ) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path | Scope.Scope>
) => Effect.flatMap(dataDirectory, use).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** A seal of earlier versions, which did not bind a value to the address. */
export const sealedFormerly = (keyFile: string, place: string, value: unknown) => {
  const [word = ""] = keyFile.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  const key = secretKeyOf(Buffer.from(word, "base64url"))
  const nonce = randomBytes(12)
  const sealing = createCipheriv("aes-256-gcm", key.bytes, nonce).setAAD(Buffer.from(`tendarr/v1/${key.id}/${place}`))
  const text = sealing.update(JSON.stringify(value), "utf8")
  const whole = Buffer.concat([nonce, text, sealing.final(), sealing.getAuthTag()])
  return { sealed: `v1.${key.id}.${whole.toString("base64url")}` }
}
