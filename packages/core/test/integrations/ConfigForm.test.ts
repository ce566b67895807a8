import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { configField, configSchemaOf, defaultsTo, fieldsOf } from "../../src/integrations/ConfigForm.ts"
import type { Kind } from "../../src/integrations/Kind.ts"
import { sealKind } from "../../src/integrations/Kinds.ts"
import { isSecret } from "../../src/integrations/SecretConfig.ts"

const about = (title: string) => ({ title, description: `What ${title} is for.` })

const kindWith = <Config>(config: Schema.Codec<Config, unknown>): Kind =>
  sealKind<Config>({
    id: "shelf",
    title: "Shelf",
    description: "",
    capabilities: [],
    itemKinds: [],
    config,
    syncCost: { formula: "0", calls: () => 0 },
    connect: () => ({ probe: Effect.never, read: {} })
  })

const shelf = kindWith(
  Schema.Struct({
    apiKey: configField(Schema.String.check(Schema.isNonEmpty()), { ...about("Key"), ownSecret: true }),
    pin: Schema.optionalKey(configField(Schema.String, about("PIN"))),
    room: configField(Schema.String, { ...about("Room"), secret: false, choosesPart: true }),
    pages: Schema.optionalKey(
      configField(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 })), about("Pages"))
    ),
    order: defaultsTo(configField(Schema.Literals(["newest", "oldest"]), about("Order")), "newest"),
    deep: defaultsTo(configField(Schema.Boolean, about("Deep")), false),
    old: Schema.optionalKey(configField(Schema.Boolean, { ...about("Old"), former: true }))
  })
)

describe("The form of a kind", () => {
  it("is derived from the schema of its configuration, with required fields, choices and defaults", () => {
    const described = (key: string) => ({ label: key, description: `What ${key} is for.` })
    assert.deepStrictEqual(fieldsOf(shelf), [
      { key: "apiKey", type: "secret", required: true, ownSecret: true, ...described("Key") },
      { key: "pin", type: "secret", required: false, ...described("PIN") },
      { key: "room", type: "text", required: true, choosesPart: true, ...described("Room") },
      { key: "pages", type: "integer", required: false, ...described("Pages") },
      {
        key: "order",
        type: "choice",
        required: false,
        default: "newest",
        choices: ["newest", "oldest"],
        ...described("Order")
      },
      { key: "deep", type: "boolean", required: false, default: false, ...described("Deep") }
    ])
    const form = configSchemaOf(shelf)
    assert.deepStrictEqual(form["required"], ["apiKey", "room"])
    assert.deepInclude(form["properties"], {
      order: {
        type: "string",
        title: "Order",
        description: "What Order is for.",
        default: "newest",
        enum: ["newest", "oldest"]
      }
    })
  })

  it("contains the default that decoding yields", () => {
    const decoded = Schema.decodeUnknownResult(shelf.config)({ apiKey: "k", room: "attic" })
    assert.deepStrictEqual(Result.getOrThrow(decoded), { apiKey: "k", room: "attic", order: "newest", deep: false })
  })

  it("treats every text as secret that is not declared as harmless, and every key that is not in the schema", () => {
    const keys = ["apiKey", "pin", "room", "pages", "order", "deep", "old", "unknown"]
    assert.deepStrictEqual(
      keys.filter((key) => isSecret(shelf, key)),
      ["apiKey", "pin", "unknown"]
    )
  })

  it("ends a program with a kind that has no form, and names the field", () => {
    const field = (schema: Schema.Top) => Schema.make<Schema.Codec<unknown>>(Schema.Struct({ x: schema }).ast)
    const unusable: ReadonlyArray<readonly [Schema.Codec<unknown>, RegExp]> = [
      [field(Schema.String), /field "x" of the kind "shelf" has no title and description/],
      [field(configField(Schema.String, about("X")).check(Schema.isNonEmpty())), /no title and description/],
      [field(configField(Schema.Finite, about("X"))), /neither a text, a whole number/],
      [field(configField(Schema.Struct({ y: Schema.String }), about("X"))), /neither a text/],
      [field(configField(Schema.Literals([1, 2]), about("X"))), /neither a text/],
      [field(configField(Schema.Int, { ...about("X"), secret: true })), /is a secret and no text/],
      [Schema.make<Schema.Codec<unknown>>(Schema.Record(Schema.String, Schema.String).ast), /is not a struct/],
      [Schema.Unknown, /is not a struct/]
    ]
    for (const [config, why] of unusable) assert.throws(() => kindWith(config), why)
  })
})
