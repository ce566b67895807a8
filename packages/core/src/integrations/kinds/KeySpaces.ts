/** Families of the keys by which media servers name their entries, for the servers and for the applications that watch them. */
export const keySpaces = { plex: "plex", jellyfin: "jellyfin", emby: "emby" } as const
