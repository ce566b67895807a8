/** Backups of the database: creating, downloading, uploading, and restoring at the next start. Only for admins. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import {
  Backup,
  BackupCheck,
  BackupDamaged,
  BackupFailed,
  BackupForeign,
  BackupNotFound,
  BackupTooNew,
  NoDataDirectory,
  NoPendingRestore,
  NotTendarrDatabase,
  PendingRestore,
  UploadTooLarge
} from "../../system/Backup.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, listOf, NeedsScope } from "../Common.ts"

/** Ids are file names, which may be longer than numeric ids. */
const path = { id: Id }

const refusals = [NotTendarrDatabase, BackupTooNew, BackupForeign, BackupDamaged] as const

export const databaseType = "application/vnd.sqlite3"

export class BackupsApi extends HttpApiGroup.make("backups")
  .add(
    HttpApiEndpoint.get("list", "/backups", { success: listOf(Backup) })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("List backups", "Newest first.")),
    HttpApiEndpoint.post("create", "/backups", {
      success: Backup.pipe(HttpApiSchema.status(201)),
      error: [NoDataDirectory, BackupFailed]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Back up now", "A consistent copy, made while the server keeps running.")),
    HttpApiEndpoint.post("upload", "/backups/upload", {
      payload: HttpApiSchema.StreamUint8Array({ contentType: [databaseType, "application/octet-stream"] }),
      success: Backup.pipe(HttpApiSchema.status(201)),
      error: [NoDataDirectory, UploadTooLarge, BackupFailed, ...refusals]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Upload a backup",
          "The body is the file. It is streamed to disk, and kept only if it is a sound database of this version of Tendarr or an older one."
        )
      ),
    HttpApiEndpoint.get("pendingRestore", "/backups/restore", { success: PendingRestore, error: NoPendingRestore })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("The restore that the next start will perform")),
    HttpApiEndpoint.delete("cancelRestore", "/backups/restore", {
      success: HttpApiSchema.NoContent,
      error: NoPendingRestore
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Cancel a scheduled restore", "Possible until the server is restarted.")),
    HttpApiEndpoint.get("get", "/backups/:id", { params: path, success: Backup, error: BackupNotFound })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("One backup")),
    HttpApiEndpoint.get("download", "/backups/:id/file", {
      params: path,
      success: HttpApiSchema.StreamUint8Array({ contentType: databaseType }),
      error: BackupNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Download a backup",
          "An SQLite database. Its secrets can be decrypted only with the key file of its data directory."
        )
      ),
    HttpApiEndpoint.post("verify", "/backups/:id/verify", { params: path, success: BackupCheck, error: BackupNotFound })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Check a backup", "Reads every page of the database and reports whether it can be restored.")
      ),
    HttpApiEndpoint.post("restore", "/backups/:id/restore", {
      params: path,
      success: PendingRestore.pipe(HttpApiSchema.status(202)),
      error: [BackupNotFound, BackupFailed, ...refusals]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Restore a backup at the next start",
          "The database it replaces is kept as a backup. Deletions are switched off after a restore, because the restored database may still schedule removals that were cancelled since."
        )
      ),
    HttpApiEndpoint.delete("remove", "/backups/:id", {
      params: path,
      success: HttpApiSchema.NoContent,
      error: [BackupNotFound, BackupFailed]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Delete a backup"))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Copies of the database. The key file that decrypts their secrets is kept next to the database and is not included."
  ) {}
