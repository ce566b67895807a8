/** The play history of a Plex server, over all its accounts, counted per movie, show and season. */
import { Effect } from "effect"
import type { Progress } from "../../Kind.ts"
import type { PlaybackEntry } from "../../Observations.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { PlayTally } from "../PlayTally.ts"
import { isoOfSeconds } from "../Values.ts"
import type { HistoryRow } from "./Container.ts"
import type { PlexServer } from "./PlexServer.ts"

export const readPlayback = Effect.fn("Plex.readPlayback")(function* (
  server: PlexServer,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const history = yield* server.history(progress)
  const names = new Map((yield* server.accounts).map((account) => [account.id, account.name]))
  const seasons = seasonNumbers(history)
  const tally = new PlayTally()
  yield* forEachWithPauses(history, (row) => {
    const play = {
      user: names.get(row.accountID ?? "") ?? `account ${row.accountID ?? "unknown"}`,
      at: isoOfSeconds(row.viewedAt)
    }
    const show = keyIn(row.grandparentRatingKey, row.grandparentKey)
    const own = keyIn(row.ratingKey, row.key)
    if (row.type === "movie" && own !== null) tally.movie(own, play)
    if (row.type === "episode" && show !== null) {
      tally.episode(show, row.parentIndex ?? seasons.get(keyIn(row.parentRatingKey, row.parentKey) ?? "") ?? null, play)
    }
  })
  return tally.result()
})

/** Numbers of seasons by their keys, learnt from the rows that tell both: some rows tell only the key. */
const seasonNumbers = (history: ReadonlyArray<HistoryRow>): ReadonlyMap<string, number> =>
  new Map(
    history.flatMap((row): ReadonlyArray<readonly [string, number]> => {
      const season = keyIn(row.parentRatingKey, row.parentKey)
      return season === null || row.parentIndex === null || row.parentIndex === undefined
        ? []
        : [[season, row.parentIndex]]
    })
  )

/** A rating key given as such, or as the end of a path `/library/metadata/<key>`. */
const keyIn = (ratingKey: string | null | undefined, path: string | null | undefined): string | null =>
  ratingKey ?? /\/library\/metadata\/([^/?]+)/.exec(path ?? "")?.[1] ?? null
