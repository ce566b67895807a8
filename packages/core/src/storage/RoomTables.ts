/**
 * Tables that a program which embeds Tendarr keeps in the same database. They are created at start, and a backup that
 * contains them can be restored; any other foreign object is still refused.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { columnsIn } from "./Dialect.ts"

export interface RoomTable {
  readonly name: string
  /**
   * `CREATE TABLE <name> (…)`. It is executed if there is no such table. A table of another form is not changed, and is
   * foreign to restores.
   */
  readonly create: string
}

export const RoomTables = Context.Reference<ReadonlyArray<RoomTable>>("tendarr/storage/RoomTables", {
  defaultValue: () => []
})

/** Creates the tables that do not exist yet. One that is called like a table of Tendarr is a bug in the program. */
export const RoomTablesLive = Layer.effectDiscard(
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const table of checked(yield* RoomTables)) {
      if ((yield* columnsIn(sql, table.name)).length === 0) yield* sql.unsafe(table.create)
    }
  })
)

/** In an empty database with the tables of Tendarr, to see what these look like. */
export const createRoomTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const { create } of checked(yield* RoomTables)) yield* sql.unsafe(create)
})

const checked = (tables: ReadonlyArray<RoomTable>): ReadonlyArray<RoomTable> => {
  for (const { create, name } of tables) {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`"${name}" cannot name a table`)
    if (!create.startsWith(`CREATE TABLE ${name} (`)) throw new Error(`"CREATE TABLE ${name} (…)" creates that table`)
  }
  return tables
}
