/** Allowed methods per path, for 405 and OPTIONS responses. */
import { HttpApi, type HttpApiGroup } from "effect/http-api"

export interface PathMethods {
  /** Empty = the path does not exist. */
  readonly methods: ReadonlyArray<string>
  /** The path matches literally, not through a parameter. */
  readonly own: boolean
  /** The path as the API declares it, as `/items/{id}`, for metrics, logs and traces. Absent = not known. */
  readonly template?: string
}

export interface Endpoint {
  /** In upper case. */
  readonly method: string
  /** With parameters in the form `:id`. */
  readonly path: string
}

/** Reads the endpoints on first use. */
export const methodsOf = (endpoints: () => ReadonlyArray<Endpoint>): ((path: string) => PathMethods) => {
  let known: KnownPaths | undefined
  return (path) => {
    known ??= readPaths(endpoints())
    const plain = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path
    const own = known.own.get(plain)
    if (own !== undefined) return { methods: own, own: true, template: plain }
    const found = (known.patterns.get(partsOf(plain)) ?? []).filter(({ pattern }) => pattern.test(plain))
    const [first] = found
    if (first === undefined) return { methods: [], own: false }
    return { methods: [...new Set(found.map(({ method }) => method))], own: false, template: first.template }
  }
}

export const endpointsOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): ReadonlyArray<Endpoint> => {
  const found: Array<Endpoint> = []
  HttpApi.reflect(api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint: { method, path } }) => void found.push({ method, path })
  })
  return found
}

interface KnownPaths {
  readonly own: Map<string, Array<string>>
  /** By the number of their parts: a parameter never spans two. */
  readonly patterns: Map<number, Array<KnownPattern>>
}

interface KnownPattern {
  readonly pattern: RegExp
  readonly template: string
  readonly method: string
}

const readPaths = (endpoints: ReadonlyArray<Endpoint>): KnownPaths => {
  const found: KnownPaths = { own: new Map(), patterns: new Map() }
  for (const { method, path } of endpoints) {
    if (path.includes(":")) {
      const pattern = new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`)
      const template = templateOf(path)
      const parts = partsOf(path)
      found.patterns.set(parts, [...(found.patterns.get(parts) ?? []), { pattern, template, method }])
    } else found.own.set(path, [...(found.own.get(path) ?? []), method])
  }
  return found
}

/** A path as the metrics, the logs and `PathMethods` name it. */
export const templateOf = (path: string): string => path.replace(/:(\w+)/g, "{$1}")

const partsOf = (path: string): number => path.split("/").length
