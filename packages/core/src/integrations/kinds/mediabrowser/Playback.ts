/**
 * What the users of a Jellyfin or Emby server have played. There is no history: each movie and episode carries, for each
 * user, how often and when last, and that is counted per movie, show and season.
 */
import { Effect } from "effect"
import type { Progress } from "../../Kind.ts"
import type { PlaybackEntry } from "../../Observations.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { learnSeasons, PlayTally } from "../PlayTally.ts"
import { isoOrNull } from "../Values.ts"
import type { UserItem } from "./Answers.ts"
import type { MediaBrowser } from "./MediaBrowser.ts"

export const readPlayback = Effect.fn("MediaBrowser.readPlayback")(function* (
  server: MediaBrowser,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<PlaybackEntry>, UpstreamError> {
  const tally = new PlayTally()
  let seen = 0
  for (const user of yield* server.users) {
    const before = seen
    const items = yield* server.userItems(user.Id, (done) => progress(before + done, null))
    const seasonOf = learnSeasons(items, (item) => ({ key: item.SeasonId, number: item.ParentIndexNumber }))
    yield* forEachWithPauses(items, (item) => {
      const times = timesPlayed(item)
      if (times === 0) return
      const play = { user: user.Name ?? user.Id, at: isoOrNull(item.UserData?.LastPlayedDate), times }
      const show = item.SeriesId ?? null
      if (item.Type === "Movie") tally.movie({ key: item.Id }, play)
      if (item.Type === "Episode" && show !== null) tally.episode({ key: show }, seasonOf(item), play)
    })
    seen += items.length
  }
  return tally.result()
})

/** What was marked as played by hand, or was begun on another device, counts once even where nothing was counted. */
const timesPlayed = ({ UserData: data }: UserItem): number => {
  const touched = data?.Played === true || (data?.PlaybackPositionTicks ?? 0) > 0
  return Math.max(data?.PlayCount ?? 0, touched ? 1 : 0)
}
