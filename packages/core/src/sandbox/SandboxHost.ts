/** The request pipeline of one simulated application: URL base, faults, key, route, and the journal of requests. */
import { Effect } from "effect"
import { type AppContext, type Call, matchPath, type Route, type SandboxApp } from "./apps/SandboxApp.ts"

/** A listener that receives this response cuts the connection instead of responding. */
export const cutConnection = (): Response => Response.error()

/** Handles requests to `app`, which is known as `id`; `run` runs effects on the clock of the sandbox. */
export const hostApp = (
  app: SandboxApp,
  id: string,
  context: AppContext,
  run: (effect: Effect.Effect<void>) => Promise<void>
): ((request: Request) => Promise<Response>) => {
  const { world, faults, secret, urlBase } = context
  const routes = new Map<string, Array<Route>>()
  // A literal path takes precedence over one with a variable part.
  const variables = (route: Route) => route.parts.filter((part) => part.startsWith(":")).length
  for (const route of app.routes(context).toSorted((one, other) => variables(one) - variables(other))) {
    routes.set(route.method, [...(routes.get(route.method) ?? []), route])
  }

  const answer = async (call: Call): Promise<Response> => {
    const misbehaviour = await misbehave(app, call, run)
    if (misbehaviour !== undefined) return misbehaviour
    for (const route of routes.get(call.method) ?? []) {
      const params = matchPath(route.parts, call.path)
      if (params === undefined) continue
      if (!route.open && !app.authorized(call, secret)) return app.unauthorized(call)
      return route.answer({ ...call, params })
    }
    return app.authorized(call, secret) || !call.path.startsWith("/api/") ? app.notFound(call) : app.unauthorized(call)
  }

  return async (request) => {
    const url = new URL(request.url)
    if (urlBase !== "" && url.pathname !== urlBase && !url.pathname.startsWith(`${urlBase}/`)) return outside()
    const path = url.pathname.slice(urlBase.length).replace(/\/+$/, "") || "/"
    const fault = faults.plan(id, request.method, app.faultPath?.(path, url.searchParams) ?? path)
    world.settle()
    world.requestCounts.set(id, (world.requestCounts.get(id) ?? 0) + 1)
    const wrong = fault.take("wrongTypes")
    const call: Call = {
      request,
      method: request.method,
      path,
      query: url.searchParams,
      params: {},
      origin: `${url.origin}${urlBase}`,
      fault,
      distortion: wrong === undefined || wrong.how === "html" ? null : wrong.how
    }
    // A bug in the sandbox is reported as such, so that it is not mistaken for a simulated fault or for an error of the
    // client.
    const right = await answer(call).catch((mistake: unknown) =>
      text(500, `The sandbox made a mistake: ${String(mistake)}`)
    )
    const response = wrong?.how === "html" ? webPage(200, `${app.name} is starting`) : right
    const destructive = request.method === "DELETE" || (app.destructive?.(url.searchParams, path) ?? false)
    if (destructive || !safeMethods.has(request.method)) {
      world.note({
        app: id,
        method: request.method,
        path,
        query: hideSecrets(url.searchParams),
        at: world.iso(world.now()),
        status: response.status,
        destructive
      })
    }
    return response
  }
}

/** The response of a fault instead of the right one, after the delay of another fault, if any. */
const misbehave = async (
  app: SandboxApp,
  call: Call,
  run: (effect: Effect.Effect<void>) => Promise<void>
): Promise<Response | undefined> => {
  const slow = call.fault.take("slow")
  if (slow !== undefined) await run(Effect.sleep(slow.delayMillis))
  const down = call.fault.take("down")
  if (down !== undefined) return down.how === "status" ? text(503, "Service Unavailable") : cutConnection()
  if (call.fault.take("unauthorized") !== undefined) return app.unauthorized(call)
  const limited = call.fault.take("rateLimited")
  if (limited !== undefined) {
    return text(429, "Too Many Requests", { "retry-after": String(limited.retryAfterSeconds ?? 30) })
  }
  return call.fault.take("flaky") === undefined ? undefined : text(503, "Service Unavailable")
}

const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } })

/** The response of a reverse proxy to an unknown path. */
const outside = (): Response => webPage(404, "404 Not Found")

const webPage = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`, {
    status,
    headers: { "content-type": "text/html" }
  })

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"])

const hideSecrets = (query: URLSearchParams): string => {
  const shown = new URLSearchParams(query)
  for (const key of query.keys()) if (/^(api_?key|x-plex-token)$/i.test(key)) shown.delete(key)
  return shown.toString()
}
