import { readdirSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Predicate, Schema } from "effect"
import { eventType, NoPayload } from "../../src/events/EventType.ts"
import { eventCatalogue, EventTypes, infoOf } from "../../src/system/EventCatalogue.ts"

const ofMine = (type: string) =>
  eventType(type, { category: "library", description: "Something of mine happened.", payload: NoPayload })

const folder = fileURLToPath(new URL("../../src", import.meta.url))

/** Every type that a file of this package exports, by itself or in an object. */
const exportedTypes = Effect.promise(async () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("Events.ts"))
  const modules = await Promise.all(
    files.map(async (file): Promise<object> => import(pathToFileURL(join(folder, file)).href))
  )
  return modules
    .flatMap((module) => Object.values(module))
    .flatMap((value: unknown) => (Predicate.isObject(value) ? [value, ...Object.values(value)] : []))
    .filter(
      (value): value is object => Predicate.hasProperty(value, "make") && Predicate.hasProperty(value, "subjects")
    )
})

describe("The catalogue of events", () => {
  it.effect("contains every type that a room defines", () =>
    Effect.gen(function* () {
      const exported = new Set(yield* exportedTypes)
      assert.isAbove(exported.size, 90)
      const listed = new Set<object>(eventCatalogue)
      assert.deepStrictEqual(
        [...exported].filter((type) => !listed.has(type)),
        []
      )
      assert.strictEqual(exported.size, listed.size)
    })
  )

  it("describes in a sentence when each type is logged, and the fields of its payload", () => {
    for (const type of eventCatalogue.map(infoOf)) {
      assert.match(type.description, /^[A-Z].*\.$/, type.type)
      assert.strictEqual(type.payloadSchema["type"], "object", type.type)
    }
  })

  it("has no payload with unknown fields, except those of changes and whole rules", () => {
    const open = eventCatalogue.filter(({ payload }) =>
      Object.values(payload.fields).some(
        (field) => "indexSignatures" in field.ast && field.ast.indexSignatures.length > 0
      )
    )
    assert.deepStrictEqual(
      open.map(({ type }) => type),
      [
        "disk-group.updated",
        "integration.updated",
        "job.settings-changed",
        "name-list.updated",
        "rule.removed",
        "rule.updated",
        "settings.changed"
      ]
    )
  })

  it.effect("accepts types of an embedding program", () =>
    Effect.gen(function* () {
      const types = yield* EventTypes
      assert.strictEqual(types.length, eventCatalogue.length + 1)
      assert.include(
        types.map(({ type }) => type),
        "my-plants.watered"
      )
    }).pipe(Effect.provide(EventTypes.layerWith([ofMine("my-plants.watered")])))
  )

  it.effect("refuses two types with the same name when it is built", () =>
    Effect.gen(function* () {
      for (const extra of [[ofMine("removal.removed")], [ofMine("my.thing"), ofMine("my.thing")]]) {
        const exit = yield* Effect.exit(Effect.scoped(Layer.build(EventTypes.layerWith(extra))))
        assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", `named "${extra[0]?.type}"`)
      }
    })
  )

  it("has payloads that are equal to their JSON", () => {
    for (const { payload, type } of eventCatalogue) {
      assert.strictEqual(Schema.toType(payload).ast, payload.ast, type)
    }
  })
})
