/**
 * The native API. Groups: health, setup (open); system, access, settings, backups, integrations, library, viewers,
 * requests, capacity, rules, scoring, removals, downloads, namelists, seeding, orphans, acts, jobs, events, dialects, moving (with credentials).
 */
import { HttpApi, OpenApi } from "effect/http-api"
import { AccessApi, SetupApi } from "./Access/Api.ts"
import { ActsApi } from "./Acts/Api.ts"
import { BackupsApi } from "./Backups/Api.ts"
import { CapacityApi } from "./Capacity/Api.ts"
import { DialectsApi } from "./Dialects/Api.ts"
import { DownloadsApi } from "./Downloads/Api.ts"
import { EventsApi } from "./Events/Api.ts"
import { IntegrationsApi } from "./Integrations/Api.ts"
import { JobsApi } from "./Jobs/Api.ts"
import { LibraryApi } from "./Library/Api.ts"
import { MovingInApi } from "./MovingIn/Api.ts"
import { NameListsApi } from "./NameLists/Api.ts"
import { OrphansApi } from "./Orphans/Api.ts"
import { RemovalsApi } from "./Removals/Api.ts"
import { RulesApi } from "./Rules/Api.ts"
import { SeedingApi } from "./Seeding/Api.ts"
import { ScoringApi } from "./Scoring/Api.ts"
import { SettingsApi } from "./Settings/Api.ts"
import { HealthApi, SystemApi } from "./System/Api.ts"
import { ValidationProblems } from "./ValidationProblems.ts"
import { RequestsApi, ViewersApi } from "./Viewers/Api.ts"

export class Api extends HttpApi.make("tendarr")
  .add(
    HealthApi,
    SetupApi,
    SystemApi,
    AccessApi,
    SettingsApi,
    BackupsApi,
    IntegrationsApi,
    LibraryApi,
    ViewersApi,
    RequestsApi,
    CapacityApi,
    RulesApi,
    ScoringApi,
    RemovalsApi,
    DownloadsApi,
    NameListsApi,
    SeedingApi,
    OrphansApi,
    ActsApi,
    JobsApi,
    EventsApi,
    DialectsApi,
    MovingInApi
  )
  .prefix("/api/v1")
  .middleware(ValidationProblems)
  .annotate(HttpApi.ParamsParseOptions, { errors: "all" })
  .annotate(HttpApi.QueryParseOptions, { errors: "all" })
  .annotate(HttpApi.HeadersParseOptions, { errors: "all" })
  // A misspelt key must not be dropped silently.
  .annotate(HttpApi.PayloadParseOptions, { errors: "all", onExcessProperty: "error" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Tendarr",
      version: "1",
      description:
        "Keeps a self-hosted media stack within its disk capacity and its owner's rules. Errors are application/problem+json with a stable `code`; lists return `items` and `nextCursor`; times are ISO-8601 UTC; sizes are bytes.",
      license: { name: "MIT" }
    })
  ) {}
