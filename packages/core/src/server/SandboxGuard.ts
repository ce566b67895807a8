/**
 * Separates sandboxes from real installations: what a sandbox connects, plans and removes must never be stored in a
 * database of a real installation, and vice versa. Checked before anything is written.
 */
import { Effect, Path, Schema } from "effect"
import { leftIn } from "../storage/Presence.ts"
import { stagedFile } from "../storage/Restoring.ts"
import { ownerOf } from "../storage/SandboxMark.ts"
import { databaseName } from "./DataFolder.ts"

/** The sandbox was to be started on a directory that it did not create. */
export class NotForSandbox extends Schema.TaggedError<NotForSandbox>()("NotForSandbox", {
  path: Schema.String,
  /** What the directory contains. */
  found: Schema.String
}) {
  override get message() {
    return `${this.path} holds ${this.found}, and the sandbox touches nothing that it did not create. Leave out --sandbox (\`npm start -- --no-sandbox\`) to serve it, or name another directory with --data-dir: it comes from there or from TENDARR_DATA_DIR, and without both the sandbox uses a temporary one.`
  }
}

/** The directory of a sandbox was to be served as a real installation. */
export class OnlyForSandbox extends Schema.TaggedError<OnlyForSandbox>()("OnlyForSandbox", {
  path: Schema.String,
  found: Schema.String
}) {
  override get message() {
    return `${this.path} holds ${this.found}, whose applications are simulated. Serve it with --sandbox, or name another directory with --data-dir.`
  }
}

export const guardSandbox = Effect.fn("SandboxGuard.guard")(function* (folder: string, sandbox: boolean) {
  const path = yield* Path.Path
  const absolute = path.resolve(folder)
  const database = yield* ownerOf(path.join(absolute, databaseName))
  const waiting = yield* ownerOf(stagedFile(path, absolute))
  if (!sandbox) {
    const refuse = (found: string) => new OnlyForSandbox({ path: absolute, found })
    if (database === "sandbox") return yield* refuse("the database of a sandbox")
    if (waiting === "sandbox") return yield* refuse("a backup of a sandbox's database that waits to be restored")
    return
  }
  const refuse = (found: string) => new NotForSandbox({ path: absolute, found })
  if (database === "person") return yield* refuse("an installation")
  if (waiting === "person") return yield* refuse("a backup of an installation that waits to be restored")
  if (database === "sandbox") return
  const { left } = yield* leftIn(absolute)
  if (left.length > 0) return yield* refuse(`what an installation has left (${left.join(", ")})`)
})
