/**
 * Files as Tendarr itself sees them, identified by what the file system says: one file has one device and inode under all
 * of its names, and one name is the same name through every mount that leads to its folder.
 */
import { Effect, FileSystem, Option, Path, type PlatformError, Schema } from "effect"
import { isAbove } from "../../integrations/Paths.ts"

/** A regular file that was found. */
export const RealFile = Schema.Struct({
  path: Schema.String.annotate({ description: "Its path without symbolic links, as Tendarr sees it." }),
  device: Schema.String,
  inode: Schema.String,
  links: Schema.Int.annotate({ description: "Names of the file in its file system." }),
  bytes: Schema.Finite,
  entry: Schema.String.annotate({
    description: "Identifies this one name of the file: device and inode of its folder, and its name there."
  })
}).annotate({ identifier: "RealFile" })
export type RealFile = typeof RealFile.Type

/** Identity of the contents: equal for all hard links of one file. */
export const fileKey = ({ device, inode }: Pick<RealFile, "device" | "inode">): string => `${device}:${inode}`

export type Seen =
  { readonly _tag: "File"; readonly file: RealFile } | { readonly _tag: "Unseen"; readonly because: string }

/** File systems on which two files cannot share their data without being links of each other. */
const withoutReflinks: ReadonlySet<string> = new Set([
  "ext2",
  "ext3",
  "ext4",
  "tmpfs",
  "f2fs",
  "jfs",
  "vfat",
  "exfat",
  "ntfs",
  "ntfs3",
  "fuseblk",
  "hfsplus"
])

interface Mount {
  readonly at: string
  readonly type: string
}

/** Mount points in the format of `/proc/self/mountinfo`. A later line covers an earlier one at the same place. */
export const mountsOf = (text: string): ReadonlyArray<Mount> =>
  text.split("\n").flatMap((line) => {
    const [before = "", after] = line.split(" - ")
    const at = before.split(" ")[4]
    const type = after?.split(" ")[0]
    return at === undefined || type === undefined
      ? []
      : [{ at: at.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))), type }]
  })

export const makeRealFiles = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const unseen = (error: PlatformError.PlatformError): Seen => ({
    _tag: "Unseen",
    because: error.reason._tag === "NotFound" ? "it is not there" : error.message
  })

  /** Follows symbolic links. */
  const see = Effect.fnUntraced(
    function* (at: string): Effect.fn.Return<Seen, PlatformError.PlatformError> {
      const real = yield* fs.realPath(at)
      const info = yield* fs.stat(real)
      const folder = yield* fs.stat(path.dirname(real))
      if (info.type !== "File") return { _tag: "Unseen", because: "it is no file" }
      const [inode, within, links] = [info.ino, folder.ino, info.nlink].map(Option.getOrNull)
      if (inode == null || within == null || links == null) {
        return { _tag: "Unseen", because: "its file system does not identify files" }
      }
      return {
        _tag: "File",
        file: {
          path: real,
          device: String(info.dev),
          inode: String(inode),
          links: Number(links),
          bytes: Number(info.size),
          entry: `${folder.dev}:${within}:${path.basename(real)}`
        }
      }
    },
    (effect) => Effect.catch(effect, (error) => Effect.succeed(unseen(error)))
  )

  return {
    see,
    /**
     * Whether files at a path may share data with others although they are not links of each other: by the type of the
     * file system, and if that is not known, they may. Read once for many paths.
     */
    reflinksAt: Effect.map(
      Effect.catch(fs.readFileString("/proc/self/mountinfo"), () => Effect.succeed("")),
      (text) => {
        const mounts = mountsOf(text).toSorted((one, other) => other.at.length - one.at.length)
        return (at: string): boolean => {
          const nearest = mounts.find((mount) => isAbove(mount.at, at))
          const type = mounts.findLast((mount) => mount.at === nearest?.at)?.type
          return type === undefined || !withoutReflinks.has(type)
        }
      }
    )
  }
})
