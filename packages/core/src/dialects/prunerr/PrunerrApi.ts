/** The API of Prunerr: its documented endpoints, and those that its own pages use. */
import { HttpApi, OpenApi } from "effect/http-api"
import { ActivityApi } from "./Activity/Api.ts"
import { CollectionsApi } from "./Collections/Api.ts"
import { HealthApi } from "./Health/Api.ts"
import { HistoryApi } from "./History/Api.ts"
import { LibraryApi } from "./Library/Api.ts"
import { QueueApi } from "./Queue/Api.ts"
import { RulesApi } from "./Rules/Api.ts"
import { ScanApi } from "./Scan/Api.ts"
import { SettingsApi } from "./Settings/Api.ts"
import { StatsApi } from "./Stats/Api.ts"
import { UsersApi } from "./Users/Api.ts"

export class PrunerrApi extends HttpApi.make("prunerr")
  .add(
    StatsApi,
    HealthApi,
    LibraryApi,
    QueueApi,
    RulesApi,
    CollectionsApi,
    ActivityApi,
    HistoryApi,
    ScanApi,
    UsersApi,
    SettingsApi
  )
  .annotate(HttpApi.ParamsParseOptions, { errors: "all" })
  .annotate(HttpApi.QueryParseOptions, { errors: "all" })
  .annotate(HttpApi.PayloadParseOptions, { errors: "all" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Prunerr",
      version: "1",
      description:
        "The API of Prunerr, served by Tendarr. Every request needs a key in the header `X-Api-Key`: the key of this dialect, or an API key of Tendarr with its scope. Errors are `{ success: false, error, details? }`. Ids are numbers; sizes are bytes; times are ISO-8601 UTC."
    })
  ) {}
