/** A simulated Plex Media Server over the files of the world: two libraries, labels, and plays. */
import { numbered } from "../world/Generate.ts"
import { SeededRandom } from "../world/SeededRandom.ts"
import { plexHistoryRoutes } from "./plex/PlexHistory.ts"
import { plexSession } from "./plex/PlexSessions.ts"
import { plexLibraryRoutes } from "./plex/PlexLibrary.ts"
import { plexMetadataRoutes } from "./plex/PlexMetadata.ts"
import { plexPlaylistRoutes } from "./plex/PlexPlaylists.ts"
import { container, containerPage, plexAuthorized, plexNotFound, plexPage } from "./plex/PlexReplies.ts"
import {
  allowDeletion,
  type AppContext,
  deletesMedia,
  openRoute,
  playingOn,
  route,
  type Route,
  type SandboxApp
} from "./SandboxApp.ts"

export const plex: SandboxApp = {
  id: "plex",
  kind: "plex",
  part: "mediaServer",
  name: "Plex",
  config: (token) => ({ token }),
  authorized: plexAuthorized,
  unauthorized: () => plexPage(401, "Unauthorized"),
  notFound: plexNotFound,
  routes: (context) => [
    ...serverRoutes(context),
    ...plexLibraryRoutes(context),
    ...plexMetadataRoutes(context),
    ...plexHistoryRoutes(context),
    ...plexPlaylistRoutes(context)
  ]
}

export const plexServerId = ({ number, world }: AppContext): string =>
  new SeededRandom(`${world.options.seed ?? "tendarr"}/${numbered("plex", number)}`).hex(40)
const version = "1.43.0.10492-121068a07"

const serverRoutes = (context: AppContext): ReadonlyArray<Route> => [
  openRoute("GET", "/identity", (call) =>
    container(call, { size: 0, claimed: true, machineIdentifier: plexServerId(context), version })
  ),
  route("GET", "/", (call) =>
    container(call, {
      size: 0,
      allowMediaDeletion: deletesMedia(context, "plex"),
      friendlyName: "Sandbox",
      machineIdentifier: plexServerId(context),
      myPlexSubscription: true,
      platform: "Linux",
      version
    })
  ),
  route("PUT", "/:/prefs", (call) => {
    const allowed = call.query.get("allowMediaDeletion")
    if (allowed !== null) allowDeletion(context, "plex", allowed === "1" || allowed === "true")
    return new Response(null, { status: 200 })
  }),
  route("GET", "/accounts", (call) =>
    container(call, {
      size: context.world.people.length + 1,
      identifier: "com.plexapp.system.accounts",
      Account: [
        { id: 0, name: "" },
        ...context.world.people.map((person) => ({ id: person.accountId, name: person.username }))
      ].map(({ id, name }) => ({
        id,
        key: `/accounts/${id}`,
        name,
        defaultAudioLanguage: "en",
        autoSelectAudio: true,
        defaultSubtitleLanguage: "en",
        subtitleMode: 1,
        thumb: ""
      }))
    })
  ),
  route("GET", "/status/sessions", (call) =>
    containerPage(call, {}, "Metadata", playingOn(context, "plex"), (play) => plexSession(context.world, play))
  )
]
