/** The simulated applications that the sandbox can start. */
import { jellyfin } from "./Jellyfin.ts"
import { jellystat } from "./Jellystat.ts"
import { lidarr } from "./Lidarr.ts"
import { plex } from "./Plex.ts"
import { radarr } from "./Radarr.ts"
import type { SandboxApp } from "./SandboxApp.ts"
import { seerr } from "./Seerr.ts"
import { sonarr } from "./Sonarr.ts"
import { tautulli } from "./Tautulli.ts"

export const sandboxApps: ReadonlyArray<SandboxApp> = [
  radarr,
  sonarr,
  lidarr,
  plex,
  tautulli,
  seerr,
  jellyfin,
  jellystat
]
