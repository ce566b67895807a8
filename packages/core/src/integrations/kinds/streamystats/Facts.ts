/** Where Streamystats stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

const backup = "`GET api/export/{serverId}`, the backup of an administrator: `sessions[]`, one for each play"

export const streamystatsFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["playCount", "lastPlayedAt", "firstPlayedAt"],
    places: `${backup}, with \`startTime\` and \`endTime\`; those with \`isInferred\` are marks in Jellyfin`,
    unknown:
      "no date: the last play is unknown; no season, as in plays that were imported: the plays of the seasons of the show are unknown; no key, since the item no longer exists: the plays of items with its title are unknown",
    evidence: "document"
  },
  {
    facts: ["plays", "watchedByRequester", "watchedByAllRequesters", "viewersWhoFinished", "lastFinishedAt"],
    places: "`completed` of a session; a mark counts as watched",
    unknown: "missing: unknown from Streamystats; the media server reports whether it was watched",
    evidence: "document"
  },
  {
    facts: ["viewersWhoStopped", "furthestWatched"],
    places: "`percentComplete` of a session",
    unknown: "missing in a watched play: unknown",
    evidence: "document"
  },
  {
    facts: ["minutesWatched", "watchTimeByUser"],
    places: "`playDuration` of every session: seconds",
    unknown: "missing, and always for a mark: unknown; if the media server counts more plays of an account: unknown",
    evidence: "document"
  },
  {
    facts: ["watchedBy"],
    places: "`userName` and `userId` of a session. If accounts were merged in Streamystats, the account that was kept",
    unknown: "the user of a session without both is called `unknown`",
    evidence: "document"
  },
  {
    facts: ["playing"],
    places: "not read: the media server itself reports it",
    unknown: "never known from Streamystats",
    evidence: "document"
  },
  {
    facts: ["onWatchlist", "watchlistedBy", "watchlistCount"],
    places:
      "if `watchlists` is configured: `GET api/watchlists` and `GET api/watchlists/{id}`: `userId` of the list, `itemId` and `item.type` of its entries; a season or an episode counts as its show",
    unknown:
      "private lists of other people are not shown: with `certain`, a title that is on no shown list is unknown; an entry that cannot be read: unknown for everything that is on no list",
    evidence: "document"
  }
]
