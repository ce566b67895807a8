/** Accounts of a Plex server and what their people go by. */
import { distinctTexts, sharedNumber } from "../Values.ts"
import type { Account } from "./Container.ts"

type Accounts = ReadonlyArray<typeof Account.Type>

/** The server's own number for its owner; other accounts have their numbers at plex.tv, which statistics use as well. */
const ownerId = "1"

export const nameOfOwner = (accounts: Accounts): string | null =>
  accounts.find(({ id }) => id === ownerId)?.name ?? null

/** What an account's person is called, with the number by which others know the same account. */
export const viewersOf = (
  accounts: Accounts
): ((id: string | null | undefined, shown?: string | null) => { user: string; names?: ReadonlyArray<string> }) => {
  const names = new Map(accounts.map(({ id, name }) => [id, name]))
  return (id, shown) => {
    const name = names.get(id ?? "") ?? shown ?? null
    const others = distinctTexts([...sharedNumber(id), shown]).filter((one) => one !== name)
    return { user: name ?? `account ${id ?? "unknown"}`, ...(others.length === 0 ? {} : { names: others }) }
  }
}
