/** The play history of a Plex server, over all its accounts, counted per movie, show and season. */
import { Effect } from "effect"
import type { Progress } from "../../Kind.ts"
import type { PlaybackEntry } from "../../Observations.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { learnSeasons, PlayTally } from "../PlayTally.ts"
import { isoOfSeconds, serverKeyIn } from "../Values.ts"
import type { PlexServer } from "./PlexServer.ts"

export const readPlayback = Effect.fn("Plex.readPlayback")(function* (
  server: PlexServer,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const history = yield* server.history(progress)
  const names = new Map((yield* server.accounts).map((account) => [account.id, account.name]))
  const seasonOf = learnSeasons(history, (row) => ({
    key: keyIn(row.parentRatingKey, row.parentKey),
    number: row.parentIndex
  }))
  const tally = new PlayTally()
  yield* forEachWithPauses(history, (row) => {
    const play = {
      user: names.get(row.accountID ?? "") ?? `account ${row.accountID ?? "unknown"}`,
      at: isoOfSeconds(row.viewedAt)
    }
    const show = keyIn(row.grandparentRatingKey, row.grandparentKey)
    const own = keyIn(row.ratingKey, row.key)
    if (row.type === "movie" && own !== null) tally.movie({ key: own }, play)
    if (row.type === "episode" && show !== null) {
      tally.episode({ key: show }, seasonOf(row), play)
    }
  })
  return tally.result()
})

/** A rating key given as such, or in a path. */
const keyIn = (ratingKey: string | null | undefined, path: string | null | undefined): string | null =>
  ratingKey ?? serverKeyIn(path)
