/** Where Jellystat stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const jellystatFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["playCount", "lastPlayedAt"],
    places:
      "`/api/getHistory`: one row for all plays of a movie or episode by one user, with their number (`TotalPlays`, of which only the last is complete) and the end of the last one (`ActivityDateInserted`)",
    unknown:
      "no date: the last play is unknown; no season: the plays of the seasons of the show are unknown; no key: the plays of items with its title are unknown",
    evidence: "document"
  },
  {
    facts: ["plays", "watchedByRequester", "watchedByAllRequesters"],
    places: "none: `PlaybackDuration` is how long somebody watched, without the total duration",
    unknown: "always unknown from Jellystat; the media server reports whether it was watched",
    evidence: "document"
  },
  {
    facts: ["viewersWhoFinished", "lastFinishedAt", "viewersWhoStopped", "furthestWatched", "firstPlayedAt"],
    places: "none: a row contains only the last of its plays",
    unknown: "always unknown from Jellystat; the report of the media server is used",
    evidence: "document"
  },
  {
    facts: ["minutesWatched", "watchTimeByUser"],
    places: "`TotalDuration` of every row: seconds, over all plays of the movie or episode by one user",
    unknown: "missing: unknown; if the media server counts more plays of an account: unknown",
    evidence: "document"
  },
  {
    facts: ["watchedBy"],
    places: "`UserName` and `UserId` of a row",
    unknown: "the user of a row without both is called `unknown`",
    evidence: "document"
  },
  {
    facts: ["playing"],
    places: "not read: the media server itself reports it",
    unknown: "never known from Jellystat",
    evidence: "document"
  }
]
