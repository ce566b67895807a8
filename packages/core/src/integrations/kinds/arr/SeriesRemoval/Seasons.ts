/** The monitored flags of seasons, which are a part of their series. */
import { Effect, Predicate } from "effect"
import { UpstreamMalformed } from "../../../UpstreamErrors.ts"
import type { ArrAccess } from "../Arr.ts"
import { RawEntry } from "../Monitoring.ts"

export interface SeasonName {
  readonly seriesId: number
  readonly seasonNumber: number
  /** The id of its show, to verify that no other show has its number; `null` = not known. */
  readonly tvdbId: number | null
}

export const seasonFlags = ({ application: { api }, integration, upstream }: ArrAccess) => {
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  /** The unmodified series, and the requested season. */
  const read = Effect.fnUntraced(function* ({ seasonNumber, seriesId, tvdbId }: SeasonName) {
    const path = `${api}/series/${seriesId}`
    const series = yield* upstream.get(path, RawEntry)
    if (tvdbId !== null && series["tvdbId"] !== tvdbId) {
      return yield* malformed(`GET ${path}`, `another show has this id now: ${String(series["title"])}`)
    }
    const seasons: ReadonlyArray<unknown> = Array.isArray(series["seasons"]) ? series["seasons"] : []
    const isMeant = (season: unknown) =>
      Predicate.hasProperty(season, "seasonNumber") && season.seasonNumber === seasonNumber
    const season = seasons.find(isMeant)
    if (season === undefined) return yield* malformed(`GET ${path}`, `season ${seasonNumber} is not there`)
    const wasWanted = !(Predicate.hasProperty(season, "monitored") && season.monitored === false)
    return { path, series, seasons, isMeant, wasWanted }
  })

  /**
   * Changes the flag of the season, and optionally of the show, and sends the whole series back. Returns whether the
   * season was monitored.
   */
  const monitorSeason = Effect.fnUntraced(function* (
    name: SeasonName,
    flags: { readonly season: boolean; readonly show?: boolean },
    { destroys = false }: { readonly destroys?: boolean } = {}
  ) {
    const { isMeant, path, seasons, series, wasWanted } = yield* read(name)
    const changed = seasons.map((season) =>
      isMeant(season) && Predicate.isObject(season) ? { ...season, monitored: flags.season } : season
    )
    const show = flags.show === undefined ? {} : { monitored: flags.show }
    yield* upstream.send("PUT", path, { json: { ...series, ...show, seasons: changed }, destroys })
    return wasWanted
  })

  return { read, monitorSeason }
}
