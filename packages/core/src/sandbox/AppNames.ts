/**
 * The names of simulated applications. Separate from the applications themselves, so that a command line can be parsed
 * without loading them.
 */

/** The name for one of each. */
export const allApps = "all"

/** Kinds, and ids of applications if one kind supports several. */
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
  "sportarr",
  "jellyfin",
  "emby",
  "jellystat",
  "tracearr",
  "streamystats",
  "overseerr",
  "jellyseerr",
  "ombi",
  "qbittorrent",
  "transmission",
  "sabnzbd"
]
