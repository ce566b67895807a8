/** How a command names a user: by an id, or by a name that nobody else has. */
import { Effect } from "effect"
import { Argument } from "effect/cli"
import type { Ask } from "./connection/Connection.ts"
import { failed } from "./Failure.ts"
import { ago } from "./output/Format.ts"

export const userArgument = Argument.String("user").pipe(
  Argument.withDescription("Id of the user, or one of their names if nobody else has it")
)

const mostHits = 20

const noUser = (named: string, code: string) =>
  failed(`There is no user "${named}"`, code, "`tendarr users list` lists them.")

/** By id, else by the only one who has the name, else by the only one with it in one of their names. */
export const userNamed = Effect.fnUntraced(function* (ask: Ask, named: string) {
  if (/^\d{1,15}$/.test(named)) {
    return yield* ask((client) => client.viewers.get({ path: { id: named } })).pipe(
      Effect.catchIf(
        ({ code }) => code === "viewer-not-found",
        () => noUser(named, "viewer-not-found")
      )
    )
  }
  const { items, nextCursor } = yield* ask((client) =>
    client.viewers.list({ query: { q: named.slice(0, 200), limit: mostHits } })
  )
  const exact = items.filter(({ name }) => name.toLowerCase() === named.trim().toLowerCase())
  const hits = exact.length > 0 ? exact : items
  const [only] = hits
  if (only === undefined) return yield* noUser(named, "user-not-found")
  if (hits.length > 1) {
    return yield* failed(
      `"${named}" may be ${nextCursor === null ? hits.length : `more than ${hits.length}`} users`,
      "ambiguous-user",
      `Give the id of one of them: ${hits.map(({ id, integrations, name }) => `${id} (${name}, ${integrations.join(", ")})`).join("; ")}`
    )
  }
  return yield* ask((client) => client.viewers.get({ path: { id: only.id } }))
})

export const lastOf = (at: string | null, now: number): string => (at === null ? "never" : ago(at, now))
