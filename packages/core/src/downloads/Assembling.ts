/** Puts together what is known about the downloads of a client: what they have in common, and what is wrong with each. */
import { Effect } from "effect"
import type { ClientState } from "../integrations/Downloads.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import { isAbove } from "../integrations/Paths.ts"
import type { ReadDownload } from "./ClientReader.ts"
import { type Downloading, entryOf, possibleOwnersOf } from "./Downloading.ts"
import { faultsOf, moodOf } from "./Fault.ts"
import { contentOf, type ToCommon } from "./files/ClientPaths.ts"

export interface ClientDownloads {
  readonly integrationId: string
  readonly name: string
  readonly client: ClientState
  readonly at: string
  readonly downloads: ReadonlyArray<ReadDownload>
}

/** Without strikes. */
export const assembled = Effect.fnUntraced(function* ({
  at,
  client,
  downloads,
  integrationId,
  name
}: ClientDownloads): Effect.fn.Return<ReadonlyArray<Downloading>> {
  const joined = downloads.map((one) => ({ ...one, entry: entryOf(one.ownership) }))
  const mood = moodOf(joined, client)
  const all: Array<Downloading> = []
  yield* forEachWithPauses(joined, ({ download, entry, id, observation, ownership }) => {
    const faults = faultsOf({ download, observation, client, mood, entry })
    all.push({
      id,
      integrationId,
      clientName: name,
      download,
      observation,
      client,
      mood,
      ownership,
      faults,
      strikes: 0,
      at
    })
  })
  return all
})

/**
 * A torrent that several clients have is known to the application once: only the copy in the client that the application
 * names is its. Of the others, or if it names none of them, it is not known whose they are.
 */
export const apart = Effect.fnUntraced(function* (
  all: ReadonlyArray<Downloading>
): Effect.fn.Return<ReadonlyArray<Downloading>> {
  const [first] = all
  if (first === undefined || all.every(({ integrationId }) => integrationId === first.integrationId)) return all
  const byHash = new Map<string, Array<Downloading>>()
  yield* forEachWithPauses(all, (one) => {
    for (const hash of hashesOf(one)) {
      const same = byHash.get(hash)
      if (same === undefined) byHash.set(hash, [one])
      else same.push(one)
    }
  })
  const separated: Array<Downloading> = []
  yield* forEachWithPauses(all, (one) => separated.push(withoutTwins(one, byHash)))
  return separated
})

const withoutTwins = (one: Downloading, byHash: ReadonlyMap<string, ReadonlyArray<Downloading>>): Downloading => {
  const twins = hashesOf(one)
    .flatMap((hash) => byHash.get(hash) ?? [])
    .filter(({ integrationId }) => integrationId !== one.integrationId)
  const [twin] = twins
  if (twin === undefined || one.ownership._tag === "Unknown") return one
  const named = entryOf(one.ownership)?.clientName?.toLowerCase()
  const isNamed = (other: Downloading) => other.clientName.toLowerCase() === named
  if (named !== undefined && isNamed(one) && !twins.some(isNamed)) return one
  return {
    ...one,
    ownership: { _tag: "Unknown", because: `${twin.clientName} has it, too`, claims: possibleOwnersOf(one) }
  }
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
