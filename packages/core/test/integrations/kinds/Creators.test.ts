/** Lidarr and Readarr share an implementation: these tests run for both, with the names of each. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RemovalTarget } from "../../../src/integrations/Kind.ts"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { album, artist, author, book, plain, status } from "./ArrAnswers.ts"
import { books, libraryOf, music } from "./CreatorNames.ts"

const config = { apiKey: "0123456789abcdef" }

describe.each([music, books])("$appName", (words) => {
  const { creator, files, kind, letter, makeCreator, makeWork, work } = words
  const api = "/api/v1"

  const library = libraryOf(words)
  const whole: RemovalTarget = {
    externalId: "5",
    kind: kind.itemKinds[0]!,
    title: makeCreatorTitle(5),
    ids: [words.creatorId]
  }
  const part: RemovalTarget = {
    externalId: `5:${letter}31`,
    kind: kind.itemKinds[1]!,
    title: "Part",
    ids: [words.workId]
  }
  function makeCreatorTitle(id: number) {
    return `${words.appName === "Lidarr" ? "Artist" : "Author"} ${id}`
  }
  const connected = (answers: Answers) => connect(kind, config, answers)
  const presenceOf = (target: RemovalTarget, answers: Answers) =>
    Effect.flatMap(connected(plain(answers)), (fake) => fake.connected.removal!.presence(target))

  describe("catalog", () => {
    it.effect("contains a creator and each work that has files", () =>
      Effect.gen(function* () {
        const works = [makeWork(31, 5), makeWork(32, 5, words.noFiles), makeWork(33, 5, { monitored: false })]
        const items = yield* read(yield* connected(library([makeCreator(5)], works)), "catalog")
        const name = makeCreatorTitle(5)
        assert.deepStrictEqual(
          items.map((item) => [item.externalId, item.kind, item.parentExternalId, item.title, item.facts.monitored]),
          [
            ["5", creator, null, name, true],
            [`5:${letter}31`, work, "5", `${name} - ${makeWork(31, 5).title}`, true],
            [`5:${letter}33`, work, "5", `${name} - ${makeWork(33, 5).title}`, false]
          ]
        )
        const [first, second] = items
        assert.deepStrictEqual(first?.ids, [words.creatorId])
        assert.deepStrictEqual(second?.ids, [words.workId])
        assert.strictEqual(second?.path, first?.path)
        assert.deepStrictEqual(
          items.map((item) => [item.facts.tags, item.facts.qualityProfile]),
          items.map(() => [["keep"], "HD-1080p"])
        )
      })
    )

    it.effect("contains creators without files, but no works without files or without a listed creator", () =>
      Effect.gen(function* () {
        const works = [makeWork(31, 6, words.noFiles), makeWork(32, 77)]
        const items = yield* read(yield* connected(library([makeCreator(6, words.noFiles)], works)), "catalog")
        assert.deepStrictEqual(
          items.map((item) => [item.externalId, item.sizeBytes]),
          [["6", 0]]
        )
      })
    )

    it.effect("uses the sum of the works if it is more than the creator's own total", () =>
      Effect.gen(function* () {
        const lagging = makeCreator(5, { statistics: null })
        const works = [makeWork(31, 5), makeWork(32, 5)]
        const [first] = yield* read(yield* connected(library([lagging], works)), "catalog")
        assert.strictEqual(first?.sizeBytes, 2 * makeWork(31, 5).statistics.sizeOnDisk)
      })
    )

    it.effect("does not treat placeholders as ids", () =>
      Effect.gen(function* () {
        const odd = { [words.foreignKey]: "string" }
        const [first] = yield* read(yield* connected(library([makeCreator(5, odd)], [])), "catalog")
        assert.deepStrictEqual(first?.ids, [])
      })
    )
  })

  describe("presence check", () => {
    it.effect("reports absence after a 404 that the application's status confirms, and for a work without files", () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* presenceOf(whole, library([], [])))._tag, "Absent")
        assert.strictEqual((yield* presenceOf(part, library([], [])))._tag, "Absent")
        const empty = library([], [], (sent) =>
          sent.path === `${api}/${work}/31` ? makeWork(31, 5, words.noFiles) : undefined
        )
        assert.strictEqual((yield* presenceOf(part, empty))._tag, "Absent")
        yield* Effect.flip(presenceOf(whole, () => undefined))
      })
    )

    it.effect("does not guess if a work has no statistics", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(presenceOf(part, () => makeWork(31, 5, { statistics: null })))
        assert.strictEqual(error._tag, "UpstreamMalformed")
      })
    )

    it.effect("returns a work with the title and ids of the catalog", () =>
      Effect.gen(function* () {
        const alone = makeWork(31, 5, { [creator]: makeCreator(5) })
        const items = yield* read(yield* connected(library([makeCreator(5)], [makeWork(31, 5)])), "catalog")
        const presence = yield* presenceOf(part, () => alone)
        if (presence._tag === "Absent") return assert.fail("it is there")
        assert.strictEqual(presence.title, items[1]?.title)
        assert.deepStrictEqual(presence.ids, items[1]?.ids)
        assert.strictEqual(presence.sizeBytes, items[1]?.sizeBytes)
      })
    )
  })

  describe("removal", () => {
    it.effect("deletes a creator with its files in one call", () =>
      Effect.gen(function* () {
        const fake = yield* connected(() => ({}))
        yield* fake.connected.removal!.remove(whole, { addImportExclusion: false })
        assert.deepStrictEqual(fake.calls(), [`DELETE ${api}/${creator}/5`])
        assert.deepStrictEqual(Object.fromEntries(fake.sent[0]!.query), {
          deleteFiles: "true",
          addImportListExclusion: "false"
        })
      })
    )

    it.effect("unmonitors only that work before its files are deleted", () =>
      Effect.gen(function* () {
        const fake = yield* connected((sent) =>
          sent.path === `${api}/${files}`
            ? [words.workFiles(1, 31), words.workFiles(2, 99), words.workFiles(3, 31)]
            : {}
        )
        yield* fake.connected.removal!.remove(part, { addImportExclusion: true })
        assert.deepStrictEqual(fake.calls(), [
          `PUT ${api}/${work}/monitor`,
          `GET ${api}/${files}`,
          `DELETE ${api}/${files}/bulk`
        ])
        assert.deepStrictEqual(fake.sent[0]?.body, { [words.bodies.works]: [31], monitored: false })
        assert.strictEqual(fake.sent[1]?.query.get(`${work}Id`), "31")
        assert.deepStrictEqual(fake.sent[2]?.body, { [words.bodies.files]: [1, 3] })
      })
    )

    it.effect("deletes no file if the work could not be unmonitored, or has none", () =>
      Effect.gen(function* () {
        const locked = yield* connected(() => Response.json({ message: "database is locked" }, { status: 500 }))
        yield* Effect.flip(locked.connected.removal!.remove(part, { addImportExclusion: true }))
        assert.deepStrictEqual(locked.calls(), [`PUT ${api}/${work}/monitor`])
        const empty = yield* connected((sent) => (sent.method === "GET" ? [] : {}))
        yield* empty.connected.removal!.remove(part, { addImportExclusion: true })
        assert.isFalse(empty.calls().some((call) => call.startsWith("DELETE")))
      })
    )

    for (const externalId of [
      `5:${letter}`,
      `5:${letter}0`,
      "5:x31",
      `:${letter}31`,
      `5:${letter}31/..`,
      "0",
      "5/.."
    ]) {
      it.effect(`sends nothing for the id "${externalId}"`, () =>
        Effect.gen(function* () {
          const fake = yield* connected(() => ({}))
          yield* Effect.flip(fake.connected.removal!.remove({ ...part, externalId }, { addImportExclusion: true }))
          assert.deepStrictEqual(fake.calls(), [])
        })
      )
    }
  })

  describe("restore", () => {
    const keptOf = (target: RemovalTarget, works: ReadonlyArray<unknown>) =>
      Effect.gen(function* () {
        const presence = yield* presenceOf(target, (sent) =>
          sent.path === `${api}/${creator}/5`
            ? makeCreator(5)
            : sent.path === `${api}/${work}`
              ? works
              : makeWork(31, 5)
        )
        const kept: unknown = presence._tag === "Present" ? JSON.parse(JSON.stringify(presence.restore)) : undefined
        return kept
      })
    const whenAdded: Answers = (sent) => {
      if (sent.method === "POST") return Response.json({ id: 88 }, { status: 201 })
      if (sent.path.endsWith("/importlistexclusion")) {
        return [
          { id: 1, foreignId: words.foreign, artistName: "x" },
          { id: 2, foreignId: "another", artistName: "y" }
        ]
      }
      return sent.method === "GET" ? [makeCreator(6)] : {}
    }

    it.effect("adds a creator again with the works that were monitored, and starts a search", () =>
      Effect.gen(function* () {
        const kept = yield* keptOf(whole, [makeWork(31, 5), makeWork(32, 5, { monitored: false }), makeWork(33, 5)])
        const fake = yield* connected(whenAdded)
        assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "88" })
        assert.deepStrictEqual(fake.calls(), [
          `GET ${api}/${creator}`,
          `GET ${api}/importlistexclusion`,
          `DELETE ${api}/importlistexclusion/1`,
          `POST ${api}/${creator}`
        ])
        assert.strictEqual(fake.sent[0]!.query.size === 0 ? "" : `?${String(fake.sent[0]!.query)}`, words.query)
        assert.deepStrictEqual(fake.sent[3]?.body, {
          [words.bodies.name]: makeCreatorTitle(5),
          [words.foreignKey]: words.foreign,
          qualityProfileId: 4,
          metadataProfileId: makeCreator(5).metadataProfileId,
          rootFolderPath: makeCreator(5).rootFolderPath,
          monitored: true,
          monitorNewItems: makeCreator(5).monitorNewItems,
          tags: [1],
          addOptions: {
            [words.toMonitor]: [words.foreignWork(31), words.foreignWork(33)],
            monitored: true,
            [words.searchMissing]: true
          }
        })
      })
    )

    it.effect("monitors no work of a creator without monitored works", () =>
      Effect.gen(function* () {
        const kept = yield* keptOf(whole, [makeWork(31, 5, { monitored: false })])
        const fake = yield* connected(whenAdded)
        yield* fake.connected.removal!.restore(kept)
        assert.deepNestedInclude(fake.sent[3], { "body.addOptions.monitor": "none" })
      })
    )

    it.effect("finds the creator that was added by hand", () =>
      Effect.gen(function* () {
        const kept = yield* keptOf(whole, [])
        const fake = yield* connected(() => [makeCreator(5, { id: 12 })])
        assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "12" })
        assert.deepStrictEqual(fake.calls(), [`GET ${api}/${creator}`])
      })
    )

    it.effect("keeps or removes the entry of a creator whose last work was removed, as configured", () =>
      Effect.gen(function* () {
        const maker = { ...makeCreator(5, words.noFiles), monitorNewItems: "none" }
        const without = { ...words.noFiles, monitored: false }
        const settle = (
          choice: "unmonitor" | "remove",
          now: object,
          works: ReadonlyArray<unknown>,
          left: ReadonlyArray<unknown> = []
        ) =>
          Effect.gen(function* () {
            const fake = yield* connected((sent) => {
              if (sent.method !== "GET") return {}
              if (sent.path === `${api}/${work}/31`) return makeWork(31, 5, { ...without, [creator]: makeCreator(5) })
              if (sent.path === `${api}/${creator}/5`) return now
              return sent.path === `${api}/${work}` ? works : left
            })
            const fate = yield* fake.connected.removal!.settleEntry!(part, choice, { addImportExclusion: true })
            const changes = fake.sent.filter((sent) => sent.method !== "GET")
            return [fate._tag, ...changes.map((sent) => `${sent.method} ${sent.path}?${sent.query.toString()}`)]
          })
        const works = [makeWork(31, 5, without), makeWork(32, 5, without)]
        const query = "deleteFiles=false&addImportListExclusion=true"
        assert.deepStrictEqual(yield* settle("remove", maker, works), [
          "Removed",
          `DELETE ${api}/${creator}/5?${query}`
        ])
        assert.deepStrictEqual(yield* settle("unmonitor", maker, works), ["Unmonitored", `PUT ${api}/${creator}/5?`])
        const file = words.workFiles(1, 32)
        for (const choice of ["unmonitor", "remove"] as const) {
          assert.deepStrictEqual(
            yield* settle(choice, { ...maker, monitorNewItems: "all" }, works),
            ["Kept"],
            "new ones are wanted"
          )
          assert.deepStrictEqual(
            yield* settle(choice, maker, [...works, makeWork(33, 5, words.noFiles)]),
            ["Kept"],
            "one is wanted"
          )
          assert.deepStrictEqual(
            yield* settle(choice, maker, [...works, makeWork(33, 5, { monitored: false })]),
            ["Kept"],
            "one has files"
          )
          assert.deepStrictEqual(yield* settle(choice, maker, works, [file]), ["Kept"], "a file is left")
          assert.deepStrictEqual(
            yield* settle(choice, { ...maker, statistics: null }, works),
            ["Kept"],
            "it does not report it"
          )
        }
      })
    )

    it.effect("restores a creator with the work with which it was removed", () =>
      Effect.gen(function* () {
        const presence = yield* presenceOf(part, () => makeWork(31, 5, { [creator]: makeCreator(5) }))
        const fake = yield* connected((sent) => {
          if (sent.method === "POST") return Response.json({ id: 12 }, { status: 201 })
          if (sent.path === `${api}/system/status`) return status(words.appName)
          return sent.path === `${api}/${work}/31` ? undefined : []
        })
        const data: unknown = presence._tag === "Present" ? presence.restore : null
        assert.deepStrictEqual(yield* fake.connected.removal!.restore(data), { externalId: "12" })
        assert.deepNestedInclude(fake.sent.at(-1), { [`body.addOptions.${words.toMonitor}`]: [words.foreignWork(31)] })
      })
    )

    it.effect("monitors a work again and searches for it", () =>
      Effect.gen(function* () {
        const kept = yield* keptOf(part, [])
        const fake = yield* connected((sent) => (sent.method === "GET" ? makeWork(31, 5, words.noFiles) : {}))
        assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: `5:${letter}31` })
        const changes = fake.sent.filter((sent) => sent.method !== "GET")
        assert.deepStrictEqual(
          changes.map((sent) => `${sent.method} ${sent.path}`),
          [`PUT ${api}/${work}/monitor`, `POST ${api}/command`]
        )
        assert.deepStrictEqual(changes[0]?.body, { [words.bodies.works]: [31], monitored: true })
        assert.deepStrictEqual(changes[1]?.body, { name: words.bodies.search, [words.bodies.works]: [31] })
      })
    )

    it.effect("does not change another work that has the id of the old one", () =>
      Effect.gen(function* () {
        const kept = yield* keptOf(part, [])
        const other = { ...makeWork(32, 5), id: 31 }
        const fake = yield* connected(() => other)
        assert.include((yield* Effect.flip(fake.connected.removal!.restore(kept))).detail, `another ${work}`)
        assert.isTrue(fake.sent.every((sent) => sent.method === "GET"))
      })
    )
  })
})

describe("Facts that only one of the two reports", () => {
  const both = (kind: typeof lidarr, lists: Readonly<Record<string, unknown>>) =>
    Effect.flatMap(
      connect(kind, config, (sent) => lists[sent.path.slice("/api/v1/".length)] ?? []),
      (fake) => read(fake, "catalog")
    )

  it.effect("include the length of an album, and the public URL of its cover", () =>
    Effect.gen(function* () {
      const items = yield* both(lidarr, { artist: [artist(5)], album: [album(31, 5)] })
      assert.strictEqual(items[0]?.posterUrl, "https://images.test/artist.jpg")
      assert.strictEqual(items[1]?.posterUrl, "https://images.test/album.jpg")
      assert.deepStrictEqual(items[1]?.facts, {
        qualityProfile: "#4",
        qualityProfileId: 4,
        tags: ["#1"],
        monitored: true,
        genres: ["Bebop"],
        rating: 8.4,
        ratingVotes: 3,
        trackCount: 12,
        missingTracks: 0,
        albumTypes: ["Album", "Live"],
        releasedAt: "2011-02-03T00:00:00.000Z",
        // The request for its history failed.
        fileAddedAt: null,
        runtimeMinutes: 42
      })
      assert.strictEqual(items[1]?.year, 2011)
    })
  )

  it.effect("include when a book was added, and its rating, converted from five to ten", () =>
    Effect.gen(function* () {
      const items = yield* both(readarr, { author: [author(5)], book: [book(31, 5)] })
      assert.strictEqual(items[0]?.facts.rating, 8.2)
      assert.strictEqual(items[1]?.facts.rating, 7)
      assert.strictEqual(items[1]?.facts.addedAt, "2021-02-03T04:05:06.000Z")
      assert.isFalse("runtimeMinutes" in (items[1]?.facts ?? {}))
    })
  )
})
