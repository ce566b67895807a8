/**
 * The acts that move orphaned files into quarantine, within their file system, and delete them from it. Both look at the
 * files again directly before; a move can be undone until the files are deleted.
 */
import { Effect, FileSystem, Path, Schema } from "effect"
import type { ActKind, Standing } from "../../acts/ActKind.ts"
import type { Verdict } from "../../acts/Verdict.ts"
import { CurrentFinalCheck } from "../../integrations/FinalCheck.ts"
import { UpstreamHeldBack, UpstreamRefused, UpstreamUnreachable } from "../../integrations/UpstreamErrors.ts"
import { lookAt, quarantineName } from "./Candidates.ts"
import { inodeOf } from "./Identities.ts"

export const quarantineOrphanAct = "quarantine-orphan"
export const deleteOrphanAct = "delete-orphan"

export const OrphanSubject = Schema.Struct({
  orphanId: Schema.String,
  path: Schema.String,
  quarantine: Schema.String,
  /** Device and inode of the file or folder. */
  identity: Schema.String,
  /** Epoch milliseconds of the newest of it. */
  newestMillis: Schema.Finite
})
export type OrphanSubject = typeof OrphanSubject.Type

const Kept = Schema.Struct({
  path: Schema.String,
  quarantine: Schema.String,
  files: Schema.Int,
  bytes: Schema.Finite
})

export interface OrphanChecks {
  readonly look: (subject: OrphanSubject) => Effect.Effect<Verdict>
  readonly refresh?: (subject: OrphanSubject) => Effect.Effect<string | null>
}

const integration = "The file system"
const refused = (call: string, detail: string) => new UpstreamRefused({ integration, call, detail, status: 409 })
const unreadable = (detail: string) => new UpstreamUnreachable({ integration, call: "read", detail })

export const makeOrphanActs = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = { fs, path }

  const exists = (at: string) => Effect.catch(fs.exists(at), (error) => Effect.fail(unreadable(error.message)))

  /** `in`: a folder that must be there, or else the file system is not mounted, and absence proves nothing. */
  const standing = Effect.fnUntraced(function* (
    subject: OrphanSubject,
    at: string,
    folder: string
  ): Effect.fn.Return<Standing<typeof Kept.Type>, UpstreamRefused | UpstreamUnreachable> {
    if (!(yield* exists(folder))) return yield* unreadable(`the folder ${folder} is not there`)
    const looked = yield* lookAt(files, at)
    if (looked._tag === "Gone") return { _tag: "Absent" }
    if (looked._tag === "Kept") return yield* refused("look", looked.because)
    const { bytes, files: count } = looked.contents
    return { _tag: "Present", kept: { path: subject.path, quarantine: subject.quarantine, files: count, bytes } }
  })

  /** Why what is there now is not what was found; `null` = it is, unchanged. */
  const whyOther = Effect.fnUntraced(function* (
    { identity, newestMillis }: OrphanSubject,
    at: string,
    newest: "newestMillis" | "newestFileMillis" = "newestMillis"
  ) {
    const looked = yield* lookAt(files, at)
    if (looked._tag === "Gone") return "it is not there any more"
    if (looked._tag === "Kept") return looked.because
    if (inodeOf(looked.contents.identity) !== inodeOf(identity)) return "something else is there now"
    return looked.contents[newest] > newestMillis ? "something in it has changed since it was found" : null
  })

  const finalCheck = Effect.fnUntraced(function* (call: string) {
    const look = yield* CurrentFinalCheck
    const why = look === null ? null : yield* look.whyNot(true)
    if (why !== null) return yield* new UpstreamHeldBack({ integration, call, detail: why })
  })

  const rename = (from: string, to: string) =>
    Effect.catch(fs.rename(from, to), (error) => Effect.fail(refused("rename", error.message)))

  const quarantine = (checks: OrphanChecks): ActKind<OrphanSubject, typeof Kept.Type> => ({
    name: quarantineOrphanAct,
    subject: OrphanSubject,
    kept: Kept,
    keyOf: ({ orphanId }) => orphanId,
    titleOf: ({ path: at }) => `Orphaned ${at}`,
    destroys: true,
    presence: (subject) => standing(subject, subject.path, path.dirname(subject.path)),
    look: checks.look,
    ...(checks.refresh === undefined ? {} : { refresh: checks.refresh }),
    send: Effect.fnUntraced(function* (subject: OrphanSubject) {
      const parent = path.dirname(subject.quarantine)
      yield* Effect.catch(fs.makeDirectory(parent, { recursive: true }), (error) =>
        Effect.fail(refused("mkdir", error.message))
      )
      const real = yield* Effect.catch(fs.realPath(parent), (error) => Effect.fail(refused("mkdir", error.message)))
      if (real !== parent) return yield* refused("mkdir", `a part of the path of ${parent} is a symbolic link`)
      const [from, to] = yield* Effect.catch(Effect.all([fs.stat(subject.path), fs.stat(parent)]), (error) =>
        Effect.fail(refused("rename", error.message))
      )
      if (from.dev !== to.dev) return yield* refused("rename", "its quarantine is on another file system")
      if (yield* exists(subject.quarantine)) return yield* refused("rename", `there is a ${subject.quarantine} already`)
      yield* finalCheck("rename")
      const why = yield* whyOther(subject, subject.path)
      if (why !== null) return yield* refused("rename", why)
      yield* rename(subject.path, subject.quarantine)
      // Something may have been written between the last look and the move.
      const since = yield* whyOther(subject, subject.quarantine)
      if (since === null) return
      if (yield* exists(subject.path)) {
        const left = `there is a ${subject.path} again; what was moved is in ${subject.quarantine}`
        return yield* refused("rename", `${since}, and ${left}`)
      }
      yield* rename(subject.quarantine, subject.path)
      return yield* refused("rename", since)
    }),
    undo: Effect.fnUntraced(function* (_: OrphanSubject, kept: typeof Kept.Type) {
      const [isBack, isLeft] = yield* Effect.all([exists(kept.path), exists(kept.quarantine)])
      if (isBack) {
        if (isLeft) {
          return yield* refused("rename", `there is a ${kept.path} again; what was moved is in ${kept.quarantine}`)
        }
        return
      }
      if (!isLeft) return yield* refused("rename", `${kept.quarantine} is not there any more`)
      yield* Effect.catch(fs.makeDirectory(path.dirname(kept.path), { recursive: true }), (error) =>
        Effect.fail(refused("mkdir", error.message))
      )
      yield* rename(kept.quarantine, kept.path)
    }),
    // What was deleted from quarantine cannot be moved back; the deletion is what ends it.
    undoDays: 3650,
    keepsDecisions: true
  })

  const deletion = (checks: OrphanChecks): ActKind<OrphanSubject, typeof Kept.Type> => ({
    name: deleteOrphanAct,
    subject: OrphanSubject,
    kept: Kept,
    keyOf: ({ orphanId }) => orphanId,
    titleOf: ({ path: at }) => `Quarantined ${at}`,
    destroys: true,
    presence: (subject) => standing(subject, subject.quarantine, path.dirname(subject.quarantine)),
    look: checks.look,
    ...(checks.refresh === undefined ? {} : { refresh: checks.refresh }),
    send: Effect.fnUntraced(function* (subject: OrphanSubject) {
      if (path.basename(path.dirname(subject.quarantine)) !== quarantineName) {
        return yield* refused("delete", `${subject.quarantine} is not in a quarantine`)
      }
      yield* finalCheck("delete")
      // An earlier attempt may have deleted a part of it.
      const why = yield* whyOther(subject, subject.quarantine, "newestFileMillis")
      if (why !== null) return yield* refused("delete", why)
      yield* Effect.catch(fs.remove(subject.quarantine, { recursive: true }), (error) =>
        Effect.fail(unreadable(error.message))
      )
    }),
    keepsDecisions: true
  })

  return { files, quarantine, deletion }
})
