/**
 * How commands call Tendarr: always through the client package, whether a server answers or this process does. Its
 * dependencies are loaded on first use, so that help and usage errors are printed quickly.
 */
import type { TendarrClient } from "@tendarr/sdk-client"
import { Cause, Effect, type FileSystem, type Path, type Scope } from "effect"
import { type CommandFailure, toFailure, unknownAnswer } from "../Failure.ts"
import { root } from "../Root.ts"
import { type Place, placeOf } from "./Place.ts"

/** Calls a method of the client and returns the body: `ask((client) => client.library.item({ path: { id } }))`. */
export type Ask = <A>(
  method: (client: TendarrClient) => Promise<{ readonly data: A; readonly response: Response }>
) => Effect.Effect<A, CommandFailure>

export interface Connection {
  readonly ask: Ask
  /**
   * For more than one response, such as the pages of a list. Requests of this client are aborted when the effect ends.
   */
  readonly use: <A>(
    work: (client: TendarrClient, signal: AbortSignal) => Promise<A>
  ) => Effect.Effect<A, CommandFailure>
  /** Its name in messages: the address, or the data directory. */
  readonly where: string
  /** Address of the server; `null` = this process holds the data directory, and no server is running on it. */
  readonly server: string | null
}

export interface OpenOptions {
  /** Create the data directory if it does not exist. */
  readonly create?: boolean
  /** The command decides about a few items: in this process, the documents of others are not read. */
  readonly fewItems?: boolean
}

/**
 * Opens the installation that the shared flags select while `use` runs. Every error becomes a failure of the command.
 */
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
        // Responses are assumed to have the declared types; another program, or another version, may send something
        // else.
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
