/** Compares the responses of a simulated application with the API document of the real one. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { openDocument } from "./OpenApi.ts"
import { type AskOptions, read } from "./SandboxTest.ts"

/** The faults of a response, each once for all indices. The body of a command contains its parameters. */
export const unique = (problems: ReadonlyArray<string>) => [
  ...new Set(
    problems.map((problem) => problem.replace(/\[\d+\]/g, "[]")).filter((problem) => !/^(\[\])?\.body\./.test(problem))
  )
]

/** Sends a request to `app` and checks the response; `template` is the path in the document if it has variables. */
export const documented = (app: string, document: string, tolerated: RegExp = /^$/) => {
  const { problems } = openDocument(document, true)
  return Effect.fnUntraced(function* <A>(method: string, path: string, template?: string, options: AskOptions = {}) {
    const value = yield* read<A>(app, path, { ...options, method })
    const found = unique(problems(method, template ?? path.split("?")[0] ?? "", value))
    assert.deepStrictEqual(
      found.filter((problem) => !tolerated.test(problem)),
      [],
      `${method} ${path}`
    )
    return value
  })
}
