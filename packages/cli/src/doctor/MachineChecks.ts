/** Checks that the doctor makes without Tendarr: the runtime, the data directory and the database in it. */
import { statfs } from "node:fs/promises"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { databaseName, holderName, holding, lockName, secretName } from "@tendarr/core/server/DataFolder"
import { databaseFault } from "@tendarr/core/storage/DatabaseFault"
import { inspectDatabase } from "@tendarr/core/storage/Inspection"
import { DatabaseMissing, leftIn } from "@tendarr/core/storage/Presence"
import { keyFileName } from "@tendarr/core/storage/SecretKeys"
import { Effect, FileSystem, Option, Path } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient } from "effect/sql"
import { bytes } from "../output/Format.ts"
import { type Check, fail, ok, warn } from "./Check.ts"

const leastNode = [22, 19] as const
const fewBytes = 1024 ** 3
const tooFewBytes = 100 * 1024 ** 2

export const runtimeCheck: Effect.Effect<Check> = Effect.sync(() => {
  const { bun, node } = process.versions
  if (bun !== undefined) return ok("runtime", `Bun ${bun}`)
  const [major = 0, minor = 0] = node.split(".").map(Number)
  return major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])
    ? ok("runtime", `Node ${node}`)
    : fail("runtime", `Node ${node} is too old`, `Use Node ${leastNode.join(".")} or newer.`)
})

/** In a meaningful order; checks that depend on a failed one are skipped. */
export const folderChecks = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const absolute = path.resolve(folder)
  const info = yield* Effect.option(files.stat(absolute))
  if (Option.isNone(info) || info.value.type !== "Directory") {
    return [
      fail(
        "data-directory",
        `${absolute} is not a readable directory`,
        "Start Tendarr once with `tendarr serve`, or name its directory or address with --data-dir or --url."
      )
    ]
  }
  const checks: Array<Check> = []
  const writable = yield* Effect.isSuccess(files.access(absolute, { readable: true, writable: true }))
  const openTo = info.value.mode & 0o077
  checks.push(
    !writable
      ? fail(
          "data-directory",
          `${absolute} cannot be written`,
          "Run as its owner, or give the directory to the account that runs Tendarr."
        )
      : openTo !== 0
        ? warn("data-directory", `${absolute} is accessible to other accounts of this machine`, `chmod 700 ${absolute}`)
        : ok("data-directory", `${absolute}, accessible only to its owner`)
  )
  checks.push(...(yield* spaceCheck(absolute)))
  checks.push(yield* lockCheck(absolute))
  checks.push(
    ...(yield* openFileCheck("local-key", path.join(absolute, secretName), ", or delete it to get a new one"))
  )
  checks.push(...(yield* openFileCheck("secret-key", path.join(absolute, keyFileName))))
  checks.push(...(yield* openFileCheck("database-file", path.join(absolute, databaseName))))
  checks.push(yield* databaseCheck(path.join(absolute, databaseName)))
  return checks
})

/** A file that must be accessible only to its owner, if it exists. */
const openFileCheck = Effect.fnUntraced(function* (name: string, file: string, orElse = "") {
  const files = yield* FileSystem.FileSystem
  const info = yield* Effect.option(files.stat(file))
  return Option.isSome(info) && (info.value.mode & 0o077) !== 0
    ? [fail(name, `${file} can be read by other accounts`, `chmod 600 ${file}${orElse}.`)]
    : []
})

const spaceCheck = (folder: string): Effect.Effect<ReadonlyArray<Check>> =>
  Effect.tryPromise(() => statfs(folder)).pipe(
    Effect.map(({ bavail, bsize }) => {
      const free = bavail * bsize
      const detail = `${bytes(free)} free for the database and its backups`
      if (free < tooFewBytes) return [fail("data-space", detail, "Free some space, or move the data directory.")]
      return [
        free < fewBytes ? warn("data-space", detail, "Free some space before it runs out.") : ok("data-space", detail)
      ]
    }),
    // Some file systems do not report it.
    Effect.orElseSucceed(() => [])
  )

const lockCheck = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { held, holder } = yield* holding(folder)
  if (held) return ok("lock", `${holderName(holder)} is using it`)
  const left = yield* Effect.orElseSucceed(files.exists(path.join(folder, lockName)), () => false)
  return left
    ? warn("lock", "Left behind by a process that was killed; the next start takes it over")
    : ok("lock", "Free: no server is using it")
})

const databaseCheck = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const info = yield* Effect.option(files.stat(file))
  if (Option.isNone(info)) {
    const { left, newestBackup } = yield* leftIn(path.dirname(file))
    if (left.length === 0) return warn("database", `There is none at ${file} yet`, "`tendarr serve` creates it.")
    const { message } = new DatabaseMissing({ file, state: "missing", left, newestBackup })
    return fail("database", message)
  }
  const reactivity = yield* Reactivity.make
  const open = (filename: string, { readonly }: { readonly readonly: boolean }) =>
    SqliteClient.make({ filename, readonly, disableWAL: true }).pipe(
      Effect.provideService(Reactivity.Reactivity, reactivity)
    )
  const inspected = yield* Effect.scoped(
    Effect.flatMap(open(file, { readonly: true }), (client) =>
      Effect.provideService(inspectDatabase(open), SqlClient.SqlClient, client)
    )
  ).pipe(Effect.catchCause((cause) => Effect.succeed(databaseFault(cause))))
  const restore = "`tendarr backup restore` replaces it with a backup from the folder `backups`."
  if (typeof inspected === "string") return fail("database", `${file} cannot be read: ${inspected}`, restore)
  if (inspected.damage.length > 0) {
    return fail("database", `${file} is damaged: ${inspected.damage.join("; ")}`, restore)
  }
  if (inspected.foreign.length > 0) {
    return warn(
      "database",
      `${file} contains objects that Tendarr has not created: ${inspected.foreign.join("; ")}`,
      "Backups of it cannot be restored."
    )
  }
  if (inspected.version > inspected.supported) {
    return fail(
      "database",
      `It is at version ${inspected.version}, and this Tendarr knows versions up to ${inspected.supported}`,
      "Use the newer Tendarr again, or restore a backup."
    )
  }
  const size = bytes(Number(info.value.size))
  return inspected.version < inspected.supported
    ? ok(
        "database",
        `Sound, ${size}; the next start migrates it from version ${inspected.version} to ${inspected.supported}`
      )
    : ok("database", `Sound, ${size}, version ${inspected.version}`)
})
