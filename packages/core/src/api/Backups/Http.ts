import { Effect, Stream } from "effect"
import { HttpEffect, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { backupFileName } from "../../storage/BackupFiles.ts"
import type { Backup } from "../../system/Backup.ts"
import { Backups } from "../../system/Backups.ts"
import { Api } from "../Api.ts"
import { declaredLength, toList } from "../Common.ts"

export const BackupsHandlers = HttpApiBuilder.group(
  Api,
  "backups",
  Effect.fn(function* (handlers) {
    const backups = yield* Backups
    return handlers.handleAll({
      list: () => Effect.map(backups.list, toList),
      create: () => backups.create("manual"),
      upload: ({ payload }) =>
        Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
          backups.upload({ bytes: payload, declaredBytes: declaredLength(headers["content-length"]) })
        ),
      pendingRestore: () => backups.pending,
      cancelRestore: () => backups.cancelRestore,
      get: ({ params }) => backups.get(params.id),
      download: ({ params }) =>
        Effect.flatMap(backups.download(params.id), ({ backup, bytes }) =>
          // The status has been sent by then: if the disk fails, the response can only be aborted.
          Effect.as(asFile(backup), Stream.orDie(bytes))
        ),
      verify: ({ params }) => backups.verify(params.id),
      restore: ({ params }) => backups.restore(params.id),
      remove: ({ params }) => backups.remove(params.id)
    })
  })
)

/** Names the file and states its length, so that a truncated download is noticed. */
const asFile = (backup: Backup) =>
  HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.succeed(
      HttpServerResponse.setHeaders(response, {
        "content-disposition": `attachment; filename="${backupFileName(backup.id)}"`,
        "content-length": String(backup.bytes)
      })
    )
  )
