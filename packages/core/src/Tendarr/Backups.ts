/** Backups of the database, for embedding programs. */
import type { Backup, BackupCheck, PendingRestore } from "../system/Backup.ts"
import { Backups } from "../system/Backups.ts"
import type { Calls } from "./Calls.ts"

/**
 * Copies of the database, in `backups/` of the data directory. They do not contain the key that decrypts their secrets.
 */
export interface BackupCalls {
  /** Newest first. */
  readonly list: () => Promise<ReadonlyArray<Backup>>
  /** Rejects with `BackupNotFound`. */
  readonly get: (id: string) => Promise<Backup>
  /** Creates a backup now, while everything keeps running. Rejects with `NoDataDirectory` or `BackupFailed`. */
  readonly create: () => Promise<Backup>
  /** Reads every page of the backup and reports whether it can be restored. Rejects with `BackupNotFound`. */
  readonly verify: (id: string) => Promise<BackupCheck>
  /**
   * Replaces the database with the backup when the data directory is opened the next time; the replaced database is
   * kept as a backup, and deletions are then switched off. Rejects with `BackupNotFound`, `NotTendarrDatabase`,
   * `BackupTooNew`, `BackupDamaged` or `BackupFailed`.
   */
  readonly restore: (id: string) => Promise<PendingRestore>
  /** The scheduled restore. Rejects with `NoPendingRestore`. */
  readonly pendingRestore: () => Promise<PendingRestore>
  /** Rejects with `NoPendingRestore`. */
  readonly cancelRestore: () => Promise<void>
  /** Rejects with `BackupNotFound` or `BackupFailed`. */
  readonly remove: (id: string) => Promise<void>
}

export const backupCalls = ({ run }: Calls): BackupCalls => ({
  list: () => run(Backups.use((backups) => backups.list)),
  get: (id) => run(Backups.use((backups) => backups.get(id))),
  create: () => run(Backups.use((backups) => backups.create("manual"))),
  verify: (id) => run(Backups.use((backups) => backups.verify(id))),
  restore: (id) => run(Backups.use((backups) => backups.restore(id))),
  pendingRestore: () => run(Backups.use((backups) => backups.pending)),
  cancelRestore: () => run(Backups.use((backups) => backups.cancelRestore)),
  remove: (id) => run(Backups.use((backups) => backups.remove(id)))
})
