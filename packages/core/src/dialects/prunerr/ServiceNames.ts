/** The applications under the names that Prunerr has for them. */

/** By Prunerr's name: the kinds that it covers. */
const covered = {
  plex: { plex: true },
  radarr: { radarr: true },
  sonarr: { sonarr: true },
  tautulli: { tautulli: true },
  tracearr: { tracearr: true },
  overseerr: { seerr: true, ombi: true }
} as const satisfies Record<string, Readonly<Record<string, true>>>

/** In the order in which Prunerr lists them. */
export const productServices: ReadonlyArray<string> = Object.keys(covered)

/** Applications that Prunerr does not know keep their own names. */
export const serviceOf = (kind: string): string =>
  Object.entries<Readonly<Record<string, true>>>(covered).find(([, kinds]) => kinds[kind] === true)?.[0] ?? kind
