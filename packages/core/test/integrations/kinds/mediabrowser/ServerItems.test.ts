import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { jellyfin } from "../../../../src/integrations/kinds/jellyfin.ts"
import { OddRecords } from "../../../../src/integrations/OddRecords.ts"
import { type Answers, connect, silent } from "../../support/FakeUpstream.ts"
import { ann, config, movie, root, season, series, server, type World } from "./FakeServer.ts"

const reading = (world: World, answers: Answers = () => undefined) =>
  Effect.gen(function* () {
    const whole = server(world)
    const fake = yield* connect(jellyfin, config, (sent) => answers(sent) ?? whole(sent))
    const odd = new OddRecords()
    const items = yield* fake.connected.read.serverItems!(silent, odd)
    return { fake, items, odd, of: (key: string) => items.find((item) => item.serverItemId === key) }
  })

describe("An entry of Jellyfin", () => {
  it.effect("has all libraries that contain it, and its files", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({
        libraries: [
          { ItemId: "l1", Name: "Films", CollectionType: "movies" },
          { ItemId: "l2", Name: "Kids", CollectionType: "movies" },
          { ItemId: "l3", Name: "All", CollectionType: "mixed" }
        ],
        items: {
          l1: [movie("m1", { Path: "/films/One/one.mkv" })],
          l2: [movie("m1")],
          l3: [movie("m1"), { ...series("s1"), Path: "/tv/Show" }, { ...season("e1", "s1", 1), Path: "/tv/Show/S1" }]
        }
      })
      assert.deepStrictEqual([of("m1")?.library, of("m1")?.otherLibraries], ["Films", ["Kids", "All"]])
      assert.deepStrictEqual(
        [of("m1")?.paths, of("s1")?.paths, of("e1")?.paths],
        [["/films/One/one.mkv"], ["/tv/Show"], undefined]
      )
    })
  )

  it.effect("is read from a library of an unknown type, but not from music libraries", () =>
    Effect.gen(function* () {
      const { items } = yield* reading({
        libraries: [
          { ItemId: "l1", Name: "New", CollectionType: "holograms" },
          { ItemId: "l2", Name: "Songs", CollectionType: "music" }
        ],
        items: { l1: [movie("m1")], l2: [movie("m2")] }
      })
      assert.deepStrictEqual(
        items.map((item) => item.serverItemId),
        ["m1"]
      )
    })
  )

  it.effect("with faulty fields keeps its other facts, and one without a key is counted", () =>
    Effect.gen(function* () {
      const rows = ["m1", "m2", "m3"].map((id) => movie(id))
      const { items, odd, of } = yield* reading({
        items: { l1: [...rows, movie("m4", { Tags: "Keep", DateCreated: {} }), { Type: "Movie", Name: "Nameless" }] }
      })
      assert.deepStrictEqual([items.length, odd.unidentified], [4, 1])
      assert.sameMembers(Object.keys(of("m4")?.untold ?? {}), ["labels", "addedAt"])
      assert.deepStrictEqual(of("m4")?.ids, ["tmdb-movie:603", "imdb:tt0133093"])
    })
  )
})

describe("The collections of Jellyfin", () => {
  const world = { items: { l1: [movie("m1")] }, collections: { Kids: [movie("m1")] } }
  const admin = (Id: string, changes: object) => ({ Id, Name: Id, Policy: { IsAdministrator: true, ...changes } })

  it.effect("are read as an administrator from whom nothing is hidden", () =>
    Effect.gen(function* () {
      for (const hiding of [
        { EnableAllFolders: false },
        { MaxParentalRating: 12 },
        { BlockedTags: ["x"] },
        { IsDisabled: true }
      ]) {
        const { fake, of } = yield* reading({ ...world, users: [admin("half", hiding), ann, root] })
        const asked = fake.sent.filter((sent) => sent.query.get("parentId")?.startsWith("box-"))
        assert.deepStrictEqual([...new Set(asked.map((sent) => sent.query.get("userId")))], ["r1"])
        assert.isUndefined(of("m1")?.untold)
      }
    })
  )

  it.effect("contain the season of an episode in them, but not its other seasons", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({
        items: { l1: [series("s"), season("s1", "s", 1), season("s2", "s", 2)] },
        collections: { Christmas: [{ Id: "e9", Type: "Episode", Name: "Snow", SeriesId: "s", SeasonId: "s2" }] }
      })
      assert.deepStrictEqual(
        [of("s")?.collections, of("s1")?.collections, of("s2")?.collections],
        [[], [], ["Christmas"]]
      )
    })
  )

  it.effect("are unknown if something is hidden from every administrator", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({ ...world, users: [admin("half", { EnableAllFolders: false }), ann] })
      assert.deepStrictEqual(of("m1")?.collections, ["Kids"])
      assert.isDefined(of("m1")?.untold?.collections)
    })
  )
})

describe("A movie of Jellyfin with several versions", () => {
  const several = { items: { l1: [movie("m1", { MediaSourceCount: 2, Path: "/f/hd.mkv" }), movie("m2")] } }
  const sources = [
    { Id: "m1", Path: "/f/hd.mkv" },
    { Id: "v2", Path: "/f/uhd.mkv" }
  ]

  it.effect("has the files of all of them", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({
        ...several,
        versions: { m1: { Id: "m1", MediaSources: sources }, v2: { Id: "v2", MediaSources: [] } }
      })
      assert.deepStrictEqual(of("m1")?.paths, ["/f/hd.mkv", "/f/uhd.mkv"])
      assert.deepStrictEqual([of("m1")?.untold, of("m2")?.untold], [undefined, undefined])
    })
  )

  it.effect("has unknown plays if the server does not show the other version", () =>
    Effect.gen(function* () {
      const { of } = yield* reading({ ...several, versions: { m1: { Id: "m1", MediaSources: sources } } })
      assert.isDefined(of("m1")?.untold?.plays)
      assert.isUndefined(of("m2")?.untold)
    })
  )
})
