import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import * as fc from "fast-check"
import type { Answer } from "../../../src/integrations/KyUpstreamClient/Exchange.ts"
import { makeFailures } from "../../../src/integrations/KyUpstreamClient/Failure.ts"
import { readArray } from "../../../src/integrations/KyUpstreamClient/Rows.ts"

const failures = makeFailures("Test", "GET x", (text) => text)

/** A response whose bytes arrive in chunks of these sizes, in rotation. */
const answerOf = (text: string, sizes: ReadonlyArray<number>): Answer => {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  let turn = 0
  const next = Effect.sync(() => {
    if (at >= bytes.length) return null
    const size = sizes[turn++ % sizes.length] ?? 1
    const piece = bytes.subarray(at, at + size)
    at += size
    return piece
  })
  return { status: 200, contentType: "application/json", headers: new Headers(), next }
}

/** The values of a list, or its fault. */
const valuesOf = <A>(read: ReturnType<typeof readArray<A>>) =>
  Effect.map(
    Effect.result(read),
    Result.mapError(({ error }) => (error._tag === "UpstreamMalformed" ? error.detail : error._tag))
  )

const ways = [
  { way: "as a whole", atOnce: undefined },
  { way: "while it arrives", atOnce: 0 },
  { way: "with a start that was waited for", atOnce: 20 }
] as const

describe.each(ways)("A JSON array that is read $way", ({ atOnce }) => {
  const read = (text: string, sizes: ReadonlyArray<number>) =>
    Effect.runPromise(valuesOf(readArray(Schema.Unknown, answerOf(text, sizes), failures, null, atOnce)))

  it("yields every element, however its bytes arrive", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(undefined, 2),
        async (values, sizes, indent) => {
          const text = JSON.stringify(values, null, indent)
          assert.deepStrictEqual(await read(text, sizes), Result.succeed(JSON.parse(text)))
        }
      ),
      { numRuns: 300 }
    )
  })

  it("never counts as complete if it is truncated", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), async (values, at) => {
        const text = JSON.stringify(values)
        const cut = text.slice(0, at % text.length)
        const found = await read(cut, [7])
        assert.isTrue(Result.isFailure(found), cut)
      })
    )
  })

  for (const [text, why, fault] of [
    ["{}", "not a list", "it is not a list"],
    ['"text"', "not a list", "it is not a list"],
    ["<!doctype html>", "a web page", "it is not JSON at character 0"],
    ["", "nothing", "the list is cut off"],
    ['[1, {"a": ', "the start of a list", "the list is cut off"],
    ["[1,,2]", "an empty element", "it is not JSON at character 3"],
    ["[1,]", "an empty element", "it is not JSON at character 3"],
    ["[1}", "closed by another bracket", "it is not JSON at character 2"],
    ["[1] [2]", "two lists", "it is not JSON at character 4"],
    ['[1, {"a": secret}]', "an element that is not JSON", "it is not JSON at character 4"]
  ] as const) {
    it(`is refused with ${why}: ${text}`, async () => {
      assert.deepStrictEqual(await read(text, [3]), Result.fail(fault))
    })
  }

  it("may be empty, and contain spaces and a byte order mark", async () => {
    assert.deepStrictEqual(await read("\uFEFF \n[ ] \n", [2]), Result.succeed([]))
  })

  it("may have elements that are nested very deeply", async () => {
    const found = await read(`[1, ${"[".repeat(5_000)}${"]".repeat(5_000)}]`, [4_096])
    assert.strictEqual(Result.getOrThrow(found).length, 2)
  })
})

describe("A long JSON array", () => {
  const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, title: `Movie “${id}”`, path: `/movies/${id}` }))
  const text = JSON.stringify(rows)

  it.effect("does not block the event loop, even if it arrives in a single chunk", () =>
    Effect.gen(function* () {
      const others = { turns: 0, on: true }
      const turn = () => {
        others.turns += 1
        if (others.on) setImmediate(turn)
      }
      setImmediate(turn)
      const found = yield* readArray(Schema.Unknown, answerOf(text, [text.length * 2]), failures, null)
      others.on = false
      assert.strictEqual(found.length, rows.length)
      assert.isAtLeast(others.turns, Math.floor(text.length / 65_536))
    })
  )

  it.effect("is refused with the position of the first invalid record", () =>
    Effect.gen(function* () {
      const odd = JSON.stringify([...rows, { id: "odd" }])
      const found = yield* valuesOf(
        readArray(Schema.Struct({ id: Schema.Int }), answerOf(odd, [50_000]), failures, null)
      )
      assert.match(Result.isFailure(found) ? found.failure : "", /^\[20000\]\.id: /)
    })
  )
})
