/**
 * Posters on the disk, in `artwork` in the data directory. A file is written under a temporary name and renamed when it is
 * complete; if the cache exceeds its limit, the least recently used posters are deleted. A failure here affects only the
 * cache, never the poster.
 */
import { Clock, Effect, FileSystem, Path } from "effect"
import { DataDirectory } from "../storage/Database.ts"
import { posterFile, readPosterFile, type StoredPoster } from "./PosterFile.ts"

export interface PosterCache {
  /** `null` if it is not cached, or if its file is damaged, which is then deleted. */
  readonly read: (name: string) => Effect.Effect<StoredPoster | null>
  /** Caches it, and deletes others until all of them take at most `mostBytes`. */
  readonly write: (name: string, poster: StoredPoster, mostBytes: number) => Effect.Effect<void>
  /** Deletes every file whose name starts with the prefix. */
  readonly drop: (prefix: string) => Effect.Effect<void>
}

export const artworkFolder = "artwork"
const partialExtension = ".partial"
const ownName = /^[0-9a-f]{32}-(o|\d{2,4})$/

/** Minimum time between two updates of the last use of a file. */
const touchedEveryMillis = 3_600_000

const noCache: PosterCache = {
  read: () => Effect.succeed(null),
  write: () => Effect.void,
  drop: () => Effect.void
}

export const makePosterCache = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = yield* DataDirectory
  // An in-memory database has no data directory.
  if (directory.path === null) return noCache
  const folder = path.join(directory.path, artworkFolder)
  const fileOf = (name: string) => path.join(folder, name)

  /** By name, least recently used first. */
  const kept = new Map<string, { readonly bytes: number; readonly touchedAt: number }>()
  let total = 0
  let writes = 0

  const forget = (name: string) => {
    total -= kept.get(name)?.bytes ?? 0
    kept.delete(name)
  }
  const remember = (name: string, bytes: number, touchedAt: number) => {
    forget(name)
    kept.set(name, { bytes, touchedAt })
    total += bytes
  }
  const removeFile = (name: string) => Effect.ignore(files.remove(fileOf(name), { force: true }))
  const remove = (name: string) =>
    Effect.andThen(
      Effect.sync(() => forget(name)),
      removeFile(name)
    )

  /** Lists the files of earlier processes by the time of their last use, and deletes incomplete ones. */
  const survey = Effect.gen(function* () {
    yield* files.makeDirectory(folder, { recursive: true, mode: 0o700 })
    const names = yield* files.readDirectory(folder)
    yield* Effect.forEach(
      names.filter((name) => name.endsWith(partialExtension)),
      removeFile
    )
    const found = yield* Effect.forEach(
      names.filter((name) => ownName.test(name)),
      (name) =>
        files.stat(fileOf(name)).pipe(
          Effect.map((info) => [
            { name, bytes: Number(info.size), at: info.mtime._tag === "Some" ? info.mtime.value.getTime() : 0 }
          ]),
          Effect.orElseSucceed(() => [])
        ),
      { concurrency: 8 }
    )
    for (const { at, bytes, name } of found.flat().sort((one, other) => one.at - other.at)) remember(name, bytes, at)
  }).pipe(Effect.catch(logFailure))
  // In the background, so that the start of a server does not wait for it.
  const surveyed = yield* Effect.cached(survey)

  const touch = Effect.fnUntraced(function* (name: string) {
    const entry = kept.get(name)
    if (entry === undefined) return
    const now = yield* Clock.currentTimeMillis
    const due = Math.abs(now - entry.touchedAt) >= touchedEveryMillis
    remember(name, entry.bytes, due ? now : entry.touchedAt)
    if (due) yield* Effect.ignore(files.utimes(fileOf(name), new Date(now), new Date(now)))
  })

  const cache: PosterCache = {
    read: Effect.fn("PosterCache.read")(function* (name) {
      yield* surveyed
      if (!kept.has(name)) return null
      const poster = yield* files.readFile(fileOf(name)).pipe(
        Effect.map(readPosterFile),
        Effect.orElseSucceed(() => null)
      )
      yield* poster === null ? remove(name) : touch(name)
      return poster
    }),
    write: Effect.fn("PosterCache.write")(function* (name, poster, mostBytes) {
      yield* surveyed
      const content = posterFile(poster)
      if (content.length > mostBytes) return yield* remove(name)
      const partial = fileOf(`${name}.${++writes}${partialExtension}`)
      const now = yield* Clock.currentTimeMillis
      yield* files.writeFile(partial, content, { mode: 0o600 }).pipe(
        // A mount may have its own clock, and all times must come from the same one.
        Effect.andThen(files.utimes(partial, new Date(now), new Date(now))),
        Effect.andThen(files.rename(partial, fileOf(name))),
        Effect.andThen(Effect.sync(() => remember(name, content.length, now))),
        Effect.onError(() => Effect.ignore(files.remove(partial, { force: true }))),
        Effect.catch(logFailure)
      )
      for (const oldest of kept.keys()) {
        if (total <= mostBytes) break
        yield* remove(oldest)
      }
    }),
    drop: Effect.fn("PosterCache.drop")(function* (prefix) {
      yield* surveyed
      yield* Effect.forEach(
        [...kept.keys()].filter((name) => name.startsWith(prefix)),
        remove
      )
    })
  }
  return cache
})

const logFailure = (error: { readonly message: string }) =>
  Effect.logWarning(`Posters cannot be kept on the disk: ${error.message}`)
