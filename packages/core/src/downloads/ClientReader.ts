/** Reads one download client again and again, and observes its downloads from reading to reading. */
import { Effect, Result } from "effect"
import type { Download, DownloadsReading } from "../integrations/Downloads.ts"
import type { LiveIntegration } from "../integrations/Integrations.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import type { Applications, AskedDownload } from "./Applications.ts"
import { entryOf, type Ownership } from "./Downloading.ts"
import type { DownloadDraft, DownloadStore, StoredDownload } from "./DownloadStore.ts"
import { type Observation, observe, observeAgain, settlingSeconds } from "./Observation.ts"
import { type ApplicationBooks, ownershipOf, rememberedOwnership, unaskedOf } from "./Ownership.ts"
import { makeTrackerStates } from "./TrackerStates.ts"

/** A download of a client, as it was last read. */
export interface ReadDownload {
  readonly id: string
  readonly download: Download
  readonly observation: Observation
  readonly ownership: Ownership
}

export interface ReadClient {
  readonly integrationId: string
  readonly name: string
  readonly reading: DownloadsReading
  readonly at: string
  /** Why nothing may be concluded from it; `null` = it was read well, and has settled. */
  readonly held: string | null
  readonly downloads: ReadonlyArray<ReadDownload>
}

interface Kept {
  readonly connected: LiveIntegration["connected"]
  readonly reading: DownloadsReading
  readonly epochSince: number
  readonly restarted: boolean
  readonly rows: Map<string, Row>
}

interface Row extends ReadDownload {
  /** When it was last written, and what was of importance then. */
  readonly storedAt: number
  readonly sign: string
}

/** Values that change all the time are written this often. */
const storedEveryMillis = 300_000
/** Downloads between two pauses for other work. */
const downloadsAtOnce = 250

/** `stored`: the downloads of a client that are there, as the database has them. */
export const makeClientReader = (
  store: DownloadStore,
  stored: (integrationId: string) => Effect.Effect<ReadonlyArray<StoredDownload>>
) => {
  const kept = new Map<string, Kept>()
  const last = new Map<string, ReadClient>()
  /** Of clients that have not been read: nothing else changes what the database has of them. */
  const unread = new Map<string, ReadonlyArray<StoredDownload>>()
  /** Clients of which the first reading is stored, or was begun to be. */
  const written = new Set<string>()
  const trackerStates = makeTrackerStates()

  const before = Effect.fnUntraced(function* (integrationId: string) {
    const known = unread.get(integrationId)
    if (known !== undefined) return known
    const found = yield* stored(integrationId)
    if (!written.has(integrationId)) unread.set(integrationId, found)
    return found
  })

  const read = Effect.fn("ClientReader.read")(function* (
    live: LiveIntegration,
    { ask, books: booksNow }: Pick<Applications, "ask" | "books">,
    now: number
  ) {
    const { connected, integration } = live
    const { downloads } = connected
    if (downloads === undefined) return
    const { id, name } = integration
    const previous = kept.get(id)
    // The cursor of a reading belongs to its connection.
    const asked = yield* Effect.result(downloads.read(previous?.connected === connected ? previous.reading : null))
    if (Result.isFailure(asked)) {
      const known = last.get(id)
      if (known !== undefined) last.set(id, { ...known, held: `${name} could not be read: ${asked.failure.message}` })
      return
    }
    const reading = asked.success
    const listed = yield* trackerStates.of(id, downloads, reading.downloads, now)
    const at = isoOfMillis(now)
    const rows = previous?.rows ?? (yield* storedRows(id))
    const stored = previous === undefined ? yield* store.epochOf(id) : null
    const epoch = previous === undefined ? (stored?.epoch ?? null) : previous.reading.client.epoch
    // A client that is still starting may list only some; the first list of a connection has no other to compare with.
    const isShorter = previous?.connected !== connected && listsLess(reading, rows)
    const restarted = isShorter || (epoch !== null && epoch !== reading.client.epoch)
    const since = previous?.epochSince ?? stored?.since ?? now
    const epochSince = restarted ? now : since
    const wasSettling = previous?.restarted ?? stored !== null
    const wasRestarted = restarted || (wasSettling && Math.abs(now - epochSince) < settlingSeconds * 1000)
    const settling = wasRestarted || !reading.complete

    const fresh = reading.downloads.filter((download) => !rows.has(download.id))
    const returned =
      fresh.length === 0
        ? new Map<string, never>()
        : yield* store.known(
            id,
            fresh.map((one) => one.id)
          )
    const ownershipBefore = (clientId: string) =>
      rows.get(clientId)?.ownership ?? returned.get(clientId)?.ownership ?? null
    const unasked = unaskedAbout(reading.downloads, booksNow(), ownershipBefore)
    if (unasked.length > 0) yield* ask(unasked)
    const books = booksNow()
    const drafts: Array<DownloadDraft> = []
    const signs = new Map<string, string>()
    const seen = new Map<string, Omit<Row, "id">>()
    for (const [index, download] of listed.entries()) {
      if (index % downloadsAtOnce === downloadsAtOnce - 1) yield* Effect.yieldNow
      const row = rows.get(download.id)
      const back = returned.get(download.id)
      const observation =
        row === undefined && back !== undefined
          ? observeAgain(back.observation, download, at)
          : observe(row?.observation ?? null, download, reading.client, at, settling)
      const known = ownershipBefore(download.id)
      const ids = idsOf(download)
      const ownership = rememberedOwnership(known, ownershipOf(ids, books), books, unaskedOf(ids, books, known))
      const sign = signOf(download, ownership)
      signs.set(download.id, sign)
      const isStale = row === undefined || Math.abs(now - row.storedAt) >= storedEveryMillis
      const isWritten = row === undefined || row.sign !== sign || isStale
      if (isWritten) drafts.push({ clientId: download.id, download, observation, ownership })
      seen.set(download.id, { download, observation, ownership, sign, storedAt: isWritten ? now : row.storedAt })
    }
    unread.delete(id)
    written.add(id)
    const ids = yield* store.write(id, reading, isoOfMillis(epochSince), drafts, at)
    const next = new Map<string, Row>()
    for (const [clientId, row] of seen) {
      const rowId = rows.get(clientId)?.id ?? ids.get(clientId)
      if (rowId !== undefined) next.set(clientId, { ...row, id: rowId })
    }
    const gone = [...rows].filter(([clientId]) => !next.has(clientId))
    if (reading.complete && !wasRestarted) {
      yield* store.leave(
        gone.map(([, row]) => row.id),
        at
      )
    } else for (const [clientId, row] of gone) next.set(clientId, row)
    kept.set(id, { connected, reading, epochSince, restarted: wasRestarted, rows: next })
    last.set(id, {
      integrationId: id,
      name,
      reading,
      at,
      held: !reading.complete
        ? (reading.incompleteBecause ?? "its list is not complete")
        : wasRestarted
          ? "it was restarted a moment ago"
          : null,
      downloads: [...seen.keys()].flatMap((clientId) => next.get(clientId) ?? [])
    })
  })

  const storedRows = Effect.fnUntraced(function* (integrationId: string) {
    const rows = new Map<string, Row>()
    yield* forEachWithPauses(yield* before(integrationId), (row) => {
      const sign = signOf(row.download, row.ownership)
      rows.set(row.clientId, { ...row, sign, storedAt: Date.parse(row.updatedAt) })
    })
    return rows
  })

  return {
    read,
    /** What was known of the downloads of a client before it was read for the first time. */
    before,
    /** Forgets clients that are no longer connected. */
    keepOnly: (ids: ReadonlySet<string>) => {
      for (const all of [kept, last, unread, written, trackerStates.known]) {
        for (const id of all.keys()) if (!ids.has(id)) all.delete(id)
      }
    },
    /** The last readings, by the names of the clients. */
    last: (): ReadonlyArray<ReadClient> => [...last.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }
}

const listsLess = ({ downloads }: DownloadsReading, rows: ReadonlyMap<string, unknown>): boolean => {
  const listed = new Set(downloads.map(({ id }) => id))
  return [...rows.keys()].some((id) => !listed.has(id))
}

/** Downloads that nobody is known to have fetched, as long as an application has not been asked about them. */
const unaskedAbout = (
  downloads: ReadonlyArray<Download>,
  books: ReadonlyArray<ApplicationBooks>,
  before: (clientId: string) => Ownership | null
): ReadonlyArray<AskedDownload> =>
  downloads.flatMap((download) => {
    const known = before(download.id)
    const ids = idsOf(download)
    return unaskedOf(ids, books, known).length === 0 || ownershipOf(ids, books)._tag !== "Nobody"
      ? []
      : [{ ids, name: nameInHistories(download) }]
  })

/** The id of a download as applications write it: hashes in upper case. */
export const nameInHistories = ({ hashes, id, nzbId, protocol }: Download): string =>
  protocol === "torrent" ? (hashes.v1 ?? hashes.v2?.slice(0, 40) ?? id).toUpperCase() : (nzbId ?? id)

/** Every id by which an application may know a download, in lower case. */
export const idsOf = ({ hashes, id, nzbId }: Download): ReadonlyArray<string> => [
  ...new Set(
    [id, hashes.v1, hashes.v2, hashes.v2?.slice(0, 40), nzbId].flatMap((one) =>
      one == null ? [] : [one.toLowerCase()]
    )
  )
]

/** Differs if something of importance has changed: what changes with every byte is not part of it. */
const signOf = (download: Download, ownership: Ownership): string => {
  const entry = entryOf(ownership)
  const { category, name, progress, state, tags } = download
  return JSON.stringify([
    name,
    state,
    progress === 1,
    category,
    tags,
    ownership._tag,
    ownership._tag === "Owned"
      ? [ownership.owner.integrationId, ownership.owner.importedAt, ownership.owner.givenUpAt]
      : null,
    entry === null ? null : [entry.rowIds, entry.trackedState, entry.trackedStatus, entry.messages]
  ])
}
