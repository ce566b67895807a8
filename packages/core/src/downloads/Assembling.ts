/** Puts together what is known about the downloads of a client: what they have in common, and what is wrong with each. */
import { Clock, Effect } from "effect"
import type { ClientState } from "../integrations/Downloads.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { ReadSql } from "../storage/Database.ts"
import type { ReadDownload } from "./ClientReader.ts"
import { type Downloading, entryOf } from "./Downloading.ts"
import { loadDownloads } from "./DownloadStore.ts"
import { faultsOf, moodOf } from "./Fault.ts"
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

/** Strikes given before this no longer count, whatever the settings. */
const longestStrikeMillis = 720 * 3_600_000

/** All downloads as the database has them, for what must not wait for a client. Their values may be some minutes old. */
export const storedDownloads = Effect.gen(function* () {
  const reader = yield* ReadSql
  const now = yield* Clock.currentTimeMillis
  const { clients, downloads } = yield* loadDownloads
  const strikes = yield* countingStrikes(reader, isoOfMillis(now - longestStrikeMillis))
  return clients.flatMap(({ integrationId, name, readAt, state }) =>
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
})
