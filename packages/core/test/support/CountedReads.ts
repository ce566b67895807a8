/** A database that counts the rows that are read from some of its tables. */
import { Context, Effect, Layer } from "effect"
import { ReadSql } from "../../src/storage/Database.ts"
import { SqlTest, type SqlTestServices } from "./Sql.ts"

export interface CountedReads {
  /** Rows by table. */
  readonly rows: Map<string, number>
  /** The most rows that one statement has returned. */
  most: number
}

/** `SqlTest` with a count of the rows of statements that read one of these tables. */
export const countedReads = (tables: ReadonlyArray<string>, counted: CountedReads) =>
  Layer.effectContext(
    Effect.map(Effect.context<SqlTestServices>(), (services) => {
      const counting = new Proxy(Context.get(services, ReadSql), {
        apply: (client, self, args) => {
          const text = String(Array.isArray(args[0]) ? args[0].join(" ") : args[0])
          const table = tables.find((one) => new RegExp(`FROM ${one}\\b`).test(text))
          const statement: Effect.Effect<ReadonlyArray<unknown>> = Reflect.apply(client, self, args)
          if (table === undefined) return statement
          return Effect.tap(statement, (rows) =>
            Effect.sync(() => {
              counted.rows.set(table, (counted.rows.get(table) ?? 0) + rows.length)
              counted.most = Math.max(counted.most, rows.length)
            })
          )
        }
      })
      return Context.add(services, ReadSql, counting)
    })
  ).pipe(Layer.provide(SqlTest))
