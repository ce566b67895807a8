/** Ratings of an entry of a Plex server. It shows one rating by critics and one by the audience, each of some source. */
import type { ServerRatings } from "../../Observations.ts"
import { positiveOrNull, textOrNull } from "../Values.ts"
import type { MetadataItem } from "./Container.ts"

export const ratingsOf = (item: MetadataItem): ServerRatings => {
  const critics = positiveOrNull(item.rating)
  const audience = positiveOrNull(item.audienceRating)
  return {
    // Without a rating of the requesting account, the field is missing.
    user: positiveOrNull(item.userRating),
    critics,
    audience,
    ...ofSource(critics, item.ratingImage, "rottenTomatoes"),
    ...ofSource(audience, item.audienceRatingImage, "rottenTomatoesAudience")
  }
}

/** `tomatoes` is the rating of Rotten Tomatoes that such a rating would be. */
const ofSource = (
  value: number | null,
  image: string | null | undefined,
  tomatoes: "rottenTomatoes" | "rottenTomatoesAudience"
): ServerRatings => {
  if (value === null) return {}
  const [, source = ""] = /^([a-z]+):\/\//.exec(textOrNull(image) ?? "") ?? []
  switch (source) {
    case "imdb":
      return { imdb: value }
    case "themoviedb":
      return { tmdb: value }
    case "rottentomatoes":
      return { [tomatoes]: value }
    default:
      return {}
  }
}
