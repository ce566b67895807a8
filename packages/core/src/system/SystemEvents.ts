/** Events of backups, and of the database that one of them replaces. */
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
    description: "A backup was taken in from outside.",
    payload: Schema.Struct(bytes)
  }),
  removed: eventType("backup.removed", {
    ...ofBackup,
    description: "A backup was removed: by a person, or as the oldest of those that are kept.",
    payload: NoPayload
  }),
  restoreStaged: eventType("backup.restore-staged", {
    ...ofBackup,
    description: "A person wants the next start to replace the database by a backup.",
    payload: NoPayload
  }),
  restoreCancelled: eventType("backup.restore-cancelled", {
    ...ofBackup,
    description: "A restore that the next start would have carried out was called off.",
    payload: NoPayload
  }),
  restored: eventType("backup.restored", {
    ...ofBackup,
    severity: "warning",
    description: "A start has replaced the database by a backup; deletions are switched off until a person has looked.",
    payload: Restore
  }),
  restoreRefused: eventType("backup.restore-refused", {
    ...ofBackup,
    severity: "error",
    description: "A start has not replaced the database, since the backup is of no use.",
    payload: Restore
  })
}
