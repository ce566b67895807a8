/** Where a Plex server stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const plexFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["library"],
    places: "`/library/sections` (`title`); an item in several sections has an entry in each, and all of them count",
    unknown: "a section without a title: unknown",
    evidence: "recorded"
  },
  {
    facts: ["labels"],
    places:
      "for each list `/library/sections/{key}/label` and, for each label there, the entries with that label (`/all?label={id}`); `Label` of an entry in a list is added, but may be incomplete",
    unknown: "a server that does not list its labels (400 or 404): unknown",
    evidence: "document"
  },
  {
    facts: ["collections"],
    places:
      "`/library/sections/{key}/collections`; `Collection` of the entries if it shows as many members as `childCount`, otherwise `/library/collections/{id}/items`, which is always read for smart ones. An entry in a list shows at most two",
    unknown: "a server that does not list its collections (400 or 404): unknown",
    evidence: "recorded"
  },
  {
    facts: ["addedAt"],
    places: "`addedAt` of the movie, show or season; a season has its own date",
    unknown: "missing: no date from this server; of the wrong type: unknown",
    evidence: "recorded"
  },
  {
    facts: ["ratingCritics", "ratingAudience", "userRating"],
    places:
      "`rating`, `audienceRating`, and `userRating` of the account of the token (the owner), of the movie or show",
    unknown: "missing: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  {
    facts: ["ratingRottenTomatoesAudience", "ratingRottenTomatoes", "ratingImdb", "ratingTmdb"],
    places:
      "`rating` with `ratingImage`, and `audienceRating` with `audienceRatingImage`, whose scheme is the source: `rottentomatoes://`, `imdb://`, `themoviedb://`; those of the manager come first",
    unknown: "a rating of another source: unknown, or as the manager reports it",
    evidence: "recorded"
  },
  {
    facts: ["studios"],
    places: "`studio` of the movie or show: its first one",
    unknown: "missing: none; of the wrong type: unknown",
    evidence: "recorded"
  },
  {
    facts: ["people", "actors", "directors", "writers"],
    places:
      "only if a rule or a factor needs them: `Role`, `Director` and `Writer` of `/library/metadata/{keys}`, 100 movies or shows at once; lists contain only the first few",
    unknown: "nobody is listed: unknown",
    evidence: "document"
  },
  {
    facts: ["playlists"],
    places:
      "only if a rule or a factor needs them: `/playlists?playlistType=video` and `/playlists/{id}/items`, as the account of the token sees them; an episode counts for its season and its show",
    unknown: "playlists of other accounts are not known",
    evidence: "recorded"
  },
  {
    facts: ["viewersWhoFinished", "lastFinishedAt", "viewersWhoStopped", "firstPlayedAt"],
    places: "the same rows: each is a complete play, with its date (`viewedAt`)",
    unknown: "if the entry counts more plays of the owner than the history lists, the first one is unknown",
    evidence: "document"
  },
  {
    facts: ["minutesWatched", "watchTimeByUser", "markedWatchedBy"],
    places: "none: the history contains neither how long somebody has played, nor what was marked by hand",
    unknown: "never known from the server; statistics report the minutes",
    evidence: "document"
  },
  {
    facts: ["furthestWatched"],
    places:
      "`viewOffset` of an entry and of `/status/sessions`, as a share of its duration; the history does not contain how far somebody watched",
    unknown: "for accounts that have watched it: unknown",
    evidence: "recorded"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
    places:
      "`/status/sessions/history/all` for all accounts: items that were played to 90 % (a setting of the server), which count as watched",
    unknown:
      "a row without a date: the last play is unknown; without a season: the plays of the seasons of its show are unknown; without a key, or with one that now belongs to another title: the plays of items with its title are unknown. A row with neither key nor title is counted as faulty. The history contains no lasting ids",
    evidence: "document"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
    places:
      "the entries themselves, for the account of the token (the owner): `viewCount`, `viewOffset` and `lastViewedAt` of a movie, `viewedLeafCount` and `lastViewedAt` of a show or season; these include items that were marked by hand, were only begun, or are no longer in the history. The larger count is used",
    unknown:
      "missing means never by the owner; a count without a date leaves the last play unknown; other accounts have no such counters",
    evidence: "recorded"
  },
  {
    facts: ["playing"],
    places: "`/status/sessions`; broadcasts and trailers do not count",
    unknown: "a server that does not support it, or returns 404: all plays of the server are unknown",
    evidence: "recorded"
  },
  {
    facts: ["watchedBy", "watchedByRequester", "watchedByAllRequesters"],
    places:
      "`/accounts` (`id`, `name`): the display name, and the id at plex.tv of all accounts except the owner's, whose id is 1 here",
    unknown: "an account that is not listed is named by its id",
    evidence: "recorded"
  },
  {
    facts: ["onWatchlist"],
    places: "none: watchlists belong to accounts at plex.tv",
    unknown: "never known from the server",
    evidence: "document"
  },
  {
    facts: ["library", "labels", "collections", "addedAt"],
    places:
      "for one entry, before its item is removed: `/library/metadata/{keys}`, which shows all its labels and collections except smart ones (`Label`, `Collection`, `librarySectionTitle`); `/library/sections/{key}/collections` and the items of each smart one",
    unknown: "404 while the server responds to other requests, or another `type` under the key: the entry is gone",
    evidence: "document"
  },
  {
    facts: ["playCount", "lastPlayedAt", "watchedBy", "plays", "playing"],
    places:
      "for one entry, before its item is removed: `/status/sessions/history/all?metadataItemID=` with the key of the movie, or of the show for all its episodes; the complete `/status/sessions`",
    unknown: "as above; a session without a key: any item with its title may be playing",
    evidence: "document"
  }
]
