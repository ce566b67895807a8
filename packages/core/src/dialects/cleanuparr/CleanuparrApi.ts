/** The API of Cleanuparr: its documented endpoint, and those that its clients and its own pages use. */
import { HttpApi, OpenApi } from "effect/http-api"
import { AuthApi } from "./Auth/Api.ts"
import { ConfigurationApi } from "./Configuration/Api.ts"
import { EventsApi } from "./Events/Api.ts"
import { HealthApi } from "./Health/Api.ts"
import { JobsApi } from "./Jobs/Api.ts"
import { StatsApi } from "./Stats/Api.ts"

export class CleanuparrApi extends HttpApi.make("cleanuparr")
  .add(StatsApi, HealthApi, JobsApi, EventsApi, ConfigurationApi, AuthApi)
  .annotate(HttpApi.ParamsParseOptions, { errors: "all" })
  .annotate(HttpApi.QueryParseOptions, { errors: "all" })
  .annotate(HttpApi.PayloadParseOptions, { errors: "all" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Cleanuparr",
      version: "1",
      description:
        "The API of Cleanuparr, served by Tendarr. Every request needs a key in the header `X-Api-Key` or the parameter `apikey`: the key of this dialect, or an API key of Tendarr with its scope; or the token of a session as a bearer. Errors are problems (RFC 9457) with the invalid fields in `errors`. Times are ISO-8601 UTC."
    })
  ) {}
