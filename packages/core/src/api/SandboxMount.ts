/** The controls of the simulated stack under `/sandbox/`; they need an admin key. */
import { Effect } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Sandbox } from "../sandbox/Sandbox.ts"
import { edgeWith, usualAccess } from "./Edge.ts"
import type { Mount } from "./Mount.ts"

const control = (sandbox: Sandbox["Service"]) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = request.method === "GET" ? null : yield* Effect.orElseSucceed(request.text, () => "")
    const answer = yield* Effect.promise(() =>
      sandbox.handler(
        new Request(`http://sandbox.invalid/sandbox${request.url}`, {
          method: request.method,
          body,
          headers: { "content-type": "application/json" }
        })
      )
    )
    return HttpServerResponse.fromWeb(answer)
  })

export const sandboxMount = (sandbox: Sandbox["Service"]): Mount => ({
  name: "sandbox",
  prefix: "/sandbox",
  load: () =>
    Promise.resolve({
      routes: HttpRouter.addAll(
        (["GET", "PUT", "POST"] as const).map((method) => HttpRouter.route(method, "/*", control(sandbox)))
      ),
      edge: edgeWith({
        methodsOf: () => ({ methods: [], own: false }),
        access: { ...usualAccess, credentials: [{ in: "header", name: "x-api-key" }], scopeOf: () => "admin" }
      })
    })
})
