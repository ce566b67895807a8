/** Where Jellyfin and Emby store the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"
import type { MediaBrowserApplication } from "./MediaBrowser.ts"

type Places = Pick<MediaBrowserApplication, "id" | "itemsOf" | "libraries" | "users">

export const mediaBrowserFacts = (application: Places): ReadonlyArray<FactOrigin> => {
  // A recorded response of one is no evidence for the other, which omits more.
  const evidence = application.id === "jellyfin" ? "recorded" : "document"
  const { path } = application.itemsOf("{user}")
  const asUser = path === "Items" ? "`/Items?userId=`" : `\`/${decodeURIComponent(path)}\``
  return [
    {
      facts: ["library"],
      places: `\`/${application.libraries.path}\` and \`/Items?parentId=\` of each video library, also of unknown types; all libraries that contain the entry`,
      unknown: "a library that was never scanned has no id, and is empty",
      evidence: "document"
    },
    {
      facts: ["labels"],
      places:
        "`Tags` of the movie, show or season itself (`TagItems` on newer versions of Emby); none is inherited from a folder",
      unknown: "missing: none; of the wrong type: unknown",
      evidence
    },
    {
      facts: ["collections"],
      places: `${asUser}: the BoxSets, and the members of each, read as an administrator without restrictions; members that lists would replace with their collection are included (\`collapseBoxSetItems=false\`)`,
      unknown:
        "every administrator is restricted to some libraries, ratings or tags: unknown; no administrator at all: the reading fails",
      evidence: "document"
    },
    {
      facts: ["addedAt"],
      places: "`DateCreated` of the movie, show or season; a season has its own date",
      unknown: "missing: no date from this server; of the wrong type: unknown",
      evidence
    },
    {
      facts: ["ratingCritics", "ratingAudience"],
      places: "`CriticRating` out of 100 and `CommunityRating` out of 10 of the movie or show, of whichever source",
      unknown: "missing or 0: none; of the wrong type: unknown",
      evidence
    },
    {
      facts: ["userRating", "ratingRottenTomatoesAudience"],
      places: "none: the server has no rating by its users, and does not report the source of the others",
      unknown: "never known from the server",
      evidence: "document"
    },
    {
      facts: ["studios"],
      places: "`Studios` of the movie or show",
      unknown: "missing: none; of the wrong type: unknown",
      evidence
    },
    {
      facts: ["people", "actors", "directors", "writers"],
      places:
        "only if a rule or a factor needs them: `People` of the movies and shows of each library, by `Type`: `Actor` and `GuestStar`, `Director`, `Writer`",
      unknown: "nobody is listed: unknown",
      evidence: "document"
    },
    {
      facts: ["playlists"],
      places: `only if a rule or a factor needs them: ${asUser} with \`includeItemTypes=Playlist\` for every user, and the contents of each (\`parentId=\`); an episode counts for its season and its show`,
      unknown: "a list that cannot be read fails the reading",
      evidence: "document"
    },
    {
      facts: ["onWatchlist", "favouritedBy", "favouriteCount"],
      places: `${asUser} with \`filters=IsFavorite\` for every user, including disabled ones; a marked season or episode counts for its show`,
      unknown:
        "the list of a user that the server refuses: unknown for all entries, except that one which another user marked is on a watchlist; a list that cannot be read otherwise fails the reading",
      evidence: "document"
    },
    {
      facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
      places: `\`UserData\` of every movie and episode for every user, including disabled ones (${asUser}): \`PlayCount\`, \`PlaybackPositionTicks\`, \`LastPlayedDate\`, \`Played\`. \`Played\` means watched, also if it was marked by hand; with a position but without \`Played\` it was begun, up to that share of \`RunTimeTicks\``,
      unknown:
        "`UserData` missing or faulty: the plays of that movie, or of that show and season, are unknown; no `LastPlayedDate`, as after a mark by hand or on old versions: the last play is unknown; several plays without `Played`, as for a viewer who has begun again: it is unknown whether they watched it; an episode without a season number: the plays of the seasons of its show are unknown. The server reports only items that a user can see now: plays before their access was restricted are missing",
      evidence
    },
    {
      facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
      places:
        "lists contain one of several merged versions. `MediaSourceCount` shows that there are more, and `MediaSources` contains their keys and files; their data is requested for each user",
      unknown: "a version that the server does not show under its key: the plays of the movie are unknown",
      evidence: "document"
    },
    {
      facts: ["viewersWhoFinished", "lastFinishedAt", "viewersWhoStopped", "furthestWatched", "firstPlayedAt"],
      places: "`Played` and `PlaybackPositionTicks` there; the server has no history, and no date of a first play",
      unknown:
        "the share is unknown for a viewer who has watched it or has begun again; the first play is always unknown, unless statistics about the server report it",
      evidence
    },
    {
      facts: ["markedWatchedBy"],
      places: "`Played` with a `PlayCount` of 0",
      unknown: "never: both are always reported; something that was played and marked later counts as played",
      evidence: "document"
    },
    {
      facts: ["minutesWatched", "watchTimeByUser"],
      places: "none: the server does not record how long somebody has played",
      unknown: "never known from the server; statistics report the minutes",
      evidence: "document"
    },
    {
      facts: ["playing"],
      places: "`/Sessions` (`NowPlayingItem`), for its user and the others in a shared session (`AdditionalUsers`)",
      unknown: "a list that cannot be read fails the reading",
      evidence
    },
    {
      facts: ["watchedBy", "watchedByRequester", "watchedByAllRequesters"],
      places: `\`/${application.users.path}\`: \`Name\` and \`Id\``,
      unknown: "the plays of a deleted user are missing",
      evidence
    },
    {
      facts: ["library", "labels", "collections", "addedAt", "onWatchlist", "favouritedBy", "favouriteCount"],
      places:
        "for one entry, before its item is removed: the lists of each library with `ids=`; favourites and collections as above",
      unknown: "in no library: the entry is gone",
      evidence: "document"
    },
    {
      facts: ["playCount", "lastPlayedAt", "watchedBy", "plays", "playing"],
      places: `for one entry, before its item is removed: ${asUser} with \`ids=\` for every user, for a show with the ids of its episodes (\`/Items?parentId=\`); the complete \`/Sessions\``,
      unknown: "as above",
      evidence: "document"
    }
  ]
}
