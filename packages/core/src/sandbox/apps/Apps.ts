/** The simulated applications that the sandbox can start. */
import { qbittorrent } from "./downloads/QBittorrent.ts"
import { sabnzbd } from "./downloads/Sabnzbd.ts"
import { transmission } from "./downloads/Transmission.ts"
import { emby } from "./Emby.ts"
import { jellyfin } from "./Jellyfin.ts"
import { jellystat } from "./Jellystat.ts"
import { lidarr } from "./Lidarr.ts"
import { ombi } from "./Ombi.ts"
import { plex } from "./Plex.ts"
import { radarr } from "./Radarr.ts"
import { readarr } from "./Readarr.ts"
import type { SandboxApp } from "./SandboxApp.ts"
import { jellyseerr, overseerr, seerr } from "./Seerr.ts"
import { sonarr } from "./Sonarr.ts"
import { sportarr } from "./Sportarr.ts"
import { streamystats } from "./Streamystats.ts"
import { tautulli } from "./Tautulli.ts"
import { tracearr } from "./Tracearr.ts"
import { whisparrScenes } from "./WhisparrScenes.ts"
import { whisparrSites } from "./WhisparrSites.ts"

export const sandboxApps: ReadonlyArray<SandboxApp> = [
  radarr,
  sonarr,
  lidarr,
  plex,
  tautulli,
  seerr,
  readarr,
  whisparrSites,
  whisparrScenes,
  sportarr,
  jellyfin,
  emby,
  jellystat,
  tracearr,
  streamystats,
  overseerr,
  jellyseerr,
  ombi,
  qbittorrent,
  transmission,
  sabnzbd
]
