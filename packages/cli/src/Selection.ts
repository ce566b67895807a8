/** Integrations and disk groups as people name them on a command line: by id, by name, by mount path. */
import { Effect } from "effect"
import type { Ask } from "./connection/Connection.ts"
import { failed } from "./Failure.ts"

/** `undefined` for none named. An unknown one is refused: a misspelt name must not select nothing in silence. */
export const integrationIds = Effect.fnUntraced(function* (ask: Ask, named: ReadonlyArray<string>) {
  if (named.length === 0) return undefined
  const { items } = yield* ask((client) => client.integrations.list())
  return yield* Effect.forEach(named, (name) =>
    idOf(
      name,
      items.map((one) => ({ id: one.id, name: one.name })),
      "integration"
    )
  )
})

export const diskGroupIds = Effect.fnUntraced(function* (ask: Ask, named: ReadonlyArray<string>) {
  if (named.length === 0) return undefined
  const { items } = yield* ask((client) => client.capacity.diskGroups())
  return yield* Effect.forEach(named, (name) =>
    idOf(
      name,
      items.map((one) => ({ id: one.id, name: one.mountPath })),
      "disk group"
    )
  )
})

const idOf = (named: string, known: ReadonlyArray<{ readonly id: string; readonly name: string }>, noun: string) => {
  const found =
    known.find(({ id }) => id === named) ?? known.find(({ name }) => name.toLowerCase() === named.toLowerCase())
  return found === undefined
    ? Effect.fail(
        failed(
          `There is no ${noun} "${named}"`,
          `${noun.replace(" ", "-")}-not-found`,
          known.length === 0
            ? "There is none yet."
            : `There are: ${known.map(({ id, name }) => `${id} (${name})`).join(", ")}`
        )
      )
    : Effect.succeed(found.id)
}
