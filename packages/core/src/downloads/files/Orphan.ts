/** An orphaned file or folder: where it is, what it contains, and what became of it. */
import { Schema } from "effect"

export const orphanStates = ["found", "planned", "quarantined", "restored", "deleted", "kept"] as const
export const OrphanState = Schema.Literals(orphanStates).annotate({
  description:
    "`found`: nothing knows it. `planned`: it is to be moved into quarantine. `restored`: it was moved back, and stays. `kept`: a person lets it stay where it is."
})
export type OrphanState = typeof OrphanState.Type

export const Orphan = Schema.Struct({
  id: Schema.String,
  path: Schema.String.annotate({ description: "Where it was found, as Tendarr sees it." }),
  folder: Schema.String.annotate({ description: "The folder of the download client that contains it." }),
  state: OrphanState,
  files: Schema.Int,
  bytes: Schema.Finite,
  freesBytes: Schema.Finite.annotate({
    description: "Bytes of files without further hard links: deleting the others frees nothing."
  }),
  newestAt: Schema.String.annotate({ description: "When the newest of it was written." }),
  identity: Schema.String.annotate({ description: "Device and inode of the file or folder." }),
  foundAt: Schema.String,
  seenAt: Schema.String.annotate({ description: "When it was last found to be orphaned." }),
  reason: Schema.NullOr(Schema.String).annotate({ description: "Why it is in this state." }),
  quarantine: Schema.NullOr(Schema.String).annotate({ description: "Its path in quarantine." }),
  quarantinedAt: Schema.NullOr(Schema.String),
  deleteAt: Schema.NullOr(Schema.String).annotate({ description: "When it will be deleted from quarantine." }),
  endedAt: Schema.NullOr(Schema.String),
  actId: Schema.NullOr(Schema.String).annotate({ description: "The act that moves it into quarantine." }),
  deletionId: Schema.NullOr(Schema.String).annotate({ description: "The act that deletes it." })
}).annotate({ identifier: "Orphan" })
export type Orphan = typeof Orphan.Type

export const OrphanQuery = Schema.Struct({
  state: Schema.optionalKey(OrphanState),
  search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))).annotate({
    description: "A part of the path, in any case of its letters."
  })
})
export type OrphanQuery = typeof OrphanQuery.Type & { readonly limit?: number; readonly cursor?: string }
