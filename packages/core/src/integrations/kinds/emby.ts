/** Emby: the contents of its libraries, and the plays and marks of each of its users. */
import { keySpaces } from "./KeySpaces.ts"
import { mediaBrowserConfig, mediaBrowserKind } from "./mediabrowser/MediaBrowser.ts"

export const emby = mediaBrowserKind({
  id: "emby",
  title: "Emby",
  keySpace: keySpaces.emby,
  config: mediaBrowserConfig("Made in Emby under Settings, Advanced, API Keys."),
  // Emby does not report a product name.
  answer: String.raw`^(?![\s\S]*"ProductName")[\s\S]*"ServerName"`,
  isProduct: (product) => product === null || !/jellyfin/i.test(product),
  headers: (apiKey) => ({ "X-Emby-Token": apiKey }),
  users: { path: "Users/Query", paged: true },
  libraries: { path: "Library/VirtualFolders/Query", paged: true },
  // The plain list has no user, and reports everything as never played.
  itemsOf: (userId) => ({ path: `Users/${encodeURIComponent(userId)}/Items`, query: {} }),
  itemFields: [
    "ProviderIds",
    "DateCreated",
    "Tags",
    "ProductionYear",
    "SeriesId",
    "SeasonId",
    "IndexNumber",
    "Path",
    "MediaSourceCount",
    "Studios",
    "CommunityRating",
    "CriticRating"
  ],
  videoFields: ["MediaSources", "RunTimeTicks"],
  // Without the last two fields, the play count is 0 and the date is missing, even for played items.
  userItemFields: [
    "SeriesId",
    "SeasonId",
    "SeriesName",
    "ParentIndexNumber",
    "RunTimeTicks",
    "MediaSourceCount",
    "UserDataPlayCount",
    "UserDataLastPlayedDate"
  ]
})
