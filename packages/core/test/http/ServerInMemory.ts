/** The real server in this process, whose handler receives requests without a network. Its applications are simulated. */
import { Console as NodeConsole } from "node:console"
import { Writable } from "node:stream"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Context, Effect, Exit, Fiber, Layer, Result, type Scope } from "effect"
import { Etag, HttpEffect, HttpPlatform, type HttpServerRequest } from "effect/http"
import { PeerAddress } from "../../src/api/Client.ts"
import type { EdgeServices, MountTable } from "../../src/api/MountTable.ts"
import type { Address } from "../../src/server/Listening.ts"
import type { Runtime } from "../../src/server/Runtime.ts"
import { serve, type ServeExtensions } from "../../src/server/Serve.ts"
import { parseServeArguments } from "../../src/server/ServeOptions.ts"
import { connectionsIn } from "../storage/Files.ts"
import { answerHere } from "./Client.ts"
import { linesFrom, type RunningServer } from "./ServerProcess.ts"

export const startInMemory = async (
  flags: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  extensions: ServeExtensions = {}
): Promise<RunningServer> => {
  const options = Result.getOrThrow(parseServeArguments(flags, env))
  if (options === "help") throw new Error("There is no server that only helps")
  const lines = linesFrom()
  const into = new Writable({
    decodeStrings: false,
    write: (text: string, _, done) => {
      lines.add(text)
      done()
    }
  })
  const running = Effect.runFork(
    serve(memory, options, extensions).pipe(
      Effect.provideService(Console.Console, new NodeConsole(into)),
      Effect.provide(NodeServices.layer)
    )
  )
  running.addObserver((exit) =>
    lines.end(Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause) ? Cause.pretty(exit.cause) : "well")
  )
  const first = await lines.printed("Tendarr is listening on ")
  return {
    url: first.replace("Tendarr is listening on ", ""),
    output: lines.output,
    printed: lines.printed,
    stop: async () => {
      const startedAt = performance.now()
      const exit = await Effect.runPromise(Fiber.interrupt(running).pipe(Effect.andThen(Fiber.await(running))))
      const code = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? 0 : 1
      return { code, millis: performance.now() - startedAt }
    }
  }
}

let started = 0

/** Returns an origin of this process, to which `call` sends its requests. */
const listen: Runtime["listen"] = <Services>(_: Address, mounts: MountTable<Services>) =>
  Effect.gen(function* () {
    const handler = HttpEffect.toWebHandlerWith<
      Services | EdgeServices,
      Services | EdgeServices | HttpServerRequest.HttpServerRequest | Scope.Scope,
      never
    >(yield* Effect.context<Services | EdgeServices>())(mounts.handle)
    const origin = `http://tendarr-${(started += 1)}.test`
    yield* Effect.acquireRelease(
      Effect.sync(() => answerHere(origin, (request) => handler(request, Context.make(PeerAddress, "127.0.0.1")))),
      (end) => Effect.sync(end)
    )
    return origin
  })

const memory: Runtime = {
  name: `node ${process.versions.node}`,
  database: connectionsIn,
  http: Layer.merge(HttpPlatform.layer, Etag.layerWeak),
  listen,
  images: { shrink: () => Effect.succeed(null) },
  settle: Effect.void,
  collect: Effect.void
}
