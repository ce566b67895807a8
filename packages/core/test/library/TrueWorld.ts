/**
 * The true state of a small media stack, and what its applications report: servers that list only some items, assign new
 * keys, have no ids, or have an item in two libraries; statistics with old keys; plays without dates. Like real
 * applications, these may omit data, but they do not invent any.
 */
import * as fc from "fast-check"
import type { CatalogItem, PlaybackEntry, RequestEntry, ServerItem } from "../../src/integrations/Observations.ts"
import { catalogItem, request, season, serverItem, show } from "./Samples.ts"

const day = 86_400_000
export const people = ["ann", "ben", "cid"] as const

/** One appearance of a film or a show on a server. */
interface EntrySpec {
  readonly server: 0 | 1
  readonly ids: boolean
  readonly guid: boolean
  readonly path: boolean
  /** Whether the server lists it. */
  readonly listed: boolean
  /** The list omits labels, and reports that. */
  readonly trimmed: boolean
  readonly labelled: boolean
  /** The entry was created again after the plays, with a new key. */
  readonly renewed: boolean
}

interface PlaySpec {
  readonly entry: number
  readonly person: (typeof people)[number]
  readonly daysAgo: number
  /** The source reports no date. */
  readonly undated: boolean
  readonly seen: boolean
  readonly by: "history" | "statistics" | "counters"
  /** Only after the first sync. */
  readonly late: boolean
}

interface WishSpec {
  readonly person: (typeof people)[number]
  readonly daysAgo: number
}

export interface FilmSpec {
  readonly entries: ReadonlyArray<EntrySpec>
  readonly plays: ReadonlyArray<PlaySpec>
  readonly wish: WishSpec | null
  readonly protected: boolean
}

/** A show of two seasons, of which one is played. */
export interface ShowSpec {
  readonly entry: EntrySpec
  readonly listedSeasons: ReadonlyArray<1 | 2>
  readonly plays: ReadonlyArray<PlaySpec & { readonly season: 1 | 2 }>
}

export interface StackSpec {
  readonly films: ReadonlyArray<FilmSpec>
  readonly shows: ReadonlyArray<ShowSpec>
  /** Observations that cannot be read the second time. */
  readonly down: "Manager" | "Server 0" | "Server 1" | "Statistics" | "Wishes" | null
  /** A record of the manager's list that cannot be identified the second time. */
  readonly oddFilm: number | null
}

/** Most stacks have few faults; otherwise one fault would hide the next. */
const seldom = fc.integer({ min: 0, max: 5 }).map((one) => one === 5)
const mostly = seldom.map((one) => !one)
const seldomOf = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | null> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })

const entry: fc.Arbitrary<EntrySpec> = fc.record({
  server: fc.constantFrom(0, 1),
  ids: mostly,
  guid: fc.boolean(),
  path: fc.boolean(),
  listed: mostly,
  trimmed: seldom,
  labelled: seldom,
  renewed: fc.boolean()
})

const play: fc.Arbitrary<PlaySpec> = fc.record({
  entry: fc.nat(2),
  person: fc.constantFrom(...people),
  daysAgo: fc.integer({ min: 1, max: 900 }),
  undated: fc.boolean(),
  seen: fc.boolean(),
  by: fc.constantFrom("history", "statistics", "counters"),
  late: fc.boolean()
})

const film: fc.Arbitrary<FilmSpec> = fc.record({
  entries: fc.array(entry, { minLength: 1, maxLength: 2 }),
  plays: fc.array(play, { maxLength: 2 }),
  wish: seldomOf(fc.record({ person: fc.constantFrom(...people), daysAgo: fc.integer({ min: 1, max: 900 }) })),
  protected: seldom
})

const showSpec: fc.Arbitrary<ShowSpec> = fc.record({
  entry,
  listedSeasons: fc.subarray([1, 2] as const),
  plays: fc.array(
    fc.tuple(play, fc.constantFrom(1 as const, 2 as const)).map(([one, number]) => ({ ...one, season: number })),
    {
      maxLength: 2
    }
  )
})

export const stackSpec: fc.Arbitrary<StackSpec> = fc.record({
  films: fc.array(film, { minLength: 1, maxLength: 4 }),
  shows: fc.array(showSpec, { maxLength: 2 }),
  down: seldomOf(fc.constantFrom("Manager", "Server 0", "Server 1", "Statistics", "Wishes")),
  oddFilm: seldomOf(fc.nat(3))
})

const filmOf = (index: number): CatalogItem =>
  catalogItem({
    externalId: String(index + 1),
    title: `Film ${index}`,
    ids: [`tmdb-movie:${index + 1}`],
    filePath: `/data/movies/Film ${index}/film.mkv`,
    facts: { rating: 5, addedAt: "2020-01-01T00:00:00.000Z", monitored: true, tags: [] }
  })

const showFacts = { rating: 5, addedAt: "2020-01-01T00:00:00.000Z", monitored: true, tags: [], showStatus: "ended" }
const showOf = (index: number): CatalogItem =>
  show(String(100 + index), [`tvdb:${index + 1}`], { title: `Show ${index}`, facts: showFacts })
const seasonOf = (index: number, number: number): CatalogItem =>
  season(showOf(index), number, {
    wholeTitle: `Show ${index}`,
    facts: { ...showFacts, seasonNumber: number, episodeCount: 1, fileAddedAt: showFacts.addedAt }
  })

export interface StackReports {
  readonly catalog: ReadonlyArray<CatalogItem>
  readonly servers: readonly [ReadonlyArray<ServerItem>, ReadonlyArray<ServerItem>]
  readonly history: readonly [ReadonlyArray<PlaybackEntry>, ReadonlyArray<PlaybackEntry>]
  readonly statistics: ReadonlyArray<PlaybackEntry>
  readonly requests: ReadonlyArray<RequestEntry>
}

const isoBefore = (now: number, days: number) => new Date(now - days * day).toISOString()

/** The reports of all applications, with the late plays or without. Statistics are those of server 0. */
export const reportsOf = (spec: StackSpec, now: number, late: boolean): StackReports => {
  const servers: [Array<ServerItem>, Array<ServerItem>] = [[], []]
  const history: [Array<PlaybackEntry>, Array<PlaybackEntry>] = [[], []]
  const statistics: Array<PlaybackEntry> = []

  const report = (
    item: CatalogItem,
    kind: "movie" | "show",
    entries: ReadonlyArray<EntrySpec>,
    plays: ReadonlyArray<PlaySpec & { readonly season?: number }>,
    path: string | null
  ) => {
    const reported = plays.filter((one) => late || !one.late)
    for (const [index, one] of entries.entries()) {
      const guid = one.guid ? `plex://${kind}/${item.externalId}-${index}` : null
      const key = `${item.externalId}-${index}`
      const here = reported.filter((each) => each.entry % entries.length === index)
      const counts = one.listed && !one.renewed && kind === "movie"
      const counted = counts ? here.find(({ by }) => by === "counters") : undefined
      for (const each of here) {
        const at = each.undated ? null : isoBefore(now, each.daysAgo)
        const viewer = {
          name: each.person,
          plays: 1,
          lastPlayedAt: at,
          ...(each.undated ? { undated: true } : {}),
          seen: each.seen ? 1 : 0,
          lastSeenAt: each.seen ? at : null
        }
        const shared = {
          serverItemId: one.renewed ? `${key}-old` : key,
          ...(guid === null ? {} : { guid }),
          title: item.title,
          plays: 1,
          lastPlayedAt: at,
          ...(each.undated ? { undated: true } : {}),
          users: [viewer]
        }
        const rows: ReadonlyArray<PlaybackEntry> =
          each.season === undefined
            ? [{ ...shared, kind, seasonNumber: null }]
            : [
                { ...shared, kind: "show", seasonNumber: null },
                { ...shared, kind: "season", seasonNumber: each.season }
              ]
        // Counters show one play; the statistics are only about the first server.
        if (each === counted) continue
        if (each.by === "statistics" && one.server === 0) statistics.push(...rows)
        else history[one.server].push(...rows)
      }
      if (!one.listed) continue
      servers[one.server].push(
        serverItem({
          serverItemId: key,
          kind,
          title: item.title,
          ids: one.ids ? item.ids : [],
          library: index === 0 ? "Main" : "Second",
          ...(guid === null ? {} : { guid }),
          ...(one.path && path !== null ? { paths: [path] } : {}),
          labels: one.labelled && !one.trimmed ? ["keep"] : [],
          ...(one.trimmed ? { untold: { labels: "lists are trimmed" } } : {}),
          ...(counted === undefined
            ? {}
            : {
                ownPlays: {
                  name: counted.person,
                  plays: 1,
                  lastPlayedAt: counted.undated ? null : isoBefore(now, counted.daysAgo),
                  seen: counted.seen ? 1 : 0,
                  lastSeenAt: counted.seen && !counted.undated ? isoBefore(now, counted.daysAgo) : null
                }
              })
        })
      )
    }
  }

  const requests: Array<RequestEntry> = []
  for (const [index, { entries, plays, wish }] of spec.films.entries()) {
    const item = filmOf(index)
    report(item, "movie", entries, plays, item.filePath ?? null)
    if (wish !== null) {
      requests.push(
        request(item.ids, [wish.person], { requestId: `w${index}`, requestedAt: isoBefore(now, wish.daysAgo) })
      )
    }
  }
  for (const [index, { entry: one, listedSeasons, plays }] of spec.shows.entries()) {
    report(showOf(index), "show", [one], plays, null)
    if (!one.listed) continue
    for (const seasonNumber of listedSeasons) {
      const key = `${100 + index}-0`
      servers[one.server].push(
        serverItem({ serverItemId: `${key}-s${seasonNumber}`, kind: "season", parentServerItemId: key, seasonNumber })
      )
    }
  }
  return {
    catalog: [
      ...spec.films.map((_, index) => filmOf(index)),
      ...spec.shows.flatMap((_, index) => [showOf(index), seasonOf(index, 1), seasonOf(index, 2)])
    ],
    servers,
    history,
    statistics,
    requests
  }
}

/** Why a perfect observer would keep the item with this external id; `null` = nothing is known against its removal. */
export const reasonToKeep = (spec: StackSpec, externalId: string): string | null => {
  const film = spec.films[Number(externalId) - 1]
  if (film !== undefined) {
    if (film.plays.length > 0) return "it was played"
    if (film.protected) return "it is protected"
    if (film.entries.some(({ labelled, listed }) => labelled && listed)) return "it has the label that keeps"
    if (film.wish !== null) return "it was asked for and not watched since"
    return null
  }
  const [showId = "", part] = externalId.split(":s")
  const played = spec.shows[Number(showId) - 100]?.plays.some((one) => one.season === Number(part)) ?? false
  return played ? "it was played" : null
}
