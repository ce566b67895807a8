/** A move from another product: its preview, the entries of the preview, and its errors. */
import { Schema } from "effect"
import { RuleDefinition } from "../rules/Rule.ts"
import { Problem } from "../problems/Problem.ts"
import { removalTerms } from "../removals/RemovalTerms.ts"

export const productNames = ["prunerr", "maintainerr", "cleanuparr"] as const
export const ProductName = Schema.Literals(productNames).annotate({ description: "The product that the file is from." })
export type ProductName = typeof ProductName.Type

export const MovingProductInfo = Schema.Struct({
  name: ProductName,
  title: Schema.String,
  accepts: Schema.Array(Schema.String).annotate({ description: "The files that can be moved in." }),
  versions: Schema.String.annotate({ description: "The versions of the product whose files are understood." })
}).annotate({ identifier: "MovingProduct" })
export type MovingProductInfo = typeof MovingProductInfo.Type

export const sections = ["rules", "protections", "removals", "history", "people", "connections", "other"] as const
export const MoveInSection = Schema.Literals(sections)
export type MoveInSection = typeof MoveInSection.Type

export const outcomes = ["create", "present", "not-carried"] as const
export const MoveInOutcome = Schema.Literals(outcomes).annotate({
  description:
    "`create`: applying the preview creates it. `present`: it is here already, or was moved in before. `not-carried`: it cannot be carried over; `because` says why."
})
export type MoveInOutcome = typeof MoveInOutcome.Type

const Tallied = Schema.Struct({ items: Schema.Int, bytes: Schema.Finite })

export const MoveInEntry = Schema.Struct({
  section: MoveInSection,
  title: Schema.String,
  outcome: MoveInOutcome,
  because: Schema.NullOr(Schema.String).annotate({ description: "Why it is not created." }),
  notes: Schema.Array(Schema.String).annotate({ description: "What differs here from how it was there." }),
  original: Schema.String.annotate({ description: "The record of the file, as text." }),
  itemId: Schema.NullOr(Schema.String).annotate({ description: "The item here that it is about." }),
  matchedBy: Schema.NullOr(Schema.String).annotate({
    description: "By what the item was recognised: a typed id, or the key of the same media server."
  }),
  connection: Schema.optionalKey(
    Schema.Struct({
      kind: Schema.String,
      name: Schema.String,
      url: Schema.String,
      enabled: Schema.Boolean,
      secrets: Schema.Array(Schema.String).annotate({ description: "Fields whose secrets are taken from the file." })
    }).annotate({ description: "The integration that is created. It is not asked anything before." })
  ),
  rule: Schema.optionalKey(RuleDefinition).pipe(
    Schema.annotateKey({ description: "The rule that is created, switched off if it acts." })
  ),
  wouldMatch: Schema.optionalKey(Tallied).annotate({
    description: "Items that the rule matches now. It does nothing until a person switches it on."
  }),
  removal: Schema.optionalKey(
    Schema.Struct({
      action: removalTerms.action,
      resetRequest: Schema.Boolean,
      notBefore: Schema.String.annotate({
        description: "The item is not removed before this time: that of the other product, and at least a day from now."
      })
    })
  ),
  at: Schema.optionalKey(Schema.NullOr(Schema.String)).annotate({ description: "When it happened there." })
}).annotate({ identifier: "MoveInEntry" })
export type MoveInEntry = typeof MoveInEntry.Type

export const MoveInCount = Schema.Struct({
  section: MoveInSection,
  create: Schema.Int,
  present: Schema.Int,
  notCarried: Schema.Int
})

export const MoveInSummary = Schema.Struct({
  version: Schema.NullOr(Schema.String).annotate({ description: "The version of the file's schema." }),
  notes: Schema.Array(Schema.String),
  mediaServer: Schema.NullOr(
    Schema.Struct({
      integrationId: Schema.String,
      name: Schema.String,
      because: Schema.String.annotate({ description: "Why it is taken for the media server of the other product." })
    })
  ),
  libraries: Schema.Array(
    Schema.Struct({
      key: Schema.String,
      title: Schema.NullOr(Schema.String).annotate({ description: "`null` = it is not known which library this is." })
    })
  ),
  counts: Schema.Array(MoveInCount)
})
export type MoveInSummary = typeof MoveInSummary.Type

export const MoveIn = Schema.Struct({
  id: Schema.String,
  product: ProductName,
  fileBytes: Schema.Finite,
  ...MoveInSummary.fields,
  createdAt: Schema.String,
  createdBy: Schema.String,
  appliedAt: Schema.NullOr(Schema.String),
  appliedBy: Schema.NullOr(Schema.String)
}).annotate({ identifier: "MoveIn" })
export type MoveIn = typeof MoveIn.Type

/** What a person decides about a move. */
export const MoveInOptions = Schema.Struct({
  mediaServer: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(100))).annotate({
    description:
      "Id of the integration that is the media server of the other product. Without it, the server is recognised by titles that both products know by the same ids and keys."
  }),
  library: Schema.optionalKey(
    Schema.Array(Schema.String.check(Schema.isPattern(/^[^=]+=.+$/, { message: "must be KEY=TITLE" }))).check(
      Schema.isMaxLength(100)
    )
  ).annotate({
    description:
      "Titles of libraries by the keys that the other product knows them by, as `1=Movies`; for libraries that are not recognised by their titles."
  }),
  name: Schema.optionalKey(Schema.Trim.check(Schema.isBetweenLength(1, 120))).annotate({
    description: "Name of the rule, for files with one rule that has no name."
  })
})
export type MoveInOptions = typeof MoveInOptions.Type

export class MoveInNotFound extends Problem<MoveInNotFound>()(
  "MoveInNotFound",
  { code: "move-in-not-found", status: 404, title: "There is no such move" },
  { moveInId: Schema.String }
) {}

export const fileFaults = [
  "empty",
  "not-a-database",
  "truncated",
  "damaged",
  "other-product",
  "newer-version",
  "older-version",
  "not-understood"
] as const

/** The file cannot be moved in. Nothing is stored. */
export class MovingFileUnusable extends Problem<MovingFileUnusable>()(
  "MovingFileUnusable",
  { code: "moving-file-unusable", status: 422, title: "The file cannot be moved in" },
  { fault: Schema.Literals(fileFaults), detail: Schema.String }
) {}

export class MovingFileTooLarge extends Problem<MovingFileTooLarge>()(
  "MovingFileTooLarge",
  { code: "moving-file-too-large", status: 413, title: "The file is larger than the settings allow" },
  { detail: Schema.String, maximumBytes: Schema.Finite }
) {}

/** The upload was interrupted, or the disk is full. */
export class MovingFileFailed extends Problem<MovingFileFailed>()(
  "MovingFileFailed",
  { code: "moving-file-failed", status: 507, title: "The file could not be written" },
  { detail: Schema.String }
) {}

export class MoveInApplied extends Problem<MoveInApplied>()(
  "MoveInApplied",
  { code: "move-in-applied", status: 409, title: "The move has been applied already" },
  { moveInId: Schema.String, appliedAt: Schema.String }
) {}

/** Applying it now would do something else than its preview says. Nothing was changed; preview the file again. */
export class MoveInOutdated extends Problem<MoveInOutdated>()(
  "MoveInOutdated",
  { code: "move-in-outdated", status: 409, title: "The library or the rules have changed since the preview" },
  { moveInId: Schema.String, detail: Schema.String, differences: Schema.Array(Schema.String) }
) {}
