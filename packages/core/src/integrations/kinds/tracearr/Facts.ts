/** Where Tracearr stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const tracearrFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["playCount", "lastPlayedAt"],
    places:
      "`/history` of the chosen media server: one row per play including its pauses (`segmentCount`); `stoppedAt`, else `startedAt`; the key of the media server is in `ratingKey` and `showRatingKey`, if the version reports them, or in the path of the poster",
    unknown:
      "a row without a key: the plays of items with its title (and year) are unknown; without key and title it is counted as faulty; no season: the plays of the seasons of the show are unknown; no date: the last play is unknown",
    evidence: "document"
  },
  {
    facts: ["plays", "watchedByRequester", "watchedByAllRequesters"],
    places:
      "`watched` (from 85 % on), and `progressMs` of `totalDurationMs` as the share; an episode is identified by its key, else by its numbers",
    unknown: "missing: whether it was watched is unknown",
    evidence: "document"
  },
  {
    facts: ["viewersWhoFinished", "lastFinishedAt", "viewersWhoStopped", "furthestWatched", "firstPlayedAt"],
    places: "`watched`, `progressMs` of `totalDurationMs`, and `stoppedAt`, else `startedAt`, of every row",
    unknown: "missing: unknown; the account is identified by `user.username`, its login",
    evidence: "document"
  },
  {
    facts: ["minutesWatched", "watchTimeByUser"],
    places: "`durationMs` of every row, over all parts of the play",
    unknown: "missing: unknown; if the media server counts more plays of an account: unknown",
    evidence: "document"
  },
  {
    facts: ["watchedBy"],
    places: "`user.username` of a row, with `displayName` of `/users`",
    unknown: "a user who is no longer listed has the name of the row",
    evidence: "document"
  },
  {
    facts: ["playing"],
    places: "rows whose `state` is `playing` or `paused`",
    unknown: "missing: not playing",
    evidence: "document"
  }
]
