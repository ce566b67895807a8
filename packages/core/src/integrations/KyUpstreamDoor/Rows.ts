/**
 * Long lists without long pauses: rows are decoded a few at a time with a turn of the event loop between, and a JSON
 * array is cut into its elements while its bytes arrive, so that the whole text never has to be parsed at once.
 */
import { Effect, Result, Schema, SchemaIssue } from "effect"
import type { Answer } from "./Exchange.ts"
import type { Failure, Failures } from "./Failure.ts"

/** Rows decoded before the event loop gets its turn; 1 to 3 ms of work. */
const rowsAtOnce = 25

/** Decodes one value; the failure names the path of the first fault. */
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

export const decodeRows = Effect.fnUntraced(function* <A>(
  schema: Schema.Codec<A, unknown>,
  values: ReadonlyArray<unknown>,
  failures: Failures
): Effect.fn.Return<ReadonlyArray<A>, Failure> {
  const decode = Schema.decodeUnknownResult(schema)
  const rows: Array<A> = []
  for (const [index, value] of values.entries()) {
    const decoded = decode(value)
    if (Result.isFailure(decoded)) return yield* Effect.fail(failures.malformed(faultOf(decoded.failure, [index])))
    rows.push(decoded.success)
    if (rows.length % rowsAtOnce === 0) yield* Effect.yieldNow
  }
  return rows
})

/** Reads an answer that is one JSON array. */
export const readArray = Effect.fnUntraced(function* <A>(
  schema: Schema.Codec<A, unknown>,
  answer: Answer,
  failures: Failures
): Effect.fn.Return<ReadonlyArray<A>, Failure> {
  const decode = Schema.decodeUnknownResult(schema)
  const splitter = new ArraySplitter()
  const rows: Array<A> = []
  while (true) {
    const piece = yield* answer.next
    if (piece === null) break
    for (const text of splitter.push(piece)) {
      const value = parseJson(text)
      if (Result.isFailure(value)) return yield* Effect.fail(failures.malformed(`[${rows.length}]: ${value.failure}`))
      const decoded = decode(value.success)
      if (Result.isFailure(decoded)) {
        return yield* Effect.fail(failures.malformed(faultOf(decoded.failure, [rows.length])))
      }
      rows.push(decoded.success)
      if (rows.length % rowsAtOnce === 0) yield* Effect.yieldNow
    }
    if (splitter.fault !== null) return yield* Effect.fail(failures.malformed(splitter.fault))
    // Pieces that have already arrived come without a turn of the event loop between them.
    yield* Effect.yieldNow
  }
  if (!splitter.closed) return yield* Effect.fail(failures.malformed("the list is cut off"))
  return rows
})

export const parseJson = (text: string): Result.Result<unknown, string> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch {
    // The parser's own words quote the text, which may be anything.
    return Result.fail("it is not JSON")
  }
}

/**
 * Cuts a JSON array into the texts of its elements. It follows only strings and nesting; whether an element is JSON is
 * for the parser to say. Bytes above 127 are never structure in UTF-8.
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

  /** Takes the next bytes and gives the elements that ended within them. */
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

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first fault as `[3].movieFile.size: Expected number`. */
const faultOf = (error: Schema.SchemaError | SchemaIssue.Issue, at: ReadonlyArray<PropertyKey>): string => {
  const first = format("issue" in error && !SchemaIssue.isIssue(error) ? error.issue : error).issues[0]
  const path = [...at, ...(first?.path ?? [])].map((segment) => {
    const key = typeof segment === "object" ? segment.key : segment
    return typeof key === "number" ? `[${key}]` : `.${String(key)}`
  })
  return `${path.join("").replace(/^\./, "") || "the answer"}: ${first?.message ?? "it is not what was expected"}`
}
