/** Where Tautulli stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const tautulliFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["playCount", "lastPlayedAt"],
    places:
      "`get_history` with `grouping=1`: the segments of a play that was paused or resumed are one row, with `group_count` segments, and one play; `stopped`, else `date`",
    unknown:
      'no date: the last play is unknown; a key of `""`, or one that Plex has for another title or lasting id (`guid` of movies): the plays of items with the title are unknown; no season: the plays of the seasons of the show are unknown. The history does not show whether rows were deleted or imported, nor whose plays it does not keep (`keep_history`); if Plex itself reports more plays, the larger count is used',
    evidence: "recorded"
  },
  {
    facts: ["plays", "watchedByRequester", "watchedByAllRequesters"],
    places:
      "`watched_status` of a row: 1 is watched (from 85 % on by default), 0 to 0.75 are not; `percent_complete` is the share; an episode is identified by its `rating_key`",
    unknown: "missing: whether it was watched is unknown",
    evidence: "recorded"
  },
  {
    facts: ["viewersWhoFinished", "lastFinishedAt", "viewersWhoStopped", "furthestWatched", "firstPlayedAt"],
    places: "`watched_status`, `percent_complete` and `stopped`, else `date`, of every row",
    unknown: "missing: unknown; if Plex counts more plays of an account than Tautulli lists, the first one is unknown",
    evidence: "recorded"
  },
  {
    facts: ["minutesWatched", "watchTimeByUser"],
    places: "`play_duration`, else `duration`, of every row: seconds without pauses, over the segments of a play",
    unknown:
      "missing: unknown; what is being played counts from its end on; if Plex counts more plays of an account than Tautulli lists: unknown",
    evidence: "recorded"
  },
  {
    facts: ["watchedBy"],
    places:
      "`user`, `friendly_name` and `user_id` of a row, with `username`, `friendly_name` and `email` of `get_users`",
    unknown: "for a deleted user, only the names in the row",
    evidence: "recorded"
  },
  {
    facts: ["playing"],
    places:
      "rows with a `state` and no `row_id` (`include_activity=1`); live television, tracks and clips do not count",
    unknown:
      "while Plex is down, Tautulli returns empty successful responses to the calls that it forwards to Plex (`get_activity`, `get_metadata`, `get_libraries`), none of which is read. History and users are its own data, and are complete even then",
    evidence: "recorded"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays", "playing"],
    places:
      "for one entry, before its item is removed: `get_history` with `rating_key`, for a movie also with `guid`, and for a show with `grandparent_rating_key`",
    unknown: "episodes that were played under a former key of their show are not included",
    evidence: "document"
  }
]
