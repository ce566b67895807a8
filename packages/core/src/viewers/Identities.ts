/** The stored accounts, and the people they belong to. Written by whatever joins a library, in its transaction. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { toJson } from "../storage/Rows.ts"
import { type DocumentFormat, requireDocument, textsIn } from "../storage/StoredDocuments.ts"
import type { Account, PersonMatcher, IdentityRole, Person, StoredIdentity } from "./PersonMatcher.ts"

export interface IdentityRow {
  readonly id: number
  readonly viewer_id: number
  readonly integration_id: number
  readonly role: IdentityRole
  readonly key: string
  readonly keys: string
  readonly shared_ids: string
  readonly name: string
  readonly names: string
  readonly ambiguous: string
  readonly placed_by: "sync" | "person"
  readonly missing_since: string | null
}

const texts = (column: string): DocumentFormat<ReadonlyArray<string>> => textsIn("viewer_identities", column)
const formats = {
  keys: texts("keys"),
  sharedIds: texts("shared_ids"),
  names: texts("names"),
  ambiguous: texts("ambiguous")
}

export const toIdentity = (row: IdentityRow): StoredIdentity => {
  const id = String(row.id)
  return {
    id,
    viewerId: String(row.viewer_id),
    integrationId: String(row.integration_id),
    role: row.role,
    key: row.key,
    keys: requireDocument(formats.keys, id, row.keys),
    sharedIds: requireDocument(formats.sharedIds, id, row.shared_ids),
    name: row.name,
    names: requireDocument(formats.names, id, row.names),
    ambiguous: requireDocument(formats.ambiguous, id, row.ambiguous),
    placedBy: row.placed_by,
    missingSince: row.missing_since
  }
}

/** All stored accounts, those of removed integrations excluded, unless their plays go on counting. */
export const storedIdentities = (from: SqlClient.SqlClient): Effect.Effect<ReadonlyArray<StoredIdentity>> =>
  from<IdentityRow>`SELECT id, viewer_id, integration_id, role, key, keys, shared_ids, name, names, ambiguous,
      placed_by, missing_since
    FROM viewer_identities
    WHERE integration_id IN (SELECT id FROM integrations WHERE deleted_at IS NULL)
      OR integration_id IN (SELECT former_id FROM former_plays) ORDER BY id`.pipe(
    Effect.map((rows) => rows.map(toIdentity)),
    Effect.orDie
  )

export interface IdentitiesWritten {
  /** All readings were joined: an account that is in none of them is missing. Otherwise only new ones are written. */
  readonly complete: boolean
  readonly at: string
}

/**
 * Stores the accounts of an index. Whoever was joined or split since the index was made stays where they are now. Run it
 * in a transaction.
 */
export const writeIdentities = Effect.fn("Viewers.writeIdentities")(function* (
  sql: SqlClient.SqlClient,
  index: PersonMatcher,
  { at, complete }: IdentitiesWritten
) {
  if (complete) {
    yield* sql`DELETE FROM viewer_identities
      WHERE integration_id IN (SELECT id FROM integrations WHERE deleted_at IS NOT NULL)`
  }
  const current = new Map((yield* storedIdentities(sql)).map((one) => [one.id, one]))
  const viewerIds = new Map<Person, string>()
  const created = new Set<string>()
  /** The viewer to whom new accounts of a person belong. */
  const viewerOf = Effect.fnUntraced(function* (account: Account) {
    const { person } = account
    const before = viewerIds.get(person) ?? viewerNow(person, current)
    const id = before ?? (yield* insertViewer(sql, account.name, at))
    if (before === undefined) created.add(id)
    viewerIds.set(person, id)
    return id
  })
  const known = new Set<string>()
  /** Viewers who got or lost an account. */
  const touched = new Set<string>()
  for (const account of index.accounts) {
    const now = account.stored === undefined ? undefined : current.get(account.stored.id)
    if (now !== undefined) known.add(now.id)
    // Some readings do not contain everything that is known of an account.
    if (now === undefined ? !account.present : !complete) continue
    if (now === undefined) {
      const [taken] = yield* sql`SELECT 1 FROM viewer_identities
        WHERE integration_id = ${Number(account.integrationId)} AND key = ${account.key}`
      // Another reading of an item may have stored it in the meantime.
      if (taken !== undefined) continue
      const viewerId = yield* viewerOf(account)
      touched.add(viewerId)
      yield* sql`INSERT INTO viewer_identities ${sql.insert({
        viewer_id: Number(viewerId),
        integration_id: Number(account.integrationId),
        role: account.role,
        key: account.key,
        ...columnsOf(account),
        placed_by: "sync",
        missing_since: null,
        created_at: at,
        updated_at: at
      })}`
      continue
    }
    const moves = now.placedBy === "sync" && now.viewerId === account.stored?.viewerId
    const viewerId = moves ? yield* viewerOf(account) : now.viewerId
    const missingSince = account.present ? null : (now.missingSince ?? at)
    const columns = { viewer_id: Number(viewerId), ...columnsOf(account), missing_since: missingSince }
    if (isSame(columns, now)) continue
    if (viewerId !== now.viewerId) for (const one of [viewerId, now.viewerId]) touched.add(one)
    yield* sql`UPDATE viewer_identities SET ${sql.update({ ...columns, updated_at: at })} WHERE id = ${Number(now.id)}`
  }
  for (const id of created) touched.delete(id)
  for (const id of touched) {
    yield* sql`UPDATE viewers SET version = version + 1, updated_at = ${at}
      WHERE id = ${Number(id)}`
  }
  if (!complete) return
  for (const { id, missingSince } of current.values()) {
    if (known.has(id) || missingSince !== null) continue
    yield* sql`UPDATE viewer_identities SET missing_since = ${at}, updated_at = ${at} WHERE id = ${Number(id)}`
  }
  yield* followNames(sql, at)
}, Effect.orDie)

const viewerNow = (
  { accounts, viewerId }: Person,
  current: ReadonlyMap<string, StoredIdentity>
): string | undefined => {
  const there = accounts.flatMap(({ stored }) => (stored === undefined ? [] : (current.get(stored.id) ?? [])))
  return (there.find((one) => one.viewerId === viewerId) ?? there[0])?.viewerId
}

export const insertViewer = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, name: string, at: string) {
  const rows = yield* sql<{ id: number }>`INSERT INTO viewers ${sql.insert({
    name,
    created_at: at,
    updated_at: at
  })} RETURNING id`
  return String(rows[0]!.id)
})

const columnsOf = (account: Account) => ({
  keys: toJson(account.keys),
  shared_ids: toJson(account.sharedIds),
  name: account.name,
  names: toJson(account.names),
  ambiguous: toJson(account.additions.ambiguous ?? [])
})

const isSame = (
  columns: ReturnType<typeof columnsOf> & { readonly viewer_id: number; readonly missing_since: string | null },
  now: StoredIdentity
): boolean =>
  columns.viewer_id === Number(now.viewerId) &&
  columns.keys === toJson(now.keys) &&
  columns.shared_ids === toJson(now.sharedIds) &&
  columns.name === now.name &&
  columns.names === toJson(now.names) &&
  columns.ambiguous === toJson(now.ambiguous) &&
  columns.missing_since === now.missingSince

/** A person with a single account has the name of that account, also after it was changed. */
const followNames = (sql: SqlClient.SqlClient, at: string) =>
  sql`UPDATE viewers SET name = one.name, version = version + 1, updated_at = ${at}
    FROM (SELECT viewer_id, max(name) AS name FROM viewer_identities GROUP BY viewer_id HAVING count(*) = 1) one
    WHERE viewers.id = one.viewer_id AND viewers.name <> one.name`
