import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { migrateToLatest, migrateUpTo } from "../../src/storage/Migrations.ts"
import { Unmigrated } from "../support/Sql.ts"

const at = "2026-01-01T00:00:00.000Z"

const insertRemoval = (kind: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [integration] = yield* sql<{ id: number }>`INSERT INTO integrations ${sql.insert({
      kind: "sonarr",
      name: kind,
      url: "http://sonarr:8989",
      config: "{}",
      enabled: 1,
      options: "{}",
      created_at: at,
      updated_at: at,
      version: 1
    })} RETURNING id`
    const [item] = yield* sql<{ id: number }>`INSERT INTO items ${sql.insert({
      integration_id: integration!.id,
      external_id: "1",
      kind,
      title: kind,
      sort_title: kind,
      ids: "[]",
      size_bytes: 1,
      collections: "[]",
      data: "{}",
      data_hash: "",
      created_at: at,
      updated_at: at
    })} RETURNING id`
    yield* sql`INSERT INTO removals ${sql.insert({
      item_id: item!.id,
      integration_id: integration!.id,
      external_id: "1",
      kind,
      title: kind,
      ids: "[]",
      size_bytes: 1,
      state: "scheduled",
      mode: "auto",
      origin: "engine",
      actor: "job:capacity",
      position: 1,
      rank: 1,
      decision: "{}",
      attempts: 0,
      because: "",
      final: 0,
      version: 1,
      created_at: at,
      updated_at: at
    })}`
  })

describe("Removals of an earlier version", () => {
  it.effect("have the action that they had: the entry of a whole, the files of a part", () =>
    Effect.gen(function* () {
      yield* migrateUpTo(23)
      for (const kind of ["movie", "show", "season", "artist", "album", "author", "book"]) yield* insertRemoval(kind)
      yield* migrateToLatest
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ kind: string; action: string }>`SELECT kind, action FROM removals ORDER BY id`
      assert.deepStrictEqual(Object.fromEntries(rows.map(({ action, kind }) => [kind, action])), {
        movie: "remove-entry",
        show: "remove-entry",
        season: "unmonitor-and-delete-files",
        artist: "remove-entry",
        album: "unmonitor-and-delete-files",
        author: "remove-entry",
        book: "unmonitor-and-delete-files"
      })
    }).pipe(Effect.provide(Unmigrated))
  )
})
