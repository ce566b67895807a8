/**
 * Stages a database to replace one that no server is using, without opening the latter: it may be the reason for the
 * restore. The next time the data directory is opened, it is replaced.
 */
import { SqliteClient } from "@effect/sql-sqlite-node"
import { holdFolder } from "@tendarr/core/server/DataFolder"
import { lookInto } from "@tendarr/core/storage/BackupFiles"
import { databaseFault } from "@tendarr/core/storage/DatabaseFault"
import { inspectDatabase } from "@tendarr/core/storage/Inspection"
import { stageRestore, unusable } from "@tendarr/core/storage/Restoring"
import { DateTime, Effect } from "effect"
import { Reactivity } from "effect/reactivity"
import { failed, toFailure, unreachable } from "../Failure.ts"

export const restoreOffline = (folder: string, file: string, backupId: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const held = yield* holdFolder(folder)
      const reactivity = yield* Reactivity.make
      const open = (filename: string, { readonly }: { readonly readonly: boolean }) =>
        SqliteClient.make({ filename, readonly, disableWAL: true }).pipe(
          Effect.provideService(Reactivity.Reactivity, reactivity)
        )
      const because = yield* lookInto(open, file, inspectDatabase(open)).pipe(
        Effect.map(unusable),
        Effect.catchCause((cause) => Effect.succeed(`it cannot be read: ${databaseFault(cause)}`))
      )
      if (because !== null) return yield* failed(`${file} cannot be restored: ${because}`, "backup-unusable")
      const request = { backupId, requestedBy: "local", requestedAt: DateTime.formatIso(yield* DateTime.now) }
      yield* stageRestore(held.path, file, request)
      return request
    })
  ).pipe(
    Effect.catchTags({
      DataDirectoryBusy: (busy) => Effect.fail(unreachable(busy.message)),
      PlatformError: (error) => Effect.fail(failed(error.message, "backup-failed")),
      SchemaError: (error) => Effect.fail(toFailure(error, folder))
    })
  )
