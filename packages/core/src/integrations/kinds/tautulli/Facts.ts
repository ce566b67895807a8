/** Where Tautulli stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const tautulliFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["playCount", "lastPlayedAt"],
    places:
      "`get_history` with `grouping=1`: pieces of one play that was paused or resumed are one row, with `group_count` pieces, and one play; `stopped`, else `date`",
    unknown:
      'no date: the last play is unknown; a key of `""`, or one that Plex has for another title or lasting id (`guid` of movies): plays of items with the title are unknown; no season: the seasons of the show are. The history does not say whether rows were deleted or imported, nor whose plays it does not keep (`keep_history`); where Plex itself knows more, the larger count stands',
    evidence: "recorded"
  },
  {
    facts: ["plays", "watchedByRequester", "watchedByAllRequesters"],
    places:
      "`watched_status` of a row: 1 is watched (from 85 % on, unless configured otherwise), 0 to 0.75 are not; `percent_complete` is the share; an episode goes by its `rating_key`",
    unknown: "missing: whether it was watched is unknown",
    evidence: "recorded"
  },
  {
    facts: ["viewersWhoFinished", "furthestWatched", "firstPlayedAt"],
    places: "`watched_status`, `percent_complete` and `stopped`, else `date`, of every row",
    unknown:
      "missing: unknown; where Plex counts more plays of somebody than Tautulli lists, their first one is unknown",
    evidence: "recorded"
  },
  {
    facts: ["watchedBy"],
    places:
      "`user`, `friendly_name` and `user_id` of a row, with `username`, `friendly_name` and `email` of `get_users`",
    unknown: "of a user who was deleted there is what the row has kept",
    evidence: "recorded"
  },
  {
    facts: ["playing"],
    places:
      "rows with a `state` and no `row_id` (`include_activity=1`); live television, tracks and clips do not count",
    unknown:
      "while Plex is down Tautulli answers success with nothing in it to what it would ask Plex (`get_activity`, `get_metadata`, `get_libraries`), none of which is read. History and users are its own and whole then",
    evidence: "recorded"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays", "playing"],
    places:
      "of one entry, before its item is removed: `get_history` with `rating_key`, and of a movie once more with `guid`; of a show with `grandparent_rating_key`",
    unknown: "episodes that were played under a key that their show had before: not among them",
    evidence: "document"
  }
]
