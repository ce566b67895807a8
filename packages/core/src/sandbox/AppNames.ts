/**
 * Which simulated applications may be named. Apart from the applications themselves: a command line is read without loading
 * them.
 */

/** The word for one of each. */
export const allApps = "all"

/** Kinds, and ids of applications where one kind reads several. */
export const appNames: ReadonlyArray<string> = [
  allApps,
  "radarr",
  "sonarr",
  "lidarr",
  "plex",
  "tautulli",
  "seerr",
  "readarr",
  "whisparr",
  "whisparr-v2",
  "whisparr-v3",
  "jellyfin",
  "emby",
  "jellystat",
  "tracearr",
  "overseerr",
  "jellyseerr",
  "ombi"
]
