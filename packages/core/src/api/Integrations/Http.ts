import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { RateLimiter } from "../../access/RateLimiter.ts"
import { CurrentPrincipal } from "../../access/Scope.ts"
import { HealthMonitor } from "../../integrations/HealthMonitor.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { Kinds } from "../../integrations/Kinds.ts"
import { Sources } from "../../library/Sources.ts"
import { Sync } from "../../library/Sync.ts"
import { Replacements } from "../../moving/Replacements.ts"
import { Api } from "../Api.ts"
import { versionTag } from "../../problems/IfMatch.ts"
import { expectedVersion, toList, withEtag } from "../Common.ts"

export const IntegrationsHandlers = HttpApiBuilder.group(
  Api,
  "integrations",
  Effect.fn(function* (handlers) {
    const integrations = yield* Integrations
    const kinds = yield* Kinds
    const health = yield* HealthMonitor
    const sources = yield* Sources
    const sync = yield* Sync
    const limiter = yield* RateLimiter
    const replacements = yield* Replacements
    return handlers.handleAll({
      kinds: () => Effect.map(kinds.descriptions, toList),
      list: () => Effect.map(integrations.list, toList),
      create: ({ payload }) => integrations.create(payload),
      test: ({ payload }) =>
        Effect.flatMap(CurrentPrincipal, ({ actor }) =>
          Effect.andThen(limiter.check("integration-test", actor), integrations.test(payload))
        ),
      get: ({ params }) => withEtag(integrations.get(params.id), versionTag),
      update: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) => integrations.update(params.id, payload, version)),
          versionTag
        ),
      remove: ({ params }) => sync.forget(params.id),
      check: ({ params }) => health.checkNow(params.id),
      sources: ({ params }) =>
        Effect.andThen(
          integrations.get(params.id),
          Effect.map(sources.states, (states) => toList(states.filter((state) => state.integrationId === params.id)))
        ),
      heldSync: ({ params }) => sync.held(params.id),
      confirmSync: ({ params }) => sync.confirmHeld(params.id),
      discardSync: ({ params }) => sync.discardHeld(params.id),
      previewReplacement: ({ params, payload }) => replacements.preview(params.id, payload),
      replace: ({ params, payload: { fingerprint, ...request } }) =>
        replacements.replace(params.id, request, fingerprint),
      replacement: ({ params }) => replacements.get(params.id),
      undoReplacement: ({ params }) => replacements.undo(params.id)
    })
  })
)
