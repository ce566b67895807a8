/**
 * The details of items: their plays by account, their files, their requests, and who has them on a list. They are stored in tables of their own and read only by
 * facts that are loaded for rules which name them. A sync writes those of the items whose details have changed.
 */
import { createHash } from "node:crypto"
import { Array as Arr, Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import type { CatalogFile, EntryPeople } from "../integrations/Observations.ts"
import { documentPart, eachMember, makeStaging } from "../storage/Dialect.ts"
import { fromJson, toBit, toJson } from "../storage/Rows.ts"
import { transacting } from "../storage/Transactions.ts"
import type { PersonMatcher } from "../viewers/PersonMatcher.ts"
import { writeIdentities } from "../viewers/Identities.ts"
import { type AccountListing, listingsDocument, writeStagedListings } from "../viewers/Listings.ts"
import { type AccountPlays, playsDocument, playsOfItems, writeStagedPlays } from "../viewers/Plays.ts"
import { type RequestKey, requestsDocument, writeStagedRequests } from "../viewers/Requests.ts"
import type { LibraryItem } from "./Item.ts"
import { bothPlays } from "./Join/Plays.ts"

export interface Details {
  readonly plays: ReadonlyArray<AccountPlays>
  /** Empty if the application's lists do not contain them; `null` if they are read as contents of a whole. */
  readonly files: ReadonlyArray<CatalogFile> | null
  readonly requests: ReadonlyArray<RequestKey>
  readonly listings: ReadonlyArray<AccountListing>
  /** What its media servers report only on demand. */
  readonly entries: EntryLists
}

/** A key is absent if it was not read. */
export interface EntryLists {
  readonly people?: EntryPeople
  readonly playlists?: ReadonlyArray<string>
}

/**
 * The documents from which the rows of an item are written, and their hash; the hash of no details is empty. Without a
 * document of files, their rows stay as they are.
 */
export interface DetailsDocument {
  readonly hash: string
  readonly plays: string
  readonly files: string | null
  /** `null` = their rows stay as they are, too. */
  readonly requests: string | null
  readonly listings: string | null
  readonly entries: string | null
}

export const detailsDocument = ({ entries, files, listings, plays, requests }: Details): DetailsDocument => {
  const documents = {
    plays: playsDocument(plays),
    files: files === null ? null : filesDocument(files),
    requests: requestsDocument(requests),
    listings: listingsDocument(listings),
    entries: toJson(entries)
  }
  const hasEntries = Object.keys(entries).length > 0
  const isEmpty = [plays, files ?? [], requests, listings].every(({ length }) => length === 0)
  if (isEmpty && !hasEntries) return { ...documents, hash: "" }
  const people = requests.length + listings.length === 0 ? [] : [documents.requests, documents.listings]
  const lists = hasEntries ? [documents.entries] : []
  const told = [documents.plays, documents.files ?? filesDocument([]), ...people, ...lists].join("\u0000")
  return { ...documents, hash: createHash("sha1").update(told).digest("base64") }
}

const filesDocument = (files: ReadonlyArray<CatalogFile>): string => toJson(files.map(columnsOfFile))

const fileColumns = [
  "path",
  "size_bytes",
  "quality",
  "release_group",
  "languages",
  "audio_languages",
  "subtitle_languages",
  "video_codec",
  "audio_codec",
  "added_at",
  "custom_format_score",
  "cutoff_met",
  "audio_channels",
  "audio_tracks"
] as const

type FileColumn = (typeof fileColumns)[number]

type FileValue = string | number | ReadonlyArray<string> | null

/** In the order of the columns. A list becomes a JSON text. The lists of movies do not contain the cutoff. */
export const columnsOfFile = (
  file: CatalogFile
): Readonly<Record<Exclude<FileColumn, "cutoff_met">, FileValue> & { readonly cutoff_met?: number }> => ({
  path: file.path,
  size_bytes: file.sizeBytes,
  quality: file.quality ?? null,
  release_group: file.releaseGroup,
  languages: file.languages ?? null,
  audio_languages: file.audioLanguages ?? null,
  subtitle_languages: file.subtitleLanguages ?? null,
  video_codec: file.videoCodec,
  audio_codec: file.audioCodec,
  added_at: file.addedAt,
  custom_format_score: file.customFormatScore ?? null,
  ...(file.cutoffMet === undefined ? {} : { cutoff_met: toBit(file.cutoffMet) }),
  audio_channels: file.audioChannels ?? null,
  audio_tracks: file.audioTracks ?? null
})

/** The details of an item that has changed, by the item's identity. */
export interface StagedDetails extends DetailsDocument {
  readonly integrationId: string
  readonly externalId: string
  /** Details of the item may be stored. */
  readonly known: boolean
}

/** `name` is the table in which details are staged, until they are applied. */
export const makeItemDetails = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, name: string) {
  const staging = makeStaging(sql, name, [
    "integration_id",
    "external_id",
    "known",
    "hash",
    "plays",
    "files",
    "requests",
    "listings",
    "entries",
    "item_id"
  ])
  yield* staging.create
  const table = sql.literal(name)
  const clear = sql`DELETE FROM ${table}`

  const stage = Effect.fnUntraced(function* (details: ReadonlyArray<StagedDetails>) {
    const rows = details.map(
      ({ entries, externalId, files, hash, integrationId, known, listings, plays, requests }) => ({
        integration_id: Number(integrationId),
        external_id: externalId,
        known: toBit(known),
        hash,
        plays,
        files,
        requests,
        listings,
        entries,
        item_id: null
      })
    )
    if (Arr.isArrayNonEmpty(rows)) yield* sql`INSERT INTO ${table} ${sql.insert(rows)}`
  })

  const writeFiles = Effect.fnUntraced(function* (batch: Statement.Fragment) {
    const member = (key: string) => documentPart(sql, "member.value", key)
    const list = (prefix: string) => sql.literal(fileColumns.map((column) => `${prefix}${column}`).join(", "))
    const files = sql`${table} AS staged, ${eachMember(sql, "staged.files")}`
    yield* sql`DELETE FROM item_files
      WHERE item_id IN (SELECT staged.item_id FROM ${table} AS staged
        WHERE ${batch} AND staged.known = 1 AND staged.files IS NOT NULL)
      AND (item_id, position) NOT IN (SELECT staged.item_id, member.key FROM ${files}
        WHERE ${batch} AND staged.known = 1)`
    yield* sql`INSERT INTO item_files (item_id, position, ${list("")})
      SELECT staged.item_id, member.key, ${sql.csv(fileColumns.map(member))} FROM ${files} WHERE ${batch}
      ON CONFLICT (item_id, position) DO UPDATE SET ${sql.literal(fileColumns.map((column) => `${column} = excluded.${column}`).join(", "))}
      WHERE (${list("item_files.")}) IS DISTINCT FROM (${list("excluded.")})`
  })

  /** What was not read this time is not known any more. */
  const writeEntries = Effect.fnUntraced(function* (batch: Statement.Fragment) {
    yield* sql`DELETE FROM item_entry_lists WHERE item_id IN (SELECT staged.item_id FROM ${table} AS staged
      WHERE ${batch} AND staged.known = 1 AND staged.entries IS NOT NULL)`
    yield* sql`INSERT INTO item_entry_lists (item_id, list, value)
      SELECT staged.item_id, member.key, member.value FROM ${table} AS staged, ${eachMember(sql, "staged.entries")}
      WHERE ${batch}`
  })

  /** Writes the staged details of items that are stored. Run it in a transaction, after the items and the accounts. */
  const apply = Effect.fn("ItemDetails.apply")(function* () {
    const last = yield* staging.last
    for (let start = 0; start < last; start += batchSize) {
      yield* sql`UPDATE ${table} SET item_id = (SELECT id FROM items
        WHERE items.integration_id = ${table}.integration_id AND items.external_id = ${table}.external_id)
        WHERE ${staging.numbered(start, batchSize)}`
      const batch = staging.numbered(start, batchSize, "staged")
      yield* writeStagedPlays(sql, name, batch)
      yield* writeFiles(batch)
      yield* writeStagedRequests(sql, name, batch)
      yield* writeStagedListings(sql, name, batch)
      yield* writeEntries(batch)
      yield* sql`INSERT INTO item_details (item_id, hash)
        SELECT staged.item_id, staged.hash FROM ${table} AS staged WHERE ${batch}
        ON CONFLICT (item_id) DO UPDATE SET hash = excluded.hash`
      yield* sql`DELETE FROM ${table} WHERE ${staging.numbered(start, batchSize)}`
      yield* Effect.yieldNow
    }
  }, Effect.orDie)

  return {
    clear: Effect.orDie(clear),
    stage: (details: ReadonlyArray<StagedDetails>) => Effect.orDie(stage(details)),
    apply: apply()
  }
})

/** Items per statement: few enough that one statement does not block the event loop. */
const batchSize = 100

/** The details of an item that was read again; `null` = they were not read. */
export interface RereadDetails {
  readonly item: Pick<LibraryItem, "id" | "integrationId" | "externalId">
  readonly plays: ReadonlyArray<AccountPlays> | null
  readonly files: ReadonlyArray<CatalogFile> | null
}

/** Differs from the hash of any details, so that the next sync writes them as it has read them. */
const rereadHash = "read again"

/**
 * Stores what was read again about some items: plays are added to those that are known, files replace them. Writes
 * nothing if nothing is new.
 */
export const makeRecordDetails = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const transact = transacting(sql)
  const details = yield* makeItemDetails(sql, "reread_details")

  /** In the form of `filesDocument`. */
  const storedFiles = (id: string) =>
    Effect.map(
      sql<StoredFile>`SELECT ${sql.literal(fileColumns.join(", "))} FROM item_files
        WHERE item_id = ${Number(id)} ORDER BY position`,
      (rows) =>
        toJson(
          rows.map((row) =>
            Object.fromEntries(
              fileColumns.flatMap((column) =>
                column === "cutoff_met" && row[column] === null ? [] : [[column, valueIn(row, column)]]
              )
            )
          )
        )
    )

  return Effect.fn("ItemDetails.record")(function* (
    items: ReadonlyArray<RereadDetails>,
    people: PersonMatcher,
    at: string
  ) {
    yield* transact(
      Effect.gen(function* () {
        const staged: Array<StagedDetails> = []
        for (const { files, item, plays } of items) {
          const known = yield* playsOfItems(sql, [item.id])
          const playsBefore = playsDocument(known)
          const playsNow = plays === null ? playsBefore : playsDocument(merged(known, plays))
          const filesNow = files === null ? null : filesDocument(files)
          if (playsNow === playsBefore && (filesNow === null || filesNow === (yield* storedFiles(item.id)))) continue
          const { externalId, integrationId } = item
          const documents = { plays: playsNow, files: filesNow, requests: null, listings: null, entries: null }
          staged.push({ integrationId, externalId, known: true, hash: rereadHash, ...documents })
        }
        if (staged.length === 0) return
        yield* writeIdentities(sql, people, { at, complete: false })
        yield* details.clear
        yield* details.stage(staged)
        yield* details.apply
      })
    )
  }, Effect.orDie)
})

type StoredFile = Readonly<Record<FileColumn, string | number | null>>

const valueIn = (row: StoredFile, column: FileColumn): unknown => {
  const value = row[column]
  return column.endsWith("languages") && typeof value === "string" ? fromJson(value) : value
}

const merged = (
  known: ReadonlyArray<AccountPlays>,
  fresh: ReadonlyArray<AccountPlays>
): ReadonlyArray<AccountPlays> => {
  const all = new Map(known.map((one) => [`${one.serverId}/${one.key}`, one]))
  for (const one of fresh) {
    const key = `${one.serverId}/${one.key}`
    const before = all.get(key)
    all.set(key, before === undefined ? one : bothPlays(before, one))
  }
  return [...all.values()]
}
