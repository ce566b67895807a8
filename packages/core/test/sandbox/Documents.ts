/** Holds the answers of a simulated application against its own API document. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { openDocument } from "./OpenApi.ts"
import { type AskOptions, read } from "./SandboxTest.ts"

/** The problems of an answer, each once whatever its index. A command's body carries what that command was given. */
export const unique = (problems: ReadonlyArray<string>) => [
  ...new Set(
    problems.map((problem) => problem.replace(/\[\d+\]/g, "[]")).filter((problem) => !/^(\[\])?\.body\./.test(problem))
  )
]

/** Asks `app` and checks what it answers; `template` is the path as the document has it, where it has variables. */
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
