/** A copy of the database as clients see it, and its errors. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"
import { backupReasons } from "../storage/BackupFiles.ts"
import { RestoreRequest } from "../storage/Restoring.ts"

export const Backup = Schema.Struct({
  id: Schema.String.annotate({ description: "File name without the extension." }),
  reason: Schema.Literals(backupReasons).annotate({
    description: "Why it was made; `other` is a file that somebody put into the folder."
  }),
  createdAt: Schema.String,
  bytes: Schema.Finite,
  version: Schema.NullOr(Schema.Int).annotate({
    description: "Version of the database's schema; null = not a Tendarr database."
  })
}).annotate({ identifier: "Backup" })
export type Backup = typeof Backup.Type

export const BackupCheck = Schema.Struct({
  id: Schema.String,
  /** Whether this program can restore it. */
  restorable: Schema.Boolean,
  /** Why it cannot be restored. */
  because: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.Int),
  supported: Schema.Int.annotate({ description: "The newest schema version that this program knows." }),
  foreign: Schema.Array(Schema.String).annotate({
    description: "Triggers, views and other objects that Tendarr has not created, at most ten."
  }),
  damage: Schema.Array(Schema.String).annotate({ description: "Errors that SQLite reports, at most ten." })
}).annotate({ identifier: "BackupCheck" })
export type BackupCheck = typeof BackupCheck.Type

export const PendingRestore = Schema.Struct(RestoreRequest.fields).annotate({
  identifier: "PendingRestore",
  description: "A restore that the next start will perform."
})
export type PendingRestore = typeof PendingRestore.Type

export class BackupNotFound extends Problem<BackupNotFound>()(
  "BackupNotFound",
  { code: "backup-not-found", status: 404, title: "There is no such backup" },
  { backupId: Schema.String }
) {}

export class NoPendingRestore extends Problem<NoPendingRestore>()("NoPendingRestore", {
  code: "no-pending-restore",
  status: 404,
  title: "No restore is scheduled for the next start"
}) {}

export class NotTendarrDatabase extends Problem<NotTendarrDatabase>()(
  "NotTendarrDatabase",
  { code: "not-a-tendarr-database", status: 422, title: "The file is not a Tendarr database" },
  { detail: Schema.String }
) {}

export class BackupTooNew extends Problem<BackupTooNew>()(
  "BackupTooNew",
  { code: "backup-too-new", status: 409, title: "The backup was made by a newer version of Tendarr" },
  { detail: Schema.String, found: Schema.Int, supported: Schema.Int }
) {}

/** Foreign objects in a database (triggers, views) would act on everything that is written to it later. */
export class BackupForeign extends Problem<BackupForeign>()(
  "BackupForeign",
  { code: "backup-foreign", status: 409, title: "The backup contains objects that Tendarr has not created" },
  { detail: Schema.String, foreign: Schema.Array(Schema.String) }
) {}

export class BackupDamaged extends Problem<BackupDamaged>()(
  "BackupDamaged",
  { code: "backup-damaged", status: 409, title: "The backup is damaged" },
  { detail: Schema.String, damage: Schema.Array(Schema.String) }
) {}

export class UploadTooLarge extends Problem<UploadTooLarge>()(
  "UploadTooLarge",
  { code: "upload-too-large", status: 413, title: "The file is larger than the settings allow" },
  { detail: Schema.String, maximumBytes: Schema.Finite }
) {}

/** The disk is full, or the data directory is not writable. */
export class BackupFailed extends Problem<BackupFailed>()(
  "BackupFailed",
  { code: "backup-failed", status: 507, title: "The file could not be written" },
  { detail: Schema.String }
) {}

export class NoDataDirectory extends Problem<NoDataDirectory>()("NoDataDirectory", {
  code: "no-data-directory",
  status: 409,
  title: "An in-memory database has no backups"
}) {}
