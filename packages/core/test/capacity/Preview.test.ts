import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { type PreviewedItem, Preview, type PreviewFilters, type PreviewQuery } from "../../src/capacity/Preview.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Planner } from "../../src/removals/Planner.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { diskOf, setDisk } from "../support/Stack.ts"
import { feedTest } from "../library/Feeds.ts"
import { gib, prepare, shelfOf } from "./Shelf.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const all = (query: PreviewQuery) =>
  Effect.gen(function* () {
    const preview = yield* Preview
    const items: Array<PreviewedItem> = []
    for (let cursor: string | null = null; ;) {
      const page: { readonly items: ReadonlyArray<PreviewedItem>; readonly nextCursor: string | null } =
        yield* preview.page({ ...query, ...(cursor === null ? {} : { cursor }) })
      items.push(...page.items)
      cursor = page.nextCursor
      if (cursor === null) return items
    }
  })

describe("Preview", () => {
  it.effect("returns the status of every item, and a summary", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      yield* prepare
      const { summary } = yield* preview.page({ limit: 1 })
      const items = yield* all({ limit: 7 })
      assert.lengthOf(items, 42)
      assert.strictEqual(new Set(items.map((item) => item.itemId)).size, 42)
      const tally = (status: string) => {
        const found = items.filter((item) => item.status === status)
        return { items: found.length, bytes: found.reduce((sum, item) => sum + item.sizeBytes, 0) }
      }
      assert.deepStrictEqual(summary.candidate, tally("candidate"))
      assert.strictEqual(summary.candidate.items, 38)
      assert.deepStrictEqual(summary.undecided, { items: 1, bytes: 2 * gib })
      assert.deepStrictEqual(summary.protected, { items: 1, bytes: 2 * gib })
      assert.deepStrictEqual(summary.kept, { items: 1, bytes: 3 * gib })
      assert.deepStrictEqual(summary.irremovable, { items: 1, bytes: 0 })
      assert.strictEqual(summary.evaluated, 42)
      assert.strictEqual(summary.bytesToFree, 40 * gib)
      const reasons = Object.fromEntries(items.map((item) => [item.title, item.reason]))
      assert.match(reasons["Film 1"]!, /^Protected by .*: a favourite$/)
      assert.strictEqual(reasons["Film 2"], "A rule always keeps it")
      assert.match(reasons["Unmatched"]!, /playCount.* unknown \(no media server knows this item/)
      assert.strictEqual(reasons["No files"], "It has no files")
      assert.match(reasons["Film 4"]!, /Never played/)
      assert.match(reasons["Film 0"]!, /Played once|Last played/)
    }).pipe(Effect.provide(feedTest(shelfOf(40))))
  )

  it.effect("streams the same items as its pages", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      yield* prepare
      for (const query of [{}, { status: "candidate" }, { status: "planned" }, { diskGroupId: "99" }] as const) {
        const streamed = yield* Stream.runCollect(yield* preview.items(query))
        assert.deepStrictEqual([...streamed], yield* all({ ...query, limit: 7 }))
      }
      assert.lengthOf(yield* Stream.runCollect(yield* preview.items({})), 452, "several pieces")
    }).pipe(Effect.provide(feedTest(shelfOf(450))))
  )

  it.effect("is the same as JSON, of the state in which it is requested", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      yield* prepare
      const decoded = (query: PreviewQuery) =>
        Effect.map(preview.encodedPage(query), (page) => JSON.parse(new TextDecoder().decode(page)))
      const lines = (filters: PreviewFilters) =>
        Effect.flatMap(preview.encodedItems(filters), Stream.runCollect).pipe(
          Effect.map((pieces) => pieces.map((piece) => new TextDecoder().decode(piece)).join("")),
          Effect.map((text) => text.split("\n").slice(0, -1))
        )
      let cursor: string | null = null
      do {
        const query: PreviewQuery = { limit: 150, ...(cursor === null ? {} : { cursor }) }
        const page = yield* preview.page(query)
        assert.deepStrictEqual(yield* decoded(query), page)
        assert.deepStrictEqual(yield* decoded(query), page, "once more")
        cursor = page.nextCursor
      } while (cursor !== null)
      assert.deepStrictEqual(
        yield* decoded({ status: "planned", limit: 3 }),
        yield* preview.page({ status: "planned", limit: 3 })
      )
      assert.deepStrictEqual(yield* decoded({ diskGroupId: "99" }), yield* preview.page({ diskGroupId: "99" }))
      const all = (yield* lines({})).map((line) => JSON.parse(line))
      assert.deepStrictEqual(all, [...(yield* Stream.runCollect(yield* preview.items({})))])
      assert.deepStrictEqual(yield* lines({ diskGroupId: "99" }), [])

      const [{ itemId, status }] = (yield* decoded({ limit: 1 })).items
      assert.strictEqual(status, "candidate")
      yield* Effect.flatMap(Protections, (protections) => protections.add({ itemId, reason: "" }))
      const [now] = (yield* decoded({ limit: 1 })).items
      assert.strictEqual(now.itemId, itemId)
      assert.match(now.reason, /^Protected by /)
    }).pipe(Effect.provide(feedTest(shelfOf(450))))
  )

  it.effect("ranks items, and plans what a run would plan", () =>
    Effect.gen(function* () {
      const planner = yield* Planner
      yield* prepare
      const items = yield* all({ limit: 11 })
      const ranks = items.map((item) => Math.round(item.rank * 10_000))
      assert.deepStrictEqual(
        ranks,
        ranks.toSorted((a, b) => b - a)
      )
      const planned = yield* all({ status: "planned", limit: 3 })
      const report = yield* planner.run({ runId: null, dryRun: true })
      assert.deepStrictEqual(
        planned.map((item) => item.itemId),
        report.groups.flatMap((group) => group.items.map((item) => item.itemId))
      )
      const bytes = planned.reduce((sum, item) => sum + item.sizeBytes, 0)
      assert.isAtLeast(bytes, 40 * gib)
      assert.isBelow(bytes - planned.at(-1)!.sizeBytes, 40 * gib)
      assert.isTrue(planned.every((item) => item.planned && item.status === "candidate"))
      assert.deepStrictEqual(
        items.filter((item) => item.planned).map((item) => item.itemId),
        planned.map((item) => item.itemId)
      )
    }).pipe(Effect.provide(feedTest(shelfOf(40))))
  )

  it.effect("can be filtered by status and disk, and is empty for an unknown disk", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      yield* prepare
      const { id } = yield* diskOf("/data")
      for (const status of ["candidate", "undecided", "kept", "protected", "irremovable"] as const) {
        const items = yield* all({ status, limit: 10 })
        assert.isNotEmpty(items)
        assert.isTrue(items.every((item) => item.status === status))
      }
      assert.lengthOf(yield* all({ diskGroupId: id }), 42)
      const nowhere = yield* preview.page({ diskGroupId: "99" })
      assert.deepStrictEqual(nowhere.items, [])
      assert.strictEqual(nowhere.summary.evaluated, 0)
      assert.strictEqual(nowhere.summary.bytesToFree, 0)
    }).pipe(Effect.provide(feedTest(shelfOf(40))))
  )

  it.effect("has no candidates while a source is down, unless its facts may be unknown on that disk", () => {
    const feeds = shelfOf(12)
    return Effect.gen(function* () {
      const sync = yield* Sync
      yield* prepare
      feeds.of("Server").failing = {
        playback: new UpstreamUnreachable({ integration: "Server", call: "GET /", detail: "reset" })
      }
      yield* sync.run()
      assert.deepStrictEqual(yield* all({ status: "candidate" }), [])
      assert.deepStrictEqual(yield* all({ status: "planned" }), [])
      const [undecided] = yield* all({ status: "undecided", limit: 1 })
      assert.deepStrictEqual([...undecided!.undecidedBecause].toSorted(), ["lastPlayedAt", "playCount"])
      yield* setDisk({ allowedUnknown: ["playCount"] })
      assert.deepStrictEqual(yield* all({ status: "candidate" }), [], "one of two is not enough")
      yield* setDisk({ allowedUnknown: ["playCount", "lastPlayedAt"] })
      assert.lengthOf(
        yield* all({ status: "candidate" }),
        11,
        "the unmatched film too; two are kept and one has no files"
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("continues after an item that has left the list between two pages", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      const settings = yield* Settings
      yield* prepare
      yield* settings.patch(RemovalsSettings, { caps: { maxItems: 100, maxBytes: null, maxLibraryShare: 1 } })
      const everything = yield* all({ status: "candidate" })
      const first = yield* preview.page({ status: "candidate", limit: 3 })
      const last = first.items.at(-1)!
      yield* setDisk({ mode: "approval" })
      yield* Effect.flatMap(Protections, (protections) => protections.add({ itemId: last.itemId }))
      const second = yield* preview.page({ status: "candidate", limit: 3, cursor: first.nextCursor! })
      assert.isTrue(second.items.every((item) => !first.items.some((before) => before.itemId === item.itemId)))
      assert.strictEqual(second.items[0]?.itemId, everything[4]?.itemId, "one moved up over the edge of the page")
    }).pipe(Effect.provide(feedTest(shelfOf(12))))
  )

  it.effect("refuses cursors of other lists and limits out of range", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      yield* prepare
      const { nextCursor } = yield* preview.page({ limit: 1 })
      const queries: ReadonlyArray<PreviewQuery> = [
        { cursor: nextCursor!, status: "kept" },
        { cursor: nextCursor!, diskGroupId: "1" },
        { cursor: "x" },
        { limit: 0 },
        { limit: 201 },
        { limit: 1.5 }
      ]
      for (const query of queries) {
        const error = yield* Effect.flip(preview.page(query))
        if (error._tag !== "InvalidRequest") return assert.fail(error._tag)
        assert.deepStrictEqual(error.errors[0]?.path, ["query", query.cursor === undefined ? "limit" : "cursor"])
      }
    }).pipe(Effect.provide(feedTest(shelfOf(3))))
  )
})
