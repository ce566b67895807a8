import { spawn } from "node:child_process"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { holderOf, holdFolder, readLocalSecret } from "../../src/server/DataFolder.ts"

const temporary = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return path.join(yield* files.makeTempDirectoryScoped({ prefix: "tendarr-test-" }), "data")
})

/** A process that lives until the scope closes, or until `end`. */
const process1 = Effect.acquireRelease(
  Effect.callback<{ readonly pid: number; readonly end: Effect.Effect<void> }>((resume) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" })
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    child.once("spawn", () =>
      resume(
        Effect.succeed({
          pid: child.pid ?? 0,
          end: Effect.promise(() => {
            child.kill("SIGKILL")
            return ended
          })
        })
      )
    )
  }),
  (child) => child.end
)

const lockOf = (folder: string) =>
  Effect.flatMap(Path.Path, (path) => Effect.succeed(path.join(folder, "tendarr.lock")))

const modeOf = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => Effect.map(files.stat(file), (info) => info.mode & 0o777))

describe("DataFolder", () => {
  it.effect("is made where it is missing, for its owner alone", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const path = yield* Path.Path
      const held = yield* holdFolder(folder)
      assert.strictEqual(held.database, path.join(folder, "tendarr.db"))
      assert.match(held.localSecret, /^[A-Za-z0-9_-]{43}$/)
      if (process.platform !== "win32") {
        assert.strictEqual(yield* modeOf(folder), 0o700)
        assert.strictEqual(yield* modeOf(yield* lockOf(folder)), 0o600)
        assert.strictEqual(yield* modeOf(path.join(folder, "local.key")), 0o600)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("says what is wrong where it cannot be made", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* files.writeFileString(folder, "a file stands here")
      const error = yield* Effect.flip(Effect.scoped(holdFolder(path.join(folder, "data"))))
      assert.strictEqual(error._tag, "DataDirectoryUnusable")
      assert.match(error.message, /cannot be used as the data directory.*--data-dir/s)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is closed to others where it stood open", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(folder, { mode: 0o755 })
      yield* files.chmod(folder, 0o755)
      const path = yield* Path.Path
      const secret = path.join(folder, "local.key")
      yield* files.writeFileString(secret, "x".repeat(43))
      yield* files.chmod(secret, 0o666)
      yield* holdFolder(folder)
      if (process.platform !== "win32") {
        assert.strictEqual(yield* modeOf(folder), 0o700)
        assert.strictEqual(yield* modeOf(secret), 0o600)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("keeps its secret over restarts and makes another where it was cut", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const first = yield* Effect.scoped(holdFolder(folder))
      const second = yield* Effect.scoped(holdFolder(folder))
      assert.strictEqual(second.localSecret, first.localSecret)
      assert.strictEqual(yield* readLocalSecret(folder), first.localSecret)
      yield* files.writeFileString(path.join(folder, "local.key"), "short")
      const third = yield* Effect.scoped(holdFolder(folder))
      assert.notStrictEqual(third.localSecret, first.localSecret)
      assert.lengthOf(third.localSecret, 43)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is not held by two at once; the second is told who holds it and where it listens", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      const other = yield* process1
      yield* files.makeDirectory(folder)
      yield* files.writeFileString(
        yield* lockOf(folder),
        JSON.stringify({ pid: other.pid, url: "http://127.0.0.1:8787" })
      )
      const error = yield* Effect.flip(Effect.scoped(holdFolder(folder)))
      if (error._tag !== "DataDirectoryBusy") return assert.fail(error._tag)
      assert.strictEqual(error.pid, other.pid)
      assert.include(error.message, "http://127.0.0.1:8787")
      assert.deepStrictEqual(yield* holderOf(folder), { pid: other.pid, url: "http://127.0.0.1:8787" })
      assert.isTrue(yield* files.exists(yield* lockOf(folder)), "who is refused leaves the lock alone")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is taken over from a process that was killed, and from a lock that says nothing", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      const other = yield* process1
      yield* files.makeDirectory(folder)
      yield* files.writeFileString(yield* lockOf(folder), JSON.stringify({ pid: other.pid, url: null }))
      assert.isNotNull(yield* holderOf(folder))
      yield* other.end
      assert.isNull(yield* holderOf(folder))
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* holdFolder(folder)
          const lock = JSON.parse(yield* files.readFileString(yield* lockOf(folder)))
          assert.deepStrictEqual(lock, { pid: process.pid, url: null })
        })
      )
      yield* files.writeFileString(yield* lockOf(folder), '{"pid":')
      yield* Effect.scoped(holdFolder(folder))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("says where its holder listens, and is free when that one ends", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      yield* Effect.scoped(
        Effect.gen(function* () {
          const held = yield* holdFolder(folder)
          yield* held.announce("http://127.0.0.1:1234")
          const lock = JSON.parse(yield* files.readFileString(yield* lockOf(folder)))
          assert.deepStrictEqual(lock, { pid: process.pid, url: "http://127.0.0.1:1234" })
        })
      )
      assert.isFalse(yield* files.exists(yield* lockOf(folder)))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
