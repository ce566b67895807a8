/** All of Tendarr in this process, called through its own API. Nothing runs in the background. */
import { type EdgeServices, makeMountTable } from "@tendarr/core/api/MountTable"
import { nativeMount, type NativeServices } from "@tendarr/core/api/NativeMount"
import { type HeldFolder, holdFolder } from "@tendarr/core/server/DataFolder"
import { DocumentsOnDemand } from "@tendarr/core/library/ItemStore/Loading"
import { gracePeriod } from "@tendarr/core/server/Listening"
import { servedServices } from "@tendarr/core/server/Serve"
import { secretKeyOptionsFrom } from "@tendarr/core/storage/SecretKeys"
import { DatabaseMissing } from "@tendarr/core/storage/Presence"
import { DatabaseUnusable, storageFaultIn } from "@tendarr/core/storage/StorageFaults"
import { Cause, Effect, Layer, Redacted, type Scope } from "effect"
import { HttpEffect, type HttpServerRequest } from "effect/http"
import { failed, toFailure } from "../Failure.ts"
import { asking } from "./Asking.ts"
import type { Connection } from "./Connection.ts"

/** `fewItems`: the requests decide about a few items of the library. */
export const inProcess = Effect.fnUntraced(function* (folder: string, fewItems = false) {
  const held = yield* holdFolder(folder).pipe(
    Effect.catchTag("DataDirectoryUnusable", (error) => Effect.fail(failed(error.message, "data-directory-unusable")))
  )
  const fetch = yield* handlerOver(held).pipe(Effect.provideService(DocumentsOnDemand, fewItems))
  const apiKey = Redacted.make(held.localSecret)
  return {
    ...asking({ where: folder, url: "http://tendarr.internal", apiKey, fetch }),
    where: folder,
    server: null
  } satisfies Connection
})

const handlerOver = Effect.fnUntraced(function* (held: HeldFolder) {
  const { node } = yield* Effect.promise(() => import("@tendarr/http-node"))
  const services = yield* Layer.build(
    servedServices(node, held, { sandbox: null, secretKey: secretKeyOptionsFrom(process.env) })
  ).pipe(
    Effect.catchCause((cause) => {
      const failure = cause.reasons.find(Cause.isFailReason)?.error
      const fault = storageFaultIn(cause)
      const error =
        fault === null ? failure : new DatabaseUnusable({ file: held.database, reason: fault.reason, said: fault.said })
      if (error instanceof DatabaseMissing) return Effect.fail(failed(error.message, "database-missing"))
      if (error instanceof DatabaseUnusable) {
        return Effect.fail(failed(error.message, "database-unusable", "`tendarr doctor` checks for the cause."))
      }
      const because = toFailure(failure ?? Cause.squash(cause), held.path).message
      return Effect.fail(
        failed(
          `The database in ${held.path} cannot be used: ${because}`,
          "database-unusable",
          "`tendarr doctor` checks for the cause."
        )
      )
    })
  )
  return yield* Effect.gen(function* () {
    const table = yield* makeMountTable<NativeServices>({ basePath: "", gracePeriod })
    yield* Effect.orDie(table.attach(nativeMount))
    return HttpEffect.toWebHandlerWith<
      NativeServices | EdgeServices,
      NativeServices | EdgeServices | HttpServerRequest.HttpServerRequest | Scope.Scope,
      never
    >(yield* Effect.context<NativeServices | EdgeServices>())(table.handle)
  }).pipe(Effect.provide(services))
})
