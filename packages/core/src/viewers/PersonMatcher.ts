/**
 * The people behind the plays and requests of a library: which observations are about one account, and which accounts
 * belong to one person. Within a server, observations with one id or one login are of one account. Accounts of different
 * applications are of one person only if they have an id that several applications share, a mail address that no other
 * account of these applications has, or if somebody joined them; a name that they have in common proves nothing.
 */
import type { PersonObservation, RequestEntry } from "../integrations/Observations.ts"
import {
  type Account,
  type AccountDraft,
  accountsOf,
  type IdentityRole,
  isMail,
  noNames,
  type Person,
  type PersonAdditions,
  type PersonDraft,
  spaceOf,
  type StoredIdentity
} from "./PersonMatcher/Accounts.ts"
import { type Claim, claimIn, claimKey } from "./PersonMatcher/Claims.ts"
import { nameKey } from "./NameKey.ts"

export type { Account, IdentityRole, Person, PersonAdditions, StoredIdentity } from "./PersonMatcher/Accounts.ts"

export interface RecognisedBy {
  readonly names: ReadonlyArray<string>
  /** Those of the names that may be the name of somebody else who plays. */
  readonly ambiguous?: ReadonlyArray<string>
  /** Identifies the person in spite of them, as `PersonAdditions.person`. */
  readonly person?: string
}

export class PersonMatcher {
  readonly #stored: ReadonlyArray<StoredIdentity>
  /** Claims by server, and by what the observation says about the account. */
  readonly #servers = new Map<string, Map<string, Claim>>()
  readonly #requesters = new Map<string, Map<string, Claim>>()
  readonly #byName = new Map<string, Set<PersonDraft>>()
  #settled: ReadonlyArray<Account> | undefined

  constructor(stored: ReadonlyArray<StoredIdentity> = []) {
    this.#stored = stored
  }

  /** `serverId` is the media server whose account it is. */
  add(serverId: string, viewer: PersonObservation): void {
    this.#settled = undefined
    claimIn(this.#servers, serverId, viewer.account?.id, viewer.account?.login, viewer.account?.sharedIds, [
      viewer.name,
      ...(viewer.names ?? noNames)
    ])
  }

  /** `integrationId` is the application in which the request was made, or that has the watchlist. */
  addRequester(
    integrationId: string,
    { requester, requesterNames }: Pick<RequestEntry, "requester" | "requesterNames">
  ): void {
    const [name] = requesterNames
    if (requester === undefined || name === undefined) return
    this.#settled = undefined
    claimIn(this.#requesters, integrationId, requester.id, undefined, requester.sharedIds, requesterNames)
  }

  /** The account of an observation that was added. */
  accountOf(serverId: string, { account, name }: PersonObservation): Account {
    this.#settle()
    const found = this.#servers.get(serverId)?.get(claimKey(account?.id, account?.login, name))?.account
    if (found === undefined) throw new Error(`The account of "${name}" has not been added`)
    return found
  }

  /** All accounts, stored ones that no reading contains included. */
  get accounts(): ReadonlyArray<Account> {
    return this.#settle()
  }

  /** By which names the requester of an entry is recognised among those who play. */
  requesterOf(integrationId: string, { requester, requesterNames }: RequestEntry): RecognisedBy {
    this.#settle()
    const own = this.#requesterAccount(integrationId, requester?.id, requesterNames)
    const joined = own?.additions.names ?? noNames
    const names = joined.length === 0 ? requesterNames : [...requesterNames, ...joined]
    const plays = own !== undefined && own.person.accounts.some(({ role }) => role === "account")
    const mayBeOther = (name: string): boolean => {
      const bearers = [...(this.#byName.get(nameKey(name)) ?? [])]
      if (bearers.length > 1) return true
      if (own === undefined) return false
      if (plays) return bearers.some((person) => person !== own.person)
      return bearers.some(({ accounts }) => accounts.some((one) => contradicts(one.sharedIds, own.sharedIds)))
    }
    const ambiguous = names.filter(mayBeOther)
    if (ambiguous.length === 0) return { names }
    return { names, ambiguous, ...(plays && own !== undefined ? { person: personKey(own.person) } : {}) }
  }

  /** The account of the requester; `undefined` = the application does not report one. */
  requesterAccount(
    integrationId: string,
    { requester, requesterNames }: Pick<RequestEntry, "requester" | "requesterNames">
  ): Account | undefined {
    this.#settle()
    return this.#requesterAccount(integrationId, requester?.id, requesterNames)
  }

  #requesterAccount(integrationId: string, id: string | undefined, [name]: ReadonlyArray<string>): Account | undefined {
    return name === undefined || id === undefined
      ? undefined
      : this.#requesters.get(integrationId)?.get(claimKey(id, undefined, name))?.account
  }

  #settle(): ReadonlyArray<Account> {
    if (this.#settled !== undefined) return this.#settled
    this.#byName.clear()
    const accounts: Array<AccountDraft> = []
    const ofRole = (role: IdentityRole, all: ReadonlyMap<string, ReadonlyMap<string, Claim>>) => {
      const stored = this.#stored.filter((one) => one.role === role)
      for (const integrationId of new Set([...all.keys(), ...stored.map((one) => one.integrationId)])) {
        const claims = [...(all.get(integrationId)?.values() ?? [])]
        const known = stored.filter((one) => one.integrationId === integrationId)
        accounts.push(...accountsOf(integrationId, role, claims, known))
      }
    }
    ofRole("account", this.#servers)
    ofRole("requester", this.#requesters)
    placePeople(accounts)
    for (const { names, person, role } of accounts) {
      if (role !== "account") continue
      for (const key of new Set(names.map(nameKey))) {
        const bearers = this.#byName.get(key) ?? new Set<PersonDraft>()
        this.#byName.set(key, bearers.add(person as PersonDraft))
      }
    }
    for (const account of accounts) account.additions = this.#additionsOf(account)
    this.#settled = accounts
    return accounts
  }

  #additionsOf(account: Account): PersonAdditions {
    const joined = account.person.accounts.flatMap((other) =>
      other !== account && other.stored?.placedBy === "person" ? other.names : noNames
    )
    const own = new Set(account.names.map(nameKey))
    const names = joined.length === 0 ? noNames : joined.filter((name) => !own.has(nameKey(name)))
    if (account.role === "requester") return { names }
    const ambiguous = [...account.names, ...names].filter((name) => (this.#byName.get(nameKey(name))?.size ?? 0) > 1)
    return ambiguous.length === 0 ? { names } : { names, ambiguous, person: personKey(account.person) }
  }
}

/** Accounts that are certainly different have different ids of one space. One person may have several mail addresses. */
export const contradicts = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): boolean => {
  const certain = one.filter((id) => !isMail(id))
  return (
    certain.some((id) => other.some((another) => spaceOf(id) === spaceOf(another))) &&
    !certain.some((id) => other.includes(id))
  )
}

/** Does not depend on the order of the readings. */
const personKey = ({ accounts }: Person): string =>
  accounts
    .map(({ integrationId, key }) => `${integrationId}/${key}`)
    .reduce((one, other) => (other < one ? other : one))

/**
 * Puts accounts together that are of one person: as they are stored, and by shared ids. An account that somebody has
 * placed stays where it is.
 */
const placePeople = (accounts: ReadonlyArray<AccountDraft>): void => {
  const people = new Map<string, PersonDraft>()
  const place = (account: AccountDraft, person: PersonDraft) => {
    account.person = person
  }
  for (const account of accounts) {
    const viewerId = account.stored?.viewerId ?? null
    const person = (viewerId === null ? undefined : people.get(viewerId)) ?? { viewerId, accounts: [] }
    if (viewerId !== null) people.set(viewerId, person)
    place(account, person)
  }
  const bearers = new Map<string, Array<AccountDraft>>()
  for (const account of accounts) {
    for (const id of account.sharedIds) bearers.set(id, [...(bearers.get(id) ?? []), account])
  }
  for (const [id, all] of bearers) {
    if (isMail(id)) continue
    const [first, ...others] = all.toSorted(bySeniority)
    for (const other of others) {
      if (first !== undefined && other.stored?.placedBy !== "person") place(other, first.person as PersonDraft)
    }
  }
  for (const [id, all] of bearers) if (isMail(id)) joinByMail(accounts, all.toSorted(bySeniority))
  for (const account of accounts) (account.person as PersonDraft).accounts.push(account)
}

/**
 * Puts the people of accounts together that have one mail address, unless several accounts of one application have it,
 * or ids show that they are different people.
 */
const joinByMail = (accounts: ReadonlyArray<AccountDraft>, bearers: ReadonlyArray<AccountDraft>): void => {
  const places = bearers.map(({ integrationId, role }) => `${integrationId}/${role}`)
  const [first, ...others] = bearers
  if (first === undefined || new Set(places).size < places.length) return
  const of = (person: Person) => accounts.filter((account) => account.person === person)
  for (const other of others) {
    const moved = of(other.person)
    if (other.person === first.person || moved.some(({ stored }) => stored?.placedBy === "person")) continue
    const staying = of(first.person)
    if (staying.some((one) => moved.some((another) => contradicts(one.sharedIds, another.sharedIds)))) continue
    for (const account of moved) account.person = first.person
  }
}

/** An account that somebody has placed comes first, then the one that was stored first. */
const bySeniority = (one: Account, other: Account): number => {
  const rankOf = ({ stored }: Account) =>
    stored === undefined ? Number.POSITIVE_INFINITY : Number(stored.id) - (stored.placedBy === "person" ? 1e15 : 0)
  const [a, b] = [rankOf(one), rankOf(other)]
  return a === b ? 0 : a - b
}
