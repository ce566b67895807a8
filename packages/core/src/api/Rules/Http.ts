import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { RuleTrial } from "../../capacity/RuleTrial.ts"
import { fieldDescriptions } from "../../rules/Fields.ts"
import { operatorDescriptions } from "../../rules/Operators.ts"
import { Rules } from "../../rules/Rules.ts"
import { Api } from "../Api.ts"
import { expectedVersion, versionTag, whole, withEtag } from "../Common.ts"

export const RulesHandlers = HttpApiBuilder.group(
  Api,
  "rules",
  Effect.fn(function* (handlers) {
    const rules = yield* Rules
    const trial = yield* RuleTrial
    return handlers.handleAll({
      list: () => Effect.map(rules.list, whole),
      fields: () => Effect.succeed({ fields: fieldDescriptions, operators: operatorDescriptions }),
      create: ({ payload }) => rules.create(payload),
      reorder: ({ payload }) => Effect.map(rules.reorder(payload.ids), whole),
      preview: ({ payload }) => trial.preview(payload),
      evaluate: ({ payload }) => trial.evaluate(payload),
      get: ({ params }) => withEtag(rules.get(params.id), versionTag),
      update: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) => rules.update(params.id, payload, version)),
          versionTag
        ),
      remove: ({ params }) => rules.remove(params.id)
    })
  })
)
