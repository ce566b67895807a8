import { spawn } from "node:child_process"
import { hostname } from "node:os"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { DataDirectoryBusy, holdFolder, holding, isHere, readLocalSecret } from "../../src/server/DataFolder.ts"

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
  it.effect("is created if it is missing, accessible only to its owner", () =>
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

  it.effect("is refused with the reason if it cannot be created", () =>
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

  it.effect("is made inaccessible to others if it was accessible", () =>
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

  it.effect("keeps its secret over restarts, and creates another if it is truncated", () =>
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

  it.effect("is locked by one process; a second one fails with the holder, since when, and what to do", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      const held = yield* holdFolder(folder)
      yield* held.announce("http://127.0.0.1:8787")
      const error = yield* Effect.flip(Effect.scoped(holdFolder(folder)))
      if (error._tag !== "DataDirectoryBusy") return assert.fail(error._tag)
      const holder = {
        pid: process.pid,
        host: hostname(),
        since: "1970-01-01T00:00:00.000Z",
        url: "http://127.0.0.1:8787"
      }
      assert.deepStrictEqual(error.holder, holder)
      for (const part of [String(process.pid), holder.since, holder.url, "stop it first", "--data-dir"]) {
        assert.include(error.message, part)
      }
      assert.deepStrictEqual(yield* holding(folder), { held: true, holder })
      assert.isTrue(yield* files.exists(yield* lockOf(folder)), "who is refused leaves the lock alone")
      const third = yield* Effect.flip(Effect.scoped(holdFolder(folder)))
      assert.strictEqual(third._tag, "DataDirectoryBusy", "and does not loosen it")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is reported as locked on another machine with the name of that machine", () =>
    Effect.gen(function* () {
      const holder = { pid: 17, host: "a1b2c3d4e5f6", since: null, url: null }
      const { message } = new DataDirectoryBusy({ path: "/data", holder })
      assert.include(message, "Process 17 on host a1b2c3d4e5f6 (of a container: its id) is using /data.")
      assert.isFalse(isHere(holder))
      assert.include(new DataDirectoryBusy({ path: "/data", holder: null }).message, "Another process is using /data.")
    })
  )

  it.effect("is not locked by a file that names a process, alive or not", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      const stranger = yield* process1
      yield* files.makeDirectory(folder)
      const left = [
        JSON.stringify({ pid: stranger.pid, url: "http://127.0.0.1:8787" }),
        JSON.stringify({ pid: 1, host: hostname(), since: "2026-01-01T00:00:00.000Z", url: null }),
        '{"pid":'
      ]
      for (const text of left) {
        yield* files.writeFileString(yield* lockOf(folder), text)
        assert.deepStrictEqual(yield* holding(folder), { held: false, holder: null })
        const since = yield* Effect.scoped(
          Effect.andThen(
            holdFolder(folder),
            Effect.map(holding(folder), ({ holder }) => holder?.pid)
          )
        )
        assert.strictEqual(since, process.pid)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("has a lock with the URL of its holder, which is free when that process ends", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = yield* FileSystem.FileSystem
      yield* Effect.scoped(
        Effect.gen(function* () {
          const held = yield* holdFolder(folder)
          yield* held.announce("http://127.0.0.1:1234")
          const lock = JSON.parse(yield* files.readFileString(yield* lockOf(folder)))
          assert.deepInclude(lock, { pid: process.pid, url: "http://127.0.0.1:1234" })
        })
      )
      assert.isFalse(yield* files.exists(yield* lockOf(folder)))
      assert.isFalse((yield* holding(folder)).held)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
