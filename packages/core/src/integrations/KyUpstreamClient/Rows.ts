/**
 * Long lists without long pauses: rows are decoded a few at a time, yielding to the event loop in between, and the
 * elements of a long JSON array are parsed while its bytes arrive, so that the whole text never has to be parsed at
 * once. A short array is parsed as a whole, which saves a fifth of the time.
 */
import { Cause, Effect, Result, Schema, type SchemaIssue, Stream } from "effect"
import { JsonArray } from "effect/encoding"
import type { OddField, OddRecords } from "../OddRecords.ts"
import { makeTurns, type Turns } from "../Pauses.ts"
import type { Answer } from "./Exchange.ts"
import type { Failure, Failures } from "./Failure.ts"
import { firstFault, pathText, readTolerantly } from "./TolerantRow.ts"

/** Decodes one value; the failure contains the path of the first fault. */
export const decodeValue = <A>(
  schema: Schema.Codec<A, unknown>,
  value: unknown,
  failures: Failures,
  at: ReadonlyArray<PropertyKey> = []
): Effect.Effect<A, Failure> => {
  const decoded = Schema.decodeUnknownResult(schema)(value)
  return Result.isSuccess(decoded)
    ? Effect.succeed(decoded.success)
    : Effect.fail(failures.malformed(faultOf(decoded.failure, at)))
}

/** How a list handles faulty records; without it, the list fails at the first one. */
export interface Tolerance {
  readonly odd: OddRecords
  /** Name of the list in messages, such as `GET api/v3/movie`. */
  readonly call: string
  /** Position of the first of these records in the whole list. */
  readonly from: number
}

export const decodeRows = Effect.fnUntraced(function* <A>(
  schema: Schema.Codec<A, unknown>,
  values: ReadonlyArray<unknown>,
  failures: Failures,
  tolerance: Tolerance | null
): Effect.fn.Return<ReadonlyArray<A>, Failure> {
  const list = new RowList(schema, tolerance)
  yield* takeRows(list, values, makeTurns(), failures)
  return yield* Effect.mapError(Effect.fromResult(list.end()), failures.malformed)
})

/** A response up to this many bytes is parsed as a whole: a few milliseconds, also on a slow machine. */
const wholeBytes = 512 * 1024

/** Of a longer response, this many bytes are parsed at once. */
const sliceBytes = 64 * 1024

/** Reads a response that is a single JSON array. `atOnce` is the number of bytes up to which it is parsed as a whole. */
export const readArray = Effect.fnUntraced(function* <A>(
  schema: Schema.Codec<A, unknown>,
  answer: Answer,
  failures: Failures,
  tolerance: Tolerance | null,
  atOnce = wholeBytes
): Effect.fn.Return<ReadonlyArray<A>, Failure> {
  const list = new RowList(schema, tolerance)
  const turns = makeTurns()
  const take = (values: ReadonlyArray<unknown>) => takeRows(list, values, turns, failures)
  const start = yield* readUpTo(atOnce, answer)
  const values = start.ended ? parseArray(start.pieces) : null
  // What cannot be parsed is read once more, for the fault and its position.
  yield* values === null ? Stream.runForEachArray(elementsOf(start, answer, failures), take) : take(values)
  return yield* Effect.mapError(Effect.fromResult(list.end()), failures.malformed)
})

/** The first chunks of a response, at least until they have more than `bytes` or it has ended. */
const readUpTo = Effect.fnUntraced(function* (bytes: number, answer: Answer): Effect.fn.Return<Start, Failure> {
  const pieces: Array<Uint8Array> = []
  let length = 0
  while (length <= bytes) {
    const piece = yield* answer.next
    if (piece === null) return { pieces, ended: true }
    pieces.push(piece)
    length += piece.byteLength
    // Chunks that have already arrived are read without yielding in between.
    yield* Effect.yieldNow
  }
  return { pieces, ended: false }
})

interface Start {
  readonly pieces: ReadonlyArray<Uint8Array>
  readonly ended: boolean
}

/** The elements of a JSON array, or `null` if it is not one. */
const parseArray = (pieces: ReadonlyArray<Uint8Array>): ReadonlyArray<unknown> | null => {
  const decoder = new TextDecoder()
  const text = pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode()
  const value = parseJson(text)
  return Result.isSuccess(value) && Array.isArray(value.success) ? value.success : null
}

/** The elements of a JSON array, parsed while its bytes arrive. */
const elementsOf = (start: Start, answer: Answer, failures: Failures): Stream.Stream<unknown, Failure> => {
  const slices = start.pieces.flatMap(slicesOf)
  let ended = false
  const next = Effect.gen(function* () {
    yield* Effect.yieldNow
    while (slices.length === 0) {
      const piece = start.ended ? null : yield* answer.next
      ended = piece === null
      if (piece === null) return yield* Cause.done()
      slices.push(...slicesOf(piece))
    }
    const [slice = new Uint8Array()] = slices.splice(0, 1)
    return [slice] as const
  })
  return Stream.fromPull(Effect.succeed(next)).pipe(
    Stream.pipeThroughChannel(
      // The size of the whole response is limited, and with it that of each element.
      JsonArray.decode<Failure>({ maxElementSize: Infinity, maxDepth: Number.MAX_SAFE_INTEGER })
    ),
    Stream.mapError((error) => {
      if (!JsonArray.isJsonArrayError(error)) return error
      // The messages of the parser may quote the text, which may contain anything.
      if (error.kind === "Pointer") return failures.malformed("it is not a list")
      return failures.malformed(ended ? "the list is cut off" : `it is not JSON at character ${error.offset ?? 0}`)
    })
  )
}

const slicesOf = (piece: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(piece.byteLength / sliceBytes) }, (_, index) =>
    piece.subarray(index * sliceBytes, (index + 1) * sliceBytes)
  )

const takeRows = Effect.fnUntraced(function* <A>(
  list: RowList<A>,
  values: ReadonlyArray<unknown>,
  turns: Turns,
  failures: Failures
): Effect.fn.Return<void, Failure> {
  for (const value of values) {
    const fault = list.take(value)
    if (fault !== null) return yield* Effect.fail(failures.malformed(fault))
    if (turns.isOver()) yield* turns.next
  }
})

/** A list never fails because of fewer faulty records than this: even a small library may contain a faulty record. */
const fewOdd = 3

/** The rows decoded so far. Faults are reported only after the list has been read to its end. */
class RowList<A> {
  private readonly decode: (value: unknown) => Result.Result<A, Schema.SchemaError | SchemaIssue.Issue>
  private readonly rows: Array<A> = []
  private readonly odd: Array<{ readonly row: A; readonly fields: ReadonlyArray<OddField> }> = []
  private readonly unidentified: Array<{ readonly position: number; readonly fault: OddField; readonly row: unknown }> =
    []
  private readonly tolerance: Tolerance | null
  length = 0

  constructor(schema: Schema.Codec<A, unknown>, tolerance: Tolerance | null) {
    this.decode = Schema.decodeUnknownResult(schema)
    this.tolerance = tolerance
  }

  /** Returns the fault that ends the list, or `null`. */
  take(value: unknown): string | null {
    const position = this.length++
    const decoded = this.decode(value)
    if (Result.isSuccess(decoded)) {
      this.rows.push(decoded.success)
      return null
    }
    if (this.tolerance === null) return faultOf(decoded.failure, [position])
    const read = readTolerantly(this.decode, value)
    if (Result.isFailure(read)) this.unidentified.push({ position, fault: read.failure, row: value })
    else {
      this.rows.push(read.success.row)
      if (read.success.fields.length > 0) this.odd.push(read.success)
    }
    return null
  }

  end(): Result.Result<ReadonlyArray<A>, string> {
    const { odd, tolerance, unidentified } = this
    const strange = odd.length + unidentified.length
    if (tolerance === null || strange === 0) return Result.succeed(this.rows)
    if (unidentified.length * 2 > this.length || (strange >= fewOdd && strange * 2 > this.length)) {
      const first = unidentified[0]?.fault ?? odd[0]?.fields[0]
      return Result.fail(
        `${strange} of ${this.length} records are faulty, the first one at ${first?.path}: ${first?.detail}`
      )
    }
    for (const { fields, row } of odd) {
      if (typeof row === "object" && row !== null) tolerance.odd.noteFields(row, fields)
    }
    for (const { fault, position, row } of unidentified) {
      tolerance.odd.noteUnidentified(tolerance.call, tolerance.from + position, `${fault.path}: ${fault.detail}`, {
        row
      })
    }
    return Result.succeed(this.rows)
  }
}

export const parseJson = (text: string): Result.Result<unknown, string> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch {
    // The parser's message quotes the text, which may contain anything.
    return Result.fail("it is not JSON")
  }
}

/** The first fault, such as `[3].movieFile.size: Expected number`. */
const faultOf = (error: Schema.SchemaError | SchemaIssue.Issue, at: ReadonlyArray<PropertyKey>): string => {
  const { message, path } = firstFault(error)
  return `${pathText([...at, ...path]) || "the answer"}: ${message}`
}
