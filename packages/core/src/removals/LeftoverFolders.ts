/**
 * Cleans up the folders that removed movies leave, with descriptions, images and subtitles in them: an act of its own,
 * after the removal. The folder is moved into a folder next to the others, from which it can be moved back; nothing is
 * deleted. It stays if anything speaks against it (`Fences.ts`, `Remnants.ts`).
 */
import { Clock, Effect, FileSystem, Path, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { ActKind, Standing } from "../acts/ActKind.ts"
import { Acts } from "../acts/Acts.ts"
import type { ActRunContext } from "../acts/ActRuns.ts"
import { go, spare, wait } from "../acts/Verdict.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import { CurrentFinalCheck } from "../integrations/FinalCheck.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { UpstreamHeldBack, UpstreamRefused, UpstreamUnreachable } from "../integrations/UpstreamErrors.ts"
import { mappingsOf } from "../library/Places.ts"
import { mapperOf, normalisePath } from "../integrations/Paths.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { readablePart } from "../storage/Dialect.ts"
import { rootOf, whyFolderIsKept } from "./LeftoverFolders/Fences.ts"
import { remnantsIn } from "./LeftoverFolders/Remnants.ts"
import { RemovalStore } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

/** The kind of the acts. */
export const leftoverFolderAct = "leftover-folder"

/** The folder in a root folder that takes them; media servers and managers ignore names with a leading dot. */
export const quarantineName = ".tendarr-leftovers"

const Subject = Schema.Struct({
  removalId: Schema.String,
  title: Schema.String,
  diskGroupId: Schema.NullOr(Schema.String),
  folder: Schema.String,
  file: Schema.String,
  quarantine: Schema.String,
  removedAt: Schema.String
})
type Subject = typeof Subject.Type

/** The remnants as they were before, below the original folder. */
const Kept = Schema.Struct({ folder: Schema.String, quarantine: Schema.String, files: Schema.Array(Schema.String) })

/** Removals that ended earlier are left alone: somebody may use the folder by now. */
const recentMillis = dayMillis

export const makeLeftoverFolders = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const store = yield* RemovalStore
  const acts = yield* Acts
  const snapshots = yield* Snapshots
  const integrations = yield* Integrations
  const diskGroups = yield* DiskGroups
  const settings = yield* Settings
  const files = { fs, path }

  const refused = (detail: string) =>
    new UpstreamRefused({ integration: "The file system", call: "rename", detail, status: 409 })
  const unreadable = (detail: string) =>
    new UpstreamUnreachable({ integration: "The file system", call: "read", detail })

  /** Root folders of all applications and the places of all items, as common paths. */
  const surroundings = Effect.gen(function* () {
    const mappings = mappingsOf(yield* integrations.list)
    const mappers = new Map([...mappings].map(([id, each]) => [id, mapperOf(each)]))
    const toCommon = (integrationId: string, at: string) => normalisePath(mappers.get(integrationId)?.(at) ?? at)
    const folders = yield* diskGroups.rootFolders
    const { items } = yield* snapshots.get
    return {
      toCommon,
      roots: folders.map((folder) => toCommon(folder.integrationId, folder.path)),
      places: items.flatMap(({ data, integrationId, path: at }) =>
        [at, data.filePath ?? null].flatMap((place) => (place === null ? [] : [toCommon(integrationId, place)]))
      )
    }
  })

  const presence = (
    subject: Subject
  ): Effect.Effect<Standing<typeof Kept.Type>, UpstreamUnreachable | UpstreamRefused> =>
    Effect.gen(function* () {
      const { folder, quarantine, removedAt } = subject
      // A root folder that is not mounted at the moment contains nothing, which proves nothing.
      const root = path.dirname(path.dirname(quarantine))
      const there = yield* Effect.catch(fs.exists(root), (error) => Effect.fail(unreadable(error.message)))
      if (!there) return yield* unreadable(`the root folder ${root} is not there`)
      const found = yield* remnantsIn(files, folder, Date.parse(removedAt))
      if (found._tag === "Gone") return { _tag: "Absent" as const }
      if (found._tag === "More") return yield* refused(found.detail)
      return { _tag: "Present" as const, kept: { folder, quarantine, files: found.files } }
    })

  const move = (from: string, to: string) =>
    Effect.catch(fs.rename(from, to), (error) => Effect.fail(refused(error.message)))

  const kind: ActKind<Subject, typeof Kept.Type> = {
    name: leftoverFolderAct,
    subject: Subject,
    kept: Kept,
    keyOf: ({ removalId }) => removalId,
    titleOf: ({ folder }) => `Leftover folder ${folder}`,
    destroys: true,
    presence,
    look: (subject) =>
      Effect.gen(function* () {
        if (!(yield* settings.get(RemovalsSettings)).leftoverFolders) return spare("the setting was switched off")
        const removal = yield* store.find(subject.removalId)
        if (removal.state !== "removed") return spare("the removal was undone")
        const group = (yield* diskGroups.list).find(({ id }) => id === subject.diskGroupId)
        if (group === undefined) return wait("its disk is not known at present")
        if (group.mode === "dry-run") return spare(`the disk ${group.mountPath} is in dry-run`)
        const why = whyFolderIsKept(subject, yield* surroundings)
        return why === null ? go : spare(why)
      }).pipe(Effect.catchTag("RemovalNotFound", () => Effect.succeed(spare("its removal no longer exists")))),
    send: ({ folder, quarantine, removedAt }) =>
      Effect.gen(function* () {
        const parent = path.dirname(quarantine)
        yield* Effect.catch(fs.makeDirectory(parent, { recursive: true }), (error) =>
          Effect.fail(refused(error.message))
        )
        const real = yield* Effect.catch(fs.realPath(parent), (error) => Effect.fail(refused(error.message)))
        if (real !== parent) return yield* refused(`a part of the path of ${parent} is a symbolic link`)
        const look = yield* CurrentFinalCheck
        const why = yield* look?.whyNot(true) ?? Effect.succeed(null)
        if (why !== null) {
          return yield* new UpstreamHeldBack({ integration: "The file system", call: "rename", detail: why })
        }
        yield* move(folder, quarantine)
        // Something may have been written between the last look and the move.
        const moved = yield* remnantsIn(files, quarantine, Date.parse(removedAt))
        if (moved._tag !== "More") return
        yield* move(quarantine, folder)
        return yield* refused(moved.detail)
      }),
    undo: (_, { folder, quarantine }) =>
      Effect.gen(function* () {
        const isBack = yield* Effect.catch(fs.exists(folder), (error) => Effect.fail(unreadable(error.message)))
        if (isBack) {
          const isLeft = yield* Effect.catch(fs.exists(quarantine), () => Effect.succeed(false))
          if (isLeft) return yield* refused(`there is a folder ${folder} again; its remnants are in ${quarantine}`)
          return
        }
        yield* move(quarantine, folder)
      })
  }
  const { carryOutDue, intend, newest, nextDue } = yield* acts.define(kind)

  /** The folder and the file of a removed movie; `null` if they are not known. */
  const leftoverOf = Effect.fnUntraced(function* (removal: StoredRemoval) {
    const { decision } = yield* store.detail(removal.id)
    const [row] = yield* sql<{ file: unknown }>`SELECT ${readablePart(sql, "data", "filePath")} AS file
      FROM item_documents WHERE item_id = ${Number(removal.itemId)}`
    const folder = decision.item.path
    const file = row?.file
    return folder === null || typeof file !== "string" ? null : { folder, file }
  })

  const begin = Effect.fnUntraced(function* (removal: StoredRemoval, context: ActRunContext) {
    const at = yield* Effect.orDie(leftoverOf(removal))
    if (at === null || removal.integrationId === null || removal.endedAt === null) return
    const { places, roots, toCommon } = yield* surroundings
    const folder = toCommon(removal.integrationId, at.folder)
    const file = toCommon(removal.integrationId, at.file)
    const root = rootOf(folder, roots)
    const why = whyFolderIsKept({ folder, file }, { places, roots })
    if (why !== null || root === undefined) {
      return yield* context.log("info", `The folder of "${removal.title}" stays: ${why ?? "it has no root folder"}`)
    }
    const found = yield* remnantsIn(files, folder, Date.parse(removal.endedAt))
    // Not there, or not visible from here.
    if (found._tag === "Gone") return
    if (found._tag === "More") {
      return yield* context.log("info", `The folder of "${removal.title}" stays: ${found.detail}`)
    }
    yield* intend(
      {
        removalId: removal.id,
        title: removal.title,
        diskGroupId: removal.diskGroupId,
        folder,
        file,
        quarantine: path.join(root, quarantineName, `${removal.id} ${path.basename(folder)}`),
        removedAt: removal.endedAt
      },
      { because: `"${removal.title}" was removed, and left ${found.files.length} file(s) in its folder` }
    )
  })

  const isOn = Effect.map(settings.get(RemovalsSettings), ({ leftoverFolders }) => leftoverFolders)

  return {
    /** Moves what is due. Only for runs of destructive jobs. Never fails: the removals are done. */
    carryOut: Effect.fn("LeftoverFolders.carryOut")(function* (context: ActRunContext) {
      if (yield* isOn) {
        const since = isoOfMillis((yield* Clock.currentTimeMillis) - recentMillis)
        const known = yield* newest
        const removals = yield* store.eachWhere(
          (q) => q`state = 'removed' AND kind = 'movie'
          AND action = 'remove-entry' AND ended_at >= ${since}`
        )
        for (const removal of removals) {
          if (known.has(removal.id)) continue
          yield* Effect.ignore(begin(removal, context))
        }
      }
      yield* carryOutDue(context)
    }),
    nextDue
  }
})
