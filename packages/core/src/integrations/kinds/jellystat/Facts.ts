/** Where Jellystat stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const jellystatFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["playCount", "lastPlayedAt"],
    places:
      "`/api/getHistory`: one row for all plays of a movie or episode by one user, with their number (`TotalPlays`, of which only the last is complete) and the end of the last one (`ActivityDateInserted`)",
    unknown:
      "no date: the last play is unknown; no season: the seasons of the show are; no key: what bears the title is",
    evidence: "document"
  },
  {
    facts: ["plays", "watchedByRequester", "watchedByAllRequesters"],
    places: "nowhere: `PlaybackDuration` is how long somebody watched, without the total",
    unknown: "always, from Jellystat: whether it was watched is what the media server says",
    evidence: "document"
  },
  {
    facts: ["viewersWhoFinished", "furthestWatched", "firstPlayedAt"],
    places: "nowhere: a row contains only the last of its plays",
    unknown: "always, from Jellystat: what the media server says stands",
    evidence: "document"
  },
  {
    facts: ["watchedBy"],
    places: "`UserName` and `UserId` of a row",
    unknown: "a row without both goes by `unknown`",
    evidence: "document"
  },
  {
    facts: ["playing"],
    places: "not read: the media server itself reports it",
    unknown: "never known from Jellystat",
    evidence: "document"
  }
]
