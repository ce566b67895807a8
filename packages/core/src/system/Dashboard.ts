/**
 * What a dashboard shows at a glance: the library by kind, what was never played, what is queued, what was freed lately, and
 * what could go first. It is kept in memory and computed again when the library, the removals or the protections have
 * changed, or after a minute.
 */
import { Clock, Context, Effect, Layer, Ref, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { itemKinds } from "../integrations/Observations.ts"
import { Collections } from "../library/Collections.ts"
import { type ItemSummary, Library } from "../library/Library.ts"
import { Sync } from "../library/Sync.ts"
import { dayMillis, isoOfMillis, nowIso } from "../problems/Instants.ts"
import { Removals } from "../removals/Removals.ts"
import { Rules } from "../rules/Rules.ts"
import { ReadSql } from "../storage/Database.ts"
import { readablePart } from "../storage/Dialect.ts"
import { repeatable } from "../storage/Durability.ts"
import { transacting } from "../storage/Transactions.ts"

export const KindFigures = Schema.Struct({
  kind: Schema.Literals(itemKinds),
  items: Schema.Int.annotate({ description: "Entries of this kind: shows are counted next to their seasons." }),
  bytes: Schema.Finite,
  neverPlayed: Schema.Int.annotate({
    description: "Items that are known never to have been played. Those whose plays are unknown are not counted."
  }),
  episodes: Schema.Int.annotate({ description: "Episodes that have a file, for shows." })
}).annotate({ identifier: "KindFigures" })
export type KindFigures = typeof KindFigures.Type

const Freed = Schema.Struct({ items: Schema.Int, bytes: Schema.Finite })

export const Dashboard = Schema.Struct({
  computedAt: Schema.String.annotate({ description: "At most a minute ago." }),
  kinds: Schema.Array(KindFigures).annotate({ description: "Kinds of which there are items." }),
  queue: Schema.Struct({
    items: Schema.Int,
    bytes: Schema.Finite,
    due: Schema.Int.annotate({ description: "Removals that are due now." }),
    resetRequests: Schema.Int
  }).annotate({ description: "Removals that somebody decided on and that are still to come." }),
  freed: Schema.Struct({
    thisWeek: Freed.annotate({ description: "By removals of the last seven days." }),
    weekBefore: Freed,
    trend: Schema.NullOr(Schema.Finite).annotate({
      description:
        "Change of the bytes from the week before to this one, in percent; `null` = nothing was freed before."
    })
  }),
  changedToday: Schema.Int.annotate({ description: "Items that were added or disappeared today (UTC)." }),
  collections: Schema.Struct({ total: Schema.Int, protected: Schema.Int }),
  enabledRules: Schema.Int
}).annotate({ identifier: "Dashboard" })
export type Dashboard = typeof Dashboard.Type

export const LibraryDay = Schema.Struct({
  day: Schema.String.annotate({ description: "For example `2026-01-31` (UTC)." }),
  kinds: Schema.Array(Schema.Struct({ kind: Schema.Literals(itemKinds), items: Schema.Int, bytes: Schema.Finite })),
  freedBytes: Schema.Finite.annotate({ description: "By removals of this day." })
}).annotate({ identifier: "LibraryDay" })
export type LibraryDay = typeof LibraryDay.Type

export interface RecommendationQuery {
  readonly kinds?: ReadonlyArray<ItemSummary["kind"]>
  /** Days without a play; for an item that was never played, days in the library. */
  readonly idleDays: number
  readonly limit: number
}

export interface Recommendations {
  /** Those that were never played first, the largest first; then those whose last play is longest ago. */
  readonly items: ReadonlyArray<ItemSummary>
  readonly total: number
}

export class Dashboards extends Context.Service<
  Dashboards,
  {
    readonly figures: Effect.Effect<Dashboard>
    /** The size of the library per day, oldest first. Days without a sync are omitted. */
    readonly days: (days: number) => Effect.Effect<ReadonlyArray<LibraryDay>>
    /** What was not played for long, without what is protected or already queued. */
    readonly recommend: (query: RecommendationQuery) => Effect.Effect<Recommendations>
  }
>()("tendarr/system/Dashboards") {
  static readonly layer = Layer.effect(
    Dashboards,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const reader = yield* ReadSql
      const collections = yield* Collections
      const library = yield* Library
      const removals = yield* Removals
      const rules = yield* Rules
      const sync = yield* Sync
      const last = yield* Ref.make<{ readonly key: string; readonly at: number; readonly figures: Dashboard } | null>(
        null
      )

      const freedBetween = (since: string, until: string) =>
        reader<{ items: number; bytes: number }>`SELECT count(*) AS items, coalesce(sum(freed_bytes), 0) AS bytes
          FROM removals WHERE ended_at >= ${since} AND ended_at < ${until} AND state IN ('removed', 'restored')`.pipe(
          Effect.orDie,
          Effect.map(([row]) => row ?? { items: 0, bytes: 0 })
        )

      /** In pieces, each of which is short: one query for all of it would read every item with its document. */
      const kinds = Effect.gen(function* () {
        const sizes = yield* reader<Pick<KindFigures, "kind" | "items" | "bytes">>`SELECT kind, count(*) AS items,
            coalesce(sum(size_bytes), 0) AS bytes FROM items WHERE gone_at IS NULL GROUP BY kind ORDER BY kind`
        const [shows] = yield* reader<{ episodes: number }>`SELECT
            coalesce(sum(${readablePart(reader, "data", "catalog", "episodeCount")}), 0) AS episodes
          FROM items JOIN item_documents ON item_id = id WHERE gone_at IS NULL AND kind = 'show'`
        yield* Effect.yieldNow
        // The index of the plays has the expression.
        const never = yield* reader<Pick<KindFigures, "kind" | "items">>`SELECT kind, count(*) AS items FROM items
          WHERE gone_at IS NULL AND coalesce(play_count, 0) = 0 AND play_count = 0 GROUP BY kind`
        return sizes.map(({ bytes, items, kind }): KindFigures => ({
          kind,
          items,
          bytes,
          neverPlayed: never.find((one) => one.kind === kind)?.items ?? 0,
          episodes: kind === "show" ? (shows?.episodes ?? 0) : 0
        }))
      }).pipe(Effect.orDie)

      const compute = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const ago = (days: number) => isoOfMillis(now - days * dayMillis)
        const computedAt = isoOfMillis(now)
        const today = computedAt.slice(0, 10)
        const thisWeek = yield* freedBetween(ago(7), computedAt)
        const weekBefore = yield* freedBetween(ago(14), ago(7))
        // Others run between the queries, which read the whole library.
        yield* Effect.yieldNow
        const [changed] = yield* Effect.orDie(
          reader<{ items: number }>`SELECT (SELECT count(*) FROM items WHERE gone_at IS NULL
              AND coalesce(added_at, '') >= ${today}) + (SELECT count(*) FROM items
              WHERE gone_at IS NOT NULL AND gone_at >= ${today}) AS items`
        )
        yield* Effect.yieldNow
        const ofKinds = yield* kinds
        yield* Effect.yieldNow
        return {
          computedAt,
          kinds: ofKinds,
          queue: yield* removals.queue(),
          freed: {
            thisWeek,
            weekBefore,
            trend: weekBefore.bytes === 0 ? null : Math.round((thisWeek.bytes / weekBefore.bytes - 1) * 1000) / 10
          },
          changedToday: changed?.items ?? 0,
          collections: yield* collections.count,
          enabledRules: (yield* rules.list).filter(({ enabled }) => enabled).length
        }
      }).pipe(Effect.withSpan("Dashboards.compute"))

      const figures = Effect.gen(function* () {
        const rows = yield* Effect.orDie(
          reader<{ name: string; value: number }>`SELECT name, value FROM counters
            WHERE ${reader.in("name", changing)} ORDER BY name`
        )
        const key = JSON.stringify(rows.map(({ name, value }) => [name, value]))
        const at = yield* Clock.currentTimeMillis
        const before = yield* Ref.get(last)
        if (before !== null && before.key === key && Math.abs(at - before.at) < maxAgeMillis) return before.figures
        const computed: Dashboard = yield* compute
        yield* Ref.set(last, { key, at, figures: computed })
        return computed
      })

      /** Written after each sync; the day has the figures of its last one. */
      const record = Effect.gen(function* () {
        const day = (yield* nowIso).slice(0, 10)
        const horizon = isoOfMillis((yield* Clock.currentTimeMillis) - keptDays * dayMillis).slice(0, 10)
        yield* transact(
          Effect.gen(function* () {
            yield* sql`DELETE FROM library_days WHERE day = ${day} OR day < ${horizon}`
            yield* sql`INSERT INTO library_days (day, kind, items, bytes)
              SELECT ${day}, kind, count(*), coalesce(sum(size_bytes), 0) FROM items WHERE gone_at IS NULL GROUP BY kind`
          })
        )
      }).pipe(Effect.orDie, repeatable, Effect.withSpan("Dashboards.record"))
      yield* sync.onApplied(record)

      const days = Effect.fn("Dashboards.days")(function* (count: number) {
        const since = isoOfMillis((yield* Clock.currentTimeMillis) - (count - 1) * dayMillis).slice(0, 10)
        const rows = yield* reader<DayRow>`SELECT day, kind, items, bytes FROM library_days WHERE day >= ${since}
          ORDER BY day, kind`
        const freed = yield* reader<{ day: string; bytes: number }>`SELECT substr(ended_at, 1, 10) AS day,
            coalesce(sum(freed_bytes), 0) AS bytes
          FROM removals WHERE ended_at >= ${since} AND state IN ('removed', 'restored') GROUP BY 1`
        const found = new Map<string, Array<DayRow>>()
        for (const row of rows) found.set(row.day, [...(found.get(row.day) ?? []), row])
        return [...found].map(([day, of]) => ({
          day,
          kinds: of.map(({ bytes, items, kind }) => ({ kind, items, bytes })),
          freedBytes: freed.find((one) => one.day === day)?.bytes ?? 0
        }))
      }, Effect.orDie)

      const recommend = Effect.fn("Dashboards.recommend")(function* ({
        idleDays,
        kinds: of,
        limit
      }: RecommendationQuery) {
        const idleSince = isoOfMillis((yield* Clock.currentTimeMillis) - idleDays * dayMillis)
        const query = {
          idleSince,
          protected: false,
          removal: "none",
          ...(of === undefined ? {} : { kinds: of })
        } as const
        const never = yield* library.counted(
          { ...query, played: false, sort: "size", order: "desc" },
          { offset: 0, limit }
        )
        yield* Effect.yieldNow
        const long = yield* library.counted(
          { ...query, played: true, sort: "last-played", order: "asc" },
          { offset: 0, limit: Math.max(1, limit - never.items.length) }
        )
        return { items: [...never.items, ...long.items].slice(0, limit), total: never.total + long.total }
      })

      return Dashboards.of({ figures, days, recommend })
    })
  )
}

const maxAgeMillis = 60_000

/** Counters that change with the library, and with the rules, the protections and the removals. */
const changing = ["library.revision", "decisions.revision", "removals.open", "removals.items", "removals.bytes"]

/** Days for which the size of the library is kept. */
const keptDays = 800

interface DayRow {
  readonly day: string
  readonly kind: ItemSummary["kind"]
  readonly items: number
  readonly bytes: number
}
