/** Entry point of the server on Node. */
// Compiles schemas on first use; must be imported before any of them.
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { runServer, teardown } from "@tendarr/core/server/Main"
import { Effect } from "effect"
import { serve } from "./Server.ts"

runServer(process.argv.slice(2), process.env, serve).pipe(Effect.provide(NodeServices.layer), (main) =>
  NodeRuntime.runMain(main, { disableErrorReporting: true, teardown })
)
