/** Access to JSON of unknown shape, such as the OpenAPI document. */

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The object, or an empty one for any other value. */
export const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

/** The list, or an empty one for any other value. */
export const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

/** The text, or an empty one for any other value. */
export const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "")

export const mapEntries = (object: JsonObject, map: (value: Json, key: string) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
