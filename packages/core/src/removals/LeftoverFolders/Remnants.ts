/** The files that a movie may leave in its folder, and the reading of a folder that must contain nothing else. */
import { Effect, type FileSystem, Option, type Path, type PlatformError } from "effect"

/** What media applications write next to a movie: descriptions, subtitles, images, and marks of their own. */
export const remnantExtensions: ReadonlySet<string> = new Set([
  ".nfo",
  ".xml",
  ".srt",
  ".sub",
  ".idx",
  ".ass",
  ".ssa",
  ".vtt",
  ".smi",
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".tbn",
  ".bif",
  ".txt",
  ".url",
  ".sfv",
  ".nzb",
  ".torrent"
])

const remnantNames: ReadonlySet<string> = new Set([".ds_store", "thumbs.db", "desktop.ini", ".plexmatch", ".nomedia"])

/** More than a movie leaves: such a folder is not read to its end. */
const mostEntries = 500
const deepest = 4

export type Remnants =
  | { readonly _tag: "Remnants"; readonly files: ReadonlyArray<string> }
  /** Why the folder stays, as a sentence. */
  | { readonly _tag: "More"; readonly detail: string }
  | { readonly _tag: "Gone" }

/**
 * Reads a folder with its subfolders. `notAfter` in milliseconds: everything must be older. What cannot be read counts as
 * something that must stay.
 */
export const remnantsIn = Effect.fn("LeftoverFolders.remnantsIn")(function* (
  { fs, path }: { readonly fs: FileSystem.FileSystem; readonly path: Path.Path },
  folder: string,
  notAfter: number
) {
  const more = (detail: string): Remnants => ({ _tag: "More", detail })
  const isPlain = (one: string) => Effect.map(fs.realPath(one), (real) => real === one)
  const walk = Effect.gen(function* () {
    if (!(yield* fs.exists(folder))) return { _tag: "Gone" } as Remnants
    if (!(yield* isPlain(folder))) return more(`a part of its path is a symbolic link: ${folder}`)
    const info = yield* fs.stat(folder)
    if (info.type !== "Directory") return more(`it is no folder: ${folder}`)
    const files: Array<string> = []
    const waiting: Array<{ readonly at: string; readonly depth: number }> = [{ at: folder, depth: 1 }]
    let seen = 0
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const name of yield* fs.readDirectory(next.at)) {
        const entry = path.join(next.at, name)
        if (++seen > mostEntries) return more("it contains more files than a movie leaves")
        if (!(yield* isPlain(entry))) return more(`it contains a symbolic link: ${entry}`)
        const about = yield* fs.stat(entry)
        const changed = Math.max(
          ...[about.mtime, about.birthtime].map((at) => Option.getOrUndefined(at)?.getTime() ?? 0)
        )
        if (about.type === "Directory") {
          if (next.depth === deepest) return more(`it contains folders in folders: ${entry}`)
          waiting.push({ at: entry, depth: next.depth + 1 })
        } else if (about.type !== "File") return more(`it contains something that is no file: ${entry}`)
        else if (!isRemnant(name, path)) return more(`it contains a file that is no remnant: ${entry}`)
        else files.push(entry)
        if (changed > notAfter) return more(`it contains something newer than the removal: ${entry}`)
      }
    }
    return { _tag: "Remnants", files: files.sort() } as Remnants
  })
  return yield* Effect.catch(walk, (error: PlatformError.PlatformError) =>
    Effect.succeed(more(`it cannot be read: ${error.message}`))
  )
})

const isRemnant = (name: string, path: Path.Path): boolean =>
  remnantNames.has(name.toLowerCase()) || remnantExtensions.has(path.extname(name).toLowerCase())
