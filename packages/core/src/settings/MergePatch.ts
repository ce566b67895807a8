/**
 * How a partial change meets what is set: given keys replace, objects merge, lists are replaced whole (RFC 7396). `null`
 * is a value here and does not remove a key, since it means "none" or "for ever" in the settings; only in the open
 * records that are named it takes an entry out.
 */
import { Predicate } from "effect"

export type JsonObject = { readonly [key: string]: unknown }

/** Merges `patch` over `current`. `records` are the keys of the open records, at the top. */
export const mergePatch = (current: JsonObject, patch: JsonObject, records: ReadonlyArray<string> = []): JsonObject => {
  const merged = new Map(Object.entries(current))
  for (const [key, given] of Object.entries(patch)) {
    const before = merged.get(key)
    if (records.includes(key) && isJsonObject(given)) {
      merged.set(key, mergeRecord(isJsonObject(before) ? before : {}, given))
    } else {
      merged.set(key, isJsonObject(before) && isJsonObject(given) ? mergePatch(before, given) : given)
    }
  }
  // Not by assignment: `__proto__` is a key like any other here, to be refused by the schema.
  return Object.fromEntries(merged)
}

export const isJsonObject = (value: unknown): value is JsonObject => Predicate.isReadonlyObject(value)

const mergeRecord = (current: JsonObject, patch: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries({ ...current, ...patch }).filter(([, value]) => value !== null))
