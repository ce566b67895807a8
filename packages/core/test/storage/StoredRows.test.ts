import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import {
  documentColumn,
  nullableDocument,
  readableRows,
  readRow,
  requireRow,
  rowFormat,
  StoredTime
} from "../../src/storage/StoredRows.ts"
import { RecordedLog } from "../support/RecordedLog.ts"

const format = rowFormat({
  table: "shelves",
  id: ["place", "number"],
  columns: {
    place: Schema.String,
    number: Schema.Int,
    open: Schema.BooleanFromBit,
    until: Schema.NullOr(StoredTime)
  },
  documents: {
    books: documentColumn(Schema.Array(Schema.Struct({ title: Schema.String }))),
    notes: nullableDocument(Schema.Record(Schema.String, Schema.Unknown), null)
  }
})

const good = { place: "hall", number: 2, open: 1, until: null, books: '[{"title":"Dune"}]', notes: '{"v":9}', more: 1 }

const refusalOf = (row: object) => {
  const read = readRow(format, row)
  return Result.isFailure(read) ? read.failure.message : null
}

describe("A stored row", () => {
  it("is read with its documents, without columns that are not requested", () => {
    assert.deepStrictEqual(requireRow(format, good), {
      place: "hall",
      number: 2,
      open: true,
      until: null,
      books: [{ title: "Dune" }],
      notes: { v: 9 }
    })
    assert.isNull(requireRow(format, { ...good, notes: null }).notes)
  })

  it("that is damaged is reported with table, row and column", () => {
    const named = (column: string) => `The stored ${column} of shelves hall/2 cannot be read: `
    for (const [damage, message] of [
      [{ open: 2 }, named("open")],
      [{ until: "soon" }, `${named("until")}is not a time`],
      [{ number: "two" }, "The stored number of shelves hall/two cannot be read: "],
      [{ books: "[{" }, `${named("books")}it is not JSON`],
      [{ books: null }, `${named("books")}it is not JSON`],
      [{ books: '[{"title":4}]' }, `${named("books")}0.title: `],
      [{ books: '{"v":2}' }, `${named("books")}it has form 2, of a later version`],
      [{ notes: "[]" }, named("notes")]
    ] as const) {
      assert.include(refusalOf({ ...good, ...damage }), message)
    }
  })

  it.effect("that is damaged is logged once, and the others can be read", () => {
    const log = new RecordedLog()
    return Effect.gen(function* () {
      const rows = [good, { ...good, place: "attic", books: "?" }, { ...good, number: 3 }]
      for (let n = 0; n < 2; n++) {
        assert.deepStrictEqual(
          (yield* readableRows(format, rows)).map(({ number }) => number),
          [2, 3]
        )
      }
      assert.strictEqual(log.text(), "The stored books of shelves attic/2 cannot be read: it is not JSON")
    }).pipe(Effect.provide(log.layer))
  })
})
