/**
 * Whose a download is: the application whose history has the grab. A queue alone proves less, because applications that
 * share a client and a category list each other's downloads as unknown.
 */
import type { QueueEntry, QueueHistoryEntry, QueueTarget } from "../integrations/QueueCapability.ts"
import type { DownloadOwner, Ownership } from "./Downloading.ts"

/** What one application knows about downloads. */
export interface ApplicationBooks {
  readonly integrationId: string
  readonly name: string
  /** Why its queue or history could not be read now; `null` = both were read. */
  readonly unreadable: string | null
  /** By lower-case download id. */
  readonly queue: ReadonlyMap<string, QueueEntry>
  readonly history: ReadonlyMap<string, Passage>
  /** Lower-case ids of downloads of which its whole history is in `history`; `null` = of none, and it cannot be asked. */
  readonly asked: ReadonlySet<string> | null
  /** Differs if the integration leads to another address. */
  readonly identity: string
}

/** What became of one download by the history of an application. Times are ISO-8601. */
export interface Passage {
  readonly grabbedAt: string | null
  readonly importedAt: string | null
  /** When it failed or was ignored after it was last fetched; absent = it was not. */
  readonly givenUpAt?: string
  readonly indexer: string | null
  readonly targets: ReadonlyArray<QueueTarget>
}

/** Adds an entry of a history, oldest first. An import from before the latest grab says nothing about that grab. */
export const addHistory = (
  passages: Map<string, Passage>,
  { at, downloadId, indexer, targets, what }: QueueHistoryEntry
): void => {
  const known = passages.get(downloadId) ?? { grabbedAt: null, importedAt: null, indexer: null, targets: [] }
  // A history that is read again must not undo what came later.
  if (what === "grabbed" && (known.grabbedAt === null || at > known.grabbedAt)) {
    const importedAt = known.importedAt !== null && known.importedAt >= at ? known.importedAt : null
    const givenUp = known.givenUpAt !== undefined && known.givenUpAt >= at ? { givenUpAt: known.givenUpAt } : {}
    passages.set(downloadId, { grabbedAt: at, importedAt, ...givenUp, indexer, targets: joined([], targets) })
  } else if (what === "grabbed" && at === known.grabbedAt) {
    // A pack is one record for each of its episodes.
    passages.set(downloadId, { ...known, targets: joined(known.targets, targets) })
  } else if (what === "imported" && (known.grabbedAt === null || at >= known.grabbedAt)) {
    const importedAt = known.importedAt === null || at > known.importedAt ? at : known.importedAt
    passages.set(downloadId, { ...known, importedAt, targets: joined(known.targets, targets) })
  } else if ((what === "failed" || what === "ignored") && (known.grabbedAt === null || at >= known.grabbedAt)) {
    if (known.givenUpAt === undefined || at > known.givenUpAt) passages.set(downloadId, { ...known, givenUpAt: at })
  }
}

const joined = (some: ReadonlyArray<QueueTarget>, more: ReadonlyArray<QueueTarget>): ReadonlyArray<QueueTarget> =>
  some.length + more.length < 2
    ? [...some, ...more]
    : [...new Map([...some, ...more].map((one) => [`${one.wholeId}/${one.partId ?? ""}`, one])).values()]

/** `ids`: every lower-case id by which an application may know the download. */
export const ownershipOf = (ids: ReadonlyArray<string>, books: ReadonlyArray<ApplicationBooks>): Ownership => {
  const found = books.flatMap((book) => {
    const passage = firstOf(ids, book.history)
    const entry = firstOf(ids, book.queue)
    return passage === null && entry === null ? [] : [{ book, passage, entry }]
  })
  const grabs = found.filter(({ passage }) => passage?.grabbedAt != null)
  const claims = grabs.length > 0 ? grabs : found.filter(({ entry }) => entry !== null && entry.targets.length > 0)
  const unread = books.find((book) => book.unreadable !== null)
  // What only a queue claims may have been fetched by the one that cannot be asked.
  const [first] = grabs.length > 0 || unread === undefined ? claims : []
  const owners = claims.map(toOwner)
  if (claims.length > 1) {
    const names = claims.map(({ book }) => book.name).join(" and ")
    return { _tag: "Unknown", because: `${names} had it fetched`, claims: owners }
  }
  if (first === undefined) {
    // By hand, an application may also import what it does not know.
    const importer = found.find(({ entry }) => entry?.trackedState === "importing")
    if (importer !== undefined) return { _tag: "Unknown", because: `${importer.book.name} is importing it` }
    return unread === undefined
      ? { _tag: "Nobody" }
      : { _tag: "Unknown", because: `${unread.name} could not be read: ${unread.unreadable ?? ""}`, claims: owners }
  }
  const { book } = first
  // Its state may have changed since it was read.
  if (book.unreadable !== null) {
    return { _tag: "Unknown", because: `${book.name} could not be read: ${book.unreadable}`, claims: owners }
  }
  return { _tag: "Owned", owner: toOwner(first) }
}

const toOwner = ({
  book,
  entry,
  passage
}: {
  readonly book: ApplicationBooks
  readonly entry: QueueEntry | null
  readonly passage: Passage | null
}): DownloadOwner => ({
  integrationId: book.integrationId,
  name: book.name,
  entry,
  targets: joined(passage?.targets ?? [], entry?.targets ?? []),
  indexer: passage?.indexer ?? entry?.indexer ?? null,
  grabbedAt: passage?.grabbedAt ?? null,
  importedAt: passage?.importedAt ?? null,
  ...(passage?.givenUpAt === undefined ? {} : { givenUpAt: passage.givenUpAt })
})

/**
 * What is nobody's by the recent history may have been fetched before that: the applications that have to be asked about
 * it. `before`: what was known of it earlier.
 */
export const unaskedOf = (
  ids: ReadonlyArray<string>,
  books: ReadonlyArray<ApplicationBooks>,
  before: Ownership | null
): ReadonlyArray<ApplicationBooks> => {
  // What only a queue had is remembered only as long as it is there.
  if (before?._tag === "Owned" && isByHistory(before.owner)) return []
  const earlier = before?._tag === "Nobody" ? (before.asked ?? []) : []
  return books.filter(
    ({ asked, identity }) => asked !== null && !earlier.includes(identity) && !ids.some((id) => asked.has(id))
  )
}

/**
 * Takes into account whose the download was before: a history is read only so far back, and an application that is no
 * longer connected may still need what it had fetched.
 */
export const rememberedOwnership = (
  before: Ownership | null,
  now: Ownership,
  books: ReadonlyArray<ApplicationBooks>,
  unasked: ReadonlyArray<ApplicationBooks>
): Ownership => {
  const owner = before === null ? null : lastOwnerOf(before)
  if (now._tag === "Owned") return now
  if (owner === null) return now._tag === "Nobody" ? nobodys(now, unasked, books) : now
  if (now._tag === "Unknown") return { ...now, before: owner }
  if (!books.some(({ integrationId }) => integrationId === owner.integrationId)) {
    return { _tag: "Unknown", because: `${owner.name} had it fetched, and is no longer connected`, before: owner }
  }
  // What only its queue had is its no more once it has left the queue.
  if (isByHistory(owner)) return { _tag: "Owned", owner: { ...owner, entry: null } }
  return now._tag === "Nobody" ? nobodys(now, unasked, books) : now
}

const isByHistory = ({ grabbedAt, importedAt }: DownloadOwner): boolean => grabbedAt !== null || importedAt !== null

const nobodys = (
  now: Ownership,
  unasked: ReadonlyArray<ApplicationBooks>,
  books: ReadonlyArray<ApplicationBooks>
): Ownership => {
  const [first] = unasked
  return first === undefined
    ? { ...now, _tag: "Nobody", asked: books.map(({ identity }) => identity) }
    : { _tag: "Unknown", because: `${first.name} has yet to be asked about it` }
}

const lastOwnerOf = (ownership: Ownership): DownloadOwner | null =>
  ownership._tag === "Owned" ? ownership.owner : ownership._tag === "Unknown" ? (ownership.before ?? null) : null

const firstOf = <A>(ids: ReadonlyArray<string>, by: ReadonlyMap<string, A>): A | null => {
  for (const id of ids) {
    const found = by.get(id)
    if (found !== undefined) return found
  }
  return null
}
