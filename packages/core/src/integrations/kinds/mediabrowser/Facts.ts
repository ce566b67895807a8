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
      places: `\`/${application.libraries.path}\` and \`/Items?parentId=\` of each library of videos, also of types that are new; all libraries in which an entry stands`,
      unknown: "a library that was never scanned has no id, and holds nothing yet",
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
      places: `${asUser}: the BoxSets, and the members of each, as an administrator sees them who may see everything; members that lists hide behind their collection are asked for (\`collapseBoxSetItems=false\`)`,
      unknown:
        "no administrator may see every library, rating and tag: unknown; no administrator at all: the reading fails",
      evidence: "document"
    },
    {
      facts: ["addedAt"],
      places: "`DateCreated` of the movie, show or season; of a season it is its own day",
      unknown: "missing: no day from this server; of the wrong type: unknown",
      evidence
    },
    {
      facts: ["onWatchlist"],
      places: `${asUser} with \`filters=IsFavorite\` for every user, disabled ones too; who marks a season or an episode wants its show`,
      unknown: "a list that cannot be read fails the reading",
      evidence: "document"
    },
    {
      facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
      places: `\`UserData\` of every movie and episode for every user, disabled ones too (${asUser}): \`PlayCount\`, \`PlaybackPositionTicks\`, \`LastPlayedDate\`, \`Played\`. \`Played\` is watched, also when it was marked by hand; with a position but without \`Played\` it was begun, to that share of \`RunTimeTicks\``,
      unknown:
        "`UserData` missing or odd: the plays of that movie, or of that show and season, are unknown; no `LastPlayedDate`, as after a mark by hand or on old versions: the last play is unknown; several plays without `Played`, as for a viewer who has begun again: watched or not is unknown; an episode without its season's number: the seasons of its show are unknown. A user is asked for what they may see: plays from before access was withdrawn are not reported",
      evidence
    },
    {
      facts: ["playCount", "lastPlayedAt", "watchedBy", "plays"],
      places:
        "of merged versions lists show one. `MediaSourceCount` shows that there are more, `MediaSources` their keys and files, under which each user is asked again",
      unknown: "a version that the server does not show under its key: the plays of the movie are unknown",
      evidence: "document"
    },
    {
      facts: ["viewersWhoFinished", "furthestWatched", "firstPlayedAt"],
      places: "`Played` and `PlaybackPositionTicks` there; the server has no history, and no date of a first play",
      unknown:
        "how far somebody got who has watched it, or has begun again, is unknown; the first play always is, unless statistics about the server report it",
      evidence
    },
    {
      facts: ["playing"],
      places: "`/Sessions` (`NowPlayingItem`), for its user and everyone who watches along (`AdditionalUsers`)",
      unknown: "a list that cannot be read fails the reading",
      evidence
    },
    {
      facts: ["watchedBy", "watchedByRequester", "watchedByAllRequesters"],
      places: `\`/${application.users.path}\`: \`Name\` and \`Id\``,
      unknown: "a user that was deleted takes along what they played",
      evidence
    },
    {
      facts: ["library", "labels", "collections", "addedAt", "onWatchlist"],
      places:
        "of one entry, before its item is removed: the lists of each library with `ids=`; favourites and collections as above",
      unknown: "in no library: the entry is gone",
      evidence: "document"
    },
    {
      facts: ["playCount", "lastPlayedAt", "watchedBy", "plays", "playing"],
      places: `of one entry, before its item is removed: ${asUser} with \`ids=\` for every user, of a show with the ids of its episodes (\`/Items?parentId=\`); \`/Sessions\` whole`,
      unknown: "as above",
      evidence: "document"
    }
  ]
}
