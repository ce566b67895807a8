/** What is kept to undo the removal of a creator, or of a work. */
import { Schema } from "effect"
import { excludedBefore } from "../Arr.ts"

export const CreatorRestore = Schema.Struct({
  kind: Schema.Literals(["artist", "author"]),
  foreignId: Schema.NonEmptyString,
  name: Schema.String,
  qualityProfileId: Schema.Int,
  metadataProfileId: Schema.Int,
  rootFolderPath: Schema.String,
  monitored: Schema.Boolean,
  monitorNewItems: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.Int),
  /** Foreign ids of the monitored works: a creator has many more. */
  monitoredWorks: Schema.Array(Schema.String),
  ...excludedBefore
})

export const WorkRestore = Schema.Struct({
  kind: Schema.Literals(["album", "book"]),
  workId: Schema.Int,
  foreignId: Schema.NullOr(Schema.String),
  /** Whether it was monitored. Data stored by older versions does not contain it, and it was monitored then. */
  monitored: Schema.optionalKey(Schema.Boolean),
  /** The data to restore its creator, if that entry was removed with its last work. */
  creator: Schema.optionalKey(CreatorRestore)
})

export const Restore = Schema.Union([CreatorRestore, WorkRestore])
