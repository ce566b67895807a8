/** The mount of a dialect: its routes behind an edge with its own credentials, scopes, errors and document. */
import { FindMyWay, HttpServerResponse } from "effect/http"
import { HttpApi, type HttpApiGroup } from "effect/http-api"
import type { Scope } from "../../access/Scope.ts"
import { safeMethods, scopeOf } from "../../api/Common.ts"
import { edgeWith } from "../../api/Edge.ts"
import { endpointsOf, methodsOf } from "../../api/Methods.ts"
import type { Credentials, EdgeRequest, LoadedMount, MountRoutes } from "../../api/Mount.ts"
import { isJsonObject, type JsonObject } from "../../api/Json.ts"
import { openApiOf, openApiText } from "../../api/OpenApiDocument.ts"
import type { Refusal } from "../../api/Refusal.ts"
import type { MountServices } from "../../server/Mounts.ts"
import type { DialectName } from "../../settings/DialectsSettings.ts"

export interface DialectFrame<Id extends string, Groups extends HttpApiGroup.Constraint> {
  readonly name: DialectName
  readonly api: HttpApi.HttpApi<Id, Groups>
  /** `HttpApiBuilder.layer` of the API with its handlers, and further routes. */
  readonly routes: MountRoutes<MountServices>
  /** Where its clients send a key: the dialect's own, or an API key. */
  readonly credentials: ReadonlyArray<Credentials>
  /** Paths of endpoints as the API declares them, or the path of the document, that need no credentials. */
  readonly open?: ReadonlyArray<string>
  /** The body of an error. */
  readonly errorBody: (refusal: Refusal) => object
  /** Media type of errors. Default: `application/json`. */
  readonly errorType?: string
  /** Below the prefix. */
  readonly documentPath: string
}

export const dialectMount = <Id extends string, Groups extends HttpApiGroup.Constraint>({
  api,
  credentials,
  documentPath,
  errorBody,
  errorType = "application/json",
  name,
  open = [],
  routes
}: DialectFrame<Id, Groups>): LoadedMount<MountServices> => {
  const pathMethods = methodsOf(() => endpointsOf(api))
  const rightsOf = rightsIn(api, open)
  return {
    routes,
    edge: edgeWith({
      methodsOf: pathMethods,
      refuse: (refusal) =>
        HttpServerResponse.jsonUnsafe(errorBody(refusal), { status: refusal.status, contentType: errorType }),
      // Browsers would otherwise show their own dialog in front of the product's page.
      headers: { "www-authenticate": null },
      access: {
        dialect: name,
        credentials,
        isOpen: (request) =>
          rightsOf(request)?.isOpen ?? (request.path === documentPath && open.includes(documentPath)),
        scopeOf: (request) => rightsOf(request)?.scope ?? (safeMethods.has(request.method) ? "read" : "operate")
      },
      openApi: { path: documentPath, text: openApiText(() => documentOf(api, credentials)) }
    })
  }
}

/** The edge authenticates, so that the API itself declares no credentials. */
const documentOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>,
  credentials: ReadonlyArray<Credentials>
): JsonObject => {
  const document = openApiOf(api)
  const schemes = Object.fromEntries(credentials.flatMap((place) => schemeOf(place)))
  const { components } = document
  return {
    ...document,
    components: { ...(isJsonObject(components) ? components : {}), securitySchemes: schemes },
    // Any of them.
    security: Object.keys(schemes).map((name) => ({ [name]: [] }))
  }
}

const schemeOf = (place: Credentials): ReadonlyArray<readonly [string, JsonObject]> => {
  switch (place.in) {
    case "header":
    case "query":
      return [[`${place.in}Key`, { type: "apiKey", in: place.in, name: place.name }]]
    case "bearer":
    case "basic":
      return [[place.in, { type: "http", scheme: place.in }]]
    case "session":
      // For pages of Tendarr itself.
      return []
  }
}

/**
 * The scope of an endpoint is its annotation `NeedsScope`, as in the native API. The endpoint is found by the router that
 * the routes have: another comparison of paths would not see that `/API/settings/` or `/api/%73ettings` is the same to it.
 */
const rightsIn = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>,
  open: ReadonlyArray<string>
): ((request: EdgeRequest) => EndpointRights | undefined) => {
  const rights = FindMyWay.make<EndpointRights>()
  HttpApi.reflect(api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) =>
      rights.on(endpoint.method, endpoint.path as FindMyWay.PathInput, {
        scope: scopeOf(endpoint),
        isOpen: open.includes(endpoint.path)
      })
  })
  return ({ method, path }) => rights.find(method, path)?.handler
}

interface EndpointRights {
  readonly scope: Scope
  readonly isOpen: boolean
}
