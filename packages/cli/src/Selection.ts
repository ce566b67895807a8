/** Finds integrations, disk groups and keys by id, name or mount path. */
import { Effect } from "effect"
import type { Ask } from "./connection/Connection.ts"
import { failed } from "./Failure.ts"

/** `undefined` if none is named. An unknown one is refused: a misspelt name must not silently select nothing. */
export const integrationIds = Effect.fnUntraced(function* (ask: Ask, named: ReadonlyArray<string>) {
  if (named.length === 0) return undefined
  return (yield* integrationsNamed(ask, named)).map(({ id }) => id)
})

export const integrationsNamed = Effect.fnUntraced(function* (ask: Ask, named: ReadonlyArray<string>) {
  const { items } = yield* ask((client) => client.integrations.list())
  return yield* Effect.forEach(named, (name) => theOne(name, items, (one) => one.name, "integration"))
})

export const integrationNamed = (ask: Ask, named: string) =>
  Effect.map(
    ask((client) => client.integrations.list()),
    ({ items }) => theOne(named, items, (one) => one.name, "integration")
  ).pipe(Effect.flatten)

export const diskGroupIds = Effect.fnUntraced(function* (ask: Ask, named: ReadonlyArray<string>) {
  if (named.length === 0) return undefined
  return (yield* diskGroupsNamed(ask, named)).map(({ id }) => id)
})

export const diskGroupsNamed = Effect.fnUntraced(function* (ask: Ask, named: ReadonlyArray<string>) {
  const { items } = yield* ask((client) => client.capacity.diskGroups())
  return yield* Effect.forEach(named, (name) => theOne(name, items, (one) => one.mountPath, "disk group"))
})

export const apiKeyNamed = (ask: Ask, named: string) =>
  Effect.map(
    ask((client) => client.access.apiKeys()),
    ({ items }) => theOne(named, items, (one) => one.name, "API key")
  ).pipe(Effect.flatten)

export const nameListNamed = (ask: Ask, named: string) =>
  Effect.map(
    ask((client) => client.namelists.list()),
    ({ items }) => theOne(named, items, (one) => one.name, "name list")
  ).pipe(Effect.flatten)

const theOne = <A extends { readonly id: string }>(
  named: string,
  known: ReadonlyArray<A>,
  nameOf: (one: A) => string,
  noun: string
) => {
  const found =
    known.find(({ id }) => id === named) ?? known.find((one) => nameOf(one).toLowerCase() === named.toLowerCase())
  return found === undefined
    ? Effect.fail(
        failed(
          `There is no ${noun} "${named}"`,
          `${noun.toLowerCase().replace(" ", "-")}-not-found`,
          known.length === 0
            ? "There is none yet."
            : `There are: ${known.map((one) => `${one.id} (${nameOf(one)})`).join(", ")}`
        )
      )
    : Effect.succeed(found)
}
