/** Puts together what is known about the downloads of a client: what they have in common, and what is wrong with each. */
import { Clock, Effect } from "effect"
import type { ClientState } from "../integrations/Downloads.ts"
import { isAbove } from "../integrations/Paths.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { ReadSql } from "../storage/Database.ts"
import type { ReadDownload } from "./ClientReader.ts"
import { type Downloading, entryOf } from "./Downloading.ts"
import { loadDownloads } from "./DownloadStore.ts"
import { faultsOf, moodOf } from "./Fault.ts"
import { contentOf, type ToCommon } from "./files/ClientPaths.ts"
import { loadLinks, withLinks } from "./files/LinkStore.ts"
import { countingStrikes, type Strike } from "./StrikeStore.ts"

export interface ClientDownloads {
  readonly integrationId: string
  readonly name: string
  readonly client: ClientState
  readonly at: string
  readonly downloads: ReadonlyArray<ReadDownload>
}

export const assembled = (
  { at, client, downloads, integrationId, name }: ClientDownloads,
  strikes: ReadonlyMap<string, ReadonlyArray<Strike>>
): ReadonlyArray<Downloading> => {
  const joined = downloads.map((one) => ({ ...one, entry: entryOf(one.ownership) }))
  const mood = moodOf(joined, client)
  return joined.map(({ download, entry, id, observation, ownership }) => ({
    id,
    integrationId,
    clientName: name,
    download,
    observation,
    client,
    mood,
    ownership,
    faults: faultsOf({ download, observation, client, mood, entry }),
    strikes: strikes.get(id)?.length ?? 0,
    at
  }))
}

/**
 * A torrent that several clients have is known to the application once: only the copy in the client that the application
 * names is its. Of the others, or if it names none of them, it is not known whose they are.
 */
export const apart = (all: ReadonlyArray<Downloading>): ReadonlyArray<Downloading> => {
  const byHash = new Map<string, Array<Downloading>>()
  for (const one of all) {
    for (const hash of hashesOf(one)) {
      const same = byHash.get(hash)
      if (same === undefined) byHash.set(hash, [one])
      else same.push(one)
    }
  }
  return all.map((one) => {
    const twins = hashesOf(one)
      .flatMap((hash) => byHash.get(hash) ?? [])
      .filter(({ integrationId }) => integrationId !== one.integrationId)
    const [twin] = twins
    if (twin === undefined || one.ownership._tag === "Unknown") return one
    const named = entryOf(one.ownership)?.clientName?.toLowerCase()
    const isNamed = (other: Downloading) => other.clientName.toLowerCase() === named
    if (named !== undefined && isNamed(one) && !twins.some(isNamed)) return one
    return { ...one, ownership: { _tag: "Unknown", because: `${twin.clientName} has it, too` } }
  })
}

const hashesOf = ({ download: { hashes, protocol } }: Downloading): ReadonlyArray<string> =>
  protocol === "torrent" ? [hashes.v1, hashes.v2].flatMap((hash) => (hash === null ? [] : [hash.toLowerCase()])) : []

/** Another download that uses the same files; `undefined` = there is none, as far as the clients say where they are. */
export const sharingFiles = (
  all: ReadonlyArray<Downloading>,
  id: string,
  toCommon: ToCommon
): Downloading | undefined => {
  const one = all.find((each) => each.id === id)
  const own = one === undefined ? null : contentOf(one, toCommon)
  if (own === null) return undefined
  return all.find((other) => {
    const path = other.id === id ? null : contentOf(other, toCommon)
    return path !== null && (isAbove(path, own) || isAbove(own, path))
  })
}

/** Strikes given before this no longer count, whatever the settings. */
const longestStrikeMillis = 720 * 3_600_000

/** All downloads as the database has them, for what must not wait for a client. Their values may be some minutes old. */
export const storedDownloads = Effect.gen(function* () {
  const reader = yield* ReadSql
  const now = yield* Clock.currentTimeMillis
  const { clients, downloads } = yield* loadDownloads
  const strikes = yield* countingStrikes(reader, isoOfMillis(now - longestStrikeMillis))
  const all = clients.flatMap(({ integrationId, name, readAt, state }) =>
    assembled(
      {
        integrationId,
        name,
        client: state,
        at: readAt,
        downloads: downloads.filter((one) => one.integrationId === integrationId)
      },
      strikes
    )
  )
  return withLinks(apart(all), yield* loadLinks)
})
