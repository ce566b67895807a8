/** Events of backups and restores. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"

const ofBackup = { category: "system", subject: "backup" } as const
const bytes = { bytes: Schema.Finite }

const Restore = Schema.Struct({
  previous: Schema.NullOr(Schema.String).annotate({ description: "The backup of the database that was replaced." }),
  refusedBecause: Schema.NullOr(Schema.String)
})

export const SystemEvents = {
  created: eventType("backup.created", {
    ...ofBackup,
    description: "A backup of the database was made.",
    payload: Schema.Struct({ reason: Schema.Literals(["manual", "scheduled"]), ...bytes })
  }),
  uploaded: eventType("backup.uploaded", {
    ...ofBackup,
    description: "A backup was uploaded.",
    payload: Schema.Struct(bytes)
  }),
  removed: eventType("backup.removed", {
    ...ofBackup,
    description: "A backup was removed: by a person, or as the oldest one beyond the number to keep.",
    payload: NoPayload
  }),
  restoreStaged: eventType("backup.restore-staged", {
    ...ofBackup,
    description: "A person scheduled a restore: the next start replaces the database with a backup.",
    payload: NoPayload
  }),
  restoreCancelled: eventType("backup.restore-cancelled", {
    ...ofBackup,
    description: "A scheduled restore was cancelled.",
    payload: NoPayload
  }),
  restored: eventType("backup.restored", {
    ...ofBackup,
    severity: "warning",
    description:
      "A start replaced the database with a backup; deletions are switched off until a person has reviewed the removals.",
    payload: Restore
  }),
  restoreRefused: eventType("backup.restore-refused", {
    ...ofBackup,
    severity: "error",
    description: "A start did not replace the database, because the backup cannot be used.",
    payload: Restore
  })
}
