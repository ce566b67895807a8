/** Finds rules by id, or by name in any case. */
import { Effect } from "effect"
import type { Ask } from "../connection/Connection.ts"
import { failed } from "../Failure.ts"
import { nearest } from "../UsageErrors.ts"

/** The same for its deletion: a rule that is damaged is not listed, and can only be named by its id. */
export const ruleToDelete = (ask: Ask, named: string) =>
  ruleNamed(ask, named).pipe(
    Effect.catchIf(
      ({ code }) => code === "rule-not-found" && /^\d{1,15}$/.test(named),
      () => Effect.succeed({ id: named, name: named })
    )
  )

export const ruleNamed = Effect.fnUntraced(function* (ask: Ask, named: string) {
  const { items } = yield* ask((client) => client.rules.list())
  const found =
    items.find(({ id }) => id === named) ?? items.find(({ name }) => name.toLowerCase() === named.toLowerCase())
  if (found !== undefined) return found
  const near = nearest(
    named,
    items.map(({ name }) => name)
  )
  return yield* failed(
    `There is no rule "${named}"${near === null ? "" : `. Did you mean "${near}"?`}`,
    "rule-not-found",
    items.length === 0
      ? "There is none yet."
      : `There are: ${items.map(({ id, name }) => `${id} (${name})`).join(", ")}`
  )
})

/** The rule of a template. */
export const templateNamed = Effect.fnUntraced(function* (ask: Ask, id: string) {
  const { items } = yield* ask((client) => client.rules.templates())
  const found = items.find((template) => template.id === id)
  if (found !== undefined) return found.rule
  const ids = items.map((template) => template.id)
  const near = nearest(id, ids)
  return yield* failed(
    `There is no template "${id}"${near === null ? "" : `. Did you mean ${near}?`}`,
    "template-not-found",
    `There are: ${ids.join(", ")}`
  )
})
