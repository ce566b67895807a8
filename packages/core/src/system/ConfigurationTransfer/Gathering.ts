/** Collects the changes, the errors and the skipped entries of an import. */
import { Effect, Equal } from "effect"
import { AlreadyConnected } from "../../integrations/Integration.ts"
import { SecretReuseRefused } from "../../integrations/SecretReuse.ts"
import { InvalidRequest, type Issue } from "../../problems/Problem.ts"
import type { ConfigurationChange, ImportReport } from "../Configuration.ts"

type Path = Issue["path"]
type Fields = ConfigurationChange["fields"]

export interface Gathering {
  readonly changes: Array<ConfigurationChange>
  readonly issues: Array<Issue>
  readonly skipped: Array<ImportReport["skipped"][number]>
  readonly wrong: (path: Path, message: string) => void
  readonly skip: (path: Path, because: string) => void
  /**
   * Records the change if its owner accepts it, and otherwise the owner's issues, each with its path in the document.
   * `null` = refused.
   */
  readonly apply: <A, E>(
    path: Path,
    change: ConfigurationChange,
    effect: Effect.Effect<A, E | InvalidRequest>
  ) => Effect.Effect<A | null>
}

export const gathering = (): Gathering => {
  const changes: Gathering["changes"] = []
  const issues: Gathering["issues"] = []
  const skipped: Gathering["skipped"] = []
  const wrong: Gathering["wrong"] = (path, message) => void issues.push({ path: ["payload", ...path], message })
  return {
    changes,
    issues,
    skipped,
    wrong,
    skip: (path, because) => void skipped.push({ path: ["payload", ...path], because }),
    apply: (path, change, effect) =>
      effect.pipe(
        Effect.tap(() =>
          Effect.sync(() => {
            if (change.change === "add" || change.fields.length > 0) changes.push(change)
          })
        ),
        Effect.catch((error) => {
          if (error instanceof AlreadyConnected) {
            wrong([...path, "url"], error.detail)
            return Effect.succeed(null)
          }
          if (error instanceof SecretReuseRefused) {
            for (const field of error.fields) wrong([...path, "config", field], error.detail)
            return Effect.succeed(null)
          }
          // All other errors of the owner were ruled out before the call.
          if (!(error instanceof InvalidRequest)) return Effect.die(error)
          for (const issue of error.errors) wrong([...path, ...issue.path.slice(1)], issue.message)
          return Effect.succeed(null)
        })
      )
  }
}

/** The fields in which two objects differ; if `named` is set, only fields of `after`. */
export const differences = (before: object, after: object, { named = false } = {}): Fields => {
  const keys = named ? Object.keys(after) : [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((field) => {
    const [was, is]: [unknown, unknown] = [Reflect.get(before, field), Reflect.get(after, field)]
    return Equal.equals(was, is) ? [] : [{ field, before: was ?? null, after: is ?? null }]
  })
}

/** Records every name that an earlier entry of the list already has. */
export const refuseTwins = (
  { wrong }: Gathering,
  section: string,
  key: string,
  names: ReadonlyArray<string>
): ReadonlySet<number> => {
  const twins = new Set(names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : [])))
  for (const index of twins) wrong([section, index, key], `"${names[index]}" appears twice in the document`)
  return twins
}
