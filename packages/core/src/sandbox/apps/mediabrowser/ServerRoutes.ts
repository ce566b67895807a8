/** What a simulated Jellyfin and Emby tell of themselves: their users and their libraries. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { videoLibraries } from "../Libraries.ts"
import { collectionsLibrary, libraryNumber, type MediaBrowserKeys } from "./MediaBrowserKeys.ts"

export const usersAnswer = (world: SandboxWorld, keys: MediaBrowserKeys, providers: string) =>
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
      AuthenticationProviderId: `${providers}.Implementations.Users.DefaultAuthenticationProvider`,
      PasswordResetProviderId: `${providers}.Implementations.Users.DefaultPasswordResetProvider`
    }
  }))

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
