import { assert, describe, it } from "@effect/vitest"
import type { LibraryItem } from "../../src/library/Item.ts"
import { placesIn, type MappingsOf } from "../../src/library/Places.ts"
import { bytesOf, makeSnapshot } from "../../src/library/Snapshots.ts"
import { libraryItem, plainData } from "./Samples.ts"

interface Given extends Partial<Omit<LibraryItem, "data">> {
  readonly file?: string
  readonly season?: number
}

const item = (id: string, { file, season, ...given }: Given): LibraryItem =>
  libraryItem({
    id,
    externalId: id,
    title: `Title ${id}`,
    ids: ["tmdb-movie:1"],
    ...given,
    data: {
      ...plainData,
      ...(file === undefined ? {} : { filePath: file }),
      catalog: season === undefined ? {} : { seasonNumber: season }
    }
  })

const twinsOf = (items: ReadonlyArray<LibraryItem>, mappings: MappingsOf = new Map()) => {
  const places = placesIn(items, mappings)
  return Object.fromEntries(items.map((one) => [one.id, places.sameFileAs(one).map(({ id }) => id)]))
}
const sharedIn = (items: ReadonlyArray<LibraryItem>) => {
  const places = placesIn(items, new Map())
  return Object.fromEntries(items.map((one) => [one.id, places.folderSharedWith(one)?.id ?? null]))
}

const path = "/data/movies/Alien (1979)"
const hd = `${path}/Alien 1080p.mkv`
const uhd = `${path}/Alien 2160p.mkv`

describe("Places", () => {
  it("treat the same title in the same folder of two applications as the same file", () => {
    const items = [
      item("1", { integrationId: "1", path }),
      item("2", { integrationId: "2", path: `${path}/` }),
      item("3", { integrationId: "3", path: "/data/4k/Alien (1979)" })
    ]
    assert.deepStrictEqual(twinsOf(items), { "1": ["2"], "2": ["1"], "3": [] })
    const snapshot = makeSnapshot(items)
    assert.deepStrictEqual(
      snapshot.copiesOf(items[0]!).map(({ id }) => id),
      ["3"],
      "the same file is not a copy, but one in another folder is"
    )
  })

  it("are decided by the files if both are known: two files in one folder are copies, one file under two titles is one", () => {
    const two = [
      item("1", { integrationId: "1", path, file: hd }),
      item("2", { integrationId: "2", path, file: uhd }),
      item("3", { integrationId: "3", path })
    ]
    assert.deepStrictEqual(twinsOf(two), { "1": ["3"], "2": ["3"], "3": ["1", "2"] })
    const mismatched = [
      item("1", { integrationId: "1", path, file: hd }),
      item("2", { integrationId: "2", path, file: hd, ids: ["tmdb-movie:2"] })
    ]
    assert.deepStrictEqual(twinsOf(mismatched), { "1": ["2"], "2": ["1"] })
  })

  it("distinguish seasons, kinds and titles in one folder", () => {
    const show = { path: "/data/tv/Lost", ids: ["tvdb:1"] }
    const items = [
      item("1", { ...show, integrationId: "1", kind: "show" }),
      item("2", { ...show, integrationId: "1", kind: "season", season: 1 }),
      item("3", { ...show, integrationId: "2", kind: "show" }),
      item("4", { ...show, integrationId: "2", kind: "season", season: 1 }),
      item("5", { ...show, integrationId: "2", kind: "season", season: 2 }),
      item("6", { path: "/data/tv/Lost", integrationId: "3", kind: "movie" })
    ]
    assert.deepStrictEqual(twinsOf(items), { "1": ["3"], "2": ["4"], "3": ["1"], "4": ["2"], "5": [], "6": [] })
  })

  it("are compared after path mapping and normalization of paths", () => {
    const items = [
      item("1", { integrationId: "1", path: "/movies/Ame\u0301lie" }),
      item("2", { integrationId: "2", path: "/data/movies/Am\u00e9lie" }),
      item("3", { integrationId: "3", path: "D:\\Movies\\Am\u00e9lie" }),
      item("4", { integrationId: "4", path: "d:\\movies\\am\u00e9lie" })
    ]
    assert.deepStrictEqual(twinsOf(items), { "1": [], "2": [], "3": ["4"], "4": ["3"] })
    const mappings = new Map([["1", [{ from: "/movies", to: "/data/movies" }]]])
    assert.deepStrictEqual(twinsOf(items, mappings), { "1": ["2"], "2": ["1"], "3": ["4"], "4": ["3"] })
  })

  it("count the bytes of one file once", () => {
    const items = [
      item("1", { integrationId: "1", path, sizeBytes: 10 }),
      item("2", { integrationId: "2", path, sizeBytes: 10 }),
      item("3", { integrationId: "1", path: "/other", sizeBytes: 5, ids: ["tmdb-movie:3"] })
    ]
    assert.strictEqual(bytesOf(makeSnapshot(items), items), 15)
  })

  it("know whose folder contains another title: the outer one, and both if they share one folder", () => {
    const items = [
      item("outer", { path: "/data/tv/Outer", kind: "show", ids: ["tvdb:1"] }),
      item("inner", { path: "/data/tv/Outer/Specials/Inner", kind: "show", ids: ["tvdb:2"], integrationId: "2" }),
      item("beside", { path: "/data/tv/Outer 2", kind: "show", ids: ["tvdb:3"] }),
      item("one", { path: "/data/movies/Saga", ids: ["tmdb-movie:1"] }),
      item("two", { path: "/data/movies/Saga/", ids: ["tmdb-movie:2"] }),
      item("root", { path: "/data/movies", ids: ["tmdb-movie:3"] })
    ]
    assert.deepStrictEqual(sharedIn(items), {
      outer: "inner",
      inner: null,
      beside: null,
      one: "two",
      two: "one",
      root: "one"
    })
  })

  it("do not treat parts, or the same show of another application, as other titles in the folder", () => {
    const show = { path: "/data/tv/Lost", ids: ["tvdb:1"] }
    const items = [
      item("1", { ...show, kind: "show" }),
      item("2", { ...show, kind: "season", season: 1 }),
      item("3", { ...show, kind: "season", season: 2 }),
      item("4", { ...show, kind: "show", integrationId: "2" }),
      item("5", { path: null })
    ]
    assert.deepStrictEqual(sharedIn(items), { "1": null, "2": null, "3": null, "4": null, "5": null })
  })

  it("know that another file of the same title would be removed with the folder", () => {
    const items = [
      item("1", { integrationId: "1", path, file: hd }),
      item("2", { integrationId: "2", path, file: uhd })
    ]
    assert.deepStrictEqual(sharedIn(items), { "1": "2", "2": "1" })
  })

  it("are found for twenty thousand titles in one folder without comparing all pairs", () => {
    const items = Array.from({ length: 20_000 }, (_, index) =>
      item(String(index), {
        integrationId: String(index % 2),
        path: "/data/all",
        ids: [`tmdb-movie:${Math.floor(index / 2)}`]
      })
    )
    const places = placesIn(items, new Map())
    const found = items.filter(
      (one) => places.sameFileAs(one).length === 1 && places.folderSharedWith(one) !== undefined
    )
    assert.lengthOf(found, items.length)
  })
})
