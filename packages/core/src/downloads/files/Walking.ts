/** Walks through folders without following symbolic links, and only so far. */
import { Effect, type FileSystem, type Path } from "effect"

interface Files {
  readonly fs: FileSystem.FileSystem
  readonly path: Path.Path
}

/** Paths of files below a folder, at most so many. What cannot be read is left out. */
export const filesBelow = Effect.fnUntraced(function* ({ fs, path }: Files, folder: string, most: number) {
  const files: Array<string> = []
  const waiting = [folder]
  for (let next = waiting.pop(); next !== undefined && files.length < most; next = waiting.pop()) {
    const names = yield* Effect.catch(fs.readDirectory(next), () => Effect.succeed<ReadonlyArray<string>>([]))
    for (const name of names) {
      const at = path.join(next, name)
      const isLink = yield* Effect.isSuccess(fs.readLink(at))
      if (isLink) continue
      const info = yield* Effect.option(fs.stat(at))
      if (info._tag === "None") continue
      if (info.value.type === "Directory") waiting.push(at)
      else if (info.value.type === "File" && files.length < most) files.push(at)
    }
  }
  return files
})
