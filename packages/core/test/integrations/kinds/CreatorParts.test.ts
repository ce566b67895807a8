/** What Lidarr and Readarr report about single works: their dates, and fields that cannot be read. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { historyPage } from "./ArrAnswers.ts"
import { books, libraryOf, music } from "./CreatorNames.ts"

describe.each([music, books])("Works in $appName", (words) => {
  const { creator, files, kind, letter, makeCreator, makeWork, work } = words
  const api = "/api/v1"
  const library = libraryOf(words)
  const connected = (answers: Answers) => connect(kind, { apiKey: "0123456789abcdef" }, answers)

  const history =
    (records: ReadonlyArray<unknown>): Answers =>
    (sent) =>
      sent.path === `${api}/history` ? historyPage(records) : undefined
  const event = (workId: number, date: string, changes: Record<string, unknown> = {}) => ({
    id: 1,
    [`${creator}Id`]: 5,
    [`${work}Id`]: workId,
    eventType: `${files}Imported`.replace("file", "File"),
    date,
    ...changes
  })

  it.effect("have the date of their own newest file, never that of their creator", () =>
    Effect.gen(function* () {
      const records = [
        event(31, "2026-11-20T00:00:00Z"),
        event(31, "2026-10-01T00:00:00Z"),
        event(32, "2026-11-21T00:00:00Z", { eventType: "grabbed" })
      ]
      const own = { added: undefined }
      const works = [makeWork(31, 5, own), makeWork(32, 5, own)]
      const items = yield* read(yield* connected(library([makeCreator(5)], works, history(records))), "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.facts.addedAt, item.facts.fileAddedAt]),
        [
          ["2020-01-02T03:04:05.000Z", "2026-11-20T00:00:00.000Z"],
          [undefined, "2026-11-20T00:00:00.000Z"],
          [undefined, undefined]
        ]
      )
      assert.isTrue(items.every((item) => item.untold === undefined))
      assert.strictEqual(items[1]?.wholeTitle, items[0]?.title)
    })
  )

  it.effect("lose only the dates of files if the history is refused", () =>
    Effect.gen(function* () {
      const items = yield* read(yield* connected(library([makeCreator(5)], [makeWork(31, 5)])), "catalog")
      assert.deepStrictEqual(
        items.map((item) => Object.keys(item.untold ?? {})),
        [["fileAddedAt"], ["fileAddedAt"]]
      )
    })
  )

  const oddWorks: ReadonlyArray<[name: string, changes: Record<string, unknown>, untold: ReadonlyArray<string>]> = [
    ["a release that is no text", { releaseDate: {} }, ["releasedAt", "year"]],
    ["a rating in words", { ratings: { value: "good" } }, ["rating", "ratingVotes"]],
    ["a flag in words", { monitored: "no idea" }, ["monitored"]],
    [
      "files without a size",
      { statistics: { ...makeWork(31, 5).statistics, [`${files.slice(0, -4)}FileCount`]: 3, sizeOnDisk: 0 } },
      ["sizeBytes"]
    ]
  ]
  for (const [name, changes, untold] of oddWorks) {
    it.effect(`${name}: unknown is ${untold.join(", ")} of that ${work} alone`, () =>
      Effect.gen(function* () {
        const works = [makeWork(31, 5, changes), makeWork(32, 5), makeWork(33, 5)]
        const answers = library([makeCreator(5)], works, history([]))
        const items = yield* read(yield* connected(answers), "catalog")
        assert.strictEqual(items.length, 4)
        assert.deepStrictEqual(Object.keys(items[1]?.untold ?? {}).toSorted(), untold.toSorted())
        assert.isUndefined(items[2]?.untold)
      })
    )
  }

  it.effect("have unknown tags if those of the creator are faulty, and are counted without file counts", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const creators = [makeCreator(5, { tags: [1, "keep"] }), makeCreator(6), makeCreator(7)]
      const works = [makeWork(31, 5), makeWork(32, 5), makeWork(33, 6, { statistics: "none" }), makeWork(34, 6)]
      const items = yield* read(yield* connected(library(creators, works, history([]))), "catalog", odd)
      assert.deepStrictEqual(
        items.filter((item) => item.untold?.tags !== undefined).map((item) => item.externalId),
        ["5", `5:${letter}31`, `5:${letter}32`]
      )
      assert.strictEqual(odd.unidentified, 1)
      assert.isFalse(items.some((item) => item.externalId.endsWith("33")))
    })
  )
})
