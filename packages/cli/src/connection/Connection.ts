/**
 * One way to ask for every command, whether a server answers or this process does: through the client package. What that
 * needs is loaded when a command asks, so that help and usage errors come at once.
 */
import type { TendarrClient } from "@tendarr/sdk-client"
import { Cause, Effect, type FileSystem, type Path, type Scope } from "effect"
import { type CommandFailure, toFailure, unknownAnswer } from "../Failure.ts"
import { root } from "../Root.ts"
import { type Place, placeOf } from "./Place.ts"

/** Calls a method of the client and answers the body: `ask((client) => client.library.item({ path: { id } }))`. */
export type Ask = <A>(
  method: (client: TendarrClient) => Promise<{ readonly data: A; readonly response: Response }>
) => Effect.Effect<A, CommandFailure>

export interface Connection {
  readonly ask: Ask
  /** For what is more than one answer, such as the pages of a list. Requests of this client end when the effect does. */
  readonly use: <A>(
    work: (client: TendarrClient, signal: AbortSignal) => Promise<A>
  ) => Effect.Effect<A, CommandFailure>
  /** Names it in messages: the address, or the data directory. */
  readonly where: string
  /** Address of the server; `null` = this process holds the data directory, and nobody else works for it. */
  readonly server: string | null
}

export interface OpenOptions {
  /** Make the data directory where there is none. */
  readonly create?: boolean
}

/** Opens what the shared flags name for as long as `use` runs. Every failure comes out as one of the command. */
export const withTendarr = <A, E, R>(
  use: (connection: Connection) => Effect.Effect<A, E, R>,
  options: OpenOptions = {}
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const place = yield* placeOf(yield* root, process.env)
      const connection = yield* connect(place, options)
      return yield* use(connection).pipe(
        Effect.mapError((error) => toFailure(error, connection.where)),
        // Answers are taken as their types say; another program, or another version, may say something else.
        Effect.catchDefect((defect) =>
          connection.server !== null && defect instanceof TypeError
            ? Effect.fail(unknownAnswer(connection.where, defect.message))
            : Effect.failCause(Cause.die(defect))
        )
      )
    })
  )

export const connect = (
  place: Place,
  options: OpenOptions = {}
): Effect.Effect<Connection, CommandFailure, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.flatMap(
    Effect.promise(() => import("./Open.ts")),
    ({ open }) => open(place, options)
  )
