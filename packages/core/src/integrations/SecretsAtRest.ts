/**
 * Settles the secrets of a database before anything else reads or copies it: a key is found or made, every sealed value is
 * tried, and what stands in the clear, or was sealed with a former key or in the former form, is sealed anew.
 */
import { Effect, FileSystem, Layer, Path } from "effect"
import { SqlClient } from "effect/sql"
import { DataDirectory } from "../storage/Database.ts"
import { endFormerSeals, takesFormerSeals } from "../storage/FormerSeals.ts"
import { appliedMigration, latestMigration, migrateToLatest } from "../storage/Migrations.ts"
import { fromJson, toJson } from "../storage/Rows.ts"
import { isFormer, isSealed, keyIdOf, SecretBox, secretBox } from "../storage/SecretBox.ts"
import { obtainSecretKeys, type SecretKeys, SecretKeyOptions, SecretsUnreadable } from "../storage/SecretKeys.ts"
import type { Kind } from "./Kind.ts"
import { Kinds } from "./Kinds.ts"
import { type Addressee, type Config, isSecret, openConfig, placeOf, resealConfig } from "./SecretConfig.ts"

interface Row {
  readonly id: number
  readonly kind: string
  readonly url: string
  readonly config: string
}

interface Stored extends Addressee {
  readonly kind: Kind | undefined
  readonly config: Config
}

/** The box of this database, when all in it can be opened. */
const settle = Effect.fn("SecretsAtRest.settle")(function* () {
  const kinds = yield* Kinds
  const sql = yield* SqlClient.SqlClient
  // A key beside an empty database would look like what is left of an installation; a new one has its tables first.
  if ((yield* appliedMigration) === 0) yield* migrateToLatest
  const version = yield* appliedMigration
  const known = yield* kinds.list
  // A database that is newer than this program is refused by who migrates it, and must stay as it is.
  const rows =
    version > latestMigration
      ? []
      : yield* sql<Row>`SELECT id, kind, url, config FROM integrations WHERE config <> '{}' ORDER BY id`
  const stored = rows.map((row): Stored => ({
    id: row.id,
    url: row.url,
    kind: known.find(({ id }) => id === row.kind),
    config: fromJson(row.config)
  }))
  const found = yield* obtainSecretKeys(stored.flatMap(sealedPlaces))
  if (found === null) return yield* SecretBox
  const box = secretBox(found.keys, { takesFormer: yield* takesFormerSeals() })
  const readable = yield* Effect.forEach(stored, (each) => withoutUnreadable(box, found, each))
  const stale = readable.filter((each, index) => each !== stored[index] || isStale(box, found, each))
  if (stale.length > 0) {
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* markForScrub
        for (const each of stale) {
          const sealed = yield* resealConfig(box, each.kind, each, each.config)
          yield* sql`UPDATE integrations SET config = ${toJson(sealed)} WHERE id = ${each.id}`
        }
      })
    )
    yield* Effect.logInfo(`Sealed the secrets of ${stale.length} integrations with the key in ${found.source}`)
    if (stored.some((each) => inTheClear(each).length > 0)) yield* warnOfCopies
  }
  if (version <= latestMigration) yield* endFormerSeals()
  yield* scrub
  return secretBox(found.keys)
})

/** Provides the box. Stands below the migrations, whose backup must not copy a secret in the clear. */
export const SecretsAtRest = Layer.effect(SecretBox, settle())

const sealedPlaces = ({ config, id }: Stored): ReadonlyArray<string> =>
  Object.entries(config).flatMap(([key, value]) => (isSealed(value) ? [placeOf(id, key)] : []))

const inTheClear = ({ config, kind }: Stored): ReadonlyArray<string> =>
  Object.keys(config).filter((key) => isSecret(kind, key) && !isSealed(config[key]))

const isStale = (box: SecretBox, { keys }: SecretKeys, stored: Stored): boolean => {
  const { withheld } = openConfig(box, stored, stored.config)
  const isOld = (value: unknown) => isSealed(value) && (isFormer(value) || keyIdOf(value) !== keys[0].id)
  return (
    inTheClear(stored).length > 0 ||
    Object.entries(stored.config).some(([key, value]) => isOld(value) && !withheld.includes(key))
  )
}

/**
 * The same when there is a key for all of it; without what cannot be opened, when that may be forgotten. What was sealed
 * with a key that is there, and for another address or row, is no reason not to start: it counts as absent.
 */
const withoutUnreadable = Effect.fnUntraced(function* (box: SecretBox, { keys, source }: SecretKeys, stored: Stored) {
  const { forgetUnreadable } = yield* SecretKeyOptions
  const { config, withheld } = openConfig(box, stored, stored.config)
  if (withheld.length === 0) return stored
  const placesOf = (fields: ReadonlyArray<string>) => fields.map((key) => placeOf(stored.id, key))
  if (forgetUnreadable) {
    yield* Effect.logWarning(`Forgot what cannot be read: ${placesOf(withheld).join(", ")}. Enter it again.`)
    return { ...stored, config } satisfies Stored
  }
  const unknown = withheld.filter((key) => {
    const value = stored.config[key]
    return isSealed(value) && !keys.some(({ id }) => id === keyIdOf(value))
  })
  if (unknown.length === 0) return stored
  return yield* new SecretsUnreadable({ reason: "key-wrong", source, places: placesOf(unknown) })
})

/** Set in the transaction that seals, so that a process that is killed before the scrub leaves word of it. */
const markForScrub = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.onDialectOrElse({ sqlite: () => sql`PRAGMA user_version = 1`, orElse: () => Effect.void })
})

/**
 * Takes what was overwritten out of the files: free pages keep it until they are used again, and the log until it is
 * started over. Other databases keep their pages to themselves.
 */
const scrub = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const scrubSqlite = Effect.gen(function* () {
    const [row] = yield* sql<{ user_version: number }>`PRAGMA user_version`
    if (row?.user_version !== 1) return
    yield* sql`VACUUM`
    const [checkpoint] = yield* sql<{ busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`
    // Somebody reads just now; the next start does it.
    if (checkpoint?.busy === 1) return
    yield* sql`PRAGMA user_version = 0`
  })
  yield* sql.onDialectOrElse({ sqlite: () => scrubSqlite, orElse: () => Effect.void })
})

/** Copies that were made before are not ours to change. */
const warnOfCopies = Effect.gen(function* () {
  const directory = yield* DataDirectory
  if (directory.path === null) return
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.join(directory.path, "backups")
  const copies = yield* Effect.orElseSucceed(files.readDirectory(folder), () => [])
  if (copies.length > 0) {
    yield* Effect.logWarning(
      `${copies.length} backups in ${folder} hold secrets in the clear; delete what is not needed`
    )
  }
})
