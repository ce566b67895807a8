/** A simulated Jellyfin over the same disks and the same people as the simulated Plex, under ids of its own. */
import { movieRoot, showRoot } from "../world/Generate.ts"
import { jellyfinItemRoutes, problem } from "./jellyfin/JellyfinItems.ts"
import { type JellyfinKeys, jellyfinKeys, libraries } from "./jellyfin/JellyfinKeys.ts"
import { jellyfinUserData } from "./jellyfin/JellyfinUserData.ts"
import { json } from "./Reply.ts"
import { type AppContext, type Call, openRoute, route, type Route, type SandboxApp } from "./SandboxApp.ts"

export const jellyfin: SandboxApp = {
  kind: "jellyfin",
  name: "Jellyfin",
  onlyWhenNamed: true,
  config: (apiKey) => ({ apiKey }),
  authorized: (call, secret) => tokenIn(call) === secret,
  unauthorized: () => new Response(null, { status: 401 }),
  notFound: () => problem(404, "Not Found"),
  routes: (context) => {
    const keys = jellyfinKeys(context.world)
    const userData = jellyfinUserData(context.world, keys)
    return [...serverRoutes(context, keys), ...jellyfinItemRoutes(context, keys, userData)]
  }
}

/** The older headers are switched off here, as they are on newer servers. */
const tokenIn = (call: Call): string | null => {
  const header = call.request.headers.get("authorization") ?? ""
  const token = /^MediaBrowser\s.*\bToken="([^"]*)"/i.exec(header)?.[1]
  return token === undefined ? call.query.get("ApiKey") : decodeURIComponent(token)
}

const version = "10.11.11"

const serverRoutes = ({ world }: AppContext, keys: JellyfinKeys): ReadonlyArray<Route> => {
  const info = {
    LocalAddress: "http://127.0.0.1:8096",
    ServerName: "Sandbox",
    Version: version,
    ProductName: "Jellyfin Server",
    OperatingSystem: "",
    Id: keys.server,
    StartupWizardCompleted: true
  }
  const folder = (Name: string, CollectionType: string, location: string | null, number: number) => ({
    Name,
    Locations: location === null ? [] : [location],
    CollectionType,
    LibraryOptions: { Enabled: true, EnableRealtimeMonitor: true },
    ItemId: keys.item(number),
    PrimaryImageItemId: keys.item(number),
    RefreshStatus: "Idle"
  })
  return [
    openRoute("GET", "/System/Info/Public", (call) => json(call, info)),
    route("GET", "/System/Info", (call) =>
      json(call, { ...info, HasPendingRestart: false, IsShuttingDown: false, SupportsLibraryMonitor: true })
    ),
    route("GET", "/Users", (call) =>
      json(
        call,
        world.people.map((person, index) => ({
          Name: person.username,
          ServerId: keys.server,
          Id: keys.person(person),
          HasPassword: true,
          HasConfiguredPassword: true,
          HasConfiguredEasyPassword: false,
          EnableAutoLogin: false,
          LastLoginDate: world.iso(world.startedAt),
          LastActivityDate: world.iso(world.startedAt),
          Policy: {
            IsAdministrator: index === 0,
            IsHidden: false,
            IsDisabled: false,
            EnableAllFolders: true,
            EnableContentDeletion: index === 0,
            AuthenticationProviderId: "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider",
            PasswordResetProviderId: "Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider"
          }
        }))
      )
    ),
    route("GET", "/Library/VirtualFolders", (call) =>
      json(call, [
        folder("Movies", "movies", movieRoot, libraries.movies),
        folder("Shows", "tvshows", showRoot, libraries.shows),
        folder("Collections", "boxsets", null, libraries.collections)
      ])
    ),
    route("GET", "/Sessions", (call) => json(call, [])),
    // The world shows its changes at once, so that a scan finds nothing new.
    route("POST", "/Library/Refresh", () => new Response(null, { status: 204 }))
  ]
}
