/** Where Tracearr stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const tracearrFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["playCount", "lastPlayedAt"],
    places:
      "`/history` of the media server that is meant: one row for a play with its pauses (`segmentCount`); `stoppedAt`, else `startedAt`; the key of the media server stands in `ratingKey` and `showRatingKey`, where the version gives them, or in the path of the poster",
    unknown:
      "a row without a key: what bears its title (and year) is unknown; without key and title it is counted as odd; no season: the seasons of the show are unknown; no date: the last play is",
    evidence: "document"
  },
  {
    facts: ["plays", "watchedByRequester", "watchedByAllRequesters"],
    places:
      "`watched` (from 85 % on), and `progressMs` of `totalDurationMs` as the share; an episode goes by its key, else by its numbers",
    unknown: "missing: whether it was watched is unknown",
    evidence: "document"
  },
  {
    facts: ["viewersWhoFinished", "furthestWatched", "firstPlayedAt"],
    places: "`watched`, `progressMs` of `totalDurationMs`, and `stoppedAt`, else `startedAt`, of every row",
    unknown: "missing: unknown; the account goes by `user.username`, its login",
    evidence: "document"
  },
  {
    facts: ["watchedBy"],
    places: "`user.username` of a row, with `displayName` of `/users`",
    unknown: "a user who is no longer listed goes by the name of the row",
    evidence: "document"
  },
  {
    facts: ["playing"],
    places: "rows whose `state` is `playing` or `paused`",
    unknown: "missing: not playing",
    evidence: "document"
  }
]
