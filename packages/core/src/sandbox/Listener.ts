/** How a runtime opens a loopback HTTP listener: the only part of the sandbox that differs between Node and Bun. */
import { Context, type Effect, type Scope } from "effect"

export class Listener extends Context.Service<
  Listener,
  {
    /**
     * Listens on 127.0.0.1 at `port` (0 = any free port) until the scope closes. If a handler returns a network error
     * (`Response.error()`), the connection is cut without a response; a listener that cannot do this responds with 503.
     * A body that fails half-way also cuts the connection.
     */
    readonly listen: (
      port: number,
      handler: (request: Request) => Promise<Response>
    ) => Effect.Effect<{ readonly port: number }, never, Scope.Scope>
  }
>()("tendarr/sandbox/Listener") {}
