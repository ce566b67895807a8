/** The rules over a database, with the settings, and recorded events instead of the log. */
import { Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { Rules } from "../../src/rules/Rules.ts"
import type { ReadSql } from "../../src/storage/Database.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { SettingsTest } from "../support/SettingsTest.ts"
import { SqlTest } from "../support/Sql.ts"

export const rulesOver = <A, E>(database: Layer.Layer<A | SqlClient.SqlClient | ReadSql, E>) =>
  Rules.layer.pipe(
    Layer.provideMerge(SettingsTest),
    Layer.provideMerge(RecordedEvents.layer),
    Layer.provideMerge(database)
  )
export const RulesTest = rulesOver(SqlTest)
