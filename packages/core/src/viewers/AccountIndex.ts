/**
 * The people behind the plays and requests of a library: which observations are about one account, and which accounts
 * belong to one person. Within a server, observations with one id or one login are of one account. Accounts of different
 * applications are of one person only if they have an id that several applications share, or if somebody joined them;
 * a name that they have in common proves nothing.
 */
import type { RequestEntry, ViewerObservation } from "../integrations/Observations.ts"
import { Groups } from "./AccountIndex/Groups.ts"
import { nameKey } from "./Names.ts"

export type IdentityRole = "account" | "requester"

/** An account as it is stored. */
export interface StoredIdentity {
  readonly id: string
  readonly viewerId: string
  readonly integrationId: string
  readonly role: IdentityRole
  readonly key: string
  /** Everything by which a source has identified it: `id:…`, `login:…`, `name:…`. */
  readonly keys: ReadonlyArray<string>
  readonly sharedIds: ReadonlyArray<string>
  readonly name: string
  readonly names: ReadonlyArray<string>
  /** Names of it that other people have too. */
  readonly ambiguous: ReadonlyArray<string>
  readonly placedBy: "sync" | "person"
  readonly missingSince: string | null
}

/** One account, as its sources and the database know it. */
export interface Account {
  readonly integrationId: string
  readonly role: IdentityRole
  /** Unique within the integration; of a stored account, as it was stored first. */
  readonly key: string
  readonly keys: ReadonlyArray<string>
  readonly sharedIds: ReadonlyArray<string>
  readonly name: string
  readonly names: ReadonlyArray<string>
  readonly stored: StoredIdentity | undefined
  /** Some current reading contains it. */
  readonly present: boolean
  readonly person: Person
  /** What has to be added to its plays. */
  readonly additions: PersonAdditions
}

export interface Person {
  /** `null` until it is stored. */
  readonly viewerId: string | null
  readonly accounts: ReadonlyArray<Account>
}

export interface RecognisedBy {
  readonly names: ReadonlyArray<string>
  /** Those of the names that may be the name of somebody else who plays. */
  readonly ambiguous?: ReadonlyArray<string>
  /** Identifies the person in spite of them, as `PersonAdditions.person`. */
  readonly person?: string
}

/** Distinguishes the plays of people who have a name in common. */
export interface PersonAdditions {
  /** Identifies the person; set only with `ambiguous`. */
  readonly person?: string
  /** Those of its names that other people have too. */
  readonly ambiguous?: ReadonlyArray<string>
  /** Names of its accounts that somebody has joined with this one. */
  readonly names: ReadonlyArray<string>
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }
type AccountDraft = Mutable<Account>
type PersonDraft = Mutable<Omit<Person, "accounts">> & { readonly accounts: Array<Account> }

interface Claim {
  readonly ids: Set<string>
  readonly logins: Set<string>
  /** The logins as they were observed. */
  readonly told: Set<string>
  readonly sharedIds: Set<string>
  readonly name: string
  readonly names: Set<string>
  readonly stored: StoredIdentity | undefined
  account: AccountDraft | undefined
}

const noNames: ReadonlyArray<string> = []

export class AccountIndex {
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
  add(serverId: string, viewer: ViewerObservation): void {
    this.#settled = undefined
    claimIn(this.#servers, serverId, viewer.account?.id, viewer.account?.login, viewer.account?.sharedIds, [
      viewer.name,
      ...(viewer.names ?? noNames)
    ])
  }

  /** `integrationId` is the application in which the request was made. */
  addRequester(integrationId: string, { requester, requesterNames }: RequestEntry): void {
    const [name] = requesterNames
    if (requester === undefined || name === undefined) return
    this.#settled = undefined
    claimIn(this.#requesters, integrationId, requester.id, undefined, requester.sharedIds, requesterNames)
  }

  /** The account of an observation that was added. */
  accountOf(serverId: string, { account, name }: ViewerObservation): Account {
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

/** Accounts that are certainly different have different ids of one space. */
const contradicts = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): boolean =>
  one.some((id) => other.some((another) => spaceOf(id) === spaceOf(another))) && !one.some((id) => other.includes(id))

const spaceOf = (sharedId: string): string => sharedId.slice(0, sharedId.indexOf(":"))

/** Does not depend on the order of the readings. */
const personKey = ({ accounts }: Person): string =>
  accounts
    .map(({ integrationId, key }) => `${integrationId}/${key}`)
    .reduce((one, other) => (other < one ? other : one))

const claimKey = (id: string | undefined, login: string | undefined, name: string): string =>
  id === undefined ? (login === undefined ? `name:${name}` : `login:${login}|${name}`) : `id:${id}|${name}`

const claimIn = (
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
    told: new Set(),
    sharedIds: new Set(),
    name,
    names: new Set(),
    stored: undefined,
    account: undefined
  }
  // Called for every observation, of which most repeat what is known.
  if (login !== undefined && !claim.told.has(login)) {
    claim.told.add(login)
    claim.logins.add(nameKey(login))
  }
  for (const one of sharedIds ?? noNames) claim.sharedIds.add(one)
  for (const one of names) claim.names.add(one)
  claims.set(key, claim)
}

/** The accounts of one integration. */
const accountsOf = (
  integrationId: string,
  role: IdentityRole,
  present: ReadonlyArray<Claim>,
  stored: ReadonlyArray<StoredIdentity>
): ReadonlyArray<AccountDraft> => {
  const known = stored.map(claimOfStored)
  const groups = new Groups<Claim>([...known, ...present])
  for (const claims of bearersOf([...known, ...present], ({ ids }) => ids)) groups.unite(claims)
  for (const claims of bearersOf([...known, ...present], ({ sharedIds }) => sharedIds)) groups.unite(claims)
  const byLogin = [...known, ...present].filter(({ ids, sharedIds }) => ids.size === 0 && sharedIds.size === 0)
  for (const claims of bearersOf(byLogin, ({ logins }) => logins)) groups.unite(claims)
  // A login is unique at one time. Where accounts that certainly differ have had it, it identifies none of them.
  for (const claims of bearersOf(present, ({ logins }) => logins)) if (isOne(groups, claims)) groups.unite(claims)
  for (const claims of bearersOf([...known, ...present], ({ logins }) => logins)) {
    if (isOne(groups, claims)) groups.unite(claims)
  }
  const loose = [...present, ...known].filter(
    ({ ids, logins, sharedIds }) => ids.size + logins.size + sharedIds.size === 0
  )
  for (const claims of bearersOf(loose, namesIn)) groups.unite(claims)
  const byName = new Map(bearersWithKeys([...known, ...present], namesIn))
  for (const claim of loose) {
    const others = new Set(
      [...namesIn(claim)].flatMap((name) => (byName.get(name) ?? []).map((other) => groups.rootOf(other)))
    )
    others.delete(groups.rootOf(claim))
    const [only] = others
    if (only !== undefined && others.size === 1) groups.unite([only, claim])
  }
  const taken = new Set(stored.map(({ key }) => key))
  return groups.all.map((claims) => accountOf(integrationId, role, claims, taken))
}

const namesIn = ({ names }: Claim): ReadonlySet<string> => new Set([...names].map(nameKey))

/** Whether the accounts to which claims belong so far may all be one. */
const isOne = (groups: Groups<Claim>, claims: ReadonlyArray<Claim>): boolean => {
  const spaces = new Map<string, string>()
  for (const claim of new Set(claims.flatMap((one) => groups.membersOf(one)))) {
    for (const id of claim.sharedIds) {
      const before = spaces.get(spaceOf(id))
      if (before !== undefined && before !== id) return false
      spaces.set(spaceOf(id), id)
    }
  }
  return true
}

const claimOfStored = (stored: StoredIdentity): Claim => {
  const ofKind = (prefix: string) =>
    new Set(stored.keys.flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : [])))
  return {
    ids: ofKind("id:"),
    logins: ofKind("login:"),
    told: new Set(),
    sharedIds: new Set(stored.sharedIds),
    name: stored.name,
    names: new Set(stored.names),
    stored,
    account: undefined
  }
}

const bearersWithKeys = (claims: ReadonlyArray<Claim>, keysOf: (claim: Claim) => ReadonlySet<string>) => {
  const found = new Map<string, Array<Claim>>()
  for (const claim of claims) {
    for (const key of keysOf(claim)) {
      const bearers = found.get(key)
      if (bearers === undefined) found.set(key, [claim])
      else bearers.push(claim)
    }
  }
  return found
}

const bearersOf = (claims: ReadonlyArray<Claim>, keysOf: (claim: Claim) => ReadonlySet<string>) =>
  [...bearersWithKeys(claims, keysOf).values()].filter(({ length }) => length > 1)

/** `taken` are the keys of other accounts, to which its own is added. */
const accountOf = (
  integrationId: string,
  role: IdentityRole,
  claims: ReadonlyArray<Claim>,
  taken: Set<string>
): AccountDraft => {
  const stored = claims
    .flatMap((claim) => claim.stored ?? [])
    .toSorted((one, other) => Number(one.id) - Number(other.id))[0]
  const present = claims.filter((claim) => claim.stored === undefined)
  // An id stays an id of the account even if the source that named it is gone; logins and names are the current ones.
  const current = present.length === 0 ? claims : present
  const ids = sorted(claims.flatMap((claim) => [...claim.ids])).map((id) => `id:${id}`)
  const logins = sorted(current.flatMap((claim) => [...claim.logins])).map((login) => `login:${login}`)
  const names = [...new Set(current.flatMap((claim) => [...claim.names]))]
  const name = current[0]?.name ?? ""
  const keys = [...ids, ...logins]
  const draft: AccountDraft = {
    integrationId,
    role,
    key: stored?.key ?? newKey(`${role}:${keys[0] ?? `name:${nameKey(name)}`}`, taken),
    keys,
    sharedIds: sorted(claims.flatMap((claim) => [...claim.sharedIds])),
    name,
    names,
    stored,
    present: present.length > 0,
    person: nobody,
    additions: { names: noNames }
  }
  for (const claim of claims) claim.account = draft
  return draft
}

const newKey = (wanted: string, taken: Set<string>): string => {
  let key = wanted
  for (let number = 2; taken.has(key); number++) key = `${wanted}#${number}`
  taken.add(key)
  return key
}

const nobody: Person = { viewerId: null, accounts: [] }

const sorted = (values: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(values)].toSorted((one, other) => (one < other ? -1 : 1))

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
  for (const all of bearers.values()) {
    const [first, ...others] = all.toSorted(bySeniority)
    for (const other of others) {
      if (first !== undefined && other.stored?.placedBy !== "person") place(other, first.person as PersonDraft)
    }
  }
  for (const account of accounts) (account.person as PersonDraft).accounts.push(account)
}

/** An account that somebody has placed comes first, then the one that was stored first. */
const bySeniority = (one: Account, other: Account): number => {
  const rankOf = ({ stored }: Account) =>
    stored === undefined ? Number.POSITIVE_INFINITY : Number(stored.id) - (stored.placedBy === "person" ? 1e15 : 0)
  const [a, b] = [rankOf(one), rankOf(other)]
  return a === b ? 0 : a - b
}
