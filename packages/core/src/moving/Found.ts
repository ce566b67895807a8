/**
 * What a file of another product contains, in our terms, before it is known what of it can be moved in here. It refers
 * to items by typed ids and by keys of the media server, never by ids of either database.
 */
import { Effect, Schema } from "effect"
import { removalActions } from "../integrations/Kind.ts"
import { itemKinds } from "../integrations/Observations.ts"
import { RuleDefinition } from "../rules/Rule.ts"

const Texts = Schema.Array(Schema.String)

/** The record as it is in the file, as text for people. */
const original = { original: Schema.String }

export const FoundItem = Schema.Struct({
  /** `null` = an episode, or a kind that is not known. */
  kind: Schema.NullOr(Schema.Literals(itemKinds)),
  title: Schema.NullOr(Schema.String),
  ids: Texts,
  /** The key of the item on its media server. */
  serverItemId: Schema.NullOr(Schema.String),
  /** The key there of the whole that it is a part of. */
  parentServerItemId: Schema.NullOr(Schema.String)
})
export type FoundItem = typeof FoundItem.Type

/** An item that both sides may know: it shows which media server they share, and how its libraries are called. */
export const FoundSample = Schema.Struct({
  kind: Schema.Literals(itemKinds),
  ids: Texts,
  serverItemId: Schema.String,
  /** The key of its library on the media server. */
  libraryKey: Schema.NullOr(Schema.String)
})
export type FoundSample = typeof FoundSample.Type

/** An application that the other product was connected to. Its secrets are not part of it. */
export const FoundConnection = Schema.Struct({
  key: Schema.String,
  name: Schema.String,
  ...original,
  /** Id of a kind here, if there is one. */
  kind: Schema.String,
  url: Schema.String,
  enabled: Schema.Boolean,
  /** Fields of its configuration that are no secrets, as far as its kind has them. */
  config: Schema.Record(Schema.String, Schema.String),
  /** Below the address, as some clients have one. */
  path: Schema.NullOr(Schema.String),
  notes: Texts
})
export type FoundConnection = typeof FoundConnection.Type

/** Secrets of connections by the keys of these, and by the fields of their configuration. Never stored in clear text. */
export type FoundSecrets = ReadonlyMap<string, Readonly<Record<string, string>>>

/** Why a rule cannot be carried over, or the rule, whose libraries are still keys of the media server. */
export const FoundRule = Schema.Struct({
  key: Schema.String,
  name: Schema.String,
  ...original,
  rule: Schema.NullOr(RuleDefinition),
  libraryKeys: Texts,
  /** Empty = it can be carried over. */
  lost: Texts,
  /** What differs here, although it is carried over. */
  notes: Texts
})
export type FoundRule = typeof FoundRule.Type

export const FoundProtection = Schema.Struct({
  key: Schema.String,
  ...original,
  title: Schema.String,
  reason: Schema.String,
  /** `null` = a collection. */
  item: Schema.NullOr(FoundItem),
  collection: Schema.NullOr(Schema.String),
  /** Items of the collection, which are protected by themselves if there is no such collection here. */
  members: Schema.Array(FoundItem),
  notes: Texts
})
export type FoundProtection = typeof FoundProtection.Type

export const FoundRemoval = Schema.Struct({
  key: Schema.String,
  ...original,
  title: Schema.String,
  item: FoundItem,
  /** When the other product would have removed it, ISO-8601 UTC; `null` = it has no time. */
  deadline: Schema.NullOr(Schema.String),
  action: Schema.NullOr(Schema.Literals(removalActions)),
  /** `null` = it does not say. */
  importExclusion: Schema.NullOr(Schema.Boolean),
  resetRequest: Schema.Boolean,
  lost: Texts,
  notes: Texts
})
export type FoundRemoval = typeof FoundRemoval.Type

/** Something that the other product did or noted. */
export const FoundDeed = Schema.Struct({
  key: Schema.String,
  what: Schema.Literals(["deletion", "activity"]),
  title: Schema.String,
  text: Schema.String,
  /** ISO-8601 UTC; `null` = the record has no readable time. */
  at: Schema.NullOr(Schema.String),
  bytes: Schema.NullOr(Schema.Finite),
  by: Schema.NullOr(Schema.String)
})
export type FoundDeed = typeof FoundDeed.Type

export const FoundPerson = Schema.Struct({ key: Schema.String, name: Schema.String, ...original })
export type FoundPerson = typeof FoundPerson.Type

/** What has no place here. */
export const FoundRest = Schema.Struct({
  key: Schema.String,
  title: Schema.String,
  because: Schema.String,
  ...original
})
export type FoundRest = typeof FoundRest.Type

export const Found = Schema.Struct({
  /** The version of the schema of the file, for people. */
  version: Schema.NullOr(Schema.String),
  notes: Texts,
  samples: Schema.Array(FoundSample),
  connections: Schema.Array(FoundConnection).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed<ReadonlyArray<FoundConnection>>([]))
  ),
  rules: Schema.Array(FoundRule),
  protections: Schema.Array(FoundProtection),
  removals: Schema.Array(FoundRemoval),
  history: Schema.Array(FoundDeed),
  people: Schema.Array(FoundPerson),
  rest: Schema.Array(FoundRest)
})
export type Found = typeof Found.Type

/** What a file contains, with the secrets in it. */
export interface FoundInFile extends Found {
  readonly secrets?: FoundSecrets
}

export const nothingFound: Found = {
  version: null,
  notes: [],
  samples: [],
  connections: [],
  rules: [],
  protections: [],
  removals: [],
  history: [],
  people: [],
  rest: []
}
