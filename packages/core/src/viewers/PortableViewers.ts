/**
 * The accounts that a person has placed, in a form that another installation can read: by the name of the integration,
 * and by what identifies the account there.
 */
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventLog } from "../events/EventLog.ts"
import { nowIso } from "../problems/Instants.ts"
import { toJson } from "../storage/Rows.ts"
import { contradicts, type StoredIdentity } from "./PersonMatcher.ts"
import { insertViewer, storedIdentities } from "./Identities.ts"
import { ViewerEvents } from "./ViewerEvents.ts"

const Text = Schema.String.check(Schema.isBetweenLength(1, 500))
const Texts = Schema.Array(Text).check(Schema.isMaxLength(200))

export const PortableAccount = Schema.Struct({
  integration: Schema.String.annotate({ description: "Name of the integration." }),
  role: Schema.Literals(["account", "requester"]),
  key: Text.annotate({ description: "Unique among the accounts of the integration." }),
  keys: Texts.annotate({ description: "Everything by which the integration identifies it." }),
  sharedIds: Texts.annotate({ description: "Ids that several applications share." }),
  name: Schema.String.check(Schema.isMaxLength(500)),
  names: Texts
}).annotate({ identifier: "PortableAccount" })
export type PortableAccount = typeof PortableAccount.Type

/** A person, with the accounts that somebody has joined with others, or split off. */
export const PortableViewer = Schema.Struct({
  name: Text,
  accounts: Schema.Array(PortableAccount).check(Schema.isMinLength(1), Schema.isMaxLength(1000))
}).annotate({ identifier: "PortableViewer" })
export type PortableViewer = typeof PortableViewer.Type

/** The people among whose accounts somebody has placed at least one. */
export const portableViewers = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  nameOf: (integrationId: string) => string | undefined
) {
  const rows = yield* Effect.orDie(sql<{ id: number; name: string }>`SELECT id, name FROM viewers ORDER BY id`)
  const placed = (yield* storedIdentities(sql)).filter(({ placedBy }) => placedBy === "person")
  return rows.flatMap(({ id, name }): ReadonlyArray<PortableViewer> => {
    const accounts = placed.flatMap((one): ReadonlyArray<PortableAccount> => {
      const integration = nameOf(one.integrationId)
      if (one.viewerId !== String(id) || integration === undefined) return []
      const { key, keys, name: own, names, role, sharedIds } = one
      return [{ integration, role, key, keys, sharedIds, name: own, names }]
    })
    return accounts.length === 0 ? [] : [{ name, accounts }]
  })
})

/** An account as it is named in a document, with the id of its integration here. */
export interface NamedAccount extends PortableAccount {
  readonly integrationId: string
}

/** The stored account that it is; `contradicted` = the one with its key is certainly of somebody else. */
export const storedAccount = (
  wanted: NamedAccount,
  stored: ReadonlyArray<StoredIdentity>
): StoredIdentity | "contradicted" | undefined => {
  const own = stored.filter(({ integrationId, role }) => integrationId === wanted.integrationId && role === wanted.role)
  const ids = (keys: ReadonlyArray<string>) => keys.filter((key) => key.startsWith("id:"))
  const found =
    own.find(({ sharedIds }) => sharedIds.some((id) => wanted.sharedIds.includes(id))) ??
    own.find(({ keys }) => ids(keys).some((id) => wanted.keys.includes(id))) ??
    own.find(({ key }) => key === wanted.key)
  return found !== undefined && contradicts(found.sharedIds, wanted.sharedIds) ? "contradicted" : found
}

/**
 * Places accounts in a viewer, who is created if `viewerId` is `null`, as a person does who joins or splits them. An
 * account that no sync has read yet is stored as missing, so that the next sync finds it where it belongs. Run it in a
 * transaction.
 */
export const placeAccounts = Effect.fn("PortableViewers.place")(function* (
  services: { readonly sql: SqlClient.SqlClient; readonly events: EventLog["Service"] },
  viewer: { readonly id: string | null; readonly name: string },
  accounts: ReadonlyArray<{ readonly wanted: NamedAccount; readonly stored: StoredIdentity | undefined }>
) {
  const { events, sql } = services
  const at = yield* nowIso
  const id = viewer.id ?? (yield* insertViewer(sql, viewer.name, at))
  for (const { stored, wanted } of accounts) {
    if (stored === undefined) {
      yield* sql`INSERT INTO viewer_identities ${sql.insert({
        viewer_id: Number(id),
        integration_id: Number(wanted.integrationId),
        role: wanted.role,
        key: wanted.key,
        keys: toJson(wanted.keys),
        shared_ids: toJson(wanted.sharedIds),
        name: wanted.name,
        names: toJson(wanted.names),
        ambiguous: toJson([]),
        placed_by: "person",
        missing_since: at,
        created_at: at,
        updated_at: at
      })}`
    } else {
      yield* sql`UPDATE viewer_identities SET viewer_id = ${Number(id)}, placed_by = 'person', updated_at = ${at}
        WHERE id = ${Number(stored.id)}`
    }
  }
  yield* sql`UPDATE viewers SET version = version + 1, updated_at = ${at} WHERE id = ${Number(id)}`
  yield* events.append(
    ViewerEvents.joined.make({
      subject: id,
      message: `Imported that ${accounts.map(({ wanted }) => `"${wanted.name}" of ${wanted.integration}`).join(", ")} ${accounts.length === 1 ? "is" : "are"} "${viewer.name}"`,
      payload: {
        viewers: [],
        identities: accounts.flatMap(({ stored }) =>
          stored === undefined ? [] : [{ id: stored.id, integrationId: stored.integrationId, name: stored.name }]
        )
      }
    })
  )
  return id
}, Effect.orDie)
