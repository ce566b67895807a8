/** Opens a connection: over HTTP to a server, or in this process on a data directory that is not held. */
import {
  databaseName,
  type Holder,
  holderName,
  holding,
  isHere,
  readLocalSecret
} from "@tendarr/core/server/DataFolder"
import { leftIn } from "@tendarr/core/storage/Presence"
import { stagedRestore } from "@tendarr/core/storage/Restoring"
import { Effect, FileSystem, Path, Redacted } from "effect"
import { type CommandFailure, failed, unreachable } from "../Failure.ts"
import { asking } from "./Asking.ts"
import type { Connection, OpenOptions } from "./Connection.ts"
import type { Place } from "./Place.ts"

/** A process that holds the directory without serving is either starting, or another command that will end soon. */
const patience = { attempts: 50, millis: 100 }

export const open = Effect.fnUntraced(function* (place: Place, { create = false, fewItems = false }: OpenOptions) {
  if (place._tag === "Server") return toServer(place.url, place.apiKey)
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let attempt = 1; ; attempt++) {
    const { held, holder } = yield* holding(place.path)
    if (holder?.url != null) {
      if (!isHere(holder)) return yield* elsewhere(place.path, holder)
      return toServer(holder.url, place.apiKey ?? (yield* localSecret(place.path)))
    }
    if (!held) {
      const there = yield* Effect.orElseSucceed(files.exists(path.join(place.path, databaseName)), () => false)
      if (!there && !create && !(yield* wasThere(place.path))) return yield* nobodyAt(place.path)
      const { inProcess } = yield* Effect.promise(() => import("./InProcess.ts"))
      const opened = yield* inProcess(place.path, fewItems).pipe(
        Effect.catchTag("DataDirectoryBusy", (busy) =>
          attempt < patience.attempts ? Effect.succeed(null) : Effect.fail(unreachable(busy.message))
        )
      )
      if (opened !== null) return opened
    } else if (attempt >= patience.attempts) {
      return yield* unreachable(
        `${holderName(holder)} is using ${place.path} and does not answer requests`,
        "Wait for it to end, or stop it."
      )
    }
    yield* Effect.sleep(patience.millis)
  }
})

/** An address such as `127.0.0.1` belongs to the machine or container of the holder. */
const elsewhere = (folder: string, holder: Holder): CommandFailure =>
  unreachable(
    `${holderName(holder)} is using ${folder}, on another machine or in another container`,
    "Run the command there (`docker exec`), or give --url and --api-key to reach it from here."
  )

/** A database that was lost, or a staged restore: opening reports what to do, or performs it. */
const wasThere = Effect.fnUntraced(function* (folder: string) {
  const { left } = yield* leftIn(folder)
  return left.length > 0 || (yield* Effect.orElseSucceed(stagedRestore(folder), () => null)) !== null
})

const nobodyAt = (folder: string): CommandFailure =>
  unreachable(
    `There is no Tendarr in ${folder}`,
    "`tendarr init` sets one up, `tendarr serve` starts one; --data-dir or --url select another one."
  )

const localSecret = (folder: string) =>
  readLocalSecret(folder).pipe(
    Effect.map((text) => Redacted.make(text.trim())),
    Effect.mapError(() =>
      failed(`The local key in ${folder} cannot be read`, "no-local-key", "Run as its owner, or give --api-key.")
    )
  )

const toServer = (url: string, apiKey: Redacted.Redacted<string> | null): Connection => ({
  ...asking({ where: url, url, apiKey, fetch: globalThis.fetch }),
  where: url,
  server: url
})
