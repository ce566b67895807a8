/** The replacement of a media server by another one: what is carried over, and what cannot be. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

const Text = Schema.String.check(Schema.isBetweenLength(1, 500))

export const serverNames = ["library", "collections", "labels"] as const
const NameKind = Schema.Literals(serverNames).annotate({ description: "The fact whose values are such names." })

const Part = Schema.Struct({ id: Schema.String, name: Schema.String })

export const ReplacementRequest = Schema.Struct({
  successorId: Schema.String.annotate({ description: "Id of the integration of the new media server." }),
  names: Schema.optionalKey(
    Schema.Array(Schema.Struct({ what: NameKind, from: Text, to: Schema.NullOr(Text) })).check(Schema.isMaxLength(1000))
  ).annotate({
    description:
      "Names on the new server for names of the former one that rules and protections use; without an entry, an equal name is taken. `null` = none."
  }),
  accounts: Schema.optionalKey(
    Schema.Array(Schema.Struct({ from: Schema.String, to: Schema.NullOr(Schema.String) })).check(
      Schema.isMaxLength(1000)
    )
  ).annotate({
    description:
      "Accounts of the new server by the ids of accounts of the former one (`identities` of a viewer); without an entry, an equal name that only one account has is taken. `null` = another person."
  })
}).annotate({ identifier: "ReplacementRequest" })
export type ReplacementRequest = typeof ReplacementRequest.Type

export const ConfirmedReplacement = Schema.Struct({
  ...ReplacementRequest.fields,
  fingerprint: Schema.String.check(Schema.isMaxLength(100)).annotate({
    description: "That of the preview. If the plan has changed since, the request is refused."
  })
}).annotate({ identifier: "ConfirmedReplacement" })
export type ConfirmedReplacement = typeof ConfirmedReplacement.Type

export const ReplacementPlan = Schema.Struct({
  former: Part,
  successor: Part,
  fingerprint: Schema.String.annotate({ description: "Of this plan; it is sent back to carry out exactly this." }),
  names: Schema.Array(
    Schema.Struct({
      what: NameKind,
      name: Schema.String,
      to: Schema.NullOr(Schema.String).annotate({ description: "`null` = no such name on the new server." }),
      usedBy: Schema.Array(Schema.String)
    })
  ).annotate({ description: "Names of the former server that rules and protections use." }),
  rules: Schema.Array(Schema.Struct({ ...Part.fields, changes: Schema.Array(Schema.String) })).annotate({
    description: "Rules whose names or scopes change."
  }),
  protections: Schema.Array(
    Schema.Struct({ id: Schema.String, collection: Schema.String, to: Schema.String })
  ).annotate({ description: "Protected collections, with the collection of the new server that is protected too." }),
  accounts: Schema.Array(Schema.Struct({ from: Part, to: Schema.NullOr(Part), because: Schema.String })).annotate({
    description: "Accounts of the former server, with the account of the same person on the new one."
  }),
  integrations: Schema.Array(Schema.Struct({ ...Part.fields, because: Schema.String })).annotate({
    description: "Integrations that are switched off, since what they report is about the former server."
  }),
  plays: Schema.Struct({
    titles: Schema.Int.annotate({ description: "Titles whose plays on the former server go on counting." }),
    plays: Schema.Finite,
    waiting: Schema.Int.annotate({
      description:
        "Of these titles, those that the new server does not have yet: their plays are unknown until it does."
    })
  }),
  notCarried: Schema.Array(Schema.Struct({ what: Schema.String, because: Schema.String }))
}).annotate({ identifier: "ReplacementPlan" })
export type ReplacementPlan = typeof ReplacementPlan.Type

export const Replacement = Schema.Struct({
  ...ReplacementPlan.fields,
  at: Schema.String,
  actor: Schema.String
}).annotate({ identifier: "Replacement" })
export type Replacement = typeof Replacement.Type

export class ReplacementNotFound extends Problem<ReplacementNotFound>()(
  "ReplacementNotFound",
  { code: "replacement-not-found", status: 404, title: "The media server was not replaced" },
  { integrationId: Schema.String }
) {}

/** It is replaced already, or what would be carried over has changed. Nothing was changed. */
export class ReplacementConflict extends Problem<ReplacementConflict>()(
  "ReplacementConflict",
  { code: "replacement-conflict", status: 409, title: "The media server cannot be replaced like this now" },
  { integrationId: Schema.String, detail: Schema.String }
) {}
