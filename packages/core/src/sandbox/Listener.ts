/** How a runtime opens a loopback HTTP listener: the only thing of the sandbox that is not the same on Node and Bun. */
import { Context, type Effect, type Scope } from "effect"

export class Listener extends Context.Service<
  Listener,
  {
    /**
     * Listens on 127.0.0.1 at `port` (0 = any free one) until the scope closes. A handler that answers a network error
     * (`Response.error()`) wants its connection cut without an answer; who cannot do that answers 503. A body that fails
     * half-way cuts the connection too.
     */
    readonly listen: (
      port: number,
      handler: (request: Request) => Promise<Response>
    ) => Effect.Effect<{ readonly port: number }, never, Scope.Scope>
  }
>()("tendarr/sandbox/Listener") {}
