/** Radarr: movies. One sync reads whole lists, never a movie at a time. */
import type { Connected, Kind } from "../Kind.ts"
import { ArrConfig, type ArrApplication, arrFields, arrProbe, openArr, readDisks } from "./arr/Arr.ts"
import { readMovies } from "./arr/MovieCatalog.ts"
import { movieRemoval } from "./arr/MovieRemoval.ts"

const application: ArrApplication = { appName: "Radarr", api: "api/v3" }

export const radarr: Kind<ArrConfig> = {
  id: "radarr",
  title: "Radarr",
  description: "Manages movies: what is there, on which disks, and its removal and return.",
  capabilities: ["catalog", "disks", "removal", "collections"],
  itemKinds: ["movie"],
  fields: arrFields,
  config: ArrConfig,
  // movie, tag, qualityprofile; diskspace, rootfolder
  syncCost: { formula: "5, whatever the size of the library", calls: () => 5 },
  connect: (door, connection): Connected => {
    const upstream = openArr(door, connection)
    const probe = arrProbe(upstream, application, connection.name)
    return {
      probe,
      read: {
        catalog: (progress) => readMovies(upstream, application, progress),
        disks: () => readDisks(upstream, application)
      },
      removal: movieRemoval(upstream, application, connection.name, probe)
    }
  }
}
