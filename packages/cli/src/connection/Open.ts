/** Opens a connection: over HTTP to a server, or in this process on a data directory that nobody holds. */
import { databaseName, holderOf, readLocalSecret } from "@tendarr/core/server/DataFolder"
import { Effect, FileSystem, Path, Redacted } from "effect"
import { type CommandFailure, failed, unreachable } from "../Failure.ts"
import { asking } from "./Asking.ts"
import type { Connection, OpenOptions } from "./Connection.ts"
import type { Place } from "./Place.ts"

/** A process that holds the directory and does not serve is either about to, or another command that ends soon. */
const patience = { attempts: 50, millis: 100 }

export const open = Effect.fnUntraced(function* (place: Place, { create = false }: OpenOptions) {
  if (place._tag === "Server") return toServer(place.url, place.apiKey)
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let attempt = 1; ; attempt++) {
    const holder = yield* holderOf(place.path)
    if (holder?.url != null) return toServer(holder.url, place.apiKey ?? (yield* localSecret(place.path)))
    if (holder === null) {
      const there = yield* Effect.orElseSucceed(files.exists(path.join(place.path, databaseName)), () => false)
      if (!there && !create) return yield* nobodyAt(place.path)
      const { inProcess } = yield* Effect.promise(() => import("./InProcess.ts"))
      const opened = yield* inProcess(place.path).pipe(
        Effect.catchTag("DataDirectoryBusy", (busy) =>
          attempt < patience.attempts ? Effect.succeed(null) : Effect.fail(unreachable(busy.message))
        )
      )
      if (opened !== null) return opened
    } else if (attempt >= patience.attempts) {
      return yield* unreachable(
        `Process ${holder.pid} works on ${place.path} and does not answer requests`,
        "Wait for it to end, or stop it."
      )
    }
    yield* Effect.sleep(patience.millis)
  }
})

const nobodyAt = (folder: string): CommandFailure =>
  unreachable(
    `There is no Tendarr in ${folder}`,
    "`tendarr init` sets one up, `tendarr serve` starts one; or say with --data-dir or --url where it is."
  )

const localSecret = (folder: string) =>
  readLocalSecret(folder).pipe(
    Effect.map((text) => Redacted.make(text.trim())),
    Effect.mapError(() =>
      failed(`The local key in ${folder} cannot be read`, "no-local-key", "Run as who owns it, or give --api-key.")
    )
  )

const toServer = (url: string, apiKey: Redacted.Redacted<string> | null): Connection => ({
  ...asking({ where: url, url, apiKey, fetch: globalThis.fetch }),
  where: url,
  server: url
})
