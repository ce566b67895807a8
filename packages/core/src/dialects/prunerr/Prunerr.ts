/** Prunerr's API as a mount: every documented endpoint, and undocumented ones that its own pages use. */
import { Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { LoadedMount } from "../../api/Mount.ts"
import type { MountServices } from "../../server/Mounts.ts"
import { failureBody } from "../frame/ErrorBodies.ts"
import { dialectMount } from "../frame/Frame.ts"
import { ActivityHandlers } from "./Activity/Http.ts"
import { CollectionsHandlers } from "./Collections/Http.ts"
import { HealthHandlers } from "./Health/Http.ts"
import { HistoryHandlers } from "./History/Http.ts"
import { LibraryHandlers } from "./Library/Http.ts"
import { PrunerrApi } from "./PrunerrApi.ts"
import { QueueHandlers } from "./Queue/Http.ts"
import { RulesHandlers } from "./Rules/Http.ts"
import { ScanHandlers } from "./Scan/Http.ts"
import { SettingsHandlers } from "./Settings/Http.ts"
import { StatsHandlers } from "./Stats/Http.ts"
import { UsersHandlers } from "./Users/Http.ts"

const handlers = Layer.mergeAll(
  StatsHandlers,
  HealthHandlers,
  LibraryHandlers,
  QueueHandlers,
  RulesHandlers,
  CollectionsHandlers,
  ActivityHandlers,
  HistoryHandlers,
  ScanHandlers,
  UsersHandlers,
  SettingsHandlers
)

export const prunerr: LoadedMount<MountServices> = dialectMount({
  name: "prunerr",
  api: PrunerrApi,
  routes: HttpApiBuilder.layer(PrunerrApi).pipe(Layer.provide(handlers)),
  credentials: [{ in: "header", name: "X-Api-Key" }, { in: "session" }],
  open: ["/api/health/live", "/openapi.json"],
  errorBody: failureBody,
  documentPath: "/openapi.json"
})
