/** How an item is rated. */
import type { ServerRatings } from "../../integrations/Observations.ts"
import { inapplicable } from "../Facts.ts"
import {
  catalog,
  type ItemFact,
  type ItemFacts,
  managedWhole,
  manager,
  onNoServer,
  servers,
  unmatched
} from "./Definition.ts"
import { notMatched, through } from "./Through.ts"

/** A rating in media servers, on a scale of `scale` times ten. */
const fromServer =
  (name: keyof ServerRatings, scale: number): ItemFact["read"] =>
  (item, { sources }) => {
    const believed = sources.servers(item.kind)
    const { onServers, ratings } = item.data
    if (onServers.length === 0) return notMatched(believed, unmatched)
    const value = ratings?.[name]
    if (value !== undefined) return through(believed, value === null ? null : Math.round(value * scale * 100) / 100)
    return believed._tag === "Fresh"
      ? { _tag: "Unknown", reason: "not-told", detail: "its media server does not show it", source: believed.source }
      : through(believed, null)
  }

/** As the manager reports it; for items of managers that do not have it, as media servers show it. */
const catalogOr = (
  name: "ratingImdb" | "ratingTmdb" | "ratingRottenTomatoes",
  onServer: "imdb" | "tmdb" | "rottenTomatoes",
  scale: number
): ItemFact["read"] => {
  const [managed, served] = [catalog(name), fromServer(onServer, scale)]
  return (item, context) => {
    if (item.data.catalog[name] !== undefined) return managed(item, context)
    return item.data.ratings?.[onServer] === undefined ? inapplicable : served(item, context)
  }
}

const managedOrServer = { ...managedWhole, source: `${manager}, else ${servers}` } as const
const served = { source: servers, unknown: `${onNoServer}; the server does not show it`, ofPart: "the whole" } as const

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
    ...managedOrServer,
    read: catalogOr("ratingImdb", "imdb", 1)
  },
  ratingTmdb: {
    type: "number",
    title: "TMDB rating",
    description: "0 to 10.",
    unit: "of 10",
    aliases: ["tmdb_rating"],
    ...managedOrServer,
    read: catalogOr("ratingTmdb", "tmdb", 1)
  },
  ratingRottenTomatoes: {
    type: "number",
    title: "Rotten Tomatoes rating",
    description: "0 to 100.",
    unit: "percent",
    aliases: ["rating_rt"],
    ...managedOrServer,
    read: catalogOr("ratingRottenTomatoes", "rottenTomatoes", 10)
  },
  ratingRottenTomatoesAudience: {
    type: "number",
    title: "Rotten Tomatoes audience rating",
    description: "0 to 100.",
    unit: "percent",
    ...served,
    unknown: `${onNoServer}; its media server shows the rating of another source`,
    read: fromServer("rottenTomatoesAudience", 10)
  },
  ratingCritics: {
    type: "number",
    title: "Rating by critics",
    description: "Rating by critics in the media server, 0 to 10, of whichever source it uses.",
    unit: "of 10",
    aliases: ["rating_critics"],
    ...served,
    read: fromServer("critics", 1)
  },
  ratingAudience: {
    type: "number",
    title: "Rating by the audience",
    description: "Rating by the audience in the media server, 0 to 10, of whichever source it uses.",
    unit: "of 10",
    aliases: ["rating_audience"],
    ...served,
    read: fromServer("audience", 1)
  },
  userRating: {
    type: "number",
    title: "Rating by the owner",
    description: "Rating that the owner of the media server has given it, 0 to 10; empty if none.",
    unit: "of 10",
    aliases: ["rating_user"],
    ...served,
    read: fromServer("user", 1)
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
