/** Where Sportarr stores the data of facts. For the reference. */
import type { FactOrigin } from "../../Kind.ts"

export const sportarrFacts: ReadonlyArray<FactOrigin> = [
  {
    facts: ["title", "genres", "monitored", "tags", "qualityProfile", "addedAt"],
    places:
      "`GET api/leagues`: `name`, `sport`, `monitored`, `tags`, `qualityProfileId`, `added`; names from `GET api/tag` and `GET api/qualityprofile`",
    unknown: "missing: unknown",
    evidence: "document"
  },
  {
    facts: ["path", "rootFolder"],
    places: "`path` of a league, which versions since 2026 report if leagues have folders of their own",
    unknown: "missing: unknown; the files of events are reported in any case",
    evidence: "document"
  },
  {
    facts: ["sizeBytes", "fileAddedAt", "episodeCount", "seasonCount", "monitoredSeasons"],
    places: "`GET api/events`: `files[]` of each event with `size` and `added`, `seasonNumber`",
    unknown: "files without a size: the size is unknown",
    evidence: "document"
  },
  {
    facts: ["missingEpisodes", "unairedEpisodes", "onAir", "latestSeason", "releasedAt"],
    places: "`GET api/events`: `eventDate`, `monitored` and `files[]`",
    unknown: "an event without a date counts as one that is still to come",
    evidence: "document"
  }
]
