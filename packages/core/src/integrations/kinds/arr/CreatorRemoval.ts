/**
 * Removing creators and single works, and restoring them. A creator is deleted with everything in it. A work stays in
 * the application, unmonitored and without files, like a season: a deleted entry would come back with the next refresh
 * of the creator, monitored again, unless it were excluded permanently, and restoring it would then need the metadata
 * provider.
 */
import { Effect, Schema } from "effect"
import type { EntryFate, Presence, RemovalCapability, RemovalTarget } from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { folderOf, textOrNull } from "../Values.ts"
import { Added, type ArrAccess, dropExclusions, excludedBefore, isExcluded, presenceOr404 } from "./Arr.ts"
import { creatorIdsIn, filesOf, idsOfCreator, idsOfWork, sizeOf, titleOfWork } from "./CreatorCatalog.ts"
import type { Creator, CreatorTerms, Maker, Work } from "./CreatorTerms.ts"
import { bodyOf, decodeRestore, deleteMillis, searchFor } from "./Restore.ts"

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
  /** Foreign ids of the monitored works: a creator has many more. */
  monitoredWorks: Schema.Array(Schema.String),
  ...excludedBefore
})

const WorkRestore = Schema.Struct({
  kind: Schema.Literals(["album", "book"]),
  workId: Schema.Int,
  foreignId: Schema.NullOr(Schema.String),
  /** Whether it was monitored. Data stored by older versions does not contain it, and it was monitored then. */
  monitored: Schema.optionalKey(Schema.Boolean),
  /** The data to restore its creator, if that entry was removed with its last work. */
  creator: Schema.optionalKey(CreatorRestore)
})

const Restore = Schema.Union([CreatorRestore, WorkRestore])

export const creatorRemoval = (
  { application: { api }, integration, probe, upstream }: ArrAccess,
  terms: CreatorTerms
): RemovalCapability => {
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

  const monitorWork = (workId: number, monitored: boolean) =>
    upstream.send("PUT", `${works}/monitor`, { json: { [terms.workIdsKey]: [workId], monitored } })

  const removeWork = Effect.fnUntraced(function* (workId: number) {
    // First unmonitored, then deleted: in the reverse order it could be downloaded again in between.
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

  const putBack: RemovalCapability["putBack"] = Effect.fn("CreatorRemoval.putBack")(function* (_, given) {
    const data = yield* decodeRestore(Restore, given, integration, `PUT ${works}/monitor`)
    // If it was not monitored, nothing was changed.
    if ("workId" in data && data.monitored !== false) yield* monitorWork(data.workId, true)
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
      const raw = yield* upstream.get(path, RawCreator)
      if (raw[terms.foreignIdKey] !== creator.foreignId) return kept(`another ${terms.creator} has this id now`)
      if (raw["monitored"] !== false) yield* upstream.send("PUT", path, { json: { ...raw, monitored: false } })
      return { _tag: "Unmonitored" } satisfies EntryFate
    },
    Effect.catchTag("UpstreamRefused", (error) =>
      error.status === 404 ? Effect.succeed(kept("the application no longer lists it")) : Effect.fail(error)
    )
  )

  const creatorBack = Effect.fnUntraced(function* (foreignId: string) {
    const present = yield* upstream.getArray(creators, terms.Creator, { query: terms.creatorQuery(foreignId) })
    const same = present.find((one) => one.foreignId === foreignId)
    return same === undefined ? null : { externalId: String(same.id) }
  })

  const restoreCreator = Effect.fnUntraced(function* (creator: typeof CreatorRestore.Type, monitor: boolean) {
    const { foreignId } = creator
    // A second restore, or one after the creator was added by hand, returns the existing creator.
    const same = yield* creatorBack(foreignId)
    if (same !== null) return same
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

  const restoreWork = Effect.fnUntraced(function* (kept: typeof WorkRestore.Type, monitor: boolean) {
    const { creator, workId } = kept
    const work = yield* workNow(kept)
    if (work === null) {
      // Its creator was removed with it, and comes back with only this work. The application assigns new ids to works
      // later, after it has queried its metadata provider.
      if (creator !== undefined) {
        const wanted = monitor && kept.foreignId !== null ? { monitoredWorks: [kept.foreignId] } : {}
        return yield* restoreCreator({ ...creator, ...wanted }, monitor)
      }
      return yield* malformed(`GET ${works}/${workId}`, `the ${terms.work} is no longer there`)
    }
    yield* monitorWork(workId, monitor || (kept.monitored ?? true))
    if (creator !== undefined && (creator.monitored || monitor))
      yield* monitorCreator(work.creatorId, creator.foreignId)
    const command = { name: terms.searchCommand, [terms.workIdsKey]: [workId] }
    return yield* searchFor(upstream, api, terms.externalIdOf(work), command)
  })

  /** It exists, and is monitored as before: its files come later. */
  const workBack = Effect.fnUntraced(function* (kept: typeof WorkRestore.Type) {
    const work = yield* workNow(kept)
    if (work === null) return kept.creator === undefined ? null : yield* creatorBack(kept.creator.foreignId)
    // Its removal cleared the monitored flag. If it was not monitored before, the flag says nothing, but its files do.
    const isBack = (work.monitored ?? kept.monitored !== false) || filesOf(work) > 0
    return isBack ? { externalId: terms.externalIdOf(work) } : null
  })

  /** The creator may have been unmonitored with its last work. */
  const monitorCreator = Effect.fnUntraced(function* (creatorId: number, foreignId: string) {
    const path = `${creators}/${creatorId}`
    const raw = yield* upstream.get(path, RawCreator)
    if (raw[terms.foreignIdKey] !== foreignId || raw["monitored"] === true) return
    yield* upstream.send("PUT", path, { json: { ...raw, monitored: true } })
  })

  const restore: RemovalCapability["restore"] = Effect.fn("CreatorRemoval.restore")(function* (given, options) {
    const data = yield* decodeRestore(Restore, given, integration, `POST ${creators}`)
    const monitor = options?.monitor === true
    return yield* "workId" in data ? restoreWork(data, monitor) : restoreCreator(data, monitor)
  })

  const isBack: RemovalCapability["isBack"] = Effect.fn("CreatorRemoval.isBack")(function* (given) {
    const data = yield* decodeRestore(Restore, given, integration, `GET ${creators}`)
    return yield* "workId" in data ? workBack(data) : creatorBack(data.foreignId)
  })

  return { kinds: [terms.creator, terms.work], presence, remove, putBack, settleEntry, restore, isBack }
}

const kept = (reason: string): EntryFate => ({ _tag: "Kept", reason })

/** Present, whatever it is. */
const somewhere: Presence = { _tag: "Present", title: "", ids: [], sizeBytes: 0, path: null, restore: null }

/** An unmodified creator: it must be sent back completely, including unknown keys. */
const RawCreator = Schema.Record(Schema.String, Schema.Unknown)

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
