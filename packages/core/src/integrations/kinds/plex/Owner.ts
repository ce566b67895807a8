/** Accounts of a Plex server and the names of their users. */
import { distinctTexts, sharedNumber } from "../Values.ts"
import type { Account } from "./Container.ts"

type Accounts = ReadonlyArray<typeof Account.Type>

/**
 * The server's own number for its owner; other accounts have their plex.tv numbers, which statistics applications use
 * as well.
 */
const ownerId = "1"

export const nameOfOwner = (accounts: Accounts): string | null =>
  accounts.find(({ id }) => id === ownerId)?.name ?? null

/** The names of an account's user, including the number by which other applications know the account. */
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
