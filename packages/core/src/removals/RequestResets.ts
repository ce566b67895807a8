/**
 * Resets the requests of removed items, as acts that follow the removals: each request manager gets one, which is carried
 * out, settled after a crash and retried as all acts are. The result is stored with the removal, and never changes
 * whether the removal is done.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { ActKind } from "../acts/ActKind.ts"
import { Acts } from "../acts/Acts.ts"
import type { ActRunContext } from "../acts/ActRuns.ts"
import { openActStates } from "../acts/ActStates.ts"
import { go, spare } from "../acts/Verdict.ts"
import { Integrations, type LiveIntegration } from "../integrations/Integrations.ts"
import type { ResetTarget } from "../integrations/Kind.ts"
import { type ItemKind, wholeKindOf } from "../integrations/Observations.ts"
import { UpstreamUnreachable } from "../integrations/UpstreamErrors.ts"
import { StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import { transacting } from "../storage/Transactions.ts"
import { type Snapshot, Snapshots } from "../library/Snapshots.ts"
import type { LibraryItem } from "../library/Item.ts"
import { readableItemData } from "../library/StoredItem.ts"
import { seasonNumberOf } from "../library/Titles.ts"
import { isUhdCopy } from "../library/UhdCopies.ts"
import { deletesFiles, actionTextOf } from "./ActionText.ts"
import type { RequestResetResult } from "./Removal.ts"
import { RemovalStore } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

/** The kind of the acts. */
export const resetRequestAct = "reset-request"

const Subject = Schema.Struct({
  removalId: Schema.String,
  integrationId: Schema.String,
  title: Schema.String,
  kind: Schema.Literals(["movie", "show"]),
  ids: Schema.Array(Schema.String),
  seasonNumber: Schema.NullOr(Schema.Int),
  /** As `ResetTarget.is4k`. Acts of earlier versions were about both copies. */
  is4k: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
})
type Subject = typeof Subject.Type

const Kept = Schema.Struct({ keys: Schema.Array(Schema.String) })

/** Whether items of this kind are requested at all. */
export const requestedKindOf = (kind: ItemKind): ResetTarget["kind"] | null => {
  const whole = wholeKindOf(kind) ?? kind
  return whole === "movie" || whole === "show" ? whole : null
}

/** Applications that can reset requests. */
export const resettersOf = (live: ReadonlyArray<LiveIntegration>): ReadonlyArray<LiveIntegration> =>
  live.filter((one) => one.can("requests") && one.connected.requestReset !== undefined)

export const makeRequestResets = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const store = yield* RemovalStore
  const integrations = yield* Integrations
  const acts = yield* Acts
  const snapshots = yield* Snapshots
  const transact = transacting(sql)

  const connected = Effect.fnUntraced(function* ({ integrationId }: Subject) {
    const live = yield* integrations.connect(integrationId)
    const [resetter] = live === undefined ? [] : resettersOf([live])
    if (resetter?.connected.requestReset !== undefined) return resetter.connected.requestReset
    return yield* new UpstreamUnreachable({
      integration: live?.integration.name ?? `integration ${integrationId}`,
      call: "requests",
      detail: "it is disabled, or may no longer be used for requests"
    })
  })

  const kind: ActKind<Subject, typeof Kept.Type> = {
    name: resetRequestAct,
    subject: Subject,
    kept: Kept,
    keyOf: ({ integrationId, removalId }) => `${removalId}/${integrationId}`,
    titleOf: ({ title }) => `Request of ${title}`,
    destroys: true,
    presence: (subject) =>
      Effect.gen(function* () {
        const keys = yield* (yield* connected(subject)).find(targetOf(subject))
        return keys.length === 0 ? ({ _tag: "Absent" } as const) : ({ _tag: "Present", kept: { keys } } as const)
      }),
    // If the item is back, its request stands.
    look: ({ is4k = null, removalId, seasonNumber }) =>
      Effect.gen(function* () {
        const removal = yield* store.find(removalId)
        if (removal.state !== "removed") return spare(undone)
        return isThereAgain(yield* snapshots.get, removal, { is4k, seasonNumber }) ? spare(again) : go
      }).pipe(Effect.catchTag("RemovalNotFound", () => Effect.succeed(spare("its removal no longer exists")))),
    send: (subject) =>
      Effect.gen(function* () {
        const requests = yield* connected(subject)
        // Asked again: an earlier attempt may have deleted some of them.
        yield* Effect.forEach(yield* requests.find(targetOf(subject)), (key) => requests.reset(key), { discard: true })
      }),
    isForgotten: ({ integrationId }) =>
      Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))
  }
  const { carryOutDue, intend, nextDue } = yield* acts.define(kind)

  /** Without a new version: nothing that a person decides about the removal depends on it. */
  const note = ({ id }: StoredRemoval, { acts: ids, reason, state }: RequestResetResult) =>
    sql`UPDATE removals SET ${sql.update({
      request_reset: state,
      request_reset_reason: reason,
      request_reset_acts: ids.length === 0 ? null : ids.join(" ")
    })} WHERE id = ${Number(id)}`.pipe(Effect.orDie)

  const subjectOf = Effect.fnUntraced(function* (removal: StoredRemoval, requested: ResetTarget["kind"]) {
    if (wholeKindOf(removal.kind) === null) return { kind: requested, seasonNumber: null }
    // The resets of other removals must not wait until somebody has repaired this one.
    const detail = yield* Effect.catchDefect(Effect.orDie(store.detail(removal.id)), (defect) =>
      defect instanceof StoredDocumentInvalid ? Effect.succeed(null) : Effect.die(defect)
    )
    const season = detail?.decision.facts.find(({ fact }) => fact === "seasonNumber")?.value
    return typeof season === "number" ? { kind: requested, seasonNumber: season } : null
  })

  /** Which of its copies was removed, as `isUhdCopy`. */
  const copyOf = Effect.fnUntraced(function* (removal: StoredRemoval, seasonNumber: number | null) {
    const rows = yield* Effect.orDie(
      sql<{ path: string | null; data: string }>`SELECT items.path, item_documents.data FROM items
        JOIN item_documents ON item_documents.item_id = items.id WHERE items.id = ${Number(removal.itemId)}`
    )
    const [own] = rows.flatMap(({ data, path }) => {
      const read = readableItemData(Number(removal.itemId), data)
      return read === undefined ? [] : [{ facts: read.catalog, path }]
    })
    const others = (yield* snapshots.get).items.filter(
      (item) =>
        item.id !== removal.itemId &&
        item.kind === removal.kind &&
        item.ids.some((id) => removal.ids.includes(id)) &&
        seasonNumberOf(item) === seasonNumber
    )
    // Without its data, it may have been either of two copies.
    if (own === undefined) return others.length === 0 ? null : undefined
    return isUhdCopy(own, others.map(copyIn))
  })

  /** The intents for removals that are done. One transaction each: a removal never waits for acts that do not exist. */
  const begin = Effect.fnUntraced(function* (removal: StoredRemoval) {
    const requested = requestedKindOf(removal.kind)
    const about = requested === null ? null : yield* subjectOf(removal, requested)
    const resetters = resettersOf(yield* integrations.live)
    const is4k = about === null ? null : yield* copyOf(removal, about.seasonNumber)
    const why =
      about === null || removal.ids.length === 0
        ? "it is not known which title was requested"
        : resetters.length === 0
          ? noResetter
          : is4k === undefined
            ? "it is not known whether it was the 4K copy, and another copy remains"
            : null
    if (about === null || is4k === undefined || why !== null) {
      return yield* transact(note(removal, { state: "failed", reason: why, acts: [] }))
    }
    yield* transact(
      Effect.gen(function* () {
        const { done, was } = actionTextOf(removal)
        const because = `${was} ${done}, and ${requestsOf(is4k)} to be reset`
        const planned = yield* Effect.forEach(resetters, ({ integration }) =>
          intend(
            {
              ...about,
              is4k,
              removalId: removal.id,
              integrationId: integration.id,
              title: removal.title,
              ids: removal.ids
            },
            { because }
          )
        )
        yield* note(removal, { state: "waiting", reason: null, acts: planned.map(({ id }) => id) })
      })
    )
  })

  /** Stores the outcome of the acts with their removal. */
  const conclude = Effect.fnUntraced(function* (removal: StoredRemoval) {
    const { acts: ids = [], reason, state } = removal.requestReset ?? {}
    const found = yield* Effect.forEach(ids, (id) => Effect.option(acts.find(id)))
    const known = found.flatMap((act) => (act._tag === "Some" ? [act.value] : []))
    if (known.length === 0) return
    const failed = known.find((act) => act.state === "failed" || act.state === "cancelled")
    const isOpen = known.some((act) => act.state !== "failed" && openActStates.some((open) => open === act.state))
    const next: Pick<RequestResetResult, "state" | "reason"> =
      failed !== undefined
        ? { state: "failed", reason: failed.reason }
        : isOpen
          ? { state: "waiting", reason: known.find((act) => act.reason !== null)?.reason ?? null }
          : known.some((act) => act.state === "done")
            ? { state: "done", reason: null }
            : removal.state !== "removed"
              ? { state: "failed", reason: undone }
              : known.some((act) => act.reason === again)
                ? { state: "failed", reason: again }
                : { state: "not-found", reason: null }
    if (next.state !== state || next.reason !== reason) yield* transact(note(removal, { ...next, acts: ids }))
  })

  return {
    /** Resets what is due. Only for runs of destructive jobs. Never fails: the removals are done. */
    carryOut: Effect.fn("RequestResets.carryOut")(function* (context: ActRunContext) {
      const unplanned = yield* store.eachWhere(
        (q) => q`reset_request = 1 AND state = 'removed' AND request_reset IS NULL`
      )
      // While the brake is on, they stay unplanned.
      for (const removal of unplanned) yield* Effect.ignore(begin(removal))
      yield* carryOutDue(context)
      const left = yield* store.eachWhere(
        (q) => q`reset_request = 1 AND state IN ('removed', 'restored') AND request_reset IN ('waiting', 'failed')`
      )
      yield* Effect.forEach(left, conclude, { discard: true })
    }),
    /** When the next reset is due, ISO-8601; `null` = none is. `now` if one has not been planned yet. */
    nextDue: Effect.fnUntraced(function* (now: string) {
      const unplanned = yield* store.eachWhere(
        (q) => q`reset_request = 1 AND state = 'removed' AND request_reset IS NULL`
      )
      return unplanned.length > 0 ? now : yield* nextDue
    })
  }
})

const targetOf = ({ ids, is4k = null, kind, seasonNumber }: Subject): ResetTarget => ({
  kind,
  ids,
  seasonNumber,
  is4k
})

const requestsOf = (is4k: boolean | null): string =>
  is4k === null
    ? "its requests for the usual copy and for the 4K copy are"
    : is4k
      ? "its request for the 4K copy is"
      : "its request for the usual copy is"

const undone = "the removal was undone"
const again = "it is in the library again"

/** Whether its application has files of the title again, perhaps under another id: somebody has requested it since. */
const isThereAgain = (
  { items }: Snapshot,
  removal: StoredRemoval,
  { is4k, seasonNumber }: Pick<ResetTarget, "is4k" | "seasonNumber">
): boolean =>
  deletesFiles(removal.action) &&
  items.some(
    (item) =>
      item.integrationId === removal.integrationId &&
      item.kind === removal.kind &&
      item.sizeBytes > 0 &&
      item.ids.some((id) => removal.ids.includes(id)) &&
      (seasonNumber === null || seasonNumberOf(item) === seasonNumber) &&
      // The copy in the other quality was there before.
      (is4k === null || isUhdCopy(copyIn(item), []) !== !is4k)
  )

const copyIn = ({ data, path }: LibraryItem) => ({ facts: data.catalog, path })

/** Also why a request for it is refused. */
export const noResetter = "no integration can reset requests"
