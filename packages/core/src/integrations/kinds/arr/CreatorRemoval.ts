/**
 * Removing creators, unmonitoring creators and single works, deleting their files, and undoing that. A creator is deleted with everything in it. A work stays in
 * the application, unmonitored and without files, like a season: a deleted entry would come back with the next refresh
 * of the creator, monitored again, unless it were excluded permanently, and restoring it would then need the metadata
 * provider.
 */
import { Effect } from "effect"
import {
  type EntryFate,
  type Presence,
  type RemovalCapability,
  removalActions,
  type RemovalTarget,
  usualActionOf
} from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { deleteMillis, folderOf, textOrNull } from "../Values.ts"
import { type ArrAccess, isExcluded, presenceOr404 } from "./Arr.ts"
import { creatorIdsIn, filesOf, idsOfCreator, idsOfWork, sizeOf, titleOfWork } from "./CreatorCatalog.ts"
import type { Creator, CreatorTerms, Maker, Work } from "./CreatorTerms.ts"
import { makeMonitoring, partActions, type RawEntry, stripsFiles, unmonitors } from "./Monitoring.ts"
import { type CreatorRestore, Restore, type WorkRestore } from "./CreatorRemoval/Kept.ts"
import { creatorUndo } from "./CreatorRemoval/Undo.ts"
import { decodeRestore } from "./Restore.ts"

interface ItemName {
  readonly creatorId: number
  /** `null` = the creator itself. */
  readonly workId: number | null
}

export const creatorRemoval = (access: ArrAccess, terms: CreatorTerms): RemovalCapability => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const setMonitored = makeMonitoring(access)
  const creators = `${api}/${terms.creator}`
  const works = `${api}/${terms.work}`
  const files = `${api}/${terms.filePath}`
  const exclusions = `${api}/importlistexclusion`
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const parse = (externalId: string) => creatorIdsIn(terms, externalId, integration, { creators, works })

  const keptOf = Effect.fnUntraced(function* (
    creator: Maker & { readonly name: string },
    monitoredWorks: ReadonlyArray<string>
  ) {
    const own = restoreOf(terms, creator, monitoredWorks)
    const excluded = yield* isExcluded(upstream, exclusions, ({ foreignId }) => foreignId === own.foreignId)
    return { ...own, excluded } satisfies typeof CreatorRestore.Type
  })

  const presentCreator = Effect.fnUntraced(function* (creator: Creator) {
    const own = yield* upstream.getArray(works, terms.Work, { query: { [terms.creatorId]: creator.id } })
    const monitored = own.filter((work) => work.monitored ?? true).flatMap((work) => textOrNull(work.foreignId) ?? [])
    return {
      _tag: "Present",
      title: creator.name,
      ids: idsOfCreator(terms, creator),
      sizeBytes: Math.max(
        sizeOf(creator),
        own.reduce((sum, work) => sum + sizeOf(work), 0)
      ),
      path: textOrNull(creator.path),
      ...(typeof creator.statistics?.fileCount === "number" ? { hasFiles: filesOf(creator) > 0 } : {}),
      ...(typeof creator.monitored === "boolean" ? { monitored: creator.monitored } : {}),
      restore: yield* keptOf(creator, monitored)
    } satisfies Presence
  })

  const presentWork = Effect.fnUntraced(function* (work: Work) {
    if (typeof work.statistics?.fileCount !== "number") {
      return yield* malformed(`GET ${works}/${work.id}`, `"${work.title}" has no statistics`)
    }
    if (filesOf(work) === 0) return { _tag: "Absent" } satisfies Presence
    return {
      _tag: "Present",
      // As in the catalog.
      title: typeof work.creator?.name === "string" ? titleOfWork(work.creator.name, work) : work.title,
      ids: idsOfWork(terms, work),
      sizeBytes: sizeOf(work),
      path: null,
      hasFiles: true,
      ...(typeof work.monitored === "boolean" ? { monitored: work.monitored } : {}),
      restore: {
        kind: terms.work,
        workId: work.id,
        foreignId: work.foreignId ?? null,
        monitored: work.monitored ?? true,
        ...(isWhole(work.creator)
          ? {
              creator: yield* keptOf(work.creator, (work.monitored ?? true) ? [work.foreignId ?? ""] : [])
            }
          : {})
      } satisfies typeof WorkRestore.Type
    } satisfies Presence
  })

  const presence = Effect.fn("CreatorRemoval.presence")(function* (target: RemovalTarget) {
    const { creatorId, workId } = yield* parse(target.externalId)
    return yield* workId === null
      ? presenceOr404(upstream.get(`${creators}/${creatorId}`, terms.Creator), probe, presentCreator)
      : presenceOr404(upstream.get(`${works}/${workId}`, terms.Work), probe, presentWork)
  })

  const monitorWork = (workId: number, monitored: boolean, how: { readonly destroys: boolean } = { destroys: false }) =>
    upstream.send("PUT", `${works}/monitor`, { json: { [terms.workIdsKey]: [workId], monitored }, ...how })

  const deleteFiles = Effect.fnUntraced(function* ({ creatorId, workId }: ItemName) {
    const query = workId === null ? { [terms.creatorId]: creatorId } : { [terms.workId]: workId }
    const found = yield* upstream.getArray(files, terms.File, { query })
    const ids = found.filter((file) => workId === null || file.workId === workId).map((file) => file.id)
    if (ids.length === 0) return
    yield* upstream.send("DELETE", `${files}/bulk`, { json: { [terms.fileIdsKey]: ids }, timeoutMillis: deleteMillis })
  })

  const isNamed = (foreignId: string | null | undefined) => (entry: RawEntry) => entry[terms.foreignIdKey] === foreignId

  /** Whether an entry is still the creator that is meant. */
  const isTarget = (target: RemovalTarget) => (entry: RawEntry) => {
    const ids = terms.creatorIds(String(entry[terms.foreignIdKey]))
    return target.ids.length === 0 || ids.length === 0 || ids.some((id) => target.ids.includes(id))
  }

  const remove: RemovalCapability["remove"] = Effect.fn("CreatorRemoval.remove")(function* (target, options) {
    const name = yield* parse(target.externalId)
    const { creatorId, workId } = name
    const path = `${creators}/${creatorId}`
    const { action = usualActionOf(target.kind), addImportExclusion } = options
    if (action === "remove-entry") {
      return yield* upstream.send("DELETE", path, {
        query: { deleteFiles: true, addImportListExclusion: addImportExclusion },
        timeoutMillis: deleteMillis
      })
    }
    // First unmonitored, then deleted: in the reverse order it could be downloaded again in between.
    if (unmonitors(action)) {
      const how = { destroys: action === "unmonitor" }
      yield* workId === null ? setMonitored(path, isTarget(target), false, how) : monitorWork(workId, false, how)
    }
    if (stripsFiles(action)) yield* deleteFiles(name)
  })

  const putBack: RemovalCapability["putBack"] = Effect.fn("CreatorRemoval.putBack")(function* (target, given, action) {
    if ((action ?? usualActionOf(target.kind)) !== "unmonitor-and-delete-files") return
    const data = yield* decodeRestore(Restore, given, integration, `PUT ${works}/monitor`)
    // If it was not monitored, nothing was changed.
    if (data.monitored === false) return
    if ("workId" in data) return yield* monitorWork(data.workId, true)
    const { creatorId } = yield* parse(target.externalId)
    yield* setMonitored(`${creators}/${creatorId}`, isNamed(data.foreignId), true)
  })

  const settleEntry: RemovalCapability["settleEntry"] = Effect.fn("CreatorRemoval.settleEntry")(
    function* (part, choice, options) {
      const { creatorId, workId } = yield* parse(part.externalId)
      const work = yield* upstream.get(`${works}/${workId ?? 0}`, terms.Work)
      const ids = idsOfWork(terms, work)
      const isSame = work.creatorId === creatorId && (part.ids.length === 0 || part.ids.some((id) => ids.includes(id)))
      if (!isSame) return kept(`another ${terms.work} has this id now`)
      const path = `${creators}/${creatorId}`
      const creator = yield* upstream.get(path, terms.Creator)
      const own = yield* upstream.getArray(works, terms.Work, { query: { [terms.creatorId]: creatorId } })
      const reason = whyNotEmpty(creator, own, terms)
      if (reason !== null) return kept(reason)
      const left = yield* upstream.getArray(files, terms.File, { query: { [terms.creatorId]: creatorId } })
      if (left.length > 0) return kept("it still has files")
      if (choice === "remove") {
        if (!isWhole(work.creator))
          return kept(`the application does not report what would be needed to restore the ${terms.creator}`)
        yield* upstream.send("DELETE", path, {
          query: { deleteFiles: false, addImportListExclusion: options.addImportExclusion },
          timeoutMillis: deleteMillis
        })
        return { _tag: "Removed" } satisfies EntryFate
      }
      yield* setMonitored(path, isNamed(creator.foreignId), false)
      return { _tag: "Unmonitored" } satisfies EntryFate
    },
    Effect.catchTag("UpstreamRefused", (error) =>
      error.status === 404 ? Effect.succeed(kept("the application no longer lists it")) : Effect.fail(error)
    )
  )

  const kinds = [terms.creator, terms.work]
  const actions = { [terms.creator]: removalActions, [terms.work]: partActions }
  return { kinds, actions, presence, remove, putBack, settleEntry, ...creatorUndo(access, terms) }
}

const kept = (reason: string): EntryFate => ({ _tag: "Kept", reason })

const isWhole = (creator: Maker | null | undefined): creator is Maker & { readonly name: string } =>
  typeof creator?.name === "string" &&
  textOrNull(creator.foreignId) !== null &&
  typeof creator.qualityProfileId === "number"

const restoreOf = (
  terms: CreatorTerms,
  creator: Maker & { readonly name: string },
  monitoredWorks: ReadonlyArray<string>
): typeof CreatorRestore.Type => ({
  kind: terms.creator,
  foreignId: creator.foreignId ?? "",
  name: creator.name,
  qualityProfileId: creator.qualityProfileId ?? 0,
  metadataProfileId: creator.metadataProfileId ?? 0,
  rootFolderPath: textOrNull(creator.rootFolderPath) ?? folderOf(creator.path) ?? "",
  monitored: creator.monitored ?? true,
  monitorNewItems: textOrNull(creator.monitorNewItems),
  tags: creator.tags ?? [],
  monitoredWorks
})

/**
 * Why the entry of a creator is kept although its last work is gone; `null` = it is empty, and nothing more is
 * expected.
 */
const whyNotEmpty = (creator: Creator, works: ReadonlyArray<Work>, terms: CreatorTerms): string | null => {
  if (typeof creator.statistics?.fileCount !== "number") return "the application does not say whether files are left"
  const hasFiles = [creator, ...works].some((one) => filesOf(one) > 0 || sizeOf(one) > 0)
  if (hasFiles) return "it still has files"
  const isOver = /^(ended|deleted)$/i.test(creator.status ?? "")
  if (!isOver && creator.monitored !== false && creator.monitorNewItems !== "none")
    return `new ${terms.work}s of it are monitored`
  const wanted = works.find((work) => work.monitored !== false)
  return wanted === undefined ? null : `"${wanted.title}" is still monitored`
}
