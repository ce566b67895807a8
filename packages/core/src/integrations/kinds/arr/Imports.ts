/** Imports that a Servarr application carries out on request: its command for a path, and those that are not over yet. */
import { Effect, Schema } from "effect"
import type { ImportCapability, ImportRequest } from "../../QueueCapability.ts"
import { LenientString, maybe } from "../Lenient.ts"
import { textOrNull } from "../Values.ts"
import type { ArrAccess } from "./Arr.ts"

const Command = Schema.Struct({
  name: maybe(LenientString),
  status: maybe(LenientString),
  body: maybe(
    Schema.Struct({
      downloadClientId: maybe(LenientString),
      // A person who imports by hand selects files; other commands have lists of numbers under this name.
      files: maybe(Schema.Array(Schema.Unknown))
    })
  )
})

/** The states of a command that is not over. */
const open = ["queued", "started"]

const modes = { auto: "Auto", copy: "Copy" } as const

const downloadIdIn = (file: unknown): string | null =>
  typeof file === "object" && file !== null && "downloadId" in file && typeof file.downloadId === "string"
    ? file.downloadId
    : null

export const arrImports = ({ application: { api }, upstream }: ArrAccess, importCommand: string): ImportCapability => ({
  from: Effect.fn("ArrImports.from")(({ downloadId, mode, path }: ImportRequest) =>
    Effect.asVoid(
      upstream.send("POST", `${api}/command`, {
        json: { name: importCommand, path, downloadClientId: downloadId, importMode: modes[mode] },
        // After a lost answer it must be known whose import it was; and it may replace a file.
        destroys: true
      })
    )
  ),
  underWay: upstream.getArray(`${api}/command`, Command).pipe(
    Effect.map((commands) => [
      ...new Set(
        commands
          .filter(({ status }) => open.includes(status?.toLowerCase() ?? ""))
          .flatMap(({ body }) => [body?.downloadClientId, ...(body?.files ?? []).map(downloadIdIn)])
          .flatMap((id) => textOrNull(id)?.toLowerCase() ?? [])
      )
    ]),
    Effect.withSpan("ArrImports.underWay")
  )
})
