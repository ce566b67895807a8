/** Leagues as shows, their seasons that have files, and their events as episodes. */
import { Clock, Effect } from "effect"
import { isoOfMillis } from "../../../problems/Instants.ts"
import type { ContentsReading, Progress, RemovalTarget } from "../../Kind.ts"
import type { CatalogFacts, CatalogItem, WholeFile } from "../../Observations.ts"
import { type OddRecords, untoldOf } from "../../OddRecords.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { longReadMillis, type Names, readNames } from "../arr/Arr.ts"
import { both, leaving, unmeasured } from "../arr/Parts.ts"
import { titleOfEpisode } from "../arr/SeriesEpisodes.ts"
import { orGone } from "../OneItem.ts"
import { folderOf, isoOrNull, seasonTitle, textOrNull } from "../Values.ts"
import {
  eventKey,
  eventsOf,
  type EventFile,
  keysIn,
  League,
  leagueIdsOf,
  seasonKey,
  seasonOf,
  type SportarrAccess,
  SportsEvent
} from "./Records.ts"

const api = { appName: "Sportarr", api: "api" }

export const readCatalog = Effect.fn("Sportarr.readCatalog")(function* (
  { upstream }: SportarrAccess,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const leagues = yield* upstream.getArray("api/leagues", League, { odd, timeoutMillis: longReadMillis })
  const events = yield* upstream.getArray("api/events", SportsEvent, { odd, timeoutMillis: longReadMillis })
  const names = yield* readNames(upstream, api, odd)
  const now = isoOfMillis(yield* Clock.currentTimeMillis)
  const byLeague = new Map<number, Array<SportsEvent>>()
  yield* forEachWithPauses(events, (event) => {
    if (typeof event.leagueId !== "number") return
    const own = byLeague.get(event.leagueId)
    if (own === undefined) byLeague.set(event.leagueId, [event])
    else own.push(event)
  })
  const items: Array<CatalogItem> = []
  yield* forEachWithPauses(leagues, (league) => {
    items.push(...itemsOf(league, byLeague.get(league.id) ?? [], names, now, odd))
  })
  yield* progress(leagues.length, leagues.length)
  return items
})

/** As `Rereading.catalog`. */
export const rereadItem = Effect.fn("Sportarr.rereadItem")(function* (
  access: SportarrAccess,
  target: RemovalTarget,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const { league: id, event } = yield* keysIn(target.externalId, access.integration)
  const league = yield* orGone(access.upstream.get(`api/leagues/${id}`, League), access.probe)
  if (league === null) return []
  const events = yield* eventsOf(access, id)
  const names = yield* readNames(access.upstream, api, odd)
  const now = isoOfMillis(yield* Clock.currentTimeMillis)
  const items = itemsOf(league, events, names, now, odd)
  const [show] = items
  if (event === null || show === undefined) return items
  return [...items, ...events.filter((one) => one.id === event).flatMap((one) => eventItem(show, partOf(one)))]
})

export const contents = (access: SportarrAccess): ContentsReading => {
  const listOf = (externalId: string) =>
    Effect.flatMap(keysIn(externalId, access.integration), ({ league }) => eventsOf(access, league))
  return {
    episodes: ({ externalId }) =>
      Effect.map(listOf(externalId), (events) =>
        events.map((event) => ({
          externalId: String(event.id),
          seasonNumber: seasonOf(event) ?? 0,
          number: event.episodeNumber ?? null,
          absoluteNumber: null,
          title: textOrNull(event.title),
          airsAt: isoOrNull(event.eventDate),
          ...(typeof event.monitored === "boolean" ? { monitored: event.monitored } : {}),
          hasFile: event.files.length > 0,
          fileId: event.files[0] === undefined ? null : fileKey(event.id, event.files[0].id)
        }))
      ),
    files: ({ externalId }) =>
      Effect.map(listOf(externalId), (events) =>
        events.flatMap((event) => {
          const season = seasonOf(event)
          return event.files.map((file) =>
            fileOf(event.id, file, season === null ? null : seasonKey(externalId, season))
          )
        })
      ),
    items: (show, { episodes, files }) =>
      Effect.sync(() =>
        episodes.flatMap((episode) =>
          eventItem(show, {
            id: Number(episode.externalId),
            seasonNumber: episode.seasonNumber,
            number: episode.number,
            title: episode.title,
            airsAt: episode.airsAt ?? null,
            monitored: episode.monitored ?? null,
            files: files.filter(({ fileId }) => fileId.startsWith(`${episode.externalId}:`))
          })
        )
      )
  }
}

/** Contains the event, since an event may have several files. */
const fileKey = (event: number, file: number): string => `${event}:${file}`

const fileOf = (event: number, file: EventFile, partExternalId: string | null): WholeFile => ({
  fileId: fileKey(event, file.id),
  partExternalId,
  path: file.filePath,
  sizeBytes: file.size ?? null,
  ...(textOrNull(file.quality) === null ? {} : { quality: file.quality ?? "" }),
  releaseGroup: textOrNull(file.releaseGroup),
  videoCodec: textOrNull(file.codec),
  audioCodec: null,
  addedAt: isoOrNull(file.added),
  ...(typeof file.customFormatScore === "number" ? { customFormatScore: file.customFormatScore } : {})
})

interface EventPart {
  readonly id: number
  readonly seasonNumber: number
  readonly number: number | null
  readonly title: string | null
  readonly airsAt: string | null
  readonly monitored: boolean | null
  readonly files: ReadonlyArray<WholeFile>
}

const partOf = (event: SportsEvent): EventPart => ({
  id: event.id,
  seasonNumber: seasonOf(event) ?? 0,
  number: event.episodeNumber ?? null,
  title: textOrNull(event.title),
  airsAt: isoOrNull(event.eventDate),
  monitored: event.monitored ?? null,
  files: event.files.map((file) => fileOf(event.id, file, null))
})

/** None without a file. */
const eventItem = (show: CatalogItem, event: EventPart): ReadonlyArray<CatalogItem> => {
  const { airsAt, files, id, monitored, number, seasonNumber, title } = event
  if (files.length === 0) return []
  const sizeBytes = sizeOf(files.map((file) => ({ size: file.sizeBytes })))
  const newest = latest(files.map(({ addedAt }) => addedAt))
  const { genres, qualityProfile, tags } = show.facts
  return [
    {
      externalId: eventKey(show.externalId, id),
      kind: "episode",
      parentExternalId: show.externalId,
      title: titleOfEpisode(show.title, { seasonNumber, number, title, ...(airsAt === null ? {} : { airsAt }) }),
      wholeTitle: show.title,
      sortTitle: null,
      year: null,
      ids: show.ids,
      path: show.path,
      filePath: files.length === 1 ? (files[0]?.path ?? null) : null,
      files,
      rootFolder: show.rootFolder,
      sizeBytes,
      posterUrl: show.posterUrl,
      collections: [],
      ...leaving(
        {
          ...(genres === undefined ? {} : { genres }),
          ...(qualityProfile === undefined ? {} : { qualityProfile }),
          ...(tags === undefined ? {} : { tags }),
          seasonNumber,
          episodeNumber: number,
          monitored: both(show.facts.monitored, monitored),
          releasedAt: airsAt,
          addedAt: newest,
          fileAddedAt: newest
        },
        { ...show.untold, ...unmeasured(files.length, sizeBytes) }
      )
    }
  ]
}

/** The league, and its seasons that have files. */
const itemsOf = (
  league: League,
  events: ReadonlyArray<SportsEvent>,
  names: Names,
  now: string,
  odd: OddRecords
): ReadonlyArray<CatalogItem> => {
  const externalId = String(league.id)
  const path = textOrNull(league.path)
  const untold = {
    ...untoldOf(odd, league, league.name, { monitored: ["monitored"], tags: ["tags"] }),
    ...names.untold({
      monitored: league.monitored,
      tags: league.tags,
      qualityProfile: league.qualityProfileId
    }),
    ...(path === null ? { path: "the application does not report a folder of its own" } : {})
  }
  const shared = {
    genres: textOrNull(league.sport) === null ? [] : [league.sport ?? ""],
    tags: names.tags(league.tags),
    qualityProfile: names.qualityProfile(league.qualityProfileId),
    qualityProfileId: league.qualityProfileId ?? null
  }
  const show: CatalogItem = {
    externalId,
    kind: "show",
    parentExternalId: null,
    title: league.name,
    sortTitle: league.name.toLowerCase(),
    year: null,
    ids: leagueIdsOf(league),
    path,
    contentsSign: signOf(events),
    rootFolder: folderOf(path),
    sizeBytes: sizeOf(events.flatMap(({ files }) => files)),
    posterUrl: [league.posterUrl, league.logoUrl].find((url) => /^https?:/.test(url ?? "")) ?? null,
    collections: [],
    ...leaving(
      {
        ...shared,
        ...figuresOf(events, now),
        monitored: league.monitored ?? null,
        addedAt: isoOrNull(league.added),
        seasonCount: seasonsIn(events).length,
        monitoredSeasons: seasonsIn(events.filter(({ monitored }) => monitored === true)).length
      },
      { ...untold, ...sizeless(events) }
    )
  }
  const newest = Math.max(...seasonsIn(events.filter((event) => isOver(event, now))))
  const seasons = seasonsIn(events.filter(({ files }) => files.length > 0)).map((number): CatalogItem => {
    const own = events.filter((event) => seasonOf(event) === number)
    return {
      ...show,
      externalId: seasonKey(externalId, number),
      kind: "season",
      parentExternalId: externalId,
      title: seasonTitle(league.name, number),
      wholeTitle: league.name,
      sortTitle: `${show.sortTitle ?? ""} ${String(number).padStart(4, "0")}`,
      sizeBytes: sizeOf(own.flatMap(({ files }) => files)),
      ...leaving(
        {
          ...shared,
          ...figuresOf(own, now),
          seasonNumber: number,
          monitored: both(
            league.monitored,
            own.some(({ monitored }) => monitored === true)
          ),
          addedAt: latest(own.flatMap(({ files }) => files.map(({ added }) => isoOrNull(added)))),
          releasedAt: latest(own.map(({ eventDate }) => isoOrNull(eventDate)).filter((at) => at !== null && at <= now)),
          latestSeason: number >= newest
        },
        { ...untold, ...sizeless(own) }
      )
    }
  })
  return [show, ...seasons.map(({ contentsSign: _, ...season }) => season)]
}

const figuresOf = (events: ReadonlyArray<SportsEvent>, now: string): CatalogFacts => {
  const upcoming = events.filter((event) => !isOver(event, now))
  return {
    episodeCount: events.filter(({ files }) => files.length > 0).length,
    missingEpisodes: events.filter(
      (event) => event.monitored === true && event.files.length === 0 && isOver(event, now)
    ).length,
    unairedEpisodes: upcoming.length,
    onAir: upcoming.length > 0,
    fileAddedAt: latest(events.flatMap(({ files }) => files.map(({ added }) => isoOrNull(added))))
  }
}

/** An event without a date counts as one that is still to come. */
const isOver = ({ eventDate }: SportsEvent, now: string): boolean => {
  const at = isoOrNull(eventDate)
  return at !== null && at <= now
}

const seasonsIn = (events: ReadonlyArray<SportsEvent>): ReadonlyArray<number> => [
  ...new Set(events.flatMap((event) => seasonOf(event) ?? []))
]

const sizeOf = (files: ReadonlyArray<{ readonly size?: number | null }>): number =>
  files.reduce((sum, { size }) => sum + Math.max(0, size ?? 0), 0)

const sizeless = (events: ReadonlyArray<SportsEvent>) => {
  const files = events.flatMap((event) => event.files)
  return unmeasured(files.length, sizeOf(files))
}

const latest = (dates: ReadonlyArray<string | null>): string | null =>
  dates.reduce<string | null>((last, at) => (at !== null && (last === null || at > last) ? at : last), null)

/** Differs as soon as an event, its file or its monitoring has changed. */
const signOf = (events: ReadonlyArray<SportsEvent>): string => {
  const files = events.flatMap((event) => event.files)
  const changed = latest(events.map(({ lastUpdate }) => isoOrNull(lastUpdate)))
  const monitored = events.filter((event) => event.monitored === true).length
  return [
    events.length,
    monitored,
    files.length,
    sizeOf(files),
    Math.max(0, ...files.map(({ id }) => id)),
    changed
  ].join("|")
}
