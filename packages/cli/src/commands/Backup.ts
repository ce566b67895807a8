/** `tendarr backup`: create, check, download, upload and restore copies of the database. */
import { createWriteStream, openAsBlob } from "node:fs"
import { stat } from "node:fs/promises"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream as WebStream } from "node:stream/web"
import type { Backup, PendingRestore } from "@tendarr/sdk-client"
import { holding } from "@tendarr/core/server/DataFolder"
import { Clock, Effect, Option, Path } from "effect"
import { Argument, Command } from "effect/cli"
import { type Connection, withTendarr } from "../connection/Connection.ts"
import { placeOf } from "../connection/Place.ts"
import { putFile } from "../Documents.ts"
import { failed, misused, troubled } from "../Failure.ts"
import { ago, bytes, clean, count, moment } from "../output/Format.ts"
import { currentStyle } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, root, textFlag } from "../Root.ts"

const id = Argument.String("id").pipe(Argument.withDescription("Id of the backup, as `tendarr backup list` shows it"))
const keyFileHint =
  "Its secrets can be read only with the key file of its data directory: keep a copy of that file too."

const create = Command.make("create", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const backup = yield* ask((client) => client.backups.create())
      yield* answer(backup, () => [`Wrote the backup ${backup.id}, ${bytes(backup.bytes)}`])
    })
  )
).pipe(Command.withDescription("Back up the database now, while the server keeps running"))

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.backups.list())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const now = yield* Clock.currentTimeMillis
      yield* answer(found, () =>
        found.items.length === 0
          ? ["There is no backup yet; `tendarr backup create` makes one"]
          : table<Backup>(
              [
                { header: "ID", cell: ({ id }) => id },
                { header: "MADE", cell: ({ createdAt }) => `${moment(createdAt)}, ${ago(createdAt, now)}` },
                { header: "FOR", cell: ({ reason }) => reason },
                { header: "SIZE", align: "right", cell: (backup) => bytes(backup.bytes) },
                {
                  header: "VERSION",
                  align: "right",
                  cell: ({ version }) => (version === null ? "none" : String(version))
                }
              ],
              found.items,
              { style, width }
            )
      )
    })
  )
).pipe(Command.withDescription("List backups, newest first"))

const verify = Command.make("verify", { id }, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const check = yield* ask((client) => client.backups.verify({ path: input }))
      yield* answer(check, () => [
        check.restorable
          ? `${input.id} is sound, version ${check.version}`
          : `${input.id} cannot be restored: ${clean(check.because ?? "")}`
      ])
      if (!check.restorable) return yield* troubled(`The backup ${input.id} cannot be restored`)
    })
  )
).pipe(Command.withDescription("Read every page of a backup, and report whether it can be restored"))

const download = Command.make(
  "download",
  { id, output: textFlag("output", "FILE", "Target file; by default its own name in this folder") },
  (input) =>
    withTendarr((connection) =>
      Effect.gen(function* () {
        const backup = yield* connection.ask((client) => client.backups.get({ path: { id: input.id } }))
        const file = Option.getOrElse(input.output, () => `${backup.id}.db`)
        yield* putFile(file, (partial) => Effect.runPromise(fetchTo(connection, backup, partial)))
        yield* answer({ ...backup, file }, () => [`Wrote ${file}, ${bytes(backup.bytes)}`, keyFileHint])
      })
    )
).pipe(
  Command.withDescription("Copy a backup out of its data directory"),
  Command.withExamples([
    {
      command: "tendarr backup download manual-2026-01-31T12-00-00-000Z --output /mnt/safe/tendarr.db",
      description: "To another disk"
    }
  ])
)

/** Streamed; an interrupted download leaves no file. */
const fetchTo = (connection: Connection, backup: Backup, file: string) =>
  connection.use(async (client, signal) => {
    const { data } = await client.backups.download({ path: { id: backup.id }, parseAs: "stream" })
    const body = data as unknown as WebStream<Uint8Array>
    await pipeline(Readable.fromWeb(body), createWriteStream(file, { mode: 0o600 }), { signal })
    const { size } = await stat(file)
    if (size !== backup.bytes) throw failed(`Only ${size} of ${backup.bytes} bytes were received`, "broken-off")
  })

const upload = Command.make(
  "upload",
  { file: Argument.String("file").pipe(Argument.withDescription("The file")) },
  ({ file }) =>
    withTendarr((connection) =>
      Effect.gen(function* () {
        const backup = yield* uploaded(connection, file)
        yield* answer(backup, () => [`Uploaded it as ${backup.id}, ${bytes(backup.bytes)}`])
      })
    )
).pipe(Command.withDescription("Upload a backup from a file; it is kept only if it is a sound Tendarr database"))

const uploaded = Effect.fnUntraced(function* ({ ask }: Connection, file: string) {
  const body = yield* Effect.tryPromise({
    try: () => openAsBlob(file, { type: "application/vnd.sqlite3" }),
    catch: (error) => misused(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  return yield* ask((client) => client.backups.upload({ body }))
})

const restore = Command.make(
  "restore",
  {
    backup: Argument.String("backup").pipe(Argument.withDescription("Id of a backup, or a file")),
    yes: yesFlag
  },
  ({ backup, yes }) =>
    Effect.gen(function* () {
      const place = yield* placeOf(yield* root, process.env)
      const path = yield* Path.Path
      const isFile = /[\\/]|\.db$/.test(backup)
      yield* confirm(
        `Replace the database with ${backup}? The current database is kept as a backup, and deletions are switched off.`,
        yes
      )
      if (place._tag === "Folder" && !(yield* holding(place.path)).held) {
        const file = isFile ? backup : path.join(place.path, "backups", `${backup}.db`)
        if (!(yield* Effect.promise(() => exists(file)))) {
          return yield* failed(`There is no backup "${backup}" in ${place.path}`, "backup-not-found")
        }
        const { restoreOffline } = yield* Effect.promise(() => import("../connection/OfflineRestore.ts"))
        const request = yield* restoreOffline(place.path, file, isFile ? path.basename(file, ".db") : backup)
        // Opened once, so that the result of the restore is known now.
        const left = yield* withTendarr(({ ask }) =>
          ask((client) => client.events.list({ query: { limit: 1, type: "backup.restored" } }))
        )
        if (left.items[0]?.subject?.id !== request.backupId) {
          return yield* failed(
            `The database was not replaced with ${backup}; \`tendarr events list\` shows why`,
            "not-restored"
          )
        }
        return yield* answer(request, () => [`Restored ${backup}`, clean(left.items[0]?.message ?? "")])
      }
      yield* withTendarr((connection) =>
        Effect.gen(function* () {
          const chosen = isFile ? (yield* uploaded(connection, backup)).id : backup
          const request: PendingRestore = yield* connection.ask((client) =>
            client.backups.restore({ path: { id: chosen } })
          )
          yield* answer(request, () => [
            `${chosen} replaces the database when Tendarr is restarted`,
            "`tendarr backup cancel-restore` cancels this"
          ])
        })
      )
    })
).pipe(
  Command.withDescription(
    "Restore a backup: immediately if no server is running, otherwise at its next start; the replaced database is kept"
  ),
  Command.withShortDescription("Replace the database with a backup"),
  Command.withExamples([
    { command: "tendarr backup restore scheduled-2026-02-01T03-00-00-000Z --yes", description: "By id" },
    {
      command: "tendarr backup restore ./tendarr.db --data-dir ./tendarr-data",
      description: "From a file, without a server"
    }
  ])
)

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    (info) => info.isFile(),
    () => false
  )

const cancelRestore = Command.make("cancel-restore", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const pending = yield* ask((client) => client.backups.pendingRestore())
      yield* ask((client) => client.backups.cancelRestore())
      yield* answer(pending, () => [`The scheduled restore of ${pending.backupId} was cancelled`])
    })
  )
).pipe(Command.withDescription("Cancel a restore that is scheduled for the next start"))

const remove = Command.make(
  "remove",
  {
    ids: Argument.String("id").pipe(Argument.withDescription("Ids of backups"), Argument.variadic({ min: 1 })),
    yes: yesFlag
  },
  ({ ids, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const chosen = yield* Effect.forEach(ids, (each) => ask((client) => client.backups.get({ path: { id: each } })))
        yield* confirm(`Delete ${count(chosen.length, "backup")}? This cannot be undone.`, yes)
        for (const backup of chosen) yield* ask((client) => client.backups.remove({ path: { id: backup.id } }))
        yield* answer({ items: chosen }, () => chosen.map((backup) => `Deleted ${backup.id}`))
      })
    )
).pipe(Command.withDescription("Delete backups"))

export const backup = Command.make("backup").pipe(
  Command.withDescription(`Backups of the database. ${keyFileHint}`),
  Command.withShortDescription("Back up and restore the database"),
  Command.withExamples([
    { command: "tendarr backup create", description: "Now, while the server keeps running" },
    {
      command: "tendarr backup restore scheduled-2026-02-01T03-00-00-000Z",
      description: "The replaced database is kept"
    }
  ]),
  Command.withSubcommands([create, list, verify, download, upload, restore, cancelRestore, remove])
)
