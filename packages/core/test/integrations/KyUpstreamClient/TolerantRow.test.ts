import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { readTolerantly } from "../../../src/integrations/KyUpstreamClient/TolerantRow.ts"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const Film = Schema.Struct({
  id: Schema.Int,
  title: Schema.String,
  monitored: Schema.Boolean,
  year: maybe(Schema.Number),
  tags: maybe(Schema.Array(Schema.Int)),
  status: maybe(Schema.Literals(["released", "announced"])),
  ratings: maybe(Schema.Struct({ imdb: maybe(Schema.Struct({ value: Schema.Number })) })),
  seasons: maybe(Schema.Array(Schema.Struct({ number: Schema.Int, monitored: Schema.Boolean })))
})

const read = (value: unknown) => readTolerantly(Schema.decodeUnknownResult(Film), value)
const film = { id: 1, title: "Film", monitored: true }
const rowOf = (value: unknown) => Result.getOrThrow(read(value))

describe("A record with faulty fields", () => {
  it("accepts numbers and booleans as text, and does not report them", () => {
    const { fields, row } = rowOf({ ...film, id: "7", year: "1999", monitored: "true", title: 12 })
    assert.deepStrictEqual(fields, [])
    assert.deepInclude(row, { id: 7, year: 1999, monitored: true, title: "12" })
  })

  it("omits what cannot be read, and names it", () => {
    const { fields, row } = rowOf({ ...film, year: "last year", status: "in the making" })
    assert.deepStrictEqual(
      fields.map(({ path }) => path),
      ["year", "status"]
    )
    assert.isFalse("year" in row)
    assert.strictEqual(row.title, "Film")
  })

  it("omits as little as possible: a field of a part, an element of a list", () => {
    const { fields, row } = rowOf({
      ...film,
      ratings: { imdb: { value: "good" } },
      seasons: [
        { number: 1, monitored: true },
        { number: "first", monitored: true },
        { number: 3, monitored: false }
      ]
    })
    assert.deepStrictEqual(
      fields.map(({ path }) => path),
      ["ratings.imdb", "seasons[1]"]
    )
    assert.deepStrictEqual(
      row.seasons?.map(({ number }) => number),
      [1, 3]
    )
  })

  it("fails with the first fault if the field is required", () => {
    for (const value of [
      { ...film, id: null },
      { ...film, id: "one" },
      { title: "Film", monitored: true },
      "Film",
      null,
      []
    ]) {
      assert.isTrue(Result.isFailure(read(value)), JSON.stringify(value))
    }
    const failure = read({ ...film, id: {} })
    assert.strictEqual(Result.isFailure(failure) ? failure.failure.path : "", "id")
  })

  it("never changes its input, never throws, and always ends", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(Film.fields), "more"), fc.jsonValue()), (value) => {
        const before = structuredClone(value)
        const result = read(value)
        assert.deepStrictEqual(value, before)
        if (Result.isSuccess(result)) assert.isTrue(Schema.is(Film)(result.success.row))
      }),
      { numRuns: 500 }
    )
  })
})
