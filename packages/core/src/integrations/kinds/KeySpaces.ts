/**
 * Families of the keys that identify entries of media servers, for the servers and for applications that watch them.
 */
export const keySpaces = { plex: "plex", jellyfin: "jellyfin", emby: "emby" } as const
