/** Accounts: what is known about each, and which observations of one integration are about the same account. */
import { mailSpace } from "../../integrations/Observations.ts"
import { nameKey } from "../NameKey.ts"
import { type Claim, claimOfStored } from "./Claims.ts"
import { UnionFind } from "./UnionFind.ts"

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
export type AccountDraft = Mutable<Account>
export type PersonDraft = Mutable<Omit<Person, "accounts">> & { readonly accounts: Array<Account> }

/** The accounts of one integration. */
export const accountsOf = (
  integrationId: string,
  role: IdentityRole,
  present: ReadonlyArray<Claim>,
  stored: ReadonlyArray<StoredIdentity>
): ReadonlyArray<AccountDraft> => {
  const known = stored.map(claimOfStored)
  const groups = new UnionFind<Claim>([...known, ...present])
  for (const claims of bearersOf([...known, ...present], ({ ids }) => ids)) groups.unite(claims)
  for (const claims of bearersOf([...known, ...present], certainIdsIn)) groups.unite(claims)
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
const isOne = (groups: UnionFind<Claim>, claims: ReadonlyArray<Claim>): boolean => {
  const spaces = new Map<string, string>()
  for (const claim of new Set(claims.flatMap((one) => groups.membersOf(one)))) {
    for (const id of certainIdsIn(claim)) {
      const before = spaces.get(spaceOf(id))
      if (before !== undefined && before !== id) return false
      spaces.set(spaceOf(id), id)
    }
  }
  return true
}

export const isMail = (sharedId: string): boolean => spaceOf(sharedId) === mailSpace

/** Without mail addresses, which several accounts of one application may have. */
const certainIdsIn = ({ sharedIds }: Claim): ReadonlySet<string> => new Set([...sharedIds].filter((id) => !isMail(id)))

export const spaceOf = (sharedId: string): string => sharedId.slice(0, sharedId.indexOf(":"))

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
    // A mail address may have passed to somebody else.
    sharedIds: sorted([
      ...claims.flatMap((claim) => [...certainIdsIn(claim)]),
      ...current.flatMap((claim) => [...claim.sharedIds].filter(isMail))
    ]),
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

export const noNames: ReadonlyArray<string> = []

const sorted = (values: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(values)].toSorted((one, other) => (one < other ? -1 : 1))
