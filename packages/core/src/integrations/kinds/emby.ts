/** Emby: what its libraries hold, and what each of its users has played and marked. */
import { apiKeyField } from "./ApiKey.ts"
import { keySpaces } from "./KeySpaces.ts"
import { mediaBrowserKind } from "./mediabrowser/MediaBrowser.ts"

export const emby = mediaBrowserKind({
  id: "emby",
  title: "Emby",
  keySpace: keySpaces.emby,
  field: apiKeyField("Made in Emby under Settings, Advanced, API Keys."),
  // It does not name its product.
  answer: String.raw`^(?![\s\S]*"ProductName")[\s\S]*"ServerName"`,
  isProduct: (product) => product === null || !/jellyfin/i.test(product),
  headers: (apiKey) => ({ "X-Emby-Token": apiKey }),
  users: { path: "Users/Query", paged: true },
  libraries: { path: "Library/VirtualFolders/Query", paged: true },
  // The plain list knows no user, and says of everything that it was never played.
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
    "MediaSourceCount"
  ],
  // Without the last two a play count is 0 and the date is missing, also of what was played.
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
