/**
 * Long lists without long pauses: rows are decoded a few at a time, yielding to the event loop in between, and a JSON
 * array is split into its elements while its bytes arrive, so that the whole text never has to be parsed at once.
 */
import { Effect, Result, Schema, type SchemaIssue } from "effect"
import type { OddField, OddRecords } from "../OddRecords.ts"
import { makeTurns } from "../Pauses.ts"
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
  const turns = makeTurns()
  for (const value of values) {
    const fault = list.take(value)
    if (fault !== null) return yield* Effect.fail(failures.malformed(fault))
    if (turns.isOver()) yield* turns.next
  }
  return yield* Effect.mapError(Effect.fromResult(list.end()), failures.malformed)
})

/** Reads a response that is a single JSON array. */
export const readArray = Effect.fnUntraced(function* <A>(
  schema: Schema.Codec<A, unknown>,
  answer: Answer,
  failures: Failures,
  tolerance: Tolerance | null
): Effect.fn.Return<ReadonlyArray<A>, Failure> {
  const splitter = new ArraySplitter()
  const list = new RowList(schema, tolerance)
  const turns = makeTurns()
  while (true) {
    const piece = yield* answer.next
    if (piece === null) break
    for (const text of splitter.push(piece)) {
      const value = parseJson(text)
      if (Result.isFailure(value)) return yield* Effect.fail(failures.malformed(`[${list.length}]: ${value.failure}`))
      const fault = list.take(value.success)
      if (fault !== null) return yield* Effect.fail(failures.malformed(fault))
      if (turns.isOver()) yield* turns.next
    }
    if (splitter.fault !== null) return yield* Effect.fail(failures.malformed(splitter.fault))
    // Chunks that have already arrived are read without yielding in between.
    yield* turns.next
  }
  if (!splitter.closed) return yield* Effect.fail(failures.malformed("the list is cut off"))
  return yield* Effect.mapError(Effect.fromResult(list.end()), failures.malformed)
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

/**
 * Splits a JSON array into the texts of its elements. It tracks only strings and nesting; whether an element is valid
 * JSON is left to the parser. In UTF-8, bytes above 127 are never structural.
 */
export class ArraySplitter {
  fault: string | null = null
  closed = false
  private opened = false
  private depth = 0
  private inString = false
  private escaped = false
  private afterComma = false
  private readonly decoder = new TextDecoder()
  private held = "";

  /** Takes the next bytes and returns the elements that end within them. */
  *push(bytes: Uint8Array): Generator<string> {
    let from = 0
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0
      if (this.inString) {
        if (this.escaped) this.escaped = false
        else if (byte === backslash) this.escaped = true
        else if (byte === quote) this.inString = false
        continue
      }
      if (this.depth > 0) {
        const isClosing = byte === closeBracket || byte === closeBrace
        if (byte === quote) this.inString = true
        else if (byte === openBracket || byte === openBrace) this.depth += 1
        else if (isClosing && this.depth > 1) this.depth -= 1
        else if ((byte === comma && this.depth === 1) || isClosing) {
          const text = (this.held + this.decoder.decode(bytes.subarray(from, index), { stream: true })).trim()
          this.held = ""
          from = index + 1
          if (byte !== comma) {
            this.depth = 0
            this.closed = true
          }
          if (text !== "") yield text
          else if (byte === comma || this.afterComma) return void (this.fault = "the list has an empty element")
          if (byte === closeBrace) return void (this.fault = "the list is not closed by ]")
          this.afterComma = byte === comma
        }
        continue
      }
      if (isSpace(byte) || (!this.opened && byteOrderMark.includes(byte))) from = index + 1
      else if (byte === openBracket && !this.opened) {
        this.opened = true
        this.depth = 1
        from = index + 1
      } else return void (this.fault = this.opened ? "something follows the list" : "it is not a list")
    }
    if (this.depth > 0) this.held += this.decoder.decode(bytes.subarray(from), { stream: true })
  }
}

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const byteOrderMark: ReadonlyArray<number> = [0xef, 0xbb, 0xbf]
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** The first fault, such as `[3].movieFile.size: Expected number`. */
const faultOf = (error: Schema.SchemaError | SchemaIssue.Issue, at: ReadonlyArray<PropertyKey>): string => {
  const { message, path } = firstFault(error)
  return `${pathText([...at, ...path]) || "the answer"}: ${message}`
}
