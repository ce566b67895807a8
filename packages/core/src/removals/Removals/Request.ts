/**
 * A person's request to remove an item. It bypasses the ranking, and nothing else. It takes the place of a proposal that
 * nobody has decided about, and on a disk in dry-run it is one itself.
 */
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { brake } from "../../acts/Brake.ts"
import { decide, type Environment, unsureKeeping } from "../../capacity/Decision.ts"
import { DiskGroups } from "../../capacity/DiskGroups.ts"
import { Engine } from "../../capacity/Engine.ts"
import { explain } from "../../capacity/Explanation.ts"
import { elsewhere, whyFolderStays } from "../../capacity/SamePlace.ts"
import { Actor } from "../../events/Actor.ts"
import { nearestFinder } from "../../integrations/Paths.ts"
import { ItemNotFound } from "../../library/LibraryErrors.ts"
import { isoOfMillis } from "../../problems/Instants.ts"
import { Settings } from "../../settings/Settings.ts"
import { deletesFiles } from "../ActionText.ts"
import { conflictOf, excludedBy } from "../OpenRemovals.ts"
import { openStates, RemovalForbidden, RemovalStateConflict } from "../Removal.ts"
import { RemovalEvents } from "../RemovalEvents.ts"
import { RemovalStore } from "../RemovalStore.ts"
import { type StoredRemoval, summaryOf } from "../RemovalStore/Rows.ts"
import { delayMillisOf, type RequestOptions, requestedTerms } from "../RemovalTerms.ts"
import { canBeUndone, whyNotPossible } from "../WhyNotPossible.ts"
import { CapacitySettings } from "../../capacity/CapacitySettings.ts"
import { RemovalsSettings } from "../../settings/RemovalsSettings.ts"
import { amongMany } from "../../storage/Dialect.ts"
import { transacting } from "../../storage/Transactions.ts"

export const makeRequest = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)
  const store = yield* RemovalStore
  const engine = yield* Engine
  const settings = yield* Settings
  const diskGroups = yield* DiskGroups

  return Effect.fn("Removals.request")(function* (
    itemId: string,
    options: RequestOptions = {},
    /** Whose members are removed together or not at all. */
    collection: string | null = null,
    /** Of the caller's transaction, for many requests in one. */
    given?: Environment
  ) {
    yield* brake(settings)
    const now = yield* Clock.currentTimeMillis
    const removals = yield* settings.get(RemovalsSettings)
    const actor = yield* Actor
    const created = yield* transact(
      Effect.gen(function* () {
        const current = given ?? (yield* engine.environment)
        const item = current.snapshot.byId.get(itemId)
        if (item === undefined) return yield* new ItemNotFound({ itemId })
        const terms = yield* requestedTerms(item.kind, options)
        const environment = yield* engine.loaded(current, [item])
        const [open] = yield* store.where(
          (q) => q`item_id = ${Number(itemId)} AND state IN ('proposed', 'snoozed', 'scheduled', 'executing', 'failed')`
        )
        if (open !== undefined && !isSuggestion(open)) {
          return yield* new RemovalStateConflict({
            removalId: open.id,
            state: open.state,
            detail: "the item has an open removal already"
          })
        }
        const others = excludedBy(current.snapshot, item)
        if (others.length > 0) {
          const ofOthers = yield* store.where(
            (q) =>
              q`${amongMany(
                q,
                q.literal("item_id"),
                others.map(({ id }) => Number(id))
              )} AND ${q.in("state", openStates)}`
          )
          const conflict = conflictOf(current.snapshot, item, new Map(ofOthers.map((one) => [one.itemId, one])))
          if (conflict !== null) {
            const [first] = ofOthers.filter(({ state }) => state !== "proposed")
            return yield* new RemovalStateConflict({
              removalId: first?.id ?? "",
              state: first?.state ?? "scheduled",
              detail: conflict
            })
          }
        }
        const forbidden = (detail: string) => new RemovalForbidden({ itemId, detail })
        const decision = decide(environment, item)
        if (decision.status === "protected" || decision.status === "kept")
          return yield* forbidden(decision.because ?? decision.status)
        const unsure = unsureKeeping(environment, item)
        if (unsure.length > 0) return yield* forbidden(`a rule may keep it: ${unsure.join(", ")} unknown`)
        const frees = deletesFiles(terms.action)
        const shared = frees ? whyFolderStays(environment, item) : null
        if (shared !== null) return yield* forbidden(shared)
        const folders = (yield* diskGroups.rootFolders).filter(
          ({ integrationId }) => integrationId === item.integrationId
        )
        const folder = item.path === null ? undefined : nearestFinder(folders)(item.path)
        // The application would forget the item but leave its files.
        if (frees && folder?.problem === "unreachable") return yield* forbidden(folder.detail ?? folder.problem)
        const impossible = whyNotPossible(environment, item, terms)
        if (impossible !== null) return yield* forbidden(impossible)
        const group = item.diskGroupId === null ? undefined : environment.groups.get(item.diskGroupId)
        const mode = group?.mode ?? (yield* settings.get(CapacitySettings)).defaultMode
        const dryRun = mode === "dry-run"
        // It is not known whether the files are there, or whether removing them frees any space.
        if (frees && group !== undefined && group.stoppedBecause !== null) return yield* forbidden(group.stoppedBecause)
        if (open !== undefined) {
          const reason = `requested by ${actor} instead`
          const message = `"${open.title}" is no longer only proposed: ${reason}`
          yield* store.move(open, "cancelled", RemovalEvents.withdrawn, message, { reason })
        }
        const [id] = yield* store.insert([
          {
            item,
            state: dryRun ? "proposed" : "scheduled",
            mode,
            origin: "person",
            ...terms,
            ruleId: null,
            runId: null,
            collection,
            position: 1,
            decision: explain(environment, item),
            scheduledAt: dryRun ? null : isoOfMillis(now + delayMillisOf(terms, removals)),
            because: [
              `requested by ${actor}`,
              ...(dryRun ? [`${group?.mountPath ?? "its disk"} is in dry-run, so that this remains a proposal`] : []),
              ...elsewhere(environment, item)
            ].join("; "),
            canBeUndone: canBeUndone(environment, item)
          }
        ])
        return id!
      })
    )
    return summaryOf(yield* Effect.orDie(store.find(created)))
  })
})

/** A proposal of the engine or of a rule, which nobody has decided about. */
const isSuggestion = ({ origin, state }: StoredRemoval): boolean => state === "proposed" && origin !== "person"
