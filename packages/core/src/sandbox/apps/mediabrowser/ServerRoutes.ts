/** Server information of a simulated Jellyfin and Emby: users, libraries, and what is being played. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { episodeTitle } from "../arr/SeriesAnswers.ts"
import { seasonKey, showKey, entryOfPlay } from "../plex/PlexKeys.ts"
import { allowDeletion, type AppContext, deletesMedia, playingOn, route, type Route } from "../SandboxApp.ts"
import { videoLibraries } from "../Libraries.ts"
import { collectionsLibrary, keyOfEntry, libraryNumber, type MediaBrowserKeys } from "./MediaBrowserKeys.ts"

/** The key acts as the first user, who may delete media unless a setting forbids it. */
export const usersAnswer = (context: AppContext, keys: MediaBrowserKeys, providers: string, kind: string) => {
  const { world } = context
  return world.people.map((person, index) => ({
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
      EnableContentDeletion: index === 0 && deletesMedia(context, kind),
      AuthenticationProviderId: `${providers}.Implementations.Users.DefaultAuthenticationProvider`,
      PasswordResetProviderId: `${providers}.Implementations.Users.DefaultPasswordResetProvider`
    }
  }))
}

/** Changes what a user may do. */
export const policyRoute = (context: AppContext, kind: string): Route =>
  route("POST", "/Users/:user/Policy", async (call) => {
    const body: unknown = await call.request.json().catch(() => null)
    const allowed: unknown =
      typeof body === "object" && body !== null ? Reflect.get(body, "EnableContentDeletion") : undefined
    if (typeof allowed === "boolean") allowDeletion(context, kind, allowed)
    return new Response(null, { status: 204 })
  })

export const librariesAnswer = (world: SandboxWorld, keys: MediaBrowserKeys) => {
  const folder = (Name: string, CollectionType: string, location: string | null, number: number) => ({
    Name,
    Locations: location === null ? [] : [location],
    CollectionType,
    LibraryOptions: { Enabled: true, EnableRealtimeMonitor: true },
    ItemId: keys.item(number),
    PrimaryImageItemId: keys.item(number),
    RefreshStatus: "Idle"
  })
  const own = videoLibraries(world).map((library) => {
    const title = library.title.replace(/^TV /, "")
    return folder(title, library.type === "movie" ? "movies" : "tvshows", library.root, libraryNumber(library))
  })
  return [...own, folder("Collections", "boxsets", null, collectionsLibrary)]
}

/** Connected devices: here those that are playing something. */
export const sessionsAnswer = (context: AppContext, keys: MediaBrowserKeys, kind: string) =>
  playingOn(context, kind).map((play) => {
    const { movie, person, season } = play
    const entry = entryOfPlay(play)
    const work = movie?.work ?? season?.show.work
    return {
      Id: `sandbox-${-play.id}`,
      UserId: keys.person(person),
      UserName: person.username,
      Client: "Sandbox",
      DeviceName: "Living room",
      DeviceId: `sandbox-${person.cloudId}`,
      LastActivityDate: context.world.iso(context.world.now()),
      IsActive: true,
      SupportsMediaControl: false,
      SupportsRemoteControl: false,
      HasCustomDeviceName: false,
      AdditionalUsers: [],
      PlayState: {
        PositionTicks: play.durationSeconds * 10_000_000,
        CanSeek: true,
        IsPaused: false,
        IsMuted: false,
        RepeatMode: "RepeatNone",
        PlaybackOrder: "Default"
      },
      NowPlayingItem: {
        Id: entry === undefined ? "" : keys.item(keyOfEntry(entry)),
        ServerId: keys.server,
        RunTimeTicks: (work?.runtimeMinutes ?? 0) * 600_000_000,
        ...(season === null
          ? { Type: "Movie", Name: work?.title ?? "", ProductionYear: work?.year ?? 0 }
          : {
              Type: "Episode",
              Name: episodeTitle(play.episode),
              SeriesName: work?.title ?? "",
              SeriesId: keys.item(showKey(season.show)),
              SeasonId: keys.item(seasonKey(season)),
              IndexNumber: play.episode,
              ParentIndexNumber: season.work.number
            })
      }
    }
  })
