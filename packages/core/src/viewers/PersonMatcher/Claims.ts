/** What observations say about accounts, before it is known which of them are about one account. */
import { nameKey } from "../NameKey.ts"
import type { AccountDraft, StoredIdentity } from "./Accounts.ts"

export interface Claim {
  readonly ids: Set<string>
  readonly logins: Set<string>
  /** The logins as they were observed. */
  readonly observedLogins: Set<string>
  readonly sharedIds: Set<string>
  readonly name: string
  readonly names: Set<string>
  readonly stored: StoredIdentity | undefined
  account: AccountDraft | undefined
}

export const claimKey = (id: string | undefined, login: string | undefined, name: string): string =>
  id === undefined ? (login === undefined ? `name:${name}` : `login:${login}|${name}`) : `id:${id}|${name}`

export const claimIn = (
  all: Map<string, Map<string, Claim>>,
  integrationId: string,
  id: string | undefined,
  login: string | undefined,
  sharedIds: ReadonlyArray<string> | undefined,
  names: ReadonlyArray<string>
): void => {
  const [name = ""] = names
  const key = claimKey(id, login, name)
  const claims = all.get(integrationId) ?? new Map<string, Claim>()
  if (claims.size === 0) all.set(integrationId, claims)
  const claim: Claim = claims.get(key) ?? {
    ids: new Set(id === undefined ? [] : [id]),
    logins: new Set(),
    observedLogins: new Set(),
    sharedIds: new Set(),
    name,
    names: new Set(),
    stored: undefined,
    account: undefined
  }
  // Called for every observation, of which most repeat what is known.
  if (login !== undefined && !claim.observedLogins.has(login)) {
    claim.observedLogins.add(login)
    claim.logins.add(nameKey(login))
  }
  for (const one of sharedIds ?? []) claim.sharedIds.add(one)
  for (const one of names) claim.names.add(one)
  claims.set(key, claim)
}

export const claimOfStored = (stored: StoredIdentity): Claim => {
  const ofKind = (prefix: string) =>
    new Set(stored.keys.flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : [])))
  return {
    ids: ofKind("id:"),
    logins: ofKind("login:"),
    observedLogins: new Set(),
    sharedIds: new Set(stored.sharedIds),
    name: stored.name,
    names: new Set(stored.names),
    stored,
    account: undefined
  }
}
