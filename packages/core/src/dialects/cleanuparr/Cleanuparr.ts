/** Cleanuparr's API as a mount. */
import { Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { LoadedMount } from "../../api/Mount.ts"
import type { MountServices } from "../../server/Mounts.ts"
import { problemBody } from "../frame/ErrorBodies.ts"
import { dialectMount } from "../frame/Frame.ts"
import { AuthHandlers } from "./Auth/Http.ts"
import { CleanuparrApi } from "./CleanuparrApi.ts"
import { ConfigurationHandlers } from "./Configuration/Http.ts"
import { EventsHandlers } from "./Events/Http.ts"
import { HealthHandlers } from "./Health/Http.ts"
import { JobsHandlers } from "./Jobs/Http.ts"
import { StatsHandlers } from "./Stats/Http.ts"

const handlers = Layer.mergeAll(
  StatsHandlers,
  HealthHandlers,
  JobsHandlers,
  EventsHandlers,
  ConfigurationHandlers,
  AuthHandlers
)

export const cleanuparr: LoadedMount<MountServices> = dialectMount({
  name: "cleanuparr",
  api: CleanuparrApi,
  routes: HttpApiBuilder.layer(CleanuparrApi).pipe(Layer.provide(handlers)),
  credentials: [
    { in: "header", name: "X-Api-Key" },
    { in: "query", name: "apikey" },
    { in: "bearer" },
    { in: "session" }
  ],
  open: [
    "/health",
    "/health/ready",
    "/api/auth/login",
    "/api/auth/status",
    "/api/auth/setup/:step",
    "/api/auth/setup/:step/:part",
    "/openapi.json"
  ],
  errorBody: problemBody,
  errorType: "application/problem+json",
  documentPath: "/openapi.json"
})
