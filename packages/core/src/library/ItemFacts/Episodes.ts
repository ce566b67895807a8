/**
 * Facts from the table of episodes: heavy facts, loaded only for rules that name them. The database adds up the episodes
 * of each show or season, so that none of them is in memory.
 */
import { Clock, Effect } from "effect"
import type { Statement } from "effect/sql"
import { isoOfMillis } from "../../problems/Instants.ts"
import { ReadSql } from "../../storage/Database.ts"
import type { FactValue } from "../Facts.ts"
import { wholeDaysSince, wholeDaysUntil } from "../Facts/Derivations.ts"
import type { HeavyFact } from "../Facts/Definition.ts"
import { contentsHolders, forEachWholes } from "../Contents/Holders.ts"
import { contentsTrust, throughContents } from "./Contents.ts"
import { type ItemFact, type ItemFacts, manager } from "./Definition.ts"

/** What the database has added up over the episodes of one season. */
export interface SeasonRow {
  readonly item_id: number
  readonly season: number
}

type Columns = (sql: ReadSql["Service"], now: Statement.Fragment) => Statement.Fragment

/**
 * The sums of `columns` over the episodes (`e`), for each season of the show, with the number of the season that the item
 * is. An item whose episodes were never read is left out. `now` is the time in the columns.
 */
export const seasonsOfItems = Effect.fnUntraced(function* <Row extends object>(
  ids: ReadonlyArray<string>,
  columns: Columns
) {
  const sql = yield* ReadSql
  const now = sql`${isoOfMillis(yield* Clock.currentTimeMillis)}`
  const holders = yield* contentsHolders(sql, "episodes", ids)
  const seasons = new Map<number, Array<Row & SeasonRow>>()
  yield* forEachWholes(holders, (wholeIds) =>
    Effect.map(
      sql<Row & SeasonRow>`SELECT e.item_id, e.season, ${columns(sql, now)} FROM item_episodes e
        WHERE ${sql.in("e.item_id", wholeIds)} GROUP BY e.item_id, e.season`,
      (rows) => {
        for (const row of rows) {
          const own = seasons.get(row.item_id)
          if (own === undefined) seasons.set(row.item_id, [row])
          else own.push(row)
        }
      }
    )
  )
  return holders.map(({ id, season, wholeId }) => ({ id, season, all: seasons.get(wholeId) ?? [] }))
}, Effect.orDie)

interface Sums extends SeasonRow {
  readonly value: string | number | null
  readonly unread: number
}

/** How the values of the seasons become that of the item, which is season number `own`, or the show. */
type Together = (seasons: ReadonlyArray<Sums>, own: number | null) => FactValue

/** `unread` is the condition for episodes because of which the value is not known. `all` = those of the show count. */
const summed = (value: Columns, together: Together, { all = false, unread = "1 = 0" } = {}): HeavyFact => ({
  contents: "episodes",
  load: (ids) =>
    Effect.gen(function* () {
      const columns: Columns = (sql, now) =>
        sql`${value(sql, now)} AS value, ${countWhere(sql, sql.literal(unread))} AS unread`
      const values = new Map<string, FactValue>()
      for (const { all: seasons, id, season } of yield* seasonsOfItems<Sums>(ids, columns)) {
        const counted = season === null || all ? seasons : seasons.filter((one) => one.season === season)
        if (counted.every((one) => one.unread === 0)) values.set(id, together(counted, season))
      }
      return values
    })
})

export const countWhere = (sql: ReadSql["Service"], condition: Statement.Fragment): Statement.Fragment =>
  sql`count(CASE WHEN ${condition} THEN 1 END)`

const sum: Together = (seasons) => seasons.reduce((total, { value }) => total + Number(value), 0)

const earliest: Together = (seasons) =>
  seasons.reduce<FactValue>(
    (first, { value }) => (value !== null && (first === null || value < first) ? value : first),
    null
  )

const latest: Together = (seasons) =>
  seasons.reduce<FactValue>(
    (last, { value }) => (value !== null && (last === null || value > last) ? value : last),
    null
  )

/** The number of the episodes for which a condition holds. */
const counted = (condition: Columns, unread?: string) =>
  summed((sql, now) => countWhere(sql, condition(sql, now)), sum, unread === undefined ? {} : { unread })

export const undatedRead = "e.air_date_read = 0"

/** Whether a season has an aired episode. Specials are not counted among the seasons. */
const hasAired = ({ season, value }: Sums): boolean => season > 0 && Number(value) > 0

const airedInSeason = (together: Together): HeavyFact =>
  summed((sql, now) => countWhere(sql, sql`e.airs_at <= ${now}`), together, { all: true, unread: undatedRead })

const unreadField = "a field of one of its episodes could not be read"

const read: ItemFact["read"] = (item, context, loaded) =>
  throughContents(contentsTrust(item, context, "episodes"), loaded, unreadField)

export const episodesUnknown =
  "its episodes have not been read since they changed, their reading failed, or it is too old; a field of an episode cannot be read"

const episodes = {
  unit: "episodes",
  kinds: ["show", "season"],
  source: manager,
  unknown: episodesUnknown,
  ofPart: "the part",
  read
} as const

const { unit: _, ...dated } = episodes

export const listedEpisodes = {
  totalEpisodes: {
    type: "number",
    title: "All episodes",
    description:
      "How many episodes are listed, aired or not, with a file or without. Those of a show include specials.",
    ...episodes,
    heavy: counted((sql) => sql`1 = 1`)
  },
  airedEpisodes: {
    type: "number",
    title: "Aired episodes",
    description: "How many episodes have aired.",
    ...episodes,
    heavy: counted((sql, now) => sql`e.airs_at <= ${now}`, undatedRead)
  },
  upcomingEpisodes: {
    type: "number",
    title: "Upcoming episodes",
    description: "How many episodes are listed that have not aired, whether they have a date and are monitored or not.",
    ...episodes,
    heavy: counted((sql, now) => sql`e.airs_at IS NULL OR e.airs_at > ${now}`, undatedRead)
  },
  monitoredEpisodes: {
    type: "number",
    title: "Monitored episodes",
    description: "How many episodes are monitored.",
    ...episodes,
    heavy: counted((sql) => sql`e.monitored = 1`, "e.monitored IS NULL")
  },
  absentEpisodes: {
    type: "number",
    title: "Absent episodes",
    description: "How many episodes have aired and have no file, whether they are monitored or not.",
    ...episodes,
    heavy: counted((sql, now) => sql`e.airs_at <= ${now} AND e.has_file = 0`, `${undatedRead} OR e.has_file IS NULL`)
  },
  nextAirsAt: {
    type: "date",
    title: "Next episode airs",
    description: "When its next episode airs; empty if no date is announced.",
    ...dated,
    heavy: summed((sql, now) => sql`min(CASE WHEN e.airs_at > ${now} THEN e.airs_at END)`, earliest, {
      unread: undatedRead
    }),
    derived: {
      daysUntilNextEpisode: {
        type: "number",
        title: "Days until the next episode",
        description: "Whole days until its next episode airs.",
        unit: "days",
        read: wholeDaysUntil
      }
    }
  },
  lastAiredAt: {
    type: "date",
    title: "Last episode aired",
    description: "When its newest aired episode aired; empty if none has.",
    ...dated,
    heavy: summed((sql, now) => sql`max(CASE WHEN e.airs_at <= ${now} THEN e.airs_at END)`, latest, {
      unread: undatedRead
    }),
    derived: {
      daysSinceLastAired: {
        type: "number",
        title: "Days since the last episode",
        description: "Whole days since its newest aired episode aired.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSince
      }
    }
  },
  latestSeasonNumber: {
    type: "number",
    title: "Number of the latest season",
    description:
      "The highest number of a season of the show that has an aired episode; empty if none has. Without specials.",
    ...dated,
    ofPart: "the whole",
    heavy: airedInSeason((seasons) => {
      const numbers = seasons.filter(hasAired).map(({ season }) => season)
      return numbers.length === 0 ? null : Math.max(...numbers)
    })
  },
  laterSeasons: {
    type: "number",
    title: "Later seasons",
    description:
      "How many later seasons of the show have an aired episode: 0 for the latest season. Empty for specials.",
    ...dated,
    unit: "seasons",
    kinds: ["season"],
    heavy: airedInSeason((seasons, own) =>
      own === null || own === 0 ? null : seasons.filter((one) => one.season > own && hasAired(one)).length
    )
  }
} as const satisfies ItemFacts
