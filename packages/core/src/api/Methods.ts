/** Which methods the API takes at a path, for those who come with another one. */
import { HttpApi } from "effect/http-api"
import { Api } from "./Api.ts"

export interface PathMethods {
  /** Empty = there is no such path. */
  readonly methods: ReadonlyArray<string>
  /** The path stands in the API as it is, and not as one that a parameter makes of it. */
  readonly own: boolean
}

export const methodsOf = (path: string): PathMethods => {
  known ??= readPaths()
  const plain = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path
  const own = known.own.get(plain)
  if (own !== undefined) return { methods: own, own: true }
  const methods = known.patterns.flatMap(({ method, pattern }) => (pattern.test(plain) ? [method] : []))
  return { methods: [...new Set(methods)], own: false }
}

interface KnownPaths {
  readonly own: Map<string, Array<string>>
  readonly patterns: Array<{ readonly pattern: RegExp; readonly method: string }>
}

let known: KnownPaths | undefined

const readPaths = (): KnownPaths => {
  const found: KnownPaths = { own: new Map(), patterns: [] }
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint: { method, path } }) => {
      if (path.includes(":")) {
        const pattern = new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`)
        found.patterns.push({ pattern, method })
      } else found.own.set(path, [...(found.own.get(path) ?? []), method])
    }
  })
  return found
}
