/**
 * Where the key of the secrets comes from: given by the environment, or a file that is created at the first start. The
 * first key seals; further keys below it only open values that were sealed before the key was renewed.
 */
import { randomBytes } from "node:crypto"
import { Context, Effect, FileSystem, Path, Schema } from "effect"
import { syncNames } from "./BackupFiles.ts"
import { DataDirectory } from "./Database.ts"
import { type SecretKey, secretKeyOf } from "./SecretBox.ts"

export type { SecretKey } from "./SecretBox.ts"

export interface SecretKeyOptions {
  /** Keys as text, independent of any file. */
  readonly given: string | null
  /** Instead of `tendarr.key` in the data directory. */
  readonly file: string | null
  /** Put a new key above those in the file. */
  readonly renew: boolean
  /** Drop the secrets that no key opens, instead of refusing to start. */
  readonly forgetUnreadable: boolean
}

export const defaultSecretKeyOptions: SecretKeyOptions = {
  given: null,
  file: null,
  renew: false,
  forgetUnreadable: false
}

export const SecretKeyOptions = Context.Reference<SecretKeyOptions>("tendarr/storage/SecretKeyOptions", {
  defaultValue: () => defaultSecretKeyOptions
})

/** Reads the options from the environment; `{}` for a key that is created and kept in the data directory. */
export const secretKeyOptionsFrom = (env: Readonly<Record<string, string | undefined>>): SecretKeyOptions => ({
  ...defaultSecretKeyOptions,
  given: nonEmpty(env["TENDARR_SECRET_KEY"]),
  file: nonEmpty(env["TENDARR_KEY_FILE"])
})

const nonEmpty = (text: string | undefined): string | null => (text === undefined || text === "" ? null : text)

export const keyFileName = "tendarr.key"

/** The key exists but cannot be used: unreadable, empty, or not a key at all. */
export class SecretKeyUnusable extends Schema.TaggedError<SecretKeyUnusable>()("SecretKeyUnusable", {
  source: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The key of the secrets in ${this.source} cannot be used: ${this.detail}`
  }
}

/** The database contains secrets that cannot be opened. Starting anyway would mean working without them. */
export class SecretsUnreadable extends Schema.TaggedError<SecretsUnreadable>()("SecretsUnreadable", {
  reason: Schema.Literals(["key-missing", "key-wrong"]),
  source: Schema.String,
  /** Locations in the database: `integrations/3/config/apiKey`. */
  places: Schema.Array(Schema.String),
  /** The same for people: `the apiKey of the integration "Radarr"`. */
  names: Schema.Array(Schema.String)
}) {
  static readonly of = (
    reason: "key-missing" | "key-wrong",
    source: string,
    secrets: ReadonlyArray<{ readonly place: string; readonly name: string }>
  ) =>
    new SecretsUnreadable({
      reason,
      source,
      places: secrets.map(({ place }) => place),
      names: secrets.map(({ name }) => name)
    })

  override get message() {
    const count = this.names.length === 1 ? "One secret" : `${this.names.length} secrets`
    const shown = this.names.slice(0, namesShown)
    const more = this.names.length - shown.length
    const list = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ")
    const because = {
      "key-missing": `the key is missing (${this.source}). Put it back: backups of the database do not contain it`,
      "key-wrong": `the key in ${this.source} is not the one that they were sealed with. Put that one back`
    }[this.reason]
    return `${count} in the database cannot be read (${list}): ${because}, or start once with --forget-secrets and enter them again.`
  }
}

/** Enough to see what is affected. */
const namesShown = 10

export interface SecretKeys {
  readonly source: string
  readonly keys: readonly [SecretKey, ...ReadonlyArray<SecretKey>]
}

/**
 * The keys of this database; `null` = there is no data directory and no key was given, so nothing is sealed. `sealed`
 * lists the secrets that need a key: while there are any, no new key is created silently.
 */
export const obtainSecretKeys = Effect.fn("SecretKeys.obtain")(function* (
  sealed: ReadonlyArray<{ readonly place: string; readonly name: string }>
) {
  const options = yield* SecretKeyOptions
  const directory = yield* DataDirectory
  const path = yield* Path.Path
  if (options.given !== null) {
    return { source: "TENDARR_SECRET_KEY", keys: yield* parseKeys("TENDARR_SECRET_KEY", options.given) }
  }
  const own = directory.path === null ? null : path.join(directory.path, keyFileName)
  const file = options.file === null ? own : path.resolve(options.file)
  if (file === null) return null
  const text = yield* readKeyFile(file)
  if (text === null) {
    if (sealed.length > 0 && !options.forgetUnreadable) {
      return yield* SecretsUnreadable.of("key-missing", file, sealed)
    }
    return { source: file, keys: yield* writeKeyFile(file, []) }
  }
  const keys = yield* parseKeys(file, text)
  return { source: file, keys: options.renew ? yield* writeKeyFile(file, keys) : keys } satisfies SecretKeys
})

/** Contents of the key file, which is restricted to its owner; `null` if there is none. */
const readKeyFile = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const unusable = (error: { readonly message: string }) =>
    new SecretKeyUnusable({ source: file, detail: error.message })
  if (!(yield* Effect.mapError(files.exists(file), unusable))) return null
  const { mode } = yield* Effect.mapError(files.stat(file), unusable)
  if ((mode & 0o077) !== 0 && process.platform !== "win32") {
    // A secret that was mounted into a container may be read-only; restricting access to it is up to its owner.
    yield* files
      .chmod(file, 0o600)
      .pipe(Effect.catch(() => Effect.logWarning(`${file} can be read by other accounts: chmod 600 ${file}`)))
  }
  return yield* Effect.mapError(files.readFileString(file), unusable)
})

/**
 * Puts a new key above the old ones. The file is complete and synced to disk before anything is sealed with the new
 * key.
 */
const writeKeyFile = Effect.fnUntraced(function* (file: string, before: ReadonlyArray<SecretKey>) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const fresh = secretKeyOf(yield* Effect.sync(() => randomBytes(keyBytes)))
  const text = [heading, ...[fresh, ...before].map(({ bytes }) => Buffer.from(bytes).toString("base64url")), ""]
  const draft = `${file}.new`
  yield* Effect.scoped(
    Effect.gen(function* () {
      yield* Effect.ignore(files.remove(draft))
      const open = yield* files.open(draft, { flag: "wx", mode: 0o600 })
      yield* open.writeAll(new TextEncoder().encode(text.join("\n")))
      yield* open.sync
      yield* files.rename(draft, file)
      yield* syncNames(path.dirname(file))
    })
  ).pipe(Effect.mapError((error) => new SecretKeyUnusable({ source: file, detail: error.message })))
  return [fresh, ...before] as const
})

const heading = `# The key of the secrets in Tendarr's database. Keep a copy, apart from the backups of the database.
# The first key seals; those below it still open what was sealed, and backups that were made, before it was renewed.`

const keyBytes = 32

const parseKeys = Effect.fnUntraced(function* (source: string, text: string) {
  const words = text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .flatMap((line) => line.split(/[\s,]+/))
    .filter((word) => word !== "")
  const [first, ...rest] = words.map((word) => Buffer.from(word, /^[0-9a-f]{64}$/i.test(word) ? "hex" : "base64url"))
  if (first === undefined) return yield* new SecretKeyUnusable({ source, detail: "it is empty" })
  if ([first, ...rest].some((bytes) => bytes.length !== keyBytes)) {
    return yield* new SecretKeyUnusable({
      source,
      detail: `a key is ${keyBytes} random bytes, as 64 hexadecimal digits or in base64 (openssl rand -base64 ${keyBytes})`
    })
  }
  return [secretKeyOf(first), ...rest.map(secretKeyOf)] as const
})
