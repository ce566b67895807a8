/**
 * Prepares the secrets of a database before anything else reads or copies it: a key is found or created, every sealed
 * value is tested, and values in clear text, or sealed with a former key or in the former format, are resealed.
 */
import { Effect, FileSystem, Layer, Path } from "effect"
import { SqlClient } from "effect/sql"
import { DataDirectory } from "../storage/Database.ts"
import { endFormerSeals, takesFormerSeals } from "../storage/FormerSeals.ts"
import { appliedMigration, latestMigration, migrateToLatest } from "../storage/Migrations.ts"
import { fromJson, toJson } from "../storage/Rows.ts"
import { isFormer, isSealed, keyIdOf, SecretBox, secretBox } from "../storage/SecretBox.ts"
import { obtainSecretKeys, type SecretKeys, SecretKeyOptions, SecretsUnreadable } from "../storage/SecretKeys.ts"
import { transacting } from "../storage/Transactions.ts"
import { markForScrub, scrub } from "../storage/Scrub.ts"
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

/** The box of this database, provided that it can open everything. */
const settle = Effect.fn("SecretsAtRest.settle")(function* () {
  const kinds = yield* Kinds
  const sql = yield* SqlClient.SqlClient
  // A key next to an empty database would look like the remains of an installation, so a new database gets its tables
  // first.
  if ((yield* appliedMigration) === 0) yield* migrateToLatest
  const version = yield* appliedMigration
  const known = yield* kinds.list
  // A database that is newer than this program is refused by the migrations, and must stay as it is.
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
    yield* transacting(sql)(
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

/** Provides the box. Built below the migrations, whose backup must not contain a secret in clear text. */
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
 * The same if every value can be opened; otherwise without the values that cannot be opened, if they may be forgotten.
 * A value whose key is present, but that was sealed for another address or row, does not prevent the start: it counts
 * as absent.
 */
const withoutUnreadable = Effect.fnUntraced(function* (box: SecretBox, { keys, source }: SecretKeys, stored: Stored) {
  const { forgetUnreadable } = yield* SecretKeyOptions
  const { config, withheld } = openConfig(box, stored, stored.config)
  if (withheld.length === 0) return stored
  const placesOf = (fields: ReadonlyArray<string>) => fields.map((key) => placeOf(stored.id, key))
  if (forgetUnreadable) {
    yield* Effect.logWarning(`Deleted secrets that cannot be read: ${placesOf(withheld).join(", ")}. Enter it again.`)
    return { ...stored, config } satisfies Stored
  }
  const unknown = withheld.filter((key) => {
    const value = stored.config[key]
    return isSealed(value) && !keys.some(({ id }) => id === keyIdOf(value))
  })
  if (unknown.length === 0) return stored
  return yield* new SecretsUnreadable({ reason: "key-wrong", source, places: placesOf(unknown) })
})

/** Existing copies are not changed by us. */
const warnOfCopies = Effect.gen(function* () {
  const directory = yield* DataDirectory
  if (directory.path === null) return
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.join(directory.path, "backups")
  const copies = yield* Effect.orElseSucceed(files.readDirectory(folder), () => [])
  if (copies.length > 0) {
    yield* Effect.logWarning(
      `${copies.length} backups in ${folder} contain secrets in clear text; delete those that are not needed`
    )
  }
})
