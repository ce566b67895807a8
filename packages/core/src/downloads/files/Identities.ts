/** Device and inode of paths: two paths that lead to one folder through different mounts or links have the same. */
import { Effect, type FileSystem, Option, type Path } from "effect"

export interface FilesAt {
  readonly fs: FileSystem.FileSystem
  readonly path: Path.Path
}

export const deviceOf = (identity: string): string => identity.slice(0, identity.indexOf(":"))

/** Device numbers may be others after a restart of the machine, inodes of one file system are not. */
export const inodeOf = (identity: string): string => identity.slice(identity.indexOf(":") + 1)

/** `null` if nothing is there, or if it cannot be read. Follows symbolic links. */
export const identityAt = ({ fs }: FilesAt, at: string): Effect.Effect<string | null> =>
  Effect.map(Effect.option(fs.stat(at)), (info) =>
    Option.isSome(info) && Option.isSome(info.value.ino) ? `${info.value.dev}:${info.value.ino.value}` : null
  )

/** Each path is looked at once. */
export const makeIdentities = (files: FilesAt) => {
  const known = new Map<string, string | null>()
  const { path } = files

  const of = Effect.fnUntraced(function* (at: string) {
    const before = known.get(at)
    if (before !== undefined) return before
    const identity = yield* identityAt(files, at)
    known.set(at, identity)
    return identity
  })

  /** Identities of a path and of all folders above it, nearest first; what is not there is left out. */
  const upTo = Effect.fnUntraced(function* (at: string) {
    const real = yield* Effect.orElseSucceed(files.fs.realPath(at), () => at)
    const chain: Array<string> = []
    // Both ways up: that of the path as it is written, and the real one.
    for (const start of new Set([at, real])) {
      for (let next = start; ; next = path.dirname(next)) {
        const identity = yield* of(next)
        if (identity !== null) chain.push(identity)
        if (next === path.dirname(next)) break
      }
    }
    return [...new Set(chain)]
  })

  return {
    /** Of one path; `null` if nothing is there, or if it cannot be read. */
    of,
    upTo,
    /** Of some paths, and of all folders above them. */
    ofAll: Effect.fnUntraced(function* (paths: Iterable<string>) {
      const claimed = new Set<string>()
      const above = new Set<string>()
      for (const at of paths) {
        const own = yield* of(at)
        if (own !== null) claimed.add(own)
        for (const identity of yield* upTo(at)) above.add(identity)
      }
      return { claimed, above }
    })
  }
}
