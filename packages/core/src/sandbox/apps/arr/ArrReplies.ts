/** Error responses of the arrs, and how they parse client input. */
import { Option, Schema } from "effect"
import { json } from "../Reply.ts"
import type { Call } from "../SandboxApp.ts"

/** Common properties of the arrs: the key, and the refusals. */
export const arrApp = {
  config: (apiKey: string) => ({ apiKey }),
  authorized: (call: Call, secret: string): boolean => arrAuthorized(call, secret),
  unauthorized: (call: Call): Response => json(call, {}, 401),
  notFound: (call: Call): Response => arrNoRoute(call)
}

const arrAuthorized = (call: Call, secret: string): boolean =>
  (call.request.headers.get("x-api-key") ??
    call.query.get("apikey") ??
    call.request.headers.get("authorization")?.replace(/^Bearer /i, "")) === secret

export const arrNotFound = (call: Call, message = "NotFound"): Response => json(call, { message }, 404)

/** Outside the API, the arrs respond to every path with their web page. */
const arrNoRoute = (call: Call): Response =>
  call.path.startsWith("/api/")
    ? arrNotFound(call)
    : new Response("<!doctype html><html><head><title>Sandbox</title></head><body></body></html>", {
        headers: { "content-type": "text/html; charset=utf-8" }
      })

export const arrFailure = (call: Call, message: string): Response =>
  json(call, { message, description: "The sandbox is set to fail" }, 500)

/** A validation failure of one property. */
export const arrInvalid = (
  call: Call,
  propertyName: string,
  errorMessage: string,
  attemptedValue?: unknown
): Response =>
  json(
    call,
    [
      {
        propertyName,
        errorMessage,
        ...(attemptedValue === undefined ? {} : { attemptedValue }),
        severity: "error",
        errorCode: `${propertyName}Validator`,
        formattedMessageArguments: [],
        formattedMessagePlaceholderValues: {}
      }
    ],
    400
  )

/** The response of the arrs if a bulk request names entries that are gone. */
export const arrMissingRows = (call: Call, asked: number, found: number): Response =>
  json(call, { message: `Expected query to return ${asked} rows but returned ${found}`, description: "" }, 500)

/** The body decoded to this type, and as it was sent; `undefined` if it is invalid. */
export const arrBody = async <A>(
  call: Call,
  schema: Schema.Codec<A, unknown>
): Promise<{ readonly value: A; readonly raw: Readonly<Record<string, unknown>> } | undefined> => {
  const text = await call.request.text()
  const raw = Option.getOrUndefined(decodeObject(text))
  if (raw === undefined) return undefined
  const value = Option.getOrUndefined(Schema.decodeUnknownOption(schema)(raw))
  return value === undefined ? undefined : { value, raw }
}

export const arrBadBody = (call: Call): Response =>
  json(call, { message: "The JSON value could not be converted", description: "" }, 400)

/** The entries of a body that a response does not already contain. */
export const unknownKeys = (
  raw: Readonly<Record<string, unknown>>,
  answered: Readonly<Record<string, unknown>>
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => !Object.hasOwn(answered, key) && !neverKept.has(key)))

/** Query parameters of the arrs are case-insensitive. */
export const arrFlag = (query: URLSearchParams, name: string): boolean => {
  for (const [key, value] of query) if (key.toLowerCase() === name.toLowerCase()) return value.toLowerCase() === "true"
  return false
}

/** `2026-01-01T00:00:00Z`. */
export const arrTime = (iso: string): string => iso.replace(/\.\d{3}Z$/, "Z")

/** A key of a body that may be absent or `null`. */
export const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const decodeObject = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))
/** Keys that occur only in requests, and those that a response omits while they have no value. */
const neverKept = new Set([
  "addOptions",
  "moveFiles",
  "movieFile",
  "lastSearchTime",
  "nextAiring",
  "previousAiring",
  "id"
])
