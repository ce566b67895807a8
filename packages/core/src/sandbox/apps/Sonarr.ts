/** A simulated Sonarr 4: its API v3 over the world's shows. */
import { seriesArr } from "./arr/SeriesArr.ts"

export const sonarr = seriesArr({
  id: "sonarr",
  kind: "sonarr",
  name: "Sonarr",
  appName: "Sonarr",
  version: "4.0.16.2944",
  shelf: (world, number) => world.showsOf(number),
  newer: true
})
