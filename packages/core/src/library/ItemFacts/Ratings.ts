/** How an item is rated. */
import { catalog, type ItemFacts, managedWhole } from "./Definition.ts"

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
  }
} as const satisfies ItemFacts
