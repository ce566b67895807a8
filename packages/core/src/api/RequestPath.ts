/** Path and method of a request as a mount sees them. */
import type { HttpServerRequest } from "effect/http"
import type { EdgeRequest } from "./Mount.ts"

type Request = HttpServerRequest.HttpServerRequest

/** Below the prefix of the mount, without the query. */
export const pathOf = ({ url }: Request): string => url.split("?")[0] ?? "/"

/** The method whose route handles the request. */
export const routedMethod = ({ method }: Request): string => (method === "HEAD" ? "GET" : method)

export const edgeRequestOf = (request: Request): EdgeRequest => ({
  method: routedMethod(request),
  path: pathOf(request)
})
