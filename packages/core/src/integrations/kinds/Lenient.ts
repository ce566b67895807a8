/**
 * Schemas for values whose encoding varies between versions of an application: numbers as strings, booleans as 0 and 1,
 * "" for none, a single object instead of a list. Unreadable values still fail, with their path.
 */
import { Effect, Schema, SchemaGetter, SchemaIssue } from "effect"

const lenient = <A>(target: Schema.Codec<A>, expected: string, read: (input: unknown) => A | undefined) =>
  Schema.Unknown.pipe(
    Schema.decodeTo(target, {
      decode: SchemaGetter.transformEffect((input: unknown) => {
        const value = read(input)
        return value === undefined
          ? Effect.fail(new SchemaIssue.InvalidValue({ message: `Expected ${expected}` }, input))
          : Effect.succeed(value)
      }),
      encode: SchemaGetter.transform((value): unknown => value)
    })
  )

/** A number, a number as a string, or none (`null`, `""`). */
export const LenientNumber = lenient(Schema.NullOr(Schema.Number), "a number", (input) => {
  if (input === null || input === undefined || input === "") return null
  const value = typeof input === "string" ? Number(input) : input
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
})

/** A string, a number that is converted to a string, or none (`null`, `""`). */
export const LenientString = lenient(Schema.NullOr(Schema.String), "a text", (input) => {
  if (input === null || input === undefined || input === "") return null
  return typeof input === "string" ? input : typeof input === "number" ? String(input) : undefined
})

/** A required string or number, as a string: the key of something. */
export const LenientKey = lenient(Schema.String, "a key", (input) => {
  if (typeof input === "string" && input !== "") return input
  return typeof input === "number" ? String(input) : undefined
})

/** `true`, `1`, `"1"`, `"true"` and their opposites; none is `false`. */
export const LenientBoolean = lenient(Schema.Boolean, "a boolean", (input) => {
  if (input === true || input === 1 || input === "1" || input === "true") return true
  return input === null ||
    input === undefined ||
    input === false ||
    input === 0 ||
    input === "0" ||
    input === "false" ||
    input === ""
    ? false
    : undefined
})

/** A list, one element without its list, or none. */
export const LenientList: Schema.Codec<ReadonlyArray<unknown>, unknown> = lenient(
  Schema.Array(Schema.Unknown),
  "a list",
  (input) => {
    if (input === null || input === undefined || input === "") return []
    return Array.isArray(input) ? input : [input]
  }
)

/** A list of `element`s as `LenientList` reads it. */
export const lenientListOf = <A>(element: Schema.Codec<A, unknown>): Schema.Codec<ReadonlyArray<A>, unknown> =>
  LenientList.pipe(Schema.decodeTo(Schema.Array(element)))

/** A key that may be missing or `null`. */
export const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
