import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { CatalogItem } from "../../src/integrations/Observations.ts"
import { type ItemQuery, itemSorts, type ItemSort, type ItemSummary, Library } from "../../src/library/Library.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connectFeed, Feeds, feedTest, itemRows } from "./Feeds.ts"
import { catalogItem, playback, season, serverItem, show } from "./Samples.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

const at = (day: number) => `2026-01-${String(day).padStart(2, "0")}T00:00:00.000Z`

const run = Effect.flatMap(Sync, (sync) => sync.run())

/** Every page of a query, one after the other. */
const all = (query: ItemQuery) =>
  Effect.gen(function* () {
    const library = yield* Library
    const items: Array<ItemSummary> = []
    for (let cursor: string | null = null; ;) {
      const page: { readonly items: ReadonlyArray<ItemSummary>; readonly nextCursor: string | null } =
        yield* library.page({ ...query, ...(cursor === null ? {} : { cursor }) })
      if (query.limit !== undefined && page.nextCursor !== null) assert.lengthOf(page.items, query.limit)
      items.push(...page.items)
      cursor = page.nextCursor
      if (cursor === null) return items
    }
  })

const titles = (query: ItemQuery) => Effect.map(all(query), (items) => items.map((item) => item.title))

const titled = (...names: ReadonlyArray<string>) =>
  names.map((title, index) => catalogItem({ externalId: String(index + 1), title }))

const withItems = (items: ReadonlyArray<CatalogItem>) => {
  const feeds = new Feeds()
  feeds.of("Manager").catalog = items
  return feeds
}

/** The sort key of a page, implemented a second time. */
const keyOf: Readonly<Record<ItemSort, (item: ItemSummary) => string | number>> = {
  title: (item) => item.title.toLowerCase().replace(/^(the|an?) /, ""),
  size: (item) => item.sizeBytes,
  added: (item) => item.addedAt ?? "",
  "last-played": (item) => item.lastPlayedAt ?? "",
  plays: (item) => item.playCount ?? 0,
  year: (item) => item.year ?? 0,
  id: (item) => Number(item.id)
}

/** The comparison of the database: text by its bytes. */
const compare = (a: string | number, b: string | number): number =>
  typeof a === "number" ? a - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(String(b)))

const drawn = fc.record({
  title: fc.constantFrom("Alien", "alien", "The Alien", "A Bug", "Élan", "zoo", "Zoo", "東京物語", "🎬 reel", "10"),
  year: fc.constantFrom(null, 1979, 1979, 2001),
  sizeBytes: fc.constantFrom(0, 5, 5, 9),
  addedAt: fc.constantFrom(null, at(1), at(1), at(2)),
  playedAt: fc.constantFrom(null, at(3), at(3), at(4))
})

describe("Library", () => {
  it.effect(
    "pages by every sort in both directions without gap or repetition, even with equal or missing values",
    () => {
      const feeds = new Feeds()
      return Effect.gen(function* () {
        const settings = yield* Settings
        yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
        yield* connectFeed("manager", "Manager")
        yield* connectFeed("server", "Server")
        const libraries = fc.sample(fc.tuple(fc.array(drawn, { maxLength: 25 }), fc.integer({ min: 1, max: 7 })), {
          numRuns: 10,
          seed: 7
        })
        for (const [entries, limit] of libraries) {
          feeds.of("Manager").catalog = entries.map(({ addedAt, sizeBytes, title, year }, index) =>
            catalogItem({
              externalId: `${index}`,
              ids: [`imdb:tt${index}`],
              title,
              year,
              sizeBytes,
              facts: { addedAt }
            })
          )
          feeds.of("Server").serverItems = entries.map((_, index) =>
            serverItem({ serverItemId: `${index}`, ids: [`imdb:tt${index}`] })
          )
          feeds.of("Server").playback = entries.flatMap(({ playedAt }, index) =>
            playedAt === null ? [] : [playback(`${index}`, { ann: 1 }, playedAt)]
          )
          yield* run
          for (const sort of itemSorts) {
            for (const order of ["asc", "desc"] as const) {
              const paged = yield* all({ sort, order, limit })
              assert.lengthOf(paged, entries.length)
              const expected = paged.toSorted(
                (a, b) =>
                  (order === "asc" ? 1 : -1) * (compare(keyOf[sort](a), keyOf[sort](b)) || Number(a.id) - Number(b.id))
              )
              assert.deepStrictEqual(
                paged.map((item) => item.id),
                expected.map((item) => item.id),
                `${sort} ${order}`
              )
              assert.strictEqual(new Set(paged.map((item) => item.id)).size, paged.length)
            }
          }
        }
      }).pipe(Effect.provide(feedTest(feeds)))
    }
  )

  it.effect("sorts by title by default, and by other keys in descending order", () =>
    Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      assert.deepStrictEqual(yield* titles({}), ["Alien", "The Birds", "A Clockwork Orange"])
      assert.deepStrictEqual(yield* titles({ sort: "size" }), ["A Clockwork Orange", "The Birds", "Alien"])
    }).pipe(
      Effect.provide(
        feedTest(
          withItems(
            titled("A Clockwork Orange", "Alien", "The Birds").map((item) => ({
              ...item,
              sizeBytes: item.title.length
            }))
          )
        )
      )
    )
  )

  it.effect("finds items by the words of their titles, in any order, with the last one incomplete", () =>
    Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      const finds = (search: string, ...expected: ReadonlyArray<string>) =>
        Effect.map(titles({ search }), (found) => assert.deepStrictEqual(found.toSorted(), expected.toSorted(), search))
      yield* finds("matrix", "The Matrix", "The Matrix Reloaded")
      yield* finds("reloaded matrix", "The Matrix Reloaded")
      yield* finds("matr", "The Matrix", "The Matrix Reloaded")
      yield* finds("matr reloaded")
      yield* finds("atrix")
      yield* finds("amelie", "Amélie")
      yield* finds("AMÉLIE", "Amélie")
      yield* finds("Ame\u0301lie", "Amélie")
      yield* finds("mela", "Mela\u0301ncholia")
      yield* finds("melánch", "Mela\u0301ncholia")
      yield* finds("千と", "千と千尋の神隠し")
      yield* finds("हिन्दी", "हिन्दी मीडियम")
      yield* finds("spider-man", "Spider-Man: Far from Home")
      yield* finds("man: far", "Spider-Man: Far from Home")
      yield* finds("   ", ...(yield* titles({})))
    }).pipe(
      Effect.provide(
        feedTest(
          withItems(
            titled(
              "The Matrix",
              "The Matrix Reloaded",
              "Amélie",
              "Mela\u0301ncholia",
              "千と千尋の神隠し",
              "हिन्दी मीडियम",
              "Spider-Man: Far from Home"
            )
          )
        )
      )
    )
  )

  it.effect("treats everything that a person types as text", () =>
    Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      const finds = (search: string, ...expected: ReadonlyArray<string>) =>
        Effect.map(titles({ search }), (found) => assert.deepStrictEqual(found, expected, search))
      yield* finds('"this and', "This AND That")
      yield* finds("title:this")
      yield* finds("this NOT that")
      yield* finds("this OR that")
      yield* finds("this AND that", "This AND That")
      yield* finds("NEAR(this that)")
      yield* finds("this*", "This AND That")
      yield* finds("^that", "This AND That")
      yield* finds("{this} + that", "This AND That")
      yield* finds("m*a*s*h", "M*A*S*H")
      yield* finds("o'brien", "O'Brien")
      yield* finds("'; DROP TABLE items; --")
      yield* finds("***")
      yield* finds("🎬")
      yield* finds("\u0000\u0007")
      yield* finds(Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(" "))
      yield* finds("x".repeat(100_000))
      yield* Effect.forEach(fc.sample(fc.string({ unit: "binary" }), { numRuns: 200, seed: 11 }), (search) =>
        titles({ search })
      )
    }).pipe(Effect.provide(feedTest(withItems(titled("This AND That", "M*A*S*H", "O'Brien")))))
  )

  it.effect("finds an item by its changed title", () => {
    const feeds = withItems(titled("Working Title"))
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      feeds.of("Manager").catalog = titled("Final Name")
      yield* run
      assert.deepStrictEqual(yield* titles({ search: "working" }), [])
      assert.deepStrictEqual(yield* titles({ search: "final" }), ["Final Name"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("filters by kind, integration, disk, collection, size and whether it is gone, all at once", () => {
    const feeds = new Feeds()
    const lost = show("9", ["tvdb:9"], { title: "Lost", path: "/data/shows/Lost", sizeBytes: 30 })
    const films = [
      catalogItem({ externalId: "1", title: "Alien", collections: ["Alien Collection"], sizeBytes: 10 }),
      catalogItem({ externalId: "2", title: "Aliens", collections: ["Alien Collection"], sizeBytes: 20 }),
      catalogItem({ externalId: "3", title: "Heat", path: "/elsewhere/Heat", sizeBytes: 20 })
    ]
    feeds.of("Manager").catalog = [...films, lost, season(lost, 1, { title: "Lost 1", sizeBytes: 30, path: lost.path })]
    feeds.of("Manager").disks = {
      disks: [{ path: "/data", totalBytes: 1_000, freeBytes: 500 }],
      rootFolders: [{ path: "/data/movies", accessible: true, freeBytes: null }]
    }
    feeds.of("Second").catalog = titled("Casino")
    return Effect.gen(function* () {
      const library = yield* Library
      const settings = yield* Settings
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
      const manager = yield* connectFeed("manager", "Manager")
      const second = yield* connectFeed("manager", "Second")
      yield* run
      assert.deepStrictEqual(yield* titles({ kind: "season" }), ["Lost 1"])
      assert.deepStrictEqual(yield* titles({ integrationId: second }), ["Casino"])
      const [alien] = yield* all({ search: "alien" })
      assert.isNotNull(alien!.diskGroupId)
      const { diskGroupId } = alien!
      assert.deepStrictEqual(yield* titles({ diskGroupId: diskGroupId! }), ["Alien", "Aliens", "Lost", "Lost 1"])
      assert.deepStrictEqual(yield* titles({ collection: "Alien Collection" }), ["Alien", "Aliens"])
      assert.deepStrictEqual(yield* titles({ collection: "alien collection" }), [])
      assert.deepStrictEqual(yield* titles({ minSizeBytes: 20, maxSizeBytes: 20 }), ["Aliens", "Heat"])
      assert.deepStrictEqual(
        yield* titles({ integrationId: manager, kind: "movie", minSizeBytes: 20, search: "alien", limit: 1 }),
        ["Aliens"]
      )
      for (const nobody of ["99", "abc", "", "1e9", "-1"]) {
        assert.deepStrictEqual(yield* titles({ integrationId: nobody }), [], nobody)
        assert.deepStrictEqual(yield* titles({ diskGroupId: nobody }), [], nobody)
      }
      feeds.of("Manager").catalog = films.slice(1)
      yield* run
      assert.deepStrictEqual(yield* titles({ gone: true }), ["Alien", "Lost", "Lost 1"])
      assert.deepStrictEqual(yield* titles({}), ["Aliens", "Casino", "Heat"])
      assert.deepStrictEqual(yield* titles({ search: "alien" }), ["Aliens"])
      assert.isNotNull((yield* library.get(alien!.id)).goneAt, "one that is gone can still be asked for")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("refuses limits out of bounds and cursors of other lists", () =>
    Effect.gen(function* () {
      const library = yield* Library
      yield* connectFeed("manager", "Manager")
      yield* run
      for (const limit of [0, -1, 201, 1.5, Number.NaN]) {
        const error = yield* Effect.flip(library.page({ limit }))
        assert.deepStrictEqual(error.errors[0]?.path, ["query", "limit"])
      }
      assert.lengthOf((yield* library.page({ limit: 200 })).items, 3)
      const { nextCursor } = yield* library.page({ limit: 1 })
      const bad: ReadonlyArray<ItemQuery> = [
        { cursor: "nonsense" },
        { cursor: nextCursor!, sort: "size" },
        { cursor: nextCursor!, order: "desc" }
      ]
      for (const query of bad) {
        const error = yield* Effect.flip(library.page(query))
        assert.deepStrictEqual(error.errors[0]?.path, ["query", "cursor"])
      }
    }).pipe(Effect.provide(feedTest(withItems(titled("A", "B", "C")))))
  )

  it.effect("continues after a row that has vanished between two pages", () => {
    const feeds = withItems(titled("a", "b", "c", "d", "e", "f"))
    return Effect.gen(function* () {
      const library = yield* Library
      yield* connectFeed("manager", "Manager")
      yield* run
      const first = yield* library.page({ limit: 2 })
      feeds.of("Manager").catalog = feeds.of("Manager").catalog!.filter((item) => item.title !== "b")
      yield* run
      const second = yield* library.page({ limit: 2, cursor: first.nextCursor! })
      assert.deepStrictEqual(
        [...first.items, ...second.items].map((item) => item.title),
        ["a", "b", "c", "d"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("returns the fields of an item that lists need, with its parent", () => {
    const feeds = new Feeds()
    const lost = show("9", ["tvdb:9"], {
      title: "Lost",
      facts: { rating: 8.3, addedAt: at(1) },
      posterUrl: "https://x"
    })
    feeds.of("Manager").catalog = [lost, season(lost, 1)]
    return Effect.gen(function* () {
      const library = yield* Library
      yield* connectFeed("manager", "Manager")
      yield* run
      const [of, first] = yield* itemRows
      assert.deepStrictEqual(yield* library.get(String(of!.id)), {
        id: String(of!.id),
        integrationId: "1",
        externalId: "9",
        kind: "show",
        parentId: null,
        title: "Lost",
        year: 2001,
        ids: ["tvdb:9"],
        path: "/data/movies/9",
        sizeBytes: 1_000,
        diskGroupId: null,
        collections: [],
        posterUrl: null,
        addedAt: at(1),
        lastPlayedAt: null,
        playCount: null,
        rating: 8.3,
        removalId: null,
        removalState: null,
        removalOrigin: null,
        goneAt: null
      })
      assert.strictEqual((yield* library.get(String(first!.id))).parentId, String(of!.id))
      for (const nobody of ["99", "abc", "", "1 OR 1=1", "9".repeat(30)]) {
        assert.deepInclude(yield* Effect.flip(library.get(nobody)), { _tag: "ItemNotFound", itemId: nobody })
      }
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
