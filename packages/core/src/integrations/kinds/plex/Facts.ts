/** Where a Plex server stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const plexFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["library"],
    places:
      "`/library/sections` (`title`); what stands in several sections has an entry in each, and all of them count",
    unknown: "a section without a title: unknown",
    evidence: "recorded"
  },
  {
    facts: ["labels"],
    places:
      "for each list `/library/sections/{key}/label` and, for each label there, the entries that bear it (`/all?label={id}`); `Label` of an entry in a list is added, but is a part at most",
    unknown: "a server that does not list its labels (400 or 404): unknown",
    evidence: "document"
  },
  {
    facts: ["collections"],
    places:
      "`/library/sections/{key}/collections`; `Collection` of the entries where it shows as many members as `childCount`, else `/library/collections/{id}/items`, and always for smart ones. An entry in a list shows two at most",
    unknown: "a server that does not list its collections (400 or 404): unknown",
    evidence: "recorded"
  },
  {
    facts: ["addedAt"],
    places: "`addedAt` of the movie, show or season; of a season it is its own day",
    unknown: "missing: no day from this server; of the wrong type: unknown",
    evidence: "recorded"
  },
  {
    facts: ["viewersWhoFinished", "firstPlayedAt"],
    places: "the same rows: each is a complete play, with its date (`viewedAt`)",
    unknown: "where the entry counts more plays of the owner than the history lists, the first one is unknown",
    evidence: "document"
  },
  {
    facts: ["furthestWatched"],
    places:
      "`viewOffset` of an entry and of `/status/sessions`, of its duration; the history does not say how far somebody watched",
    unknown: "whoever has watched it: unknown",
    evidence: "recorded"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
    places:
      "`/status/sessions/history/all` over all accounts: what was played to 90 % (a setting of the server), which is watched",
    unknown:
      "a row without a date: the last play is unknown; without a season: the seasons of its show are; without a key, or with one that now belongs to another title: plays of items with its title are. A row with neither is counted as odd. The history carries no lasting id",
    evidence: "document"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
    places:
      "the entries themselves, of the account that asks (the owner): `viewCount`, `viewOffset` and `lastViewedAt` of a movie, `viewedLeafCount` and `lastViewedAt` of a show or season; also what was marked by hand, was only begun, or is no longer in the history. The larger count stands",
    unknown:
      "missing means never by the owner; a count without a date leaves the last play unknown; other accounts have no such counters",
    evidence: "recorded"
  },
  {
    facts: ["playing"],
    places: "`/status/sessions`; broadcasts and trailers do not count",
    unknown: "a server that does not answer it, also with 404: all plays of the server are unknown",
    evidence: "recorded"
  },
  {
    facts: ["watchedBy", "watchedByRequester", "watchedByAllRequesters"],
    places:
      "`/accounts` (`id`, `name`): the shown name, and the number at plex.tv of all accounts but the owner's, which is 1 here; account 1 is the owner",
    unknown: "an account that is not listed goes by its number",
    evidence: "recorded"
  },
  {
    facts: ["onWatchlist"],
    places: "nowhere: watchlists belong to accounts at plex.tv",
    unknown: "never known from the server",
    evidence: "document"
  },
  {
    facts: ["library", "labels", "collections", "addedAt"],
    places:
      "of one entry, before its item is removed: `/library/metadata/{keys}`, which shows all its labels and collections but the smart ones (`Label`, `Collection`, `librarySectionTitle`); `/library/sections/{key}/collections` and the items of each smart one",
    unknown: "404 while the server answers otherwise, or another `type` under the key: the entry is gone",
    evidence: "document"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays", "playing"],
    places:
      "of one entry, before its item is removed: `/status/sessions/history/all?metadataItemID=` with the key of the movie, or of the show for all its episodes; `/status/sessions` whole",
    unknown: "as above; a session without a key: whatever bears its title may be playing",
    evidence: "document"
  }
]
