/**
 * Merges a partial change into the stored settings: given keys replace, objects are merged, lists are replaced (RFC
 * 7396). `null` is a value here and does not remove a key, since it means "none" or "forever" in the settings; only in
 * the given open records does it remove an entry.
 */
import { Predicate } from "effect"

export type JsonObject = { readonly [key: string]: unknown }

/** Merges `patch` into `current`. `records` are the top-level keys of open records. */
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
  // Not by assignment: `__proto__` is treated as a key like any other here, and refused by the schema.
  return Object.fromEntries(merged)
}

export const isJsonObject = (value: unknown): value is JsonObject => Predicate.isReadonlyObject(value)

const mergeRecord = (current: JsonObject, patch: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries({ ...current, ...patch }).filter(([, value]) => value !== null))
