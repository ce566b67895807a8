/** Shows with their seasons and episodes. */
import { catalog, type ItemFacts, managed, managedWhole } from "./Definition.ts"

export const shows = {
  showStatus: {
    type: "string",
    title: "Show status",
    description: "Whether the show is continuing.",
    kinds: ["show", "season"],
    aliases: ["series_status"],
    values: ["continuing", "ended", "upcoming", "deleted"],
    ...managedWhole,
    read: catalog("showStatus")
  },
  ended: {
    type: "boolean",
    title: "Ended",
    description: "Whether the show has ended, or the artist or author is no longer active.",
    kinds: ["show", "season", "artist", "author"],
    ...managedWhole,
    read: catalog("ended")
  },
  seriesType: {
    type: "string",
    title: "Series type",
    description: "How its episodes are numbered.",
    kinds: ["show", "season"],
    values: ["standard", "daily", "anime"],
    ...managedWhole,
    read: catalog("seriesType")
  },
  seasonNumber: {
    type: "number",
    title: "Season number",
    description: "Number of the season.",
    kinds: ["season"],
    ...managed,
    read: catalog("seasonNumber")
  },
  seasonCount: {
    type: "number",
    title: "Number of seasons",
    description: "How many seasons the show has.",
    kinds: ["show"],
    ...managedWhole,
    read: catalog("seasonCount")
  },
  monitoredSeasons: {
    type: "number",
    title: "Monitored seasons",
    description: "How many seasons of the show are monitored, without specials.",
    unit: "seasons",
    kinds: ["show"],
    aliases: ["seasons_monitored"],
    ...managedWhole,
    read: catalog("monitoredSeasons")
  },
  episodeCount: {
    type: "number",
    title: "Number of episodes",
    description: "Episodes that have a file.",
    unit: "episodes",
    kinds: ["show", "season"],
    ...managed,
    read: catalog("episodeCount")
  },
  missingEpisodes: {
    type: "number",
    title: "Missing episodes",
    description: "Episodes that have aired, are monitored, and have no file.",
    unit: "episodes",
    kinds: ["show", "season"],
    ...managed,
    read: catalog("missingEpisodes")
  },
  unairedEpisodes: {
    type: "number",
    title: "Unaired episodes",
    description: "Episodes that are announced and have not aired yet.",
    unit: "episodes",
    kinds: ["show", "season"],
    ...managed,
    read: catalog("unairedEpisodes")
  },
  onAir: {
    type: "boolean",
    title: "On air",
    description: "Whether it has a further episode with an air date in the future.",
    kinds: ["show", "season"],
    ...managed,
    read: catalog("onAir")
  },
  latestSeason: {
    type: "boolean",
    title: "Latest season",
    description: "Whether no later season of the show has aired.",
    kinds: ["season"],
    ...managed,
    read: catalog("latestSeason")
  }
} as const satisfies ItemFacts
