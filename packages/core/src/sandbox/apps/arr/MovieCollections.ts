/** The collections of a simulated Radarr, with the movies that it does not have. */
import type { MovieShelf } from "../../world/MovieShelf.ts"
import type { MovieWork } from "../../world/WorldModel.ts"
import { json } from "../Reply.ts"
import { type AppContext, type Call, route, type Route } from "../SandboxApp.ts"
import { poster } from "../Poster.ts"
import { arrNotFound } from "./ArrReplies.ts"

/** `describe` returns a movie's metadata in the format of the application. */
export const collectionRoutes = (
  { urlBase }: AppContext,
  shelf: MovieShelf,
  api: string,
  describe: (work: MovieWork) => Readonly<Record<string, unknown>>
): ReadonlyArray<Route> => {
  const collections = () => {
    const found = new Map<number, { readonly title: string; readonly works: Array<MovieWork> }>()
    for (const work of shelf.works) {
      if (work.collection === null) continue
      const { title, tmdbId } = work.collection
      const collection = found.get(tmdbId) ?? { title, works: [] }
      collection.works.push(work)
      found.set(tmdbId, collection)
    }
    // As Radarr, it lists a collection as long as it has one of its movies.
    return [...found]
      .filter(([, { works }]) => works.some((work) => shelf.of(work) !== undefined))
      .map(([tmdbId, { title, works }], index) => ({ id: index + 1, tmdbId, title, works }))
  }
  const answer = ({ id, title, tmdbId, works }: ReturnType<typeof collections>[number]) => {
    const movies = works.map((work) => ({
      tmdbId: work.tmdbId,
      imdbId: work.imdbId,
      title: work.title,
      cleanTitle: String(describe(work)["cleanTitle"] ?? ""),
      sortTitle: work.title.toLowerCase(),
      status: "released",
      overview: "",
      runtime: work.runtimeMinutes,
      images: [],
      year: work.year,
      ratings: describe(work)["ratings"],
      genres: work.genres,
      folder: `${work.title} (${work.year})`,
      isExisting: shelf.of(work) !== undefined,
      isExcluded: false
    }))
    return {
      id,
      title,
      sortTitle: title.toLowerCase(),
      tmdbId,
      images: [
        {
          coverType: "poster",
          url: `${urlBase}/MediaCoverProxy/${tmdbId}/poster.jpg`,
          remoteUrl: `https://image.example.test/collections/${tmdbId}.jpg`
        }
      ],
      overview: `All films of ${title}.`,
      monitored: false,
      rootFolderPath: shelf.root,
      qualityProfileId: 1,
      searchOnAdd: false,
      minimumAvailability: "released",
      movies,
      missingMovies: movies.filter(({ isExisting }) => !isExisting).length,
      tags: []
    }
  }
  return [
    route("GET", `${api}/collection`, (call) => json(call, collections().map(answer))),
    route("GET", `${api}/collection/:id`, (call: Call) => {
      const found = collections().find(({ id }) => String(id) === call.params["id"])
      return found === undefined ? arrNotFound(call) : json(call, answer(found))
    }),
    route("GET", "/MediaCoverProxy/:id/:file", (call) => {
      const found = collections().find(({ tmdbId }) => String(tmdbId) === call.params["id"])
      return found === undefined ? arrNotFound(call) : poster(found.title, 0)
    })
  ]
}
