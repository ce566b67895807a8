/** The most that one run may plan to remove, whatever the disk needs. */
import { Schema } from "effect"

export const RemovalCaps = Schema.Struct({
  maxItems: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))).annotate({
    description: "Items per run; null = no cap",
    default: 100
  }),
  maxBytes: Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))).annotate({
    description: "Bytes per run; null = no cap",
    default: null
  }),
  maxLibraryShare: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMinimum: true })).annotate({
    description: "Share of the library's items per run, above 0 and at most 1",
    default: 0.25
  })
}).annotate({ identifier: "RemovalCaps", description: "The most that one run may plan to remove" })
export type RemovalCaps = typeof RemovalCaps.Type
