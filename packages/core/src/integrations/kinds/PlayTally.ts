/**
 * Counts plays row by row into entries per movie, per show and per season, over all viewers, with the last play of
 * each.
 */
import type { PlaybackEntry } from "../Observations.ts"

export interface Play {
  readonly user: string
  /** ISO-8601 UTC, or `null` when the source does not say. */
  readonly at: string | null
  /** How often, where one row stands for several plays; 1 where absent. */
  readonly times?: number
}

interface Count {
  plays: number
  lastPlayedAt: string | null
}

interface Entry extends Count {
  readonly kind: PlaybackEntry["kind"]
  readonly serverItemId: string
  readonly seasonNumber: number | null
  readonly users: Map<string, Count>
}

export class PlayTally {
  private readonly entries = new Map<string, Entry>()

  movie(serverItemId: string, play: Play): void {
    this.count("movie", serverItemId, null, play)
  }

  /** `seasonNumber` is `null` when the row does not tell it; the show counts all the same. */
  episode(showServerItemId: string, seasonNumber: number | null, play: Play): void {
    this.count("show", showServerItemId, null, play)
    if (seasonNumber !== null) this.count("season", showServerItemId, seasonNumber, play)
  }

  result(): ReadonlyArray<PlaybackEntry> {
    return [...this.entries.values()].map(({ users, ...entry }) => ({
      ...entry,
      users: [...users].map(([name, count]) => ({ name, ...count }))
    }))
  }

  private count(kind: Entry["kind"], serverItemId: string, seasonNumber: number | null, play: Play): void {
    const key = `${kind}|${serverItemId}|${seasonNumber ?? ""}`
    const entry = this.entries.get(key) ?? {
      kind,
      serverItemId,
      seasonNumber,
      plays: 0,
      lastPlayedAt: null,
      users: new Map<string, Count>()
    }
    const user = entry.users.get(play.user) ?? { plays: 0, lastPlayedAt: null }
    for (const count of [entry, user]) {
      count.plays += play.times ?? 1
      if (play.at !== null && (count.lastPlayedAt === null || play.at > count.lastPlayedAt))
        count.lastPlayedAt = play.at
    }
    entry.users.set(play.user, user)
    this.entries.set(key, entry)
  }
}

/** The number of a row's season: its own, or what other rows tell of the same season. Some rows know only the key. */
export const learnSeasons = <Row>(
  rows: ReadonlyArray<Row>,
  seasonOf: (row: Row) => { readonly key: string | null | undefined; readonly number: number | null | undefined }
): ((row: Row) => number | null) => {
  const numbers = new Map<string, number>()
  for (const row of rows) {
    const { key, number } = seasonOf(row)
    if (typeof key === "string" && typeof number === "number") numbers.set(key, number)
  }
  return (row) => {
    const { key, number } = seasonOf(row)
    return number ?? numbers.get(key ?? "") ?? null
  }
}
