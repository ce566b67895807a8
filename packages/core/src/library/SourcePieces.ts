/**
 * The stored pieces of a reading. Their form is checked, and of each entry only what it is joined by: a sync reads tens
 * of thousands, which were complete when they were written.
 */
import { Result } from "effect"
import type { Observation } from "../integrations/Observations.ts"
import { toJson } from "../storage/Rows.ts"
import { type DocumentFormat, isRecord, readDocument, type StoredDocumentInvalid } from "../storage/StoredDocuments.ts"

/** Form 1 is the bare list, form 2 `{ v: 2, entries }`. */
const version = 2

export const packPiece = (entries: ReadonlyArray<unknown>): string => toJson({ v: version, entries })

export const readPiece = (
  place: {
    readonly integrationId: string
    readonly observation: Observation
    readonly generation: number
    readonly position: number
  },
  text: string
): Result.Result<ReadonlyArray<unknown>, StoredDocumentInvalid> => {
  const { generation, integrationId, observation, position } = place
  return readDocument(
    formats[observation],
    `${position} (${observation} of integration ${integrationId}, generation ${generation})`,
    text
  )
}

const formatOf = (observation: Observation): DocumentFormat<ReadonlyArray<unknown>> => ({
  table: "source_chunks",
  column: "payload",
  version,
  read: (value, form) => {
    const entries: unknown = form === 1 ? value : isRecord(value) ? value["entries"] : undefined
    if (!Array.isArray(entries)) return Result.fail("it is no list of entries")
    const list: ReadonlyArray<unknown> = entries
    const isWhole = wholes[observation]
    const broken = list.findIndex((entry) => !isRecord(entry) || !isWhole(entry))
    return broken === -1 ? Result.succeed(list) : Result.fail(`entry ${broken} is no entry of ${observation}`)
  }
})

type Entry = Readonly<Record<string, unknown>>

/** Old readings may lack what later versions added, so only what each form had is required. */
const wholes: Readonly<Record<Observation, (entry: Entry) => boolean>> = {
  catalog: ({ externalId, facts, ids, title }) =>
    typeof externalId === "string" && typeof title === "string" && Array.isArray(ids) && isRecord(facts),
  disks: ({ disks, rootFolders }) => Array.isArray(disks) && Array.isArray(rootFolders),
  serverItems: ({ ids, serverItemId }) => typeof serverItemId === "string" && Array.isArray(ids),
  playback: ({ serverItemId, users }) => typeof serverItemId === "string" && Array.isArray(users),
  requests: ({ ids, requestId }) => typeof requestId === "string" && Array.isArray(ids),
  watchlists: ({ entryId, ids }) => typeof entryId === "string" && Array.isArray(ids)
}

const formats: Readonly<Record<Observation, DocumentFormat<ReadonlyArray<unknown>>>> = {
  catalog: formatOf("catalog"),
  disks: formatOf("disks"),
  serverItems: formatOf("serverItems"),
  playback: formatOf("playback"),
  requests: formatOf("requests"),
  watchlists: formatOf("watchlists")
}
