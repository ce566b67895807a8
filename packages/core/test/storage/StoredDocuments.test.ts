import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { type DocumentFormat, isRecord, readDocument, requireDocument } from "../../src/storage/StoredDocuments.ts"

/** Version 1 is a plain name, version 2 an object. */
const names: DocumentFormat<string> = {
  table: "people",
  column: "name",
  version: 2,
  read: (value, version) => {
    const name = version === 1 ? value : isRecord(value) ? value["name"] : undefined
    return typeof name === "string" ? Result.succeed(name) : Result.fail("it is no name")
  }
}

describe("A stored document", () => {
  it("can be read in the current version and in every earlier one", () => {
    assert.deepStrictEqual(readDocument(names, "7", '{"v":2,"name":"Ann"}'), Result.succeed("Ann"))
    assert.deepStrictEqual(readDocument(names, "7", '"Ann"'), Result.succeed("Ann"))
  })

  it("that cannot be read is reported with table, column, row and fault", () => {
    for (const [text, detail] of [
      ['{"v":2,"na', "it is not JSON"],
      ["", "it is not JSON"],
      ["null", "it is no name"],
      ['{"v":2,"name":5}', "it is no name"],
      ['{"v":0,"name":"Ann"}', "its version is not a number from 1"],
      ['{"v":"2","name":"Ann"}', "its version is not a number from 1"],
      ['{"v":3,"name":"Ann"}', "it has form 3, of a later version of Tendarr; this one reads forms up to 2"]
    ] as const) {
      const read = readDocument(names, "7", text)
      assert.isTrue(Result.isFailure(read), text)
      if (Result.isSuccess(read)) continue
      assert.deepInclude(read.failure, {
        _tag: "StoredDocumentInvalid",
        table: "people",
        column: "name",
        id: "7",
        detail
      })
      assert.strictEqual(read.failure.message, `The stored name of people 7 cannot be read: ${detail}`)
    }
  })

  it.effect("that is required makes the operation die", () =>
    Effect.gen(function* () {
      const defect = yield* Effect.sync(() => requireDocument(names, "7", "{")).pipe(
        Effect.as<unknown>(null),
        Effect.catchDefect((died) => Effect.succeed(died))
      )
      assert.deepInclude(defect, { _tag: "StoredDocumentInvalid", id: "7" })
    })
  )
})
