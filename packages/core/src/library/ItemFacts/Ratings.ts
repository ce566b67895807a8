/** How an item is rated. */
import { catalog, type ItemFact, type ItemFacts, managedWhole } from "./Definition.ts"

const votes = (name: "ratingVotes" | "votesImdb" | "votesTmdb" | "votesTrakt", title: string, what: string) =>
  ({
    type: "number",
    title,
    description: `How many people have voted for ${what}.`,
    unit: "votes",
    ...managedWhole,
    read: catalog(name)
  }) as const satisfies ItemFact

export const ratings = {
  rating: {
    type: "number",
    title: "Rating",
    description: "Rating by the managing application, 0 to 10.",
    unit: "of 10",
    ...managedWhole,
    read: catalog("rating")
  },
  ratingImdb: {
    type: "number",
    title: "IMDb rating",
    description: "0 to 10.",
    unit: "of 10",
    aliases: ["imdb_rating"],
    ...managedWhole,
    read: catalog("ratingImdb")
  },
  ratingTmdb: {
    type: "number",
    title: "TMDB rating",
    description: "0 to 10.",
    unit: "of 10",
    aliases: ["tmdb_rating"],
    ...managedWhole,
    read: catalog("ratingTmdb")
  },
  ratingRottenTomatoes: {
    type: "number",
    title: "Rotten Tomatoes rating",
    description: "0 to 100.",
    unit: "percent",
    aliases: ["rating_rt"],
    ...managedWhole,
    read: catalog("ratingRottenTomatoes")
  },
  ratingTrakt: {
    type: "number",
    title: "Trakt rating",
    description: "0 to 10.",
    unit: "of 10",
    aliases: ["trakt_rating"],
    ...managedWhole,
    read: catalog("ratingTrakt")
  },
  ratingMetacritic: {
    type: "number",
    title: "Metacritic rating",
    description: "0 to 100.",
    unit: "percent",
    ...managedWhole,
    read: catalog("ratingMetacritic")
  },
  ratingVotes: votes("ratingVotes", "Votes for the rating", "the rating by the managing application"),
  votesImdb: votes("votesImdb", "IMDb votes", "the IMDb rating"),
  votesTmdb: votes("votesTmdb", "TMDB votes", "the TMDB rating"),
  votesTrakt: votes("votesTrakt", "Trakt votes", "the Trakt rating")
} as const satisfies ItemFacts
