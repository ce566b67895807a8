/**
 * Prepares the secrets of a database before anything else reads or copies it: a key is found or created, every sealed
 * value of the registered columns is tested, and values in clear text, or sealed with a former key or in the former
 * format, are resealed.
 */
import { Effect, FileSystem, Layer, Path, Result } from "effect"
import { SqlClient } from "effect/sql"
import { DataDirectory } from "./Database.ts"
import { columnsIn } from "./Dialect.ts"
import { endFormerSeals, takesFormerSeals } from "./FormerSeals.ts"
import { appliedMigration, latestMigration, migrateToLatest } from "./Migrations.ts"
import { markForScrub, scrub } from "./Scrub.ts"
import {
  fieldsOf,
  isPlaceOf,
  openFields,
  placeIn,
  resealFields,
  type SealedColumn,
  SealedColumns,
  type SealedFields,
  type SealedRow,
  type Secrecy,
  textOf
} from "./SealedColumns.ts"
import { isFormer, isSealed, keyIdOf, SecretBox, secretBox } from "./SecretBox.ts"
import { obtainSecretKeys, type SecretKeys, SecretKeyOptions, SecretsUnreadable } from "./SecretKeys.ts"
import { transacting } from "./Transactions.ts"

/** One row of a registered column. */
interface Stored {
  readonly column: SealedColumn
  readonly secrecy: Secrecy
  readonly row: SealedRow
  readonly fields: SealedFields
}

/** The box of this database, provided that it can open everything. */
const settle = Effect.fn("SecretsAtRest.settle")(function* () {
  const columns = yield* SealedColumns
  const sql = yield* SqlClient.SqlClient
  // A key next to an empty database would look like the remains of an installation, so a new database gets its tables
  // first.
  if ((yield* appliedMigration) === 0) yield* migrateToLatest
  const version = yield* appliedMigration
  // A database that is newer than this program is refused by the migrations, and must stay as it is.
  const stored = version > latestMigration ? [] : (yield* Effect.forEach(columns, rowsOf)).flat()
  const found = yield* obtainSecretKeys(stored.flatMap(sealedIn))
  if (found === null) return yield* SecretBox
  const box = secretBox(found.keys, { takesFormer: yield* takesFormerSeals() })
  const readable = yield* withoutUnreadable(box, found, stored)
  const stale = readable.filter((each, index) => each !== stored[index] || isStale(box, found, each))
  if (stale.length > 0) {
    yield* transacting(sql)(
      Effect.gen(function* () {
        yield* markForScrub
        for (const { column, fields, row } of stale) {
          const text = textOf(column, yield* resealFields(box, column, row, fields))
          yield* sql`UPDATE ${sql(column.table)} SET ${sql(column.column)} = ${text} WHERE ${sql(column.id)} = ${row[column.id]}`
        }
      })
    )
    yield* Effect.logInfo(`Sealed the secrets of ${countsOf(stale)} with the key in ${found.source}`)
    if (stored.some((each) => inTheClear(each).length > 0)) yield* warnOfCopies
  }
  if (version <= latestMigration) yield* endFormerSeals()
  yield* scrub
  return guarded(secretBox(found.keys), columns)
})

/** Provides the box. Built below the migrations, whose backup must not contain a secret in clear text. */
export const SecretsAtRest = Layer.effect(SecretBox, settle())

/** The rows of a column; none while its table does not exist: a migration or the room that creates it comes later. */
const rowsOf = Effect.fnUntraced(function* (column: SealedColumn) {
  const sql = yield* SqlClient.SqlClient
  const names = [...new Set([column.id, column.column, ...column.reads])]
  const present = yield* columnsIn(sql, column.table)
  if (!names.every((name) => present.includes(name))) return []
  const secrecy = yield* column.secrecy
  const rows = yield* sql<SealedRow>`SELECT ${sql.csv(names.map((name) => sql`${sql(name)}`))} FROM ${sql(column.table)}
    WHERE ${sql(column.column)} IS NOT NULL ORDER BY ${sql(column.id)}`
  const found: Array<Stored> = []
  for (const row of rows) {
    const fields = fieldsOf(column, row, String(row[column.column]))
    // It stays as it is: its room reports it where it is used, and the other rows are settled.
    if (Result.isFailure(fields)) yield* Effect.logError(`${fields.failure.message}. Its secrets are not checked`)
    else found.push({ column, secrecy, row, fields: fields.success })
  }
  return found
})

/** A secret as an error and the log name it. */
interface Named {
  readonly place: string
  readonly name: string
}

const named =
  ({ column, row }: Stored) =>
  (key: string): Named => ({ place: placeIn(column, row, key), name: column.nameOf(row, key) })

const sealedIn = (stored: Stored): ReadonlyArray<Named> =>
  Object.keys(stored.fields)
    .filter((key) => isSealed(stored.fields[key]))
    .map(named(stored))

const inTheClear = ({ fields, row, secrecy }: Stored): ReadonlyArray<string> =>
  Object.keys(fields).filter((key) => secrecy(row, key) && !isSealed(fields[key]))

const isStale = (box: SecretBox, { keys }: SecretKeys, stored: Stored): boolean => {
  const { withheld } = openFields(box, stored.column, stored.row, stored.fields)
  const isOld = (value: unknown) => isSealed(value) && (isFormer(value) || keyIdOf(value) !== keys[0].id)
  return (
    inTheClear(stored).length > 0 ||
    Object.entries(stored.fields).some(([key, value]) => isOld(value) && !withheld.includes(key))
  )
}

/**
 * The same rows if every value can be opened; otherwise without the values that cannot be opened, if they may be
 * forgotten. A value whose key is present, but that was sealed for another receiver or row, does not prevent the start:
 * it counts as absent.
 */
const withoutUnreadable = Effect.fnUntraced(function* (
  box: SecretBox,
  { keys, source }: SecretKeys,
  stored: ReadonlyArray<Stored>
) {
  const { forgetUnreadable } = yield* SecretKeyOptions
  const readable: Array<Stored> = []
  const unreadable: Array<Named> = []
  const withheldElsewhere: Array<Named> = []
  for (const each of stored) {
    const { fields, withheld } = openFields(box, each.column, each.row, each.fields)
    readable.push(withheld.length > 0 && forgetUnreadable ? { ...each, fields } : each)
    for (const key of withheld) {
      const value = each.fields[key]
      const knownKey = isSealed(value) && keys.some(({ id }) => id === keyIdOf(value))
      ;(knownKey && !forgetUnreadable ? withheldElsewhere : unreadable).push(named(each)(key))
    }
  }
  const listOf = (all: ReadonlyArray<Named>) => all.map(({ name }) => name).join(", ")
  if (withheldElsewhere.length > 0) {
    yield* Effect.logWarning(
      `Given for another address, or for another row, and therefore not used until entered again: ${listOf(withheldElsewhere)}`
    )
  }
  if (unreadable.length === 0) return readable
  if (!forgetUnreadable) return yield* SecretsUnreadable.of("key-wrong", source, unreadable)
  yield* Effect.logWarning(`Deleted secrets that cannot be read: ${listOf(unreadable)}. Enter them again.`)
  return readable
})

/** Sealing a value that is not settled at start would leave it behind when the key changes: that is a bug in a room. */
const guarded = (box: SecretBox, columns: ReadonlyArray<SealedColumn>): SecretBox => ({
  ...box,
  seal: (place, value) =>
    isPlaceOf(columns, place.at)
      ? box.seal(place, value)
      : Effect.die(new Error(`${place.at} is in no registered sealed column (storage/SealedColumns.ts)`))
})

const countsOf = (stale: ReadonlyArray<Stored>): string => {
  const counts = new Map<string, number>()
  for (const { column } of stale) counts.set(column.table, (counts.get(column.table) ?? 0) + 1)
  return [...counts].map(([table, count]) => `${count} ${count === 1 ? "row" : "rows"} of ${table}`).join(", ")
}

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
