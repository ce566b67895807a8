/** Jellyfin: the contents of its libraries, and the plays and marks of each of its users. */
import { keySpaces } from "./KeySpaces.ts"
import { mediaBrowserConfig, mediaBrowserKind } from "./mediabrowser/MediaBrowser.ts"

export const jellyfin = mediaBrowserKind({
  id: "jellyfin",
  title: "Jellyfin",
  keySpace: keySpaces.jellyfin,
  config: mediaBrowserConfig("Made in Jellyfin under Dashboard, API Keys."),
  answer: String.raw`"ProductName"\s*:\s*"Jellyfin`,
  isProduct: (product) => product === null || /jellyfin/i.test(product),
  // The older headers are disabled on newer servers.
  headers: (apiKey, deviceId) => ({
    Authorization: `MediaBrowser Token="${encodeURIComponent(apiKey)}", Client="Tendarr", Device="Tendarr", DeviceId="${deviceId}", Version="1"`
  }),
  users: { path: "Users", paged: false },
  libraries: { path: "Library/VirtualFolders", paged: false },
  itemsOf: (userId) => ({ path: "Items", query: { userId } }),
  itemFields: ["ProviderIds", "DateCreated", "Tags", "Path", "MediaSourceCount", "Studios"],
  videoFields: ["MediaSources"],
  userItemFields: ["MediaSourceCount"]
})
