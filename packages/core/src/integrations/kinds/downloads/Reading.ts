/**
 * Makes one reading of the downloads of a client from those that it lists now and the previous reading: what has changed,
 * what is gone, and whether the list can be believed.
 */
import { Effect } from "effect"
import type { ClientState, Download, DownloadsReading } from "../../Downloads.ts"
import { passedMillis } from "../../../problems/Instants.ts"
import { forEachWithPauses } from "../../Pauses.ts"

/** A shorter list is believed after it has stayed so for this many readings and this long. */
const readingsUntilBelieved = 3
const millisUntilBelieved = 60_000

/** What a reading keeps for the next one. */
interface Cursor<Own> {
  readonly own: Own
  readonly connection: object
  readonly epoch: string | null
  readonly doubt: Doubt | null
}

/** Downloads that are absent from a list that is not believed yet. */
interface Doubt {
  readonly missing: ReadonlySet<string>
  readonly because: string
  readonly sinceMillis: number
  readonly readings: number
}

export interface Listed<Own> {
  /** By id. A download that is the same object as before has not changed. */
  readonly downloads: ReadonlyMap<string, Download>
  readonly client: ClientState
  /** Where the kind goes on next time. */
  readonly own: Own
  /** Whether the client may have restarted since the previous reading, in addition to what its epoch shows. */
  readonly restarted?: boolean
  /** Why the list is known not to be whole; `null` or absent = it may be. */
  readonly partial?: string | null
}

export interface ReadingMaker<Own> {
  /** What the kind kept in the previous reading; `null` if there is none, or if it is of another connection. */
  readonly ownOf: (previous: DownloadsReading | null | undefined) => Own | null
  readonly make: (previous: DownloadsReading | null | undefined, listed: Listed<Own>) => Effect.Effect<DownloadsReading>
  /** These were removed through this connection, so that their absence is no surprise. */
  readonly expectGone: (ids: ReadonlyArray<string>) => void
}

/** One per connection. */
export const makeReadings = <Own>(): ReadingMaker<Own> => {
  const connection = {}
  const expected = new Set<string>()

  const cursorOf = (previous: DownloadsReading | null | undefined): Cursor<Own> | null => {
    const cursor = previous?.cursor
    const isOurs =
      typeof cursor === "object" && cursor !== null && "connection" in cursor && cursor.connection === connection
    return isOurs ? (cursor as Cursor<Own>) : null
  }

  const make = Effect.fnUntraced(function* (
    previous: DownloadsReading | null | undefined,
    { client, downloads, own, partial = null, restarted = false }: Listed<Own>
  ): Effect.fn.Return<DownloadsReading> {
    const now = yield* passedMillis
    const before = new Map((previous?.downloads ?? []).map((download) => [download.id, download]))
    const cursor = cursorOf(previous)
    const doubtBefore = cursor?.doubt ?? null
    const missing = [...before.keys(), ...(doubtBefore?.missing ?? [])].filter((id) => !downloads.has(id))
    const surprising = missing.filter((id) => !expected.has(id))
    for (const id of expected) if (!downloads.has(id)) expected.delete(id)
    const epochChanged =
      cursor !== null && cursor.epoch !== null && client.epoch !== null && cursor.epoch !== client.epoch
    const doubt = doubtOf({
      surprising,
      before: doubtBefore,
      now,
      listed: downloads.size,
      restarted: restarted || epochChanged
    })
    const changed: Array<string> = []
    yield* forEachWithPauses(downloads.values(), (download) => {
      const known = before.get(download.id)
      if (known === download) return
      if (known === undefined || JSON.stringify(known) !== JSON.stringify(download)) changed.push(download.id)
    })
    const because = partial ?? doubt?.because ?? null
    return {
      complete: because === null,
      incompleteBecause: because,
      downloads: [...downloads.values()],
      changed,
      removed: because === null ? [...new Set(missing)] : [],
      client,
      unknownStates: [
        ...new Set([...downloads.values()].flatMap(({ rawState, state }) => (state === "unknown" ? [rawState] : [])))
      ],
      cursor: {
        own,
        connection,
        epoch: client.epoch ?? cursor?.epoch ?? null,
        doubt: because === null ? null : { ...(doubt ?? fresh(now, because)), missing: new Set(missing) }
      } satisfies Cursor<Own>
    }
  })

  return {
    ownOf: (previous) => cursorOf(previous)?.own ?? null,
    make,
    expectGone: (ids) => {
      for (const id of ids) expected.add(id)
    }
  }
}

const fresh = (now: number, because: string): Omit<Doubt, "missing"> => ({ because, sinceMillis: now, readings: 0 })

const doubtOf = ({
  before,
  listed,
  now,
  restarted,
  surprising
}: {
  readonly surprising: ReadonlyArray<string>
  readonly before: Doubt | null
  readonly now: number
  readonly listed: number
  readonly restarted: boolean
}): Omit<Doubt, "missing"> | null => {
  const gone = surprising.length
  if (gone === 0) return null
  const emptied = listed === 0
  const shrunk = gone >= 3 && gone >= listed
  if (before === null && !restarted && !emptied && !shrunk) return null
  const because = restarted
    ? `it has restarted, and does not list ${gone} of its downloads (yet)`
    : (before?.because ?? `${gone} of ${gone + listed} downloads are gone at once`)
  // The wait begins anew while the list still changes.
  const changes = before !== null && (gone !== before.missing.size || surprising.some((id) => !before.missing.has(id)))
  if (before === null || restarted || changes) {
    return { ...fresh(now, because), readings: 1 }
  }
  const readings = before.readings + 1
  return readings >= readingsUntilBelieved && now - before.sinceMillis >= millisUntilBelieved
    ? null
    : { because, sinceMillis: before.sinceMillis, readings }
}
