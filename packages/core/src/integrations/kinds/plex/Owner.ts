/** Accounts of a Plex server and the names of their users. */
import type { ServerAccount } from "../../Observations.ts"
import { distinctTexts, sharedIdsOf, sharedNumber, textOrNull } from "../Values.ts"
import type { Account } from "./Container.ts"

type Accounts = ReadonlyArray<typeof Account.Type>

/**
 * The server's own number for its owner; other accounts have their plex.tv numbers, which statistics applications use
 * as well.
 */
const ownerId = "1"

export const nameOfOwner = (accounts: Accounts): string | null =>
  accounts.find(({ id }) => id === ownerId)?.name ?? null

/**
 * The owner's account. Its name is that of an account at plex.tv, where names are unique; other accounts may be managed
 * by the owner, and have any name.
 */
export const ownerAccount = (name: string | null): ServerAccount => {
  const login = textOrNull(name)
  return login === null ? { id: ownerId } : { id: ownerId, login, sharedIds: [`login:${login.toLowerCase()}`] }
}

/** The names of an account's user, including the number by which other applications know the account. */
export const viewersOf = (
  accounts: Accounts
): ((
  id: string | null | undefined,
  shown?: string | null
) => { user: string; names?: ReadonlyArray<string>; account?: ServerAccount }) => {
  const names = new Map(accounts.map(({ id, name }) => [id, name]))
  return (id, shown) => {
    const name = names.get(id ?? "") ?? shown ?? null
    const others = distinctTexts([...sharedNumber(id), shown]).filter((one) => one !== name)
    const account = id === ownerId ? ownerAccount(names.get(id) ?? null) : accountOf(id)
    return {
      user: name ?? `account ${id ?? "unknown"}`,
      ...(others.length === 0 ? {} : { names: others }),
      ...(account === undefined ? {} : { account })
    }
  }
}

const accountOf = (id: string | null | undefined): ServerAccount | undefined =>
  id === null || id === undefined ? undefined : { id, sharedIds: sharedIdsOf(id) }
