/** A simulated Whisparr 3 ("Eros"): its API v3 over the world's scenes, and a few movies among them. */
import { movieKeyOf } from "../world/MovieShelf.ts"
import { movieArr } from "./arr/MovieArr.ts"

export const whisparrScenes = movieArr({
  id: "whisparr-v3",
  kind: "whisparr",
  name: "Whisparr 3",
  onlyWhenNamed: true,
  appName: "Whisparr",
  version: "3.1.0.1980",
  shelf: (world, number) => world.scenesOf(number),
  commands: ["RefreshPerformers", "RefreshStudios", "RescanScenes", "AddMovies"],
  newer: false,
  adjust: (fields, work) => ({
    ...Object.fromEntries(Object.entries(fields).filter(([key]) => !unknownHere.has(key))),
    ratings: {},
    releaseDate: String(fields["releaseDate"]).slice(0, 10),
    code: "",
    studioTitle: work.studio,
    studioForeignId: "",
    foreignId: movieKeyOf(work),
    stashId: work.stashId ?? "",
    itemType: work.stashId === undefined ? "movie" : "scene",
    credits: []
  }),
  // The parameter `stashId` looks for the foreign id, which movies from TMDB have too.
  asked: "stashId",
  named: {
    body: ({ foreignId, stashId, tmdbId = 0 }) => foreignId ?? stashId ?? String(tmdbId),
    term: (term) => /^(?:stash|tmdb):([\da-f-]+)$/.exec(term)?.[1] ?? "",
    property: "ForeignId"
  },
  exclusions: { keys: { id: "foreignId", title: "movieTitle", year: "movieYear" }, isNumber: false }
})

/** Fields of the original application that this fork does not have. */
const unknownHere = new Set([
  "originalTitle",
  "alternateTitles",
  "secondaryYear",
  "secondaryYearSourceId",
  "inCinemas",
  "physicalRelease",
  "digitalRelease",
  "youTubeTrailerId",
  "studio",
  "movieFileId",
  "minimumAvailability",
  "certification",
  "keywords",
  "collection",
  "popularity",
  "lastSearchTime"
])
