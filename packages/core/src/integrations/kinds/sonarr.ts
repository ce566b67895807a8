/** Sonarr (versions 3 and 4): shows and seasons. One sync reads whole lists, never a show at a time. */
import type { Connected, Kind } from "../Kind.ts"
import { ArrConfig, type ArrApplication, arrFields, arrProbe, openArr, readDisks } from "./arr/Arr.ts"
import { readSeries } from "./arr/SeriesCatalog.ts"
import { seriesRemoval } from "./arr/SeriesRemoval.ts"

const application: ArrApplication = { appName: "Sonarr", api: "api/v3" }

export const sonarr: Kind<ArrConfig> = {
  id: "sonarr",
  title: "Sonarr",
  description: "Manages shows and their seasons: what is there, on which disks, and its removal and return.",
  capabilities: ["catalog", "disks", "removal"],
  itemKinds: ["show", "season"],
  fields: arrFields,
  config: ArrConfig,
  // series, tag, qualityprofile; diskspace, rootfolder
  syncCost: { formula: "5, whatever the size of the library", calls: () => 5 },
  connect: (door, connection): Connected => {
    const upstream = openArr(door, connection)
    const probe = arrProbe(upstream, application, connection.name)
    return {
      probe,
      read: {
        catalog: (progress) => readSeries(upstream, application, progress),
        disks: () => readDisks(upstream, application)
      },
      removal: seriesRemoval(upstream, application, connection.name, probe)
    }
  }
}
