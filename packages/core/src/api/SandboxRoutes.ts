/** The controls of the simulated stack under `/sandbox/`, for who has an admin key; nothing is there without a sandbox. */
import { Effect, Layer, Option } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { ApiKeys } from "../access/ApiKeys.ts"
import { allows, InsufficientScope, Unauthorized } from "../access/Scope.ts"
import { Sandbox } from "../sandbox/Sandbox.ts"

export const SandboxRoutes = Layer.unwrap(
  Effect.gen(function* () {
    const sandbox = yield* Effect.serviceOption(Sandbox)
    if (Option.isNone(sandbox)) return Layer.empty
    const keys = yield* ApiKeys
    const control = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const principal = yield* Effect.option(keys.authenticate(request.headers["x-api-key"] ?? ""))
      if (Option.isNone(principal)) return yield* HttpServerRespondable.toResponse(new Unauthorized())
      const has = principal.value.scope
      if (!allows(has, "admin")) {
        return yield* HttpServerRespondable.toResponse(new InsufficientScope({ needs: "admin", has }))
      }
      const body = request.method === "GET" ? null : yield* Effect.orElseSucceed(request.text, () => "")
      const answer = yield* Effect.promise(() =>
        sandbox.value.handler(
          new Request(`http://sandbox.invalid${request.url}`, {
            method: request.method,
            body,
            headers: { "content-type": "application/json" }
          })
        )
      )
      return HttpServerResponse.fromWeb(answer)
    })
    return HttpRouter.addAll(
      (["GET", "PUT", "POST"] as const).map((method) => HttpRouter.route(method, "/sandbox/*", control))
    )
  })
)
