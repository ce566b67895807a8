/**
 * Removal of creators and of single works, and the way back. A creator is deleted with all that it has. A work stays in
 * the application, not monitored and without files, as a season does: its entry would come back with the next refresh of
 * the creator, wanted again, unless it were excluded for good, and bringing it back would then need the metadata provider.
 */
import { Effect, Schema } from "effect"
import type { Presence, RemovalCapability, RemovalTarget } from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { folderOf, textOrNull } from "../Values.ts"
import { Added, type ArrAccess, dropExclusions, presenceOr404 } from "./Arr.ts"
import { filesOf, idsOfCreator, idsOfWork, sizeOf, titleOfWork } from "./CreatorCatalog.ts"
import type { Creator, CreatorTerms, Work } from "./CreatorTerms.ts"
import { bodyOf, decodeRestore, deleteMillis, numericId } from "./Restore.ts"

const CreatorRestore = Schema.Struct({
  kind: Schema.Literals(["artist", "author"]),
  foreignId: Schema.NonEmptyString,
  name: Schema.String,
  qualityProfileId: Schema.Int,
  metadataProfileId: Schema.Int,
  rootFolderPath: Schema.String,
  monitored: Schema.Boolean,
  monitorNewItems: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.Int),
  /** Foreign ids of the works that were wanted: a creator has many more. */
  monitoredWorks: Schema.Array(Schema.String)
})

const WorkRestore = Schema.Struct({
  kind: Schema.Literals(["album", "book"]),
  workId: Schema.Int,
  foreignId: Schema.NullOr(Schema.String)
})

const Restore = Schema.Union([CreatorRestore, WorkRestore])

export const creatorRemoval = (
  { application: { api }, integration, probe, upstream }: ArrAccess,
  terms: CreatorTerms
): RemovalCapability => {
  const creators = `${api}/${terms.creator}`
  const works = `${api}/${terms.work}`
  const files = `${api}/${terms.filePath}`
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const parse = Effect.fnUntraced(function* (externalId: string) {
    const parts = terms.parse(externalId) ?? { creator: externalId, work: null }
    const creatorId = yield* numericId(parts.creator, integration, creators)
    return { creatorId, workId: parts.work === null ? null : yield* numericId(parts.work, integration, works) }
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
      restore: {
        kind: terms.creator,
        foreignId: creator.foreignId ?? "",
        name: creator.name,
        qualityProfileId: creator.qualityProfileId ?? 0,
        metadataProfileId: creator.metadataProfileId ?? 0,
        rootFolderPath: textOrNull(creator.rootFolderPath) ?? folderOf(creator.path) ?? "",
        monitored: creator.monitored ?? true,
        monitorNewItems: textOrNull(creator.monitorNewItems),
        tags: creator.tags ?? [],
        monitoredWorks: monitored
      } satisfies typeof CreatorRestore.Type
    } satisfies Presence
  })

  const presentWork = Effect.fnUntraced(function* (work: Work) {
    if (typeof work.statistics?.fileCount !== "number") {
      return yield* malformed(`GET ${works}/${work.id}`, `"${work.title}" comes without its statistics`)
    }
    if (filesOf(work) === 0) return { _tag: "Absent" } satisfies Presence
    return {
      _tag: "Present",
      // As the catalog has it.
      title: typeof work.creator?.name === "string" ? titleOfWork(work.creator.name, work) : work.title,
      ids: idsOfWork(terms, work),
      sizeBytes: sizeOf(work),
      path: null,
      restore: {
        kind: terms.work,
        workId: work.id,
        foreignId: work.foreignId ?? null
      } satisfies typeof WorkRestore.Type
    } satisfies Presence
  })

  const presence = Effect.fn("CreatorRemoval.presence")(function* (target: RemovalTarget) {
    const { creatorId, workId } = yield* parse(target.externalId)
    return yield* workId === null
      ? presenceOr404(upstream.get(`${creators}/${creatorId}`, terms.Creator), probe, presentCreator)
      : presenceOr404(upstream.get(`${works}/${workId}`, terms.Work), probe, presentWork)
  })

  const monitorWork = (workId: number, monitored: boolean) =>
    upstream.send("PUT", `${works}/monitor`, { json: { [terms.workIdsKey]: [workId], monitored } })

  const removeWork = Effect.fnUntraced(function* (workId: number) {
    // First no longer wanted, then deleted: in the other order it could be downloaded again in between.
    yield* monitorWork(workId, false)
    const found = yield* upstream.getArray(files, terms.File, { query: { [terms.workId]: workId } })
    const ids = found.filter((file) => file.workId === workId).map((file) => file.id)
    if (ids.length === 0) return
    yield* upstream.send("DELETE", `${files}/bulk`, { json: { [terms.fileIdsKey]: ids }, timeoutMillis: deleteMillis })
  })

  const remove: RemovalCapability["remove"] = Effect.fn("CreatorRemoval.remove")(function* (target, options) {
    const { creatorId, workId } = yield* parse(target.externalId)
    if (workId !== null) return yield* removeWork(workId)
    yield* upstream.send("DELETE", `${creators}/${creatorId}`, {
      query: { deleteFiles: true, addImportListExclusion: options.addImportExclusion },
      timeoutMillis: deleteMillis
    })
  })

  const restoreCreator = Effect.fnUntraced(function* (creator: typeof CreatorRestore.Type) {
    const { foreignId } = creator
    // Whoever restores twice, or after the creator was added by hand, gets the one that is there.
    const present = yield* upstream.getArray(creators, terms.Creator, { query: terms.creatorQuery(foreignId) })
    const same = present.find((one) => one.foreignId === foreignId)
    if (same !== undefined) return { externalId: String(same.id) }
    yield* dropExclusions(upstream, `${api}/importlistexclusion`, (exclusion) => exclusion.foreignId === foreignId)
    const { kind: _kind, foreignId: _foreignId, monitoredWorks, name, ...kept } = creator
    const json = {
      ...bodyOf(kept),
      [terms.nameKey]: name,
      [terms.foreignIdKey]: foreignId,
      addOptions: {
        // An empty list would mean "all".
        ...(monitoredWorks.length === 0 ? { monitor: "none" } : { [terms.toMonitorKey]: monitoredWorks }),
        monitored: creator.monitored,
        [terms.searchMissingKey]: true
      }
    }
    const added = yield* upstream.send("POST", creators, { json }, Added)
    return { externalId: String(added.id) }
  })

  const restoreWork = Effect.fnUntraced(function* ({ foreignId, workId }: typeof WorkRestore.Type) {
    const work = yield* upstream.get(`${works}/${workId}`, terms.Work)
    if ((work.foreignId ?? null) !== foreignId) {
      return yield* malformed(`GET ${works}/${workId}`, `another ${terms.work} stands there now: ${work.title}`)
    }
    yield* monitorWork(workId, true)
    yield* upstream.send("POST", `${api}/command`, {
      json: { name: terms.searchCommand, [terms.workIdsKey]: [workId] }
    })
    return { externalId: terms.externalIdOf(work) }
  })

  const restore = Effect.fn("CreatorRemoval.restore")(function* (given: unknown) {
    const kept = yield* decodeRestore(Restore, given, integration, `POST ${creators}`)
    return yield* "workId" in kept ? restoreWork(kept) : restoreCreator(kept)
  })

  return { kinds: [terms.creator, terms.work], presence, remove, restore }
}
