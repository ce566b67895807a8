/** The server with the mounts of the suite. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { runServer, teardown } from "@tendarr/core/server/Main"
import { Effect } from "effect"
import { extensions } from "../../core/test/mounts/Program.ts"
import { serve } from "../src/Server.ts"

runServer(process.argv.slice(2), process.env, (options) => serve(options, extensions)).pipe(
  Effect.provide(NodeServices.layer),
  (main) => NodeRuntime.runMain(main, { disableErrorReporting: true, teardown })
)
