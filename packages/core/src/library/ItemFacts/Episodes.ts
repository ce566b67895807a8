/**
 * Facts from the table of episodes: heavy facts, loaded only for rules that name them. The database adds up the episodes
 * of each show or season, so that none of them is in memory.
 */
import { Clock, Effect } from "effect"
import type { Statement } from "effect/sql"
import { isoOfMillis } from "../../problems/Instants.ts"
import { ReadSql } from "../../storage/Database.ts"
import { documentPart } from "../../storage/Dialect.ts"
import type { FactValue } from "../Facts.ts"
import { wholeDaysSince, wholeDaysUntil } from "../Facts/Derivations.ts"
import type { HeavyFact } from "../Facts/Definition.ts"
import { contentsTrust, throughContents } from "./Contents.ts"
import { type ItemFact, type ItemFacts, manager } from "./Definition.ts"

/**
 * The sums of `columns` over the episodes (`e`) of each show or season, and of the whole show if `all` is set. An item
 * whose episodes were never read has no row. `season` is the number of the season, NULL of a show.
 */
export const sumsOfEpisodes = <Row extends object>(
  sql: ReadSql["Service"],
  ids: ReadonlyArray<string>,
  columns: Statement.Fragment,
  all = false
) => {
  const season = documentPart(sql, "items.data", "catalog", "seasonNumber")
  const own = all ? sql`` : sql`AND e.season BETWEEN coalesce(${season}, 0) AND coalesce(${season}, ${latestPossible})`
  return sql<Row & { readonly item_id: number }>`SELECT items.id AS item_id, ${season} AS season, ${columns} FROM items
      JOIN items whole ON whole.integration_id = items.integration_id
        AND whole.external_id = coalesce(items.parent_external_id, items.external_id)
      JOIN item_contents read ON read.item_id = whole.id AND read.list = 'episodes' AND read.read_at IS NOT NULL
      LEFT JOIN item_episodes e ON e.item_id = whole.id ${own}
    WHERE ${sql.in("items.id", ids.map(Number))} AND items.kind IN ('show', 'season') GROUP BY items.id`
}

/** Sites that count seasons by years need four digits. */
const latestPossible = 1_000_000

interface Sum {
  /** A SQL expression over the episodes `e`; `now` is an expression too. */
  readonly value: (sql: ReadSql["Service"], now: Statement.Fragment) => Statement.Fragment
  /** The condition for episodes because of which the value is not known. */
  readonly unread?: string
  readonly all?: boolean
}

const summed = ({ all = false, unread = "1 = 0", value }: Sum): HeavyFact => ({
  contents: "episodes",
  load: (ids) =>
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const now = sql`${isoOfMillis(yield* Clock.currentTimeMillis)}`
      const columns = sql`${value(sql, now)} AS value, ${countWhere(sql, sql.literal(unread))} AS unread`
      const rows = yield* sumsOfEpisodes<{ readonly value: string | number | null; readonly unread: number }>(
        sql,
        ids,
        columns,
        all
      )
      const values = new Map<string, FactValue>()
      for (const row of rows) if (row.unread === 0) values.set(String(row.item_id), row.value)
      return values
    }).pipe(Effect.orDie)
})

export const countWhere = (sql: ReadSql["Service"], condition: Statement.Fragment): Statement.Fragment =>
  sql`count(CASE WHEN e.episode_id IS NOT NULL AND (${condition}) THEN 1 END)`

/** A condition without an episode whose field could not be read. */
const counted = (
  condition: (sql: ReadSql["Service"], now: Statement.Fragment) => Statement.Fragment,
  unread?: string
) =>
  summed({
    value: (sql, now) => countWhere(sql, condition(sql, now)),
    ...(unread === undefined ? {} : { unread })
  })

export const undatedRead = "e.air_date_read = 0"

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
    heavy: summed({
      value: (sql, now) => sql`min(CASE WHEN e.airs_at > ${now} THEN e.airs_at END)`,
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
    heavy: summed({
      value: (sql, now) => sql`max(CASE WHEN e.airs_at <= ${now} THEN e.airs_at END)`,
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
    heavy: summed({
      value: (sql, now) => sql`max(CASE WHEN e.season > 0 AND e.airs_at <= ${now} THEN e.season END)`,
      unread: undatedRead,
      all: true
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
    heavy: summed({
      value: (sql, now) => {
        const season = documentPart(sql, "items.data", "catalog", "seasonNumber")
        const later = sql`count(DISTINCT CASE WHEN e.season > ${season} AND e.airs_at <= ${now} THEN e.season END)`
        return sql`CASE WHEN ${season} > 0 THEN ${later} END`
      },
      unread: undatedRead,
      all: true
    })
  }
} as const satisfies ItemFacts
