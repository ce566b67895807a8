/** Receives a file of another product into a folder of its own, reads it there, and deletes it. */
import { Effect, FileSystem, Path, type PlatformError, Stream } from "effect"
import { Settings } from "../settings/Settings.ts"
import { DataDirectory } from "../storage/Database.ts"
import { type ForeignDatabaseUnusable, readForeignDatabase } from "../storage/ForeignDatabase.ts"
import type { FoundInFile } from "./Found.ts"
import { MovingFileFailed, MovingFileTooLarge, MovingFileUnusable } from "./MoveIn.ts"
import type { MovingUpload } from "./MovingIn.ts"
import { MovingSettings } from "./MovingSettings.ts"
import type { MovingFile } from "./Product.ts"

const mebibyte = 1_048_576
const folderPrefix = "moving-in-"
/** The largest export that is read as a text. */
const longestTextBytes = 2 * mebibyte

export const makeReceiving = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = yield* DataDirectory
  const settings = yield* Settings

  const unwritten = (error: PlatformError.PlatformError) => Effect.fail(new MovingFileFailed({ detail: error.message }))

  if (directory.path !== null) {
    // Left behind by a crash: such a file contains keys of applications.
    const root = directory.path
    const left = (yield* Effect.orElseSucceed(files.readDirectory(root), () => [])).filter((name) =>
      name.startsWith(folderPrefix)
    )
    yield* Effect.forEach(left, (name) => Effect.ignore(files.remove(path.join(root, name), { recursive: true })))
  }

  const write = Effect.fnUntraced(function* ({ bytes, declaredBytes }: MovingUpload, file: string) {
    const maximumBytes = (yield* settings.get(MovingSettings)).maxUploadMebibytes * mebibyte
    const tooLarge = new MovingFileTooLarge({
      detail: `At most ${maximumBytes} bytes, as set by moving.maxUploadMebibytes`,
      maximumBytes
    })
    if (declaredBytes !== null && declaredBytes > maximumBytes) return yield* tooLarge
    let received = 0
    const bounded = bytes.pipe(
      Stream.mapError((error) => new MovingFileFailed({ detail: `The upload was interrupted: ${messageOf(error)}` })),
      Stream.mapEffect((chunk) => {
        received += chunk.length
        return received > maximumBytes ? Effect.fail(tooLarge) : Effect.succeed(chunk)
      })
    )
    yield* Stream.run(bounded, files.sink(file, { mode: 0o600 })).pipe(Effect.catchTag("PlatformError", unwritten))
    return received
  })

  const fileAt = (file: string, size: number, isDatabase: boolean): MovingFile => ({
    isDatabase,
    database: (read) =>
      readForeignDatabase(directory.open, file, read).pipe(Effect.provideService(FileSystem.FileSystem, files)),
    text:
      size > longestTextBytes
        ? Effect.fail(
            new MovingFileUnusable({
              fault: "not-understood",
              detail: `The file is not an SQLite database, and too long for an export: ${size} bytes`
            })
          )
        : Effect.orDie(files.readFileString(file))
  })

  return Effect.fnUntraced(function* (
    upload: MovingUpload,
    read: (file: MovingFile) => Effect.Effect<FoundInFile, MovingFileUnusable | ForeignDatabaseUnusable>
  ) {
    return yield* Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* files
          .makeTempDirectoryScoped({
            prefix: folderPrefix,
            ...(directory.path === null ? {} : { directory: directory.path })
          })
          .pipe(Effect.catchTag("PlatformError", unwritten))
        const file = path.join(folder, "file")
        const fileBytes = yield* write(upload, file)
        if (fileBytes === 0) return yield* new MovingFileUnusable({ fault: "empty", detail: "The file is empty" })
        const head = yield* Effect.orDie(Stream.runHead(files.stream(file, { bytesToRead: 16 })))
        const isDatabase =
          head._tag === "Some" && new TextDecoder().decode(head.value.subarray(0, 15)) === "SQLite format 3"
        const found = yield* read(fileAt(file, fileBytes, isDatabase)).pipe(
          Effect.catchTag("ForeignDatabaseUnusable", ({ detail, fault }) =>
            Effect.fail(new MovingFileUnusable({ fault, detail }))
          )
        )
        return { fileBytes, found }
      })
    )
  })
})

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
