/**
 * One typed client for every command, whether a server answers it or this process does. What that needs is loaded when a
 * command asks for it, so that help and usage errors come at once.
 */
import type { Api } from "@tendarr/core/api/Api"
import { Effect, type FileSystem, type Path, type Scope } from "effect"
import type { HttpApiClient } from "effect/http-api"
import { type CommandFailure, toFailure } from "../Failure.ts"
import { root } from "../Root.ts"
import { type Place, placeOf } from "./Place.ts"

export type TendarrClient = HttpApiClient.ForApi<typeof Api>

export interface Connection {
  readonly client: TendarrClient
  /** Names it in messages: the address, or the data directory. */
  readonly where: string
  /** Address of the server; `null` = this process holds the data directory, and nobody else works for it. */
  readonly server: string | null
}

/** Opens what the shared flags name for as long as `use` runs. Every failure comes out as one of the command. */
export const withTendarr = <A, E, R>(use: (connection: Connection) => Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const place = yield* placeOf(yield* root, process.env)
      const connection = yield* connect(place)
      return yield* Effect.mapError(use(connection), (error) => toFailure(error, connection.where))
    })
  )

export const connect = (
  place: Place
): Effect.Effect<Connection, CommandFailure, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.flatMap(
    Effect.promise(() => import("./Open.ts")),
    ({ open }) => open(place)
  )
