/** A fact as shown in explanations: its value with source and time, or why it has none. */
import { Schema } from "effect"
import { type Fact, type FactSheet, unknownReasons, ViewerPlays } from "../library/Facts.ts"

/** `no-source`: no configured integration can know the fact for such a thing. */
export const readingReasons = [...unknownReasons, "no-source"] as const
export type ReadingReason = (typeof readingReasons)[number]

export const FactReading = Schema.Struct({
  /** Its name in the facts of the subject. */
  fact: Schema.String,
  state: Schema.Literals(["known", "unknown", "inapplicable"]),
  /**
   * `null` for a known fact: the source reported that there is none. For an unknown fact, the last known value, if any.
   */
  value: Schema.NullOr(
    Schema.Union([Schema.String, Schema.Finite, Schema.Boolean, Schema.Array(Schema.String), Schema.Array(ViewerPlays)])
  ),
  source: Schema.NullOr(Schema.String),
  /** When the source reported it. */
  at: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.Literals(readingReasons)),
  detail: Schema.NullOr(Schema.String)
}).annotate({ identifier: "FactReading" })
export type FactReading = typeof FactReading.Type

export const readFact = <Name extends string>(sheet: FactSheet<Name>, name: Name): FactReading =>
  describeFact(name, sheet.get(name))

const describeFact = (name: string, fact: Fact): FactReading => {
  switch (fact._tag) {
    case "Known":
      return {
        fact: name,
        state: "known",
        value: fact.value,
        source: fact.source,
        at: fact.at,
        reason: null,
        detail: null
      }
    case "Unknown":
      return {
        fact: name,
        state: "unknown",
        value: fact.lastKnown ?? null,
        source: fact.source,
        at: null,
        reason: fact.reason,
        detail: fact.detail
      }
    case "Inapplicable":
      return {
        fact: name,
        state: "inapplicable",
        value: null,
        source: null,
        at: null,
        reason: "no-source",
        detail: "No configured integration can know this for this kind of item"
      }
  }
}
