/**
 * Three values (Kleene's strong logic). `unknown` means that a fact could not be determined; combining it with other
 * values never turns it into `false`.
 */
import { Schema } from "effect"

export const truths = ["true", "false", "unknown"] as const
export const Truth = Schema.Literals(truths).annotate({
  description: "`unknown` means that a required fact could not be determined; it is never treated as `false`."
})
export type Truth = typeof Truth.Type

export const truthOf = (value: boolean): Truth => (value ? "true" : "false")

export const not = (value: Truth): Truth => (value === "true" ? "false" : value === "false" ? "true" : "unknown")

/** False if any value is false, whatever the others are. */
export const and = (values: Iterable<Truth>): Truth => {
  let result: Truth = "true"
  for (const value of values) {
    if (value === "false") return "false"
    if (value === "unknown") result = "unknown"
  }
  return result
}

/** True if any value is true, whatever the others are. */
export const or = (values: Iterable<Truth>): Truth => {
  let result: Truth = "false"
  for (const value of values) {
    if (value === "true") return "true"
    if (value === "unknown") result = "unknown"
  }
  return result
}
