/** Leagues and events of Sportarr as its own API reports them, and the keys of items made of them. */
import { Effect, Schema } from "effect"
import { OddRecords } from "../../OddRecords.ts"
import type { Upstream } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { longReadMillis } from "../arr/Arr.ts"
import { LenientNumber, LenientString, maybe } from "../Lenient.ts"
import { identified } from "../OneItem.ts"
import { idOf } from "../Values.ts"

export interface SportarrAccess {
  readonly upstream: Upstream
  readonly integration: string
  readonly probe: Effect.Effect<unknown, UpstreamError>
}

export const League = Schema.Struct({
  id: Schema.Int,
  /** Its id in the database of Sportarr, the same in every installation. */
  externalId: maybe(LenientString),
  name: Schema.String,
  sport: maybe(LenientString),
  monitored: maybe(Schema.Boolean),
  qualityProfileId: maybe(Schema.Int),
  tags: maybe(Schema.Array(Schema.Int)),
  /** Its own folder; `null` or missing if leagues share one, and in versions that do not report it. */
  path: maybe(LenientString),
  posterUrl: maybe(LenientString),
  logoUrl: maybe(LenientString),
  added: maybe(LenientString)
})
export type League = typeof League.Type

const EventFile = Schema.Struct({
  id: Schema.Int,
  filePath: Schema.String,
  size: maybe(LenientNumber),
  quality: maybe(LenientString),
  codec: maybe(LenientString),
  releaseGroup: maybe(LenientString),
  customFormatScore: maybe(LenientNumber),
  added: maybe(LenientString)
})
export type EventFile = typeof EventFile.Type

export const SportsEvent = Schema.Struct({
  id: Schema.Int,
  leagueId: maybe(Schema.Int),
  title: Schema.String,
  /** `2024`, `2024-2025`. */
  season: maybe(LenientString),
  seasonNumber: maybe(Schema.Int),
  episodeNumber: maybe(Schema.Int),
  eventDate: maybe(LenientString),
  monitored: maybe(Schema.Boolean),
  hasFile: maybe(Schema.Boolean),
  qualityProfileId: maybe(Schema.Int),
  lastUpdate: maybe(LenientString),
  /** Those that exist; an event with several parts has one for each. */
  files: Schema.Array(EventFile)
})
export type SportsEvent = typeof SportsEvent.Type

/** The number of the season; `null` if the event has none. */
export const seasonOf = ({ season, seasonNumber }: Pick<SportsEvent, "season" | "seasonNumber">): number | null => {
  if (typeof seasonNumber === "number") return seasonNumber
  const year = /^(\d{4})\b/.exec(season ?? "")?.[1]
  return year === undefined ? null : Number(year)
}

export const leagueIdsOf = ({ externalId }: Pick<League, "externalId">) => idOf("sportarr-league", externalId)

export const seasonKey = (league: string, season: number): string => `${league}:s${season}`
export const eventKey = (league: string, event: number): string => `${league}:e${event}`

/** The numbers in the external id of a league, of one of its seasons, or of one of its events. */
export const keysIn = (
  externalId: string,
  integration: string
): Effect.Effect<
  { readonly league: number; readonly season: number | null; readonly event: number | null },
  UpstreamError
> => {
  const [, league, season, event] = /^([1-9]\d{0,14})(?::s(\d{1,6})|:e([1-9]\d{0,14}))?$/.exec(externalId) ?? []
  return league === undefined
    ? Effect.fail(
        new UpstreamMalformed({ integration, call: "GET api/leagues", detail: `"${externalId}" is no key of a league` })
      )
    : Effect.succeed({
        league: Number(league),
        season: season === undefined ? null : Number(season),
        event: event === undefined ? null : Number(event)
      })
}

/**
 * All events of a league, those that its page hides included. Fails if one of its files belongs to an event that is not
 * listed, as in old versions, which always hide some.
 */
export const eventsOf = Effect.fnUntraced(function* (
  { integration, upstream }: SportarrAccess,
  league: number
): Effect.fn.Return<ReadonlyArray<SportsEvent>, UpstreamError> {
  const path = `api/leagues/${league}/events`
  const call = `GET ${path}`
  const events = yield* identified(integration, call, new OddRecords(), (odd) =>
    upstream.getArray(path, SportsEvent, { query: { showAll: true }, timeoutMillis: longReadMillis, odd })
  )
  const { files } = yield* upstream.get(`api/leagues/${league}/files`, LeagueFiles)
  const listed = new Set(events.flatMap((event) => event.files.map(({ id }) => id)))
  const lost = files.find(({ id }) => !listed.has(id))
  if (lost === undefined) return events
  const detail = `it hides the event of the file ${lost.id}; newer versions list all events`
  return yield* new UpstreamMalformed({ integration, call, detail })
})

const LeagueFiles = Schema.Struct({ files: Schema.Array(Schema.Struct({ id: Schema.Int })) })
