/**
 * Faults of the storage that holds the database, distinguished by the codes of SQLite and of the file system, with
 * messages that say what to do.
 */
import { Cause, Effect, Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

export const storageFaultReasons = ["full", "read-only", "damaged", "held", "unreadable"] as const
export type StorageFaultReason = (typeof storageFaultReasons)[number]

export interface StorageFault {
  readonly reason: StorageFaultReason
  /** The message of SQLite or of the file system. */
  readonly said: string
}

/** The disk is full, or the file cannot be written or read. */
export class StorageFailed extends Problem<StorageFailed>()(
  "StorageFailed",
  { code: "storage-failed", status: 507, title: "The database cannot be written or read" },
  { detail: Schema.String, reason: Schema.Literals(["full", "read-only", "damaged", "unreadable"]) }
) {}

export class DatabaseHeld extends Problem<DatabaseHeld>()(
  "DatabaseHeld",
  { code: "database-held", status: 503, title: "Another program has locked the database" },
  { detail: Schema.String, retryAfterSeconds: Schema.Int }
) {}

/** The database cannot be opened or prepared. */
export class DatabaseUnusable extends Schema.TaggedError<DatabaseUnusable>()("DatabaseUnusable", {
  file: Schema.String,
  reason: Schema.Literals(storageFaultReasons),
  said: Schema.String
}) {
  override get message() {
    return adviceOn(this, this.file)
  }
}

/** Describes the fault and what to do about it; `file` is the path to show to the reader. */
export const adviceOn = ({ reason, said }: StorageFault, file: string): string => {
  switch (reason) {
    case "full":
      return `The disk of ${file} is full. Nothing was changed. Free some space there, and try again.`
    case "read-only":
      return `${file} cannot be written: make it and its directory writable for the account that runs Tendarr, on a file system that is not mounted read-only.`
    case "damaged":
      return `${file} is damaged (${said}). Stop Tendarr and put a backup in its place: \`tendarr backup restore\` with the name of one from the folder \`backups\` next to it.`
    case "held":
      return `${file} is locked by another program, such as a database browser or a program that copies it. Close that one, and try again.`
    case "unreadable":
      return `${file} cannot be read or written (${said}). Check the disk and the system log.`
  }
}

/** The same for clients, which need not know the path of the file. */
export const problemOfFault = (fault: StorageFault): StorageFailed | DatabaseHeld => {
  const { reason } = fault
  const detail = adviceOn(fault, "tendarr.db")
  return reason === "held" ? new DatabaseHeld({ detail, retryAfterSeconds: 5 }) : new StorageFailed({ detail, reason })
}

/** `null` for an error that is unrelated to the storage. Looks through wrapping errors. */
export const storageFaultOf = (error: unknown): StorageFault | null => {
  for (let found = error; typeof found === "object" && found !== null;) {
    const reason = reasonOf(found)
    if (reason !== null) return { reason, said: found instanceof Error ? found.message : String(found) }
    found = Reflect.get(found, "reason") ?? Reflect.get(found, "cause")
  }
  return null
}

/** The first storage fault among all reasons of a failure. */
export const storageFaultIn = (cause: Cause.Cause<unknown>): StorageFault | null => {
  for (const reason of cause.reasons) {
    const found = Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : null
    const fault = storageFaultOf(found)
    if (fault !== null) return fault
  }
  return null
}

/** Turns failures caused by the storage into `DatabaseUnusable`; other failures are passed on unchanged. */
export const withStorageFaults =
  (file: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | DatabaseUnusable, R> =>
    Effect.catchCause(effect, (cause): Effect.Effect<never, E | DatabaseUnusable> => {
      const fault = storageFaultIn(cause)
      return fault === null ? Effect.failCause(cause) : Effect.fail(new DatabaseUnusable({ file, ...fault }))
    })

/** Primary result codes of SQLite. */
const byNumber: Readonly<Record<number, StorageFaultReason>> = {
  5: "held",
  6: "held",
  8: "read-only",
  10: "unreadable",
  11: "damaged",
  13: "full",
  14: "unreadable",
  26: "damaged"
}

/**
 * SQLITE_IOERR_SHMSIZE: the index of the log could not grow. SQLite does not report why; a full disk is the only
 * reason.
 */
const shmSize = 4874

/** Codes of the file system. */
const byName: Readonly<Record<string, StorageFaultReason>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "read-only",
  EIO: "unreadable"
}

const reasonOf = (error: object): StorageFaultReason | null => {
  const name: unknown = Reflect.get(error, "code")
  if (typeof name === "string" && byName[name] !== undefined) return byName[name]
  // node:sqlite reports the code as `errcode`, bun:sqlite as `errno` along with SQLite's name for it.
  const number: unknown =
    Reflect.get(error, "errcode") ??
    (typeof name === "string" && name.startsWith("SQLITE_") ? Reflect.get(error, "errno") : undefined)
  if (number === shmSize) return "full"
  return typeof number === "number" ? (byNumber[number & 0xff] ?? null) : null
}
