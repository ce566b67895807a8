/** The requests of people, as a sync stores them: all of them, and which items in the library they are for. */
import { Array as Arr, Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import type { RequestEntry } from "../integrations/Observations.ts"
import { documentPart, eachMember, makeStaging } from "../storage/Dialect.ts"
import { toBit, toJson } from "../storage/Rows.ts"
import type { PersonMatcher } from "./PersonMatcher.ts"

/** A request of one application, from the documents of an item. */
export interface RequestKey {
  readonly integrationId: string
  readonly requestId: string
}

const own = ["integration_id", "request_id"] as const
const values = [
  "kind",
  "ids",
  "seasons",
  "status",
  "is_4k",
  "requested_at",
  "approved_at",
  "approved_by",
  "names"
] as const

/** Requests per statement: few enough that one statement does not block the event loop. */
const batchSize = 200

/** Stages all requests of all readings, and makes the stored ones equal to them. */
export const makeRequests = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const staging = makeStaging(sql, "staged_requests", [...own, "account", ...values])
  yield* staging.create
  const list = (columns: ReadonlyArray<string>, prefix = "") =>
    sql.literal(columns.map((column) => `${prefix}${column}`).join(", "))

  const stage = Effect.fnUntraced(function* (
    integrationId: string,
    requests: ReadonlyArray<RequestEntry>,
    people: PersonMatcher
  ) {
    for (const some of Arr.chunksOf(requests, batchSize)) {
      const rows = some.map((one) => ({
        integration_id: Number(integrationId),
        request_id: one.requestId,
        account: people.requesterAccount(integrationId, one)?.key ?? null,
        kind: one.kind,
        ids: toJson(one.ids),
        seasons: one.seasons === null ? null : toJson(one.seasons),
        status: one.status,
        is_4k: toBit(one.is4k === true),
        requested_at: one.requestedAt,
        approved_at: one.approvedAt ?? null,
        approved_by: one.approvedBy === undefined ? null : toJson(one.approvedBy),
        names: toJson(one.requesterNames)
      }))
      if (Arr.isArrayNonEmpty(rows)) yield* sql`INSERT INTO staged_requests ${sql.insert(rows)}`
      yield* Effect.yieldNow
    }
  })

  const apply = Effect.gen(function* () {
    yield* sql`DELETE FROM requests
      WHERE (integration_id, request_id) NOT IN (SELECT integration_id, request_id FROM staged_requests)`
    const last = yield* staging.last
    for (let start = 0; start < last; start += batchSize) {
      // A condition is needed before ON CONFLICT: it would be taken for that of the join.
      yield* sql`INSERT INTO requests (${list(own)}, identity_id, ${list(values)})
        SELECT ${list(own, "staged.")}, viewer_identities.id, ${list(values, "staged.")}
        FROM staged_requests AS staged LEFT JOIN viewer_identities
          ON viewer_identities.integration_id = staged.integration_id AND viewer_identities.key = staged.account
        WHERE ${staging.numbered(start, batchSize, "staged")}
        ON CONFLICT (integration_id, request_id) DO UPDATE SET identity_id = excluded.identity_id,
          ${sql.literal(values.map((column) => `${column} = excluded.${column}`).join(", "))}
        WHERE (requests.identity_id, ${list(values, "requests.")})
          IS DISTINCT FROM (excluded.identity_id, ${list(values, "excluded.")})`
      yield* Effect.yieldNow
    }
    yield* sql`DELETE FROM staged_requests`
  })

  return {
    clear: Effect.orDie(sql`DELETE FROM staged_requests`),
    stage: (integrationId: string, requests: ReadonlyArray<RequestEntry>, people: PersonMatcher) =>
      Effect.orDie(stage(integrationId, requests, people)),
    /** In a transaction, after the accounts were written and before the items. */
    apply: Effect.orDie(apply)
  }
})

/** As members of a JSON list, in the form that `writeStagedRequests` reads. */
export const requestsDocument = (requests: ReadonlyArray<RequestKey>): string =>
  toJson(requests.map(({ integrationId, requestId }) => ({ of: Number(integrationId), id: requestId })))

/** As `writeStagedPlays`, for the column `requests`; without a document, the rows stay as they are. */
export const writeStagedRequests = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  staged: string,
  batch: Statement.Fragment
) {
  const part = (key: string) => documentPart(sql, "member.value", key)
  const table = sql.literal(staged)
  const rows = sql`${table} AS staged, ${eachMember(sql, "staged.requests")}
    JOIN requests ON requests.integration_id = ${part("of")} AND requests.request_id = ${part("id")}`
  yield* sql`DELETE FROM item_requests
    WHERE item_id IN (SELECT staged.item_id FROM ${table} AS staged
      WHERE ${batch} AND staged.known = 1 AND staged.requests IS NOT NULL)
    AND (item_id, request_id) NOT IN (SELECT staged.item_id, requests.id FROM ${rows}
      WHERE ${batch} AND staged.known = 1)`
  yield* sql`INSERT INTO item_requests (item_id, request_id) SELECT staged.item_id, requests.id FROM ${rows}
    WHERE ${batch} ON CONFLICT (item_id, request_id) DO NOTHING`
})
