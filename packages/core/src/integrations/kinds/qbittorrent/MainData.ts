/**
 * `sync/maindata` of qBittorrent: the first answer contains everything, each later one only the fields that have changed.
 * The rows are kept as they came, so that a change of one field can be applied.
 */
import { Effect, Schema } from "effect"
import { forEachWithPauses } from "../../Pauses.ts"
import { type Fields, fieldsIn, textIn, wordsIn } from "../downloads/Fields.ts"
import { trackerHost } from "../downloads/Terms.ts"

const Rows = Schema.Record(Schema.String, Schema.Unknown)

export const MainData = Schema.Struct({
  rid: Schema.Number,
  full_update: Schema.optionalKey(Schema.Boolean),
  torrents: Schema.optionalKey(Rows),
  torrents_removed: Schema.optionalKey(Schema.Array(Schema.String)),
  categories: Schema.optionalKey(Rows),
  categories_removed: Schema.optionalKey(Schema.Array(Schema.String)),
  tags: Schema.optionalKey(Schema.Array(Schema.String)),
  tags_removed: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Hashes by the address of a tracker. */
  trackers: Schema.optionalKey(Rows),
  trackers_removed: Schema.optionalKey(Schema.Array(Schema.String)),
  server_state: Schema.optionalKey(Rows)
})
export type MainData = typeof MainData.Type

export interface Merged {
  readonly rid: number
  readonly rows: ReadonlyMap<string, Fields>
  readonly categories: ReadonlyMap<string, Fields>
  readonly tags: ReadonlySet<string>
  /** Hashes by address; `null` = this version does not report them. */
  readonly trackers: ReadonlyMap<string, ReadonlyArray<string>> | null
  readonly server: Fields
  /** Hashes whose rows, or whose trackers, differ from before. */
  readonly touched: ReadonlySet<string>
  /** The client sent everything although it was asked for changes: it has restarted, or the session was new. */
  readonly unaskedFull: boolean
}

export const mergeMainData = Effect.fnUntraced(function* (
  before: Merged | null,
  data: MainData
): Effect.fn.Return<Merged> {
  const full = data.full_update === true || before === null
  const base = full ? null : before
  const rows = new Map(base?.rows ?? [])
  const touched = new Set<string>()
  yield* forEachWithPauses(Object.entries(data.torrents ?? {}), ([hash, change]) => {
    const id = hash.toLowerCase()
    rows.set(id, { ...rows.get(id), ...fieldsIn(change) })
    touched.add(id)
  })
  for (const hash of data.torrents_removed ?? []) rows.delete(hash.toLowerCase())
  const categories = new Map(base?.categories ?? [])
  for (const [name, change] of Object.entries(data.categories ?? {})) {
    categories.set(name, { ...categories.get(name), ...fieldsIn(change) })
  }
  for (const name of data.categories_removed ?? []) categories.delete(name)
  const tags = new Set([...(base?.tags ?? []), ...(data.tags ?? [])])
  for (const tag of data.tags_removed ?? []) tags.delete(tag)
  return {
    rid: data.rid,
    rows,
    categories,
    tags,
    trackers: mergeTrackers(base?.trackers ?? null, data, full, touched),
    server: { ...base?.server, ...data.server_state },
    touched,
    unaskedFull: before !== null && data.full_update === true
  }
})

const mergeTrackers = (
  before: Merged["trackers"],
  { trackers, trackers_removed: removed }: MainData,
  full: boolean,
  touched: Set<string>
): Merged["trackers"] => {
  if (trackers === undefined && (full || before === null)) return null
  if (trackers === undefined && removed === undefined) return before
  const merged = new Map(before ?? [])
  const touch = (hashes: ReadonlyArray<string>) => hashes.forEach((hash) => touched.add(hash))
  for (const [url, hashes] of Object.entries(trackers ?? {})) {
    touch(merged.get(url) ?? [])
    const listed = Array.isArray(hashes) ? hashes.map((hash) => String(hash).toLowerCase()) : []
    merged.set(url, listed)
    touch(listed)
  }
  for (const url of removed ?? []) {
    touch(merged.get(url) ?? [])
    merged.delete(url)
  }
  return merged
}

export const trackerHostsOf = ({ trackers }: Merged): ReadonlyMap<string, ReadonlyArray<string>> | null => {
  if (trackers === null) return null
  const hosts = new Map<string, Set<string>>()
  for (const [url, hashes] of trackers) {
    const host = trackerHost(url)
    if (host === null) continue
    for (const hash of hashes) hosts.set(hash, (hosts.get(hash) ?? new Set()).add(host))
  }
  return new Map([...hosts].map(([hash, all]) => [hash, [...all].sort()]))
}

/** `savePath` is `save_path` in some versions; an empty one means a folder of the category's name. */
export const categoriesOf = ({ categories }: Pick<Merged, "categories">) =>
  [...categories].map(([key, row]) => ({
    name: textIn(row, "name") ?? key,
    path: wordsIn(row, "savePath") ?? wordsIn(row, "save_path")
  }))
