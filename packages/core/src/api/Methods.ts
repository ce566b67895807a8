/** Which methods the API takes at a path, for those who come with another one. */
import { HttpApi } from "effect/http-api"
import { Api } from "./Api.ts"

/** Empty = there is no such path. */
export const methodsOf = (path: string): ReadonlyArray<string> => {
  patterns ??= readPatterns()
  return [...new Set(patterns.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : [])))]
}

interface PathPattern {
  readonly pattern: RegExp
  readonly method: string
}

let patterns: ReadonlyArray<PathPattern> | undefined

const readPatterns = (): ReadonlyArray<PathPattern> => {
  const found: Array<PathPattern> = []
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => {
      found.push({
        pattern: new RegExp(`^${endpoint.path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}/?$`),
        method: endpoint.method
      })
    }
  })
  return found
}
