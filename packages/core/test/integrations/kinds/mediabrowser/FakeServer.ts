/** A Jellyfin or Emby server in memory, whose lists contain the same fields as those of a real server. */
import type { Answers, Sent } from "../../support/FakeUpstream.ts"

export const config = { apiKey: "j3lly" }

export const ann = { Id: "a1", Name: "ann", Policy: { IsAdministrator: false, IsDisabled: false } }
export const root = { Id: "r1", Name: "root", Policy: { IsAdministrator: true, IsDisabled: false } }

export const movie = (id: string, changes: object = {}) => ({
  Id: id,
  Type: "Movie",
  Name: `Movie ${id}`,
  ProductionYear: 1999,
  DateCreated: "2020-01-02T03:04:05.1234567Z",
  ProviderIds: { Tmdb: "603", Imdb: "tt0133093", Tvdb: "777" },
  Tags: ["Keep", ""],
  ...changes
})
export const series = (id: string) => ({
  Id: id,
  Type: "Series",
  Name: "Show",
  ProductionYear: 0,
  ProviderIds: { Tmdb: "1399", Tvdb: "121361", TvRage: "5", Imdb: "none" }
})
export const season = (id: string, show: string, number: number | null) => ({
  Id: id,
  Type: "Season",
  Name: "Season",
  SeriesId: show,
  IndexNumber: number,
  ProviderIds: { Tvdb: "900001" }
})

export interface World {
  readonly libraries?: ReadonlyArray<object>
  readonly items?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly favourites?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly collections?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly played?: Readonly<Record<string, ReadonlyArray<object>>>
  readonly users?: ReadonlyArray<object>
  readonly sessions?: ReadonlyArray<object>
  /** The files of an entry, and entries that no list shows, by their keys. */
  readonly versions?: Readonly<Record<string, object>>
  readonly versionData?: Readonly<Record<string, Readonly<Record<string, object>>>>
}

const page = (sent: Sent, rows: ReadonlyArray<unknown>) => {
  const start = Number(sent.query.get("startIndex"))
  return {
    Items: rows.slice(start, start + Number(sent.query.get("limit"))),
    TotalRecordCount: rows.length,
    StartIndex: start
  }
}

export const movieLibrary = { ItemId: "l1", Name: "Films", CollectionType: "movies" }

/** Responds like Jellyfin under `Items?userId`, and like Emby under `Users/{id}/Items`. */
export const server =
  (world: World): Answers =>
  (sent) => {
    const users = world.users ?? [ann, root]
    const libraries = world.libraries ?? [movieLibrary]
    const type = sent.query.get("includeItemTypes")
    const parent = sent.query.get("parentId") ?? ""
    const user = /^\/Users\/(.+)\/Items$/.exec(sent.path)?.[1] ?? sent.query.get("userId") ?? ""
    switch (sent.path) {
      case "/System/Info":
        return { Version: "10.11.11", ProductName: "Jellyfin Server", Id: "x" }
      case "/Users":
        return users
      case "/Sessions":
        return world.sessions ?? []
      case "/Users/Query":
        return page(sent, users)
      case "/Library/VirtualFolders":
        return libraries
      case "/Library/VirtualFolders/Query":
        return page(sent, libraries)
    }
    if (!sent.path.endsWith("/Items")) return undefined
    const ids = sent.query.get("ids")?.split(",")
    if (ids !== undefined) {
      const found = ids.flatMap((id) => world.versions?.[id] ?? [])
      return page(
        sent,
        found.map((one) => ({ ...one, ...world.versionData?.[user]?.[String(Reflect.get(one, "Id"))] }))
      )
    }
    if (sent.query.get("filters") === "IsFavorite") return page(sent, world.favourites?.[user] ?? [])
    if (type === "BoxSet") {
      return page(
        sent,
        Object.keys(world.collections ?? {}).map((Name) => ({ Id: `box-${Name}`, Type: "BoxSet", Name }))
      )
    }
    // Like a real server, it returns no collection without a user.
    if (parent.startsWith("box-")) return page(sent, user === "" ? [] : (world.collections?.[parent.slice(4)] ?? []))
    if (type === "Movie,Episode") return page(sent, world.played?.[user] ?? [])
    return page(sent, world.items?.[parent] ?? [])
  }

export const data = (PlayCount: number, changes: object = {}) => ({
  UserData: { PlayCount, Played: PlayCount > 0, IsFavorite: false, PlaybackPositionTicks: 0, ...changes }
})
export const episode = (id: string, number: number | null, userData: object) => ({
  Id: id,
  Type: "Episode",
  SeriesId: "s1",
  SeasonId: "e1",
  ParentIndexNumber: number,
  ...userData
})
