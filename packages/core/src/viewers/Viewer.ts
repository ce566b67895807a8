/** A viewer: a person who plays or requests something, with the accounts by which applications know them. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

/** Plays of movies and shows in the library. */
export const ViewerTotals = Schema.Struct({
  /** Movies and shows that were played. */
  items: Schema.Int,
  /** The sum of all plays; of a show, those of its episodes. */
  plays: Schema.Int,
  lastPlayedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "ViewerTotals" })
export type ViewerTotals = typeof ViewerTotals.Type

export const ViewerIdentity = Schema.Struct({
  id: Schema.String,
  integrationId: Schema.String,
  /** Name of the integration. */
  integration: Schema.String,
  /** `account`: of a media server, who plays. `requester`: of a request manager. */
  role: Schema.Literals(["account", "requester"]),
  name: Schema.String,
  names: Schema.Array(Schema.String),
  ambiguous: Schema.Array(Schema.String).annotate({
    description: "Those of its names that other people have too. Rules do not recognise the person by them."
  }),
  placedBy: Schema.Literals(["sync", "person"]).annotate({
    description: "`person`: somebody joined or split it, and no sync moves it to another viewer."
  }),
  missingSince: Schema.NullOr(Schema.String).annotate({
    description: "Since when no reading of its integration contains it."
  }),
  totals: ViewerTotals
}).annotate({ identifier: "ViewerIdentity" })
export type ViewerIdentity = typeof ViewerIdentity.Type

const summary = {
  id: Schema.String,
  name: Schema.String,
  totals: ViewerTotals,
  version: Schema.Int,
  createdAt: Schema.String,
  updatedAt: Schema.String
}

export const ViewerSummary = Schema.Struct({
  ...summary,
  /** Names of the integrations that know them. */
  integrations: Schema.Array(Schema.String)
}).annotate({ identifier: "ViewerSummary" })
export type ViewerSummary = typeof ViewerSummary.Type

export const Viewer = Schema.Struct({ ...summary, identities: Schema.Array(ViewerIdentity) }).annotate({
  identifier: "Viewer"
})
export type Viewer = typeof Viewer.Type

const Ids = Schema.Array(Schema.String.check(Schema.isBetweenLength(1, 100))).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(1000)
)

export const ViewerJoin = Schema.Struct({
  viewerIds: Ids.annotate({ description: "The viewers who are the same person. They become part of this viewer." })
}).annotate({ identifier: "ViewerJoin" })
export type ViewerJoin = typeof ViewerJoin.Type

export const ViewerSplit = Schema.Struct({
  identityIds: Ids.annotate({ description: "The accounts of the other person. They become a separate viewer." })
}).annotate({ identifier: "ViewerSplit" })
export type ViewerSplit = typeof ViewerSplit.Type

/** Both people, after their accounts were split. */
export const ViewersSplit = Schema.Struct({ viewer: Viewer, split: Viewer }).annotate({ identifier: "ViewersSplit" })
export type ViewersSplit = typeof ViewersSplit.Type

export interface ViewerQuery {
  /** A part of one of their names. */
  readonly q?: string
  readonly limit?: number
  readonly cursor?: string
}

export class ViewerNotFound extends Problem<ViewerNotFound>()(
  "ViewerNotFound",
  { code: "viewer-not-found", status: 404, title: "There is no such viewer" },
  { viewerId: Schema.String }
) {}
