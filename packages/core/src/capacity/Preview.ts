/**
 * The ranked candidates, in pages, for people to review before anything is removed. It lists units, which are what
 * counts as an item.
 */
import { Clock, Context, Effect, Layer, Option, Semaphore, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { itemRules } from "../rules/ItemRules.ts"
import { Rules, type RulesUnreadable } from "../rules/Rules.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import { decodeCursor, encodeCursor, pageLimit } from "../storage/Pages.ts"
import { inTransaction } from "../storage/Transactions.ts"
import type { Decision } from "./Decision.ts"
import { Engine } from "./Engine.ts"
import { PreviewSummary, Standings } from "./Planning.ts"
import { makeShared, type Shared } from "./Preview/Shared.ts"
import { PreviewedItem, previewStatuses } from "./Preview/PreviewedItem.ts"
import { decodeEntry, encodeEntry, encodeLines, encodePage, entryOf, inMemoryOf } from "./Preview/Entries.ts"
import { makeViews, type PreviewView, viewOf, type WholePreview } from "./Preview/WholePreview.ts"
import { CapacitySettings } from "./CapacitySettings.ts"
import { LibrarySettings } from "../library/LibrarySettings.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { ScoringSettings } from "./ScoringSettings.ts"

export { PreviewedItem, PreviewSummary, previewStatuses }

export interface PreviewQuery {
  readonly diskGroupId?: string
  readonly status?: (typeof previewStatuses)[number]
  readonly limit?: number
  readonly cursor?: string
}

export type PreviewFilters = Omit<PreviewQuery, "limit" | "cursor">

export interface PreviewPage {
  readonly summary: PreviewSummary
  readonly items: ReadonlyArray<PreviewedItem>
  readonly nextCursor: string | null
  /** When this state of the library was evaluated; at most a minute ago. */
  readonly computedAt: string
}

/**
 * Time alone changes decisions: facts expire, snoozes end. A preview older than this is computed again even if nothing
 * has changed, and one that nobody has requested in the meantime is dropped from memory.
 */
export const previewAgeMillis = 60_000

export class Preview extends Context.Service<
  Preview,
  {
    /**
     * A page over the current library. Each state of the library is evaluated once, however many clients and pages
     * request it.
     */
    readonly page: (query: PreviewQuery) => Effect.Effect<PreviewPage, InvalidRequest | RulesUnreadable>
    /**
     * All items in the order of the pages, in pieces. They are of the state of the library at the beginning, even if it
     * changes meanwhile.
     */
    readonly items: (filters: PreviewFilters) => Effect.Effect<Stream.Stream<PreviewedItem>, RulesUnreadable>
    /**
     * A page as JSON. Every entry is encoded once per state, and a page that is requested often is one array of bytes
     * for all of its readers, who must not change it.
     */
    readonly encodedPage: (query: PreviewQuery) => Effect.Effect<Uint8Array, InvalidRequest | RulesUnreadable>
    /** All items as JSON, a line for each. */
    readonly encodedItems: (filters: PreviewFilters) => Effect.Effect<Stream.Stream<Uint8Array>, RulesUnreadable>
  }
>()("tendarr/capacity/Preview") {
  static readonly layer = Layer.effect(
    Preview,
    Effect.gen(function* () {
      const engine = yield* Engine
      const settings = yield* Settings
      const standings = yield* Standings
      const rules = yield* Rules
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const scope = yield* Effect.scope

      const whole = Effect.fn("Preview.whole")(function* () {
        const { environment, ranked } = yield* engine.evaluated
        const { caps } = yield* settings.get(RemovalsSettings)
        return { environment, ranked, caps, standing: yield* standings.of(environment) } satisfies WholePreview
      })

      /**
       * Identifies the inputs of the decisions: a counter that the database increments in the transaction of each
       * change, and the in-memory state of this process, which follows shortly after a commit.
       */
      const stateNow = Effect.gen(function* () {
        const counters = yield* Effect.orDie(
          reader<{ value: number }>`SELECT value FROM counters
            WHERE name IN ('decisions.revision', 'library.revision') ORDER BY name`
        )
        return [
          ...counters.map(({ value }) => value),
          yield* rules.compiled(itemRules),
          yield* settings.get(CapacitySettings),
          yield* settings.get(LibrarySettings),
          yield* settings.get(RemovalsSettings),
          yield* settings.get(ScoringSettings)
        ] as const
      })

      let last: Known | null = null
      let made = 0

      /** By number, so that the waiting fiber does not keep a library in memory. */
      const forget = Effect.fnUntraced(function* (number: number) {
        yield* Effect.sleep(previewAgeMillis)
        if (last?.number === number) last = null
      })

      const known: Effect.Effect<Known, RulesUnreadable> = Effect.gen(function* () {
        for (;;) {
          const state = yield* stateNow
          const now = yield* Clock.currentTimeMillis
          const before = last
          if (before !== null && isOf(before, state) && Math.abs(now - before.since) < previewAgeMillis) return before
          if (before !== null) {
            // One at a time: requests for the previous state are completed, and later ones read the state after it.
            yield* before.whole.idle
            if (last !== before) continue
            // So that two libraries are not in memory at the same time.
            last = null
          }
          const shared = makeShared(whole(), scope)
          const mine: Known = { number: made++, state, since: now, whole: shared, viewOn: makeViews(shared, scope) }
          last = mine
          yield* Effect.forkIn(forget(mine.number), scope)
          return mine
        }
      })

      const viewNow = Effect.fnUntraced(function* (diskGroupId: string | undefined) {
        // A transaction may be rolled back, so a preview computed within it is not shared.
        if (yield* inTransaction(sql)) return yield* viewOf(yield* whole(), diskGroupId)
        return yield* (yield* known).viewOn(diskGroupId).get
      })

      /** Explains and encodes what nobody has requested before. */
      const entries = Effect.fnUntraced(function* (view: PreviewView, decisions: ReadonlyArray<Decision>) {
        const missing = decisions.filter((decision) => !view.entries.has(decision))
        if (missing.length > 0) {
          const environment = yield* engine.loaded(
            view.environment,
            missing.map(({ item }) => item)
          )
          for (const decision of missing) {
            view.entries.set(decision, encodeEntry(entryOf(environment, decision, view.planned.has(decision.item.id))))
          }
        }
        return decisions.map((decision) => view.entries.get(decision)!)
      })

      const pageOf = Effect.fnUntraced(function* (view: PreviewView, query: PreviewQuery, limit: number) {
        const decisions = view.shown(query.status)
        const cursorScope = `preview/${query.diskGroupId ?? ""}/${query.status ?? ""}`
        const start = query.cursor === undefined ? 0 : yield* positionAfter(cursorScope, query.cursor, decisions)
        const page = decisions.slice(start, start + limit)
        const end = page[page.length - 1]
        const isLast = start + limit >= decisions.length || end === undefined
        return {
          entries: yield* entries(view, page),
          nextCursor: isLast ? null : encodeCursor(cursorScope, [end.item.id, start + limit])
        }
      })

      // One page per turn of the event loop, however many are waiting, so that a sync, a run and other requests
      // continue.
      const inTurn = yield* Semaphore.make(1)

      const pieces = Effect.fnUntraced(function* <A>(
        filters: PreviewFilters,
        use: (piece: ReadonlyArray<string>) => A
      ) {
        const view = yield* viewNow(filters.diskGroupId)
        const decisions = view.shown(filters.status)
        return Stream.paginate(0, (start) => {
          const end = start + itemsAtOnce
          const next = end < decisions.length ? Option.some(end) : Option.none()
          const some = Effect.andThen(Effect.yieldNow, entries(view, decisions.slice(start, end)))
          return inTurn.withPermit(Effect.map(some, (piece) => [[use(piece)], next] as const))
        })
      })

      return Preview.of({
        page: Effect.fn("Preview.page")(function* (query) {
          const limit = yield* pageLimit(query.limit)
          const view = yield* viewNow(query.diskGroupId)
          const { entries, nextCursor } = yield* inTurn.withPermit(pageOf(view, query, limit))
          const { computedAt, summary } = view
          return { summary, items: entries.map(decodeEntry), nextCursor, computedAt }
        }),
        encodedPage: Effect.fn("Preview.encodedPage")(function* (query) {
          const limit = yield* pageLimit(query.limit)
          const view = yield* viewNow(query.diskGroupId)
          const before = inMemoryOf(view, query, limit)
          if (before.page !== null) return before.page
          const { entries, nextCursor } = yield* inTurn.withPermit(pageOf(view, query, limit))
          return before.keep(encodePage(view, entries, nextCursor))
        }),
        items: (filters) =>
          Effect.map(
            pieces(filters, (piece) => piece.map(decodeEntry)),
            Stream.flattenIterable
          ).pipe(Effect.withSpan("Preview.items")),
        encodedItems: (filters) => pieces(filters, encodeLines).pipe(Effect.withSpan("Preview.encodedItems"))
      })
    })
  )
}

/** Items that are explained, and sent, together. */
const itemsAtOnce = 200

interface Known {
  readonly number: number
  readonly state: ReadonlyArray<unknown>
  readonly since: number
  readonly whole: Shared<WholePreview, RulesUnreadable>
  readonly viewOn: ReturnType<typeof makeViews<RulesUnreadable>>
}

const isOf = (known: Known, state: ReadonlyArray<unknown>): boolean =>
  state.every((part, index) => part === known.state[index])

/** The position after the last item of the previous page; if that item has left the list, after its former rank. */
const positionAfter = (
  scope: string,
  cursor: string,
  shown: ReadonlyArray<Decision>
): Effect.Effect<number, InvalidRequest> =>
  Effect.flatMap(decodeCursor(scope, 2, cursor), ([id, position]) => {
    if (typeof position !== "number" || position < 0) {
      return Effect.fail(invalidField(["query", "cursor"], "is not a cursor of this list"))
    }
    // As long as the state is the same, it is where it was.
    if (shown[position - 1]?.item.id === id) return Effect.succeed(position)
    const found = shown.findIndex((decision) => decision.item.id === id)
    return Effect.succeed(found === -1 ? position : found + 1)
  })
