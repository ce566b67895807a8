/** Shows, their seasons and episodes. */
import { catalog, type ItemFact, type ItemFacts, managed, managedWhole } from "./Definition.ts"
import { leftOpen, notMatched } from "./Through.ts"

const noOrder = "an episode of the show with a file has no air date that can be read"

/** Of an episode, that of its season. */
const latestSeason: ItemFact["read"] = (item, context) => {
  if (item.kind !== "episode") return catalog("latestSeason")(item, context)
  const season = context.family.parentOf(item)
  return season?.kind === "season"
    ? leftOpen(season, "latestSeason", catalog("latestSeason")(season, context))
    : notMatched(context.sources.catalog(item.integrationId), "its season is not in the library")
}

export const shows = {
  showStatus: {
    type: "string",
    title: "Show status",
    description: "Whether the show is continuing.",
    kinds: ["show", "season", "episode"],
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
  seasonNumber: {
    type: "number",
    title: "Season number",
    description: "Number of the season, 0 for specials; for an episode, of its season.",
    kinds: ["season", "episode"],
    ...managed,
    read: catalog("seasonNumber")
  },
  seriesType: {
    type: "string",
    title: "Series type",
    description: "How the application numbers the episodes of the show.",
    kinds: ["show", "season", "episode"],
    values: ["standard", "daily", "anime"],
    ...managedWhole,
    read: catalog("seriesType")
  },
  episodeNumber: {
    type: "number",
    title: "Episode number",
    description: "Number of the episode in its season; empty if the application does not number its episodes.",
    kinds: ["episode"],
    ...managed,
    read: catalog("episodeNumber")
  },
  episodeRank: {
    type: "number",
    title: "Rank in the show",
    description:
      "1 for the newest aired episode of the show that has a file, 2 for the one before it, and so on; empty for specials. Greater than 10 is everything but the last ten episodes.",
    kinds: ["episode"],
    ...managed,
    unknown: `${noOrder}; it has not aired`,
    read: catalog("episodeRank")
  },
  episodeRankInSeason: {
    type: "number",
    title: "Rank in the season",
    description: "The same within its season.",
    kinds: ["episode"],
    ...managed,
    unknown: `${noOrder}; it has not aired`,
    read: catalog("episodeRankInSeason")
  },
  seasonFinale: {
    type: "boolean",
    title: "Season finale",
    description: "Whether it is the last episode of its season.",
    kinds: ["episode"],
    ...managed,
    unknown: "it is the last one that is listed of a season to which more episodes may be added",
    read: catalog("seasonFinale")
  },
  seriesFinale: {
    type: "boolean",
    title: "Series finale",
    description: "Whether it is the last episode of a show that has ended.",
    kinds: ["episode"],
    ...managed,
    unknown: "it is the last one that is listed, and it is not known whether the show has ended",
    read: catalog("seriesFinale")
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
    description: "Whether no later season of the show has aired; for an episode, than its own.",
    kinds: ["season", "episode"],
    ...managed,
    read: latestSeason
  }
} as const satisfies ItemFacts
