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

export type ProductService = keyof typeof covered

/** The kind that Prunerr means: the first of those that its name covers. */
export const kindOf = (service: ProductService): string => Object.keys(covered[service])[0] ?? service

/** In the order in which Prunerr lists them. */
export const productServices = Object.keys(covered) as ReadonlyArray<ProductService>

/** Applications that Prunerr does not know keep their own names. */
export const serviceOf = (kind: string): string =>
  Object.entries<Readonly<Record<string, true>>>(covered).find(([, kinds]) => kinds[kind] === true)?.[0] ?? kind
