/**
 * Files and folders in the folders of download clients that nothing claims. Only what is plain is a candidate: no
 * symbolic links, no other file systems, nothing unreadable.
 */
import { Effect, Option } from "effect"
import { isAbove } from "../../integrations/Paths.ts"
import type { Claims } from "./Claims.ts"
import { deviceOf, type FilesAt, identityAt } from "./Identities.ts"
import { mountsOf } from "./RealFiles.ts"

/** The folder in a folder of a client that takes orphaned files. */
export const quarantineName = ".tendarr-orphans"

/** Larger folders are left alone: reading them would take too long. */
const mostEntries = 20_000

export interface Contents {
  readonly files: number
  readonly bytes: number
  /** Bytes of files without further hard links: the others free nothing when they are deleted. */
  readonly freesBytes: number
  /** When the newest of it was written, in epoch milliseconds. */
  readonly newestMillis: number
  /** The same without its folders, which also change when something is removed from them. */
  readonly newestFileMillis: number
  /** Device and inode of the file or folder itself. */
  readonly identity: string
}

export type Looked =
  | { readonly _tag: "Plain"; readonly contents: Contents }
  | { readonly _tag: "Kept"; readonly because: string }
  | { readonly _tag: "Gone" }

export interface Candidate {
  readonly path: string
  /** The folder of the client in whose quarantine it would be. */
  readonly folder: string
  readonly contents: Contents
}

/** Reads a file or folder completely. `keeps`: whether a name in it keeps all of it. */
export const lookAt = Effect.fn("Orphans.lookAt")(function* (
  { fs, path }: FilesAt,
  at: string,
  keeps: (name: string) => boolean = () => false
) {
  const kept = (because: string): Looked => ({ _tag: "Kept", because })
  const look = Effect.gen(function* () {
    if (yield* Effect.isSuccess(fs.readLink(at))) return kept("it is a symbolic link")
    if (!(yield* fs.exists(at))) return { _tag: "Gone" } as Looked
    if ((yield* fs.realPath(at)) !== at) return kept("a part of its path is a symbolic link")
    const top = yield* fs.stat(at)
    const parent = yield* fs.stat(path.dirname(at))
    if (top.dev !== parent.dev) return kept("it is a mount point")
    // A folder of the same file system may be mounted there: that does not show in its device.
    const table = yield* Effect.orElseSucceed(fs.readFileString("/proc/self/mountinfo"), () => "")
    const mount = mountsOf(table).find((one) => isAbove(at, one.at))
    if (mount !== undefined) {
      return kept(mount.at === at ? "it is a mount point" : `it contains a mount point: ${mount.at}`)
    }
    let [files, bytes, freesBytes, newestMillis, newestFileMillis, seen] = [0, 0, 0, 0, 0, 0]
    const waiting = [at]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (++seen > mostEntries) return kept(`it contains more than ${mostEntries} files`)
      if (next !== at && (yield* Effect.isSuccess(fs.readLink(next))))
        return kept(`it contains a symbolic link: ${next}`)
      const info = yield* fs.stat(next)
      if (info.dev !== top.dev) return kept(`it contains a mount point: ${next}`)
      const written = [info.mtime, info.birthtime].map((time) => Option.getOrUndefined(time)?.getTime() ?? 0)
      newestMillis = Math.max(newestMillis, ...written)
      if (info.type === "File") newestFileMillis = Math.max(newestFileMillis, ...written)
      if (info.type === "Directory") {
        for (const name of yield* fs.readDirectory(next)) {
          if (keeps(name)) return kept(`it contains a name that is ignored: ${name}`)
          waiting.push(path.join(next, name))
        }
      } else if (info.type === "File") {
        files++
        bytes += Number(info.size)
        if (Option.getOrUndefined(info.nlink) === 1n) freesBytes += Number(info.size)
      } else return kept(`it contains something that is no file: ${next}`)
    }
    const identity = `${top.dev}:${Option.getOrNull(top.ino)}`
    return { _tag: "Plain", contents: { files, bytes, freesBytes, newestMillis, newestFileMillis, identity } } as Looked
  })
  return yield* Effect.catch(look, (error) => Effect.succeed(kept(`it cannot be read: ${error.message}`)))
})

/** Whether a name matches one of the patterns, in which `*` stands for any characters. */
export const isNamed = (patterns: ReadonlyArray<string>) => {
  const tests = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .split("*")
          .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
          .join(".*")}$`,
        "iu"
      )
  )
  return (name: string): boolean => tests.some((test) => test.test(name))
}

/** Whether something of that name is never orphaned. */
export const isIgnored = (patterns: ReadonlyArray<string>) => {
  const named = isNamed(patterns)
  return (name: string): boolean => name.startsWith(".") || named(name)
}

/** Shorter names are a part of too many others. */
const leastNameLength = 4

/** Why a path is no orphan, by what is known now; `inside` = it contains something that is known. `null` = nothing knows it. */
export const whyKnown = Effect.fnUntraced(function* (files: FilesAt, at: string, claims: Claims) {
  const identity = yield* identityAt(files, at)
  if (claims.paths.has(at) || (identity !== null && claims.claimed.has(identity))) return "known" as const
  if (identity !== null && claims.above.has(identity)) return "inside" as const
  for (const claim of claims.paths) if (isAbove(at, claim)) return "inside" as const
  for (const stay of claims.stays) {
    // What stays itself is found, and named as such.
    if (stay === at) continue
    if (isAbove(stay, at)) return "known" as const
    if (isAbove(at, stay)) return "inside" as const
  }
  // Prefixes of unpackers, and suffixes of partial files, come and go.
  const name = files.path
    .basename(at)
    .toLowerCase()
    .replace(/^_(unpack|failed|admin)_/, "")
  const stem = files.path.parse(name).name
  for (const known of claims.names) {
    if (known === name || known === stem || (known.length >= leastNameLength && name.startsWith(known))) {
      return "known" as const
    }
  }
  return null
})

/** All candidates in the folders that may be scanned. */
export const candidatesIn = Effect.fn("Orphans.candidates")(function* (
  files: FilesAt,
  claims: Claims,
  ignoredNames: ReadonlyArray<string>
) {
  const { fs, path } = files
  const [ignored, keeps] = [isIgnored(ignoredNames), isNamed(ignoredNames)]
  const found = new Map<string, Candidate>()
  const entered = new Set<string>()
  for (const folder of claims.folders) {
    if (folder.because !== null) continue
    // Through another mount, or through a link, it is scanned once.
    const { real } = folder
    const root = real === null ? null : yield* identityAt(files, real)
    if (real === null || root === null) continue
    const waiting = [real]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const identity = yield* identityAt(files, next)
      if (identity === null || entered.has(identity)) continue
      // Nothing can be moved into quarantine from another file system.
      if (deviceOf(identity) !== deviceOf(root)) continue
      entered.add(identity)
      const names = yield* Effect.orElseSucceed(fs.readDirectory(next), () => [])
      for (const name of names) {
        if (ignored(name)) continue
        const at = path.join(next, name)
        const known = yield* whyKnown(files, at, claims)
        if (known === "inside") {
          const isLink = yield* Effect.isSuccess(fs.readLink(at))
          const isBlocked = claims.folders.some(
            (one) => one.because !== null && one.real !== null && isAbove(one.real, at)
          )
          if (!isLink && !isBlocked) waiting.push(at)
        }
        if (known !== null) continue
        const looked = yield* lookAt(files, at, keeps)
        if (looked._tag !== "Plain" || looked.contents.files === 0) continue
        found.set(looked.contents.identity, { path: at, folder: real, contents: looked.contents })
      }
    }
  }
  return [...found.values()]
})
