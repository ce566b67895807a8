/** The playlists of the simulated Plex: one, with the first movies and an episode of the first show. */
import { type AppContext, route, type Route } from "../SandboxApp.ts"
import { moviesOnServer, showsOnServer } from "../Libraries.ts"
import { derivation, listedAnswer } from "./PlexAnswers.ts"
import { episodes, type PlexEntry } from "./PlexKeys.ts"
import { containerPage, plexNotFound } from "./PlexReplies.ts"

const key = 990_001
const title = "Weekend"

export const plexPlaylistRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const derive = derivation(context)
  const contents = (): ReadonlyArray<PlexEntry> => [
    ...moviesOnServer(world)
      .slice(0, 3)
      .map((movie): PlexEntry => ({ type: "movie", movie })),
    ...showsOnServer(world)
      .slice(0, 1)
      .flatMap(({ seasons }) => seasons.flatMap(episodes).slice(0, 1))
  ]
  return [
    route("GET", "/playlists", (call) =>
      containerPage(call, {}, "Metadata", [title], () => ({
        ratingKey: String(key),
        key: `/playlists/${key}/items`,
        guid: `com.plexapp.agents.none://${key}`,
        type: "playlist",
        title,
        summary: "",
        smart: false,
        playlistType: "video",
        leafCount: contents().length,
        addedAt: world.epoch(world.startedAt),
        updatedAt: world.epoch(world.startedAt)
      }))
    ),
    route("GET", "/playlists/:id/items", (call) =>
      call.params["id"] === String(key)
        ? containerPage(call, {}, "Metadata", contents(), (row) => listedAnswer(world, derive().views, row, false))
        : plexNotFound()
    )
  ]
}
