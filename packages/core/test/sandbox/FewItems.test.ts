/** Decisions about a few items whose process reads the documents of no others. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { DocumentsOnDemand } from "../../src/library/ItemStore/Loading.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Explain } from "../../src/removals/Explain.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { ServicesOver } from "../../src/Services.ts"
import { leaf } from "../rules/Samples.ts"
import { SqlTest, type SqlTestServices } from "../support/Sql.ts"
import { withSandbox } from "./SandboxTest.ts"

/** Services over the database of the test, with nothing in memory yet. */
const anew = Effect.gen(function* () {
  const database = yield* Effect.context<SqlTestServices>()
  return yield* ServicesOver.pipe(
    Layer.provideMerge(Layer.mergeAll(Kinds.layer, KyUpstreamClient.layerWith({ retries: 0 }))),
    Layer.provideMerge(Layer.succeedContext(database)),
    (layer) =>
      Effect.flatMap(Layer.makeMemoMap, (memo) =>
        Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(layer, memo, scope))
      )
  )
})

/** Managers of movies and shows, and what is joined with their items. */
const apps: ReadonlyArray<string> = ["radarr", "sonarr", "plex", "tautulli", "seerr"]

const explanations = Effect.gen(function* () {
  const { items } = yield* Effect.flatMap(Snapshots, (snapshots) => snapshots.get)
  const explain = yield* Explain
  return yield* Effect.forEach(items, ({ id }) => explain.item(id))
})

describe("A process that decides about few items", () => {
  it.effect("explains every item as a server does, with rules and a protection", () =>
    withSandbox(
      { items: 60 },
      Effect.scoped(
        Effect.gen(function* () {
          const server = yield* anew
          yield* Effect.gen(function* () {
            const { integrations: offered } = yield* Sandbox
            const integrations = yield* Integrations
            for (const one of offered) if (apps.includes(one.kind)) yield* integrations.create(one)
            yield* Effect.flatMap(Sync, (sync) => sync.run())
            const rules = yield* Rules
            const conditions = [
              leaf("playCount", ">", 3),
              leaf("watchedByUser", "everWatched", undefined, { user: "somebody" }),
              leaf("collections", "isNotEmpty")
            ]
            for (const [at, condition] of conditions.entries()) {
              yield* rules.create({ name: `rule ${at}`, enabled: true, effect: "lean-keep", condition })
            }
            const { items } = yield* Effect.flatMap(Snapshots, (snapshots) => snapshots.get)
            yield* (yield* Protections).add({ itemId: items.find(({ kind }) => kind === "show")!.id })
          }).pipe(Effect.provideContext(server))
          const wanted = yield* Effect.provideContext(explanations, yield* anew)
          assert.isAbove(wanted.length, 50)
          assert.isAbove(new Set(wanted.map(({ decision }) => decision?.status)).size, 2)
          const few = yield* Effect.provideContext(explanations, yield* anew).pipe(
            Effect.provideService(DocumentsOnDemand, true)
          )
          assert.deepStrictEqual(few, wanted)
        })
      ).pipe(Effect.provide(SqlTest))
    )
  )

  it.effect("decides nothing while a document is damaged, as a server", () =>
    withSandbox(
      { items: 30 },
      Effect.scoped(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const server = yield* anew
          yield* Effect.gen(function* () {
            const { integrations: offered } = yield* Sandbox
            yield* (yield* Integrations).create(offered.find(({ kind }) => kind === "radarr")!)
            yield* Effect.flatMap(Sync, (sync) => sync.run())
          }).pipe(Effect.provideContext(server))
          yield* sql`UPDATE item_documents SET data = '{' WHERE item_id = 3`
          const one = Effect.flatMap(Explain, (explain) => explain.item("1")).pipe(
            Effect.as<unknown>(null),
            Effect.catchDefect((defect) => Effect.succeed(defect))
          )
          const defects = [
            yield* Effect.provideContext(one, yield* anew),
            yield* Effect.provideContext(one, yield* anew).pipe(Effect.provideService(DocumentsOnDemand, true))
          ]
          for (const defect of defects) {
            assert.deepInclude(defect, { _tag: "StoredDocumentInvalid", table: "item_documents", id: "3" })
          }
        })
      ).pipe(Effect.provide(SqlTest))
    )
  )
})
