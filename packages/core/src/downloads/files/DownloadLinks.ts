/**
 * What the links of a download's files say about whether something else uses them: how many of them are outside of the
 * download clients, and since when there are none. What the file system cannot prove is unknown.
 */
import { Schema } from "effect"
import type { Download } from "../../integrations/Downloads.ts"
import { fileKey, RealFile } from "./RealFiles.ts"

/** The files of a download as they were last found. */
export const LinkReading = Schema.Union([
  Schema.TaggedStruct("Read", { files: Schema.Array(RealFile) }),
  Schema.TaggedStruct("Unread", { because: Schema.String })
])
export type LinkReading = typeof LinkReading.Type

/** What is concluded from them. */
export const DownloadLinks = Schema.Struct({
  outside: Schema.NullOr(Schema.Int).annotate({
    description:
      "Hard links of its files outside of the download clients, of the file that has most of them; null = not known."
  }),
  because: Schema.NullOr(Schema.String).annotate({ description: "Why it is not known." }),
  linkedAt: Schema.NullOr(Schema.String).annotate({
    description: "When such a link was last seen; null = never since Tendarr reads them."
  }),
  unlinkedSince: Schema.NullOr(Schema.String).annotate({
    description: "When the absence of such links was first noticed; null = there are some, or it is not known."
  }),
  readAt: Schema.String
}).annotate({ identifier: "DownloadLinks" })
export type DownloadLinks = typeof DownloadLinks.Type

/** Whether the files of a download are complete, and where its client says. */
export const isSettled = ({ protocol, state }: Download): boolean =>
  protocol === "torrent" && (state === "completed" || state === "seeding" || state === "seeding-queued")

/** Differs if other files belong to a download. */
export const filesSignOf = ({ bytes, completedAt, contentPath, savePath }: Download): string =>
  JSON.stringify([savePath, contentPath, bytes.total, bytes.wanted, completedAt])

/** Names of files within the download clients and within ignored folders: their paths by `RealFile.entry`, by `fileKey`. */
export type KnownNames = ReadonlyMap<string, ReadonlyMap<string, string>>

export const namesOf = (readings: Iterable<LinkReading>, ignored: Iterable<RealFile>): KnownNames => {
  const names = new Map<string, Map<string, string>>()
  const add = (file: RealFile) => {
    const own = names.get(fileKey(file))
    if (own === undefined) names.set(fileKey(file), new Map([[file.entry, file.path]]))
    else own.set(file.entry, file.path)
  }
  for (const reading of readings) if (reading._tag === "Read") reading.files.forEach(add)
  for (const file of ignored) add(file)
  return names
}

/** What else is known of a download when its links are counted. */
export interface LinkContext {
  readonly names: KnownNames
  /** Whether files at this path may share their data without a link. */
  readonly reflinksAt: (path: string) => boolean
  /** Whether an application has imported it; `null` = it is not known. */
  readonly imported: boolean | null
  /** Whether the library refers to one of its files by a symbolic link. */
  readonly symlinked: boolean
  readonly before: DownloadLinks | null
  /** ISO-8601. */
  readonly at: string
}

export const linksOf = (reading: LinkReading, context: LinkContext): DownloadLinks => {
  const { at, before } = context
  const linkedAt = before?.linkedAt ?? null
  const unknown = (because: string): DownloadLinks => ({
    outside: null,
    because,
    linkedAt,
    unlinkedSince: null,
    readAt: at
  })
  if (reading._tag === "Unread") return unknown(reading.because)
  if (reading.files.length === 0) return unknown("it has no files")
  let outside = context.symlinked ? 1 : 0
  for (const file of reading.files) {
    const known = context.names.get(fileKey(file))?.size ?? 0
    if (known > file.links) return unknown("its links changed while they were read")
    outside = Math.max(outside, file.links - known)
  }
  if (outside > 0) return { outside, because: null, linkedAt: at, unlinkedSince: null, readAt: at }
  // Links that were there before have been removed: that proves it, on any file system.
  if (linkedAt === null) {
    if (context.imported === null) return unknown("it is not known whether it was imported")
    if (context.imported) return unknown("it was imported without a link, so the library may have a copy")
    const shared = reading.files.find(({ path }) => context.reflinksAt(path))
    if (shared !== undefined) {
      return unknown(`the file system of ${shared.path} can share data without links`)
    }
  }
  return { outside: 0, because: null, linkedAt, unlinkedSince: before?.unlinkedSince ?? at, readAt: at }
}
