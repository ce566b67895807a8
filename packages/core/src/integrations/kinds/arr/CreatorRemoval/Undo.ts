/** Undoing what was done to a creator or a work: see `RemovalCapability.restore`. */
import { Effect } from "effect"
import type { CameBack, Presence, RemovalAction, RemovalCapability, UndoOptions } from "../../../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../../../UpstreamErrors.ts"
import { Added, type ArrAccess, dropExclusions, presenceOr404 } from "../Arr.ts"
import { filesOf } from "../CreatorCatalog.ts"
import type { CreatorTerms } from "../CreatorTerms.ts"
import { makeMonitoring, stripsFiles, unmonitors } from "../Monitoring.ts"
import { bodyOf, decodeRestore, searchFor } from "../Restore.ts"
import { type CreatorRestore, Restore, type WorkRestore } from "./Kept.ts"

export const creatorUndo = (access: ArrAccess, terms: CreatorTerms): Pick<RemovalCapability, "restore" | "isBack"> => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const creators = `${api}/${terms.creator}`
  const works = `${api}/${terms.work}`
  const exclusions = `${api}/importlistexclusion`
  const setMonitored = makeMonitoring(access)
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const creatorBack = Effect.fnUntraced(function* (foreignId: string) {
    const present = yield* upstream.getArray(creators, terms.Creator, { query: terms.creatorQuery(foreignId) })
    const same = present.find((one) => one.foreignId === foreignId)
    return same === undefined ? null : { externalId: String(same.id) }
  })

  /** Undoes an action after which the entry still exists. */
  const undoInPlace = Effect.fnUntraced(function* (
    creator: typeof CreatorRestore.Type,
    externalId: string,
    action: RemovalAction,
    monitor: boolean
  ) {
    const creatorId = Number(externalId)
    if ((creator.monitored && unmonitors(action)) || monitor) yield* monitorCreator(creatorId, creator.foreignId)
    if (!stripsFiles(action)) return { externalId }
    return yield* searchFor(upstream, api, externalId, { name: terms.searchAllCommand, [terms.creatorId]: creatorId })
  })

  const restoreCreator = Effect.fnUntraced(function* (
    creator: typeof CreatorRestore.Type,
    monitor: boolean,
    action: RemovalAction
  ): Effect.fn.Return<CameBack, UpstreamError> {
    const { foreignId } = creator
    // A second restore, or one after the creator was added by hand, returns the existing creator.
    const same = yield* creatorBack(foreignId)
    if (same !== null) {
      return action === "remove-entry" ? same : yield* undoInPlace(creator, same.externalId, action, monitor)
    }
    yield* dropExclusions(upstream, exclusions, creator, (exclusion) => exclusion.foreignId === foreignId)
    const { kind: _kind, excluded: _excluded, foreignId: _foreignId, monitoredWorks, name, ...data } = creator
    const json = {
      ...bodyOf(data),
      ...(monitor ? { monitored: true } : {}),
      [terms.nameKey]: name,
      [terms.foreignIdKey]: foreignId,
      addOptions: {
        // An empty list would mean "all".
        ...(monitoredWorks.length === 0 ? { monitor: "none" } : { [terms.toMonitorKey]: monitoredWorks }),
        monitored: monitor || creator.monitored,
        [terms.searchMissingKey]: true
      }
    }
    const added = yield* upstream.send("POST", creators, { json }, Added)
    return { externalId: String(added.id) }
  })

  /** The current work; `null` if it is gone, for example with its creator. */
  const workNow = Effect.fnUntraced(function* ({ foreignId, workId }: typeof WorkRestore.Type) {
    const path = `${works}/${workId}`
    const there = yield* presenceOr404(upstream.get(path, terms.Work), probe, () => Effect.succeed(somewhere))
    if (there._tag === "Absent") return null
    const work = yield* upstream.get(path, terms.Work)
    if ((work.foreignId ?? null) === foreignId) return work
    return yield* malformed(`GET ${works}/${workId}`, `another ${terms.work} has this id now: ${work.title}`)
  })

  const restoreWork = Effect.fnUntraced(function* (
    kept: typeof WorkRestore.Type,
    monitor: boolean,
    action: RemovalAction
  ) {
    const { creator, workId } = kept
    const work = yield* workNow(kept)
    if (work === null) {
      // Its creator was removed with it, and comes back with only this work. The application assigns new ids to works
      // later, after it has queried its metadata provider.
      if (creator !== undefined) {
        const wanted = monitor && kept.foreignId !== null ? { monitoredWorks: [kept.foreignId] } : {}
        return yield* restoreCreator({ ...creator, ...wanted }, monitor, "remove-entry")
      }
      return yield* malformed(`GET ${works}/${workId}`, `the ${terms.work} is no longer there`)
    }
    if (unmonitors(action) || monitor) {
      const monitored = monitor || (kept.monitored ?? true)
      yield* upstream.send("PUT", `${works}/monitor`, { json: { [terms.workIdsKey]: [workId], monitored } })
      if (creator !== undefined && (creator.monitored || monitor))
        yield* monitorCreator(work.creatorId, creator.foreignId)
    }
    if (!stripsFiles(action)) return { externalId: terms.externalIdOf(work) }
    const command = { name: terms.searchCommand, [terms.workIdsKey]: [workId] }
    return yield* searchFor(upstream, api, terms.externalIdOf(work), command)
  })

  /** It exists, and is monitored as before: its files come later. */
  const workBack = Effect.fnUntraced(function* (kept: typeof WorkRestore.Type, action: RemovalAction) {
    const work = yield* workNow(kept)
    if (work === null) return kept.creator === undefined ? null : yield* creatorBack(kept.creator.foreignId)
    // Its removal cleared the monitored flag. If it was not monitored before, the flag says nothing, but its files do.
    const isBack =
      !unmonitors(action) ||
      (work.monitored ?? kept.monitored !== false) ||
      (action !== "unmonitor" && filesOf(work) > 0)
    return isBack ? { externalId: terms.externalIdOf(work) } : null
  })

  /** The creator may have been unmonitored with its last work. */
  const monitorCreator = Effect.fnUntraced(function* (creatorId: number, foreignId: string) {
    const path = `${creators}/${creatorId}`
    yield* setMonitored(path, (entry) => entry[terms.foreignIdKey] === foreignId, true)
  })

  const restore: RemovalCapability["restore"] = Effect.fn("CreatorRemoval.restore")(function* (given, options) {
    const data = yield* decodeRestore(Restore, given, integration, `POST ${creators}`)
    const { action, monitor = false }: UndoOptions = options ?? {}
    return yield* "workId" in data
      ? restoreWork(data, monitor, action ?? "unmonitor-and-delete-files")
      : restoreCreator(data, monitor, action ?? "remove-entry")
  })

  const isBack: RemovalCapability["isBack"] = Effect.fn("CreatorRemoval.isBack")(function* (given, action) {
    const data = yield* decodeRestore(Restore, given, integration, `GET ${creators}`)
    if ("workId" in data) return yield* workBack(data, action ?? "unmonitor-and-delete-files")
    const same = yield* creatorBack(data.foreignId)
    if (same === null || !unmonitors(action) || !data.monitored) return same
    const { monitored } = yield* upstream.get(`${creators}/${same.externalId}`, terms.Creator)
    return monitored === false ? null : same
  })

  return { restore, isBack }
}

/** Present, whatever it is. */
const somewhere: Presence = { _tag: "Present", title: "", ids: [], sizeBytes: 0, path: null, restore: null }
