import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { StoppingDecisions } from "../../removals/StoppingDecisions.ts"
import { Settings } from "../../settings/Settings.ts"
import { ConfigurationTransfer } from "../../system/ConfigurationTransfer.ts"
import { Api } from "../Api.ts"
import { tagged, toList } from "../Common.ts"

export const SettingsHandlers = HttpApiBuilder.group(
  Api,
  "settings",
  Effect.fn(function* (handlers) {
    const settings = yield* Settings
    const decisions = yield* StoppingDecisions
    const transfer = yield* ConfigurationTransfer
    return handlers.handleAll({
      all: () => Effect.map(settings.all, toList),
      schemas: () => Effect.map(settings.describe, toList),
      export: ({ query }) => transfer.export({ secrets: query.secrets === true }),
      import: ({ payload, query }) =>
        transfer.import(payload, {
          dryRun: query.dryRun === true,
          confirmSecretReuse: query.confirmSecretReuse === true
        }),
      get: ({ params }) => tagged(Effect.flatMap(settings.named(params.group), settings.read)),
      patch: ({ headers, params, payload }) =>
        tagged(
          Effect.flatMap(settings.named(params.group), (group) =>
            decisions.set(group, payload, { ifMatch: headers["if-match"] })
          )
        ),
      reset: ({ headers, params }) =>
        tagged(
          Effect.flatMap(settings.named(params.group), (group) =>
            settings.reset(group, { ifMatch: headers["if-match"] })
          )
        )
    })
  })
)
