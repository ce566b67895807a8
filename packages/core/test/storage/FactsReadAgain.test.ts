import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { factSheet } from "../../src/library/ItemFacts.ts"
import { dataIn, type ItemRow, selectItems, toItem } from "../../src/library/ItemStore/Rows.ts"
import { makeSourceContext } from "../../src/library/SourceContext.ts"
import { migrate } from "../../src/storage/Migrations.ts"
import m0001 from "../../src/storage/migrations/0001_initial.ts"
import m0002 from "../../src/storage/migrations/0002_backup_settings.ts"
import m0003 from "../../src/storage/migrations/0003_poster_column.ts"
import m0009 from "../../src/storage/migrations/0009_facts_read_again.ts"
import m0032 from "../../src/storage/migrations/0032_item_documents.ts"
import { noFamily } from "../library/Samples.ts"
import { inFolder } from "./Files.ts"

const before = { "0001_initial": m0001, "0002_backup_settings": m0002, "0003_poster_column": m0003 }
const at = "2026-01-01T00:00:00.000Z"

/** As the first version stored it. */
const document = {
  rootFolder: "/data",
  posterUrl: null,
  catalog: { monitored: true, addedAt: at },
  catalogCollections: [],
  playback: { plays: 0, lastPlayedAt: null, users: [] },
  requests: { count: 1, requesters: ["ann"], requesterNames: ["ann"], requestedAt: at },
  onServers: [],
  labels: [],
  onWatchlist: null
}

describe("A database of the first version", () => {
  it.effect("is migrated, and its readings are not trusted before the next sync", () =>
    Effect.gen(function* () {
      const { database } = yield* inFolder
      yield* migrate(before).pipe(Effect.provide(database))
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const [integration] = yield* sql<{ id: number }>`INSERT INTO integrations ${sql.insert({
          kind: "radarr",
          name: "Radarr",
          url: "http://radarr:7878",
          config: "{}",
          enabled: 1,
          options: "{}",
          version: 1,
          created_at: at,
          updated_at: at
        })} RETURNING id`
        const id = integration!.id
        for (const observation of ["catalog", "disks"]) {
          yield* sql`INSERT INTO sources ${sql.insert({
            integration_id: id,
            observation,
            generation: 1,
            status: "ok",
            entries: 1,
            calls: 1,
            observed_at: at,
            attempted_at: at
          })}`
        }
        yield* sql`INSERT INTO items ${sql.insert({
          integration_id: id,
          external_id: "1",
          kind: "movie",
          title: "Film",
          sort_title: "film",
          ids: '["tmdb-movie:1"]',
          size_bytes: 5,
          collections: "[]",
          data: JSON.stringify(document),
          data_hash: "x",
          created_at: at,
          updated_at: at
        })}`
        yield* migrate({ ...before, "0009_facts_read_again": m0009, "0032_item_documents": m0032 })
        const states = yield* sql<{ observation: string; status: string }>`SELECT observation, status FROM sources`
        assert.deepStrictEqual(
          states.map(({ observation, status }) => [observation, status]),
          [
            ["catalog", "failed"],
            ["disks", "ok"]
          ]
        )
        const [row] = yield* sql<ItemRow>`${selectItems(sql)}`
        const fresh = { _tag: "Fresh", source: "Any", at } as const
        const sheet = factSheet(
          toItem(row!, dataIn(row!)),
          {
            ...makeSourceContext({
              sources: [],
              states: [],
              now: Date.parse(at),
              maxFactAgeMillis: 1,
              watching: { movieShare: null, seasonShare: 0.8, activeDays: 90 }
            }),
            requests: () => fresh
          },
          noFamily
        )
        assert.strictEqual(sheet.get("requested")._tag, "Unknown")
        assert.isTrue(toItem(row!, dataIn(row!)).data.catalog.monitored)
        yield* sql`DELETE FROM items`
        assert.deepStrictEqual(yield* sql`SELECT item_id FROM item_documents`, [])
      }).pipe(Effect.provide(database))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
