/** What removals of items know about their downloads, and do about them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../../src/events/Actor.ts"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { FilesSettings } from "../../src/downloads/files/FilesSettings.ts"
import { ItemDownloads } from "../../src/downloads/files/ItemDownloads.ts"
import { Links } from "../../src/downloads/files/Links.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { MayDestroy } from "../../src/jobs/MayDestroy.ts"
import { makeDownloadsOfItems } from "../../src/removals/DownloadsOfItems.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connected, downloadsTest, FakeDownloads } from "../downloads/FakeDownloads.ts"
import { plainDisk, seeding } from "../downloads/files/RealDisk.ts"

const test = <E, R>(use: (fake: FakeDownloads) => Effect.Effect<void, E, R>) => {
  const fake = new FakeDownloads()
  return Effect.andThen(connected, use(fake)).pipe(Effect.provide(downloadsTest(fake)))
}

const poll = Effect.flatMap(Downloads, (downloads) => downloads.poll)
const set = (changes: object) => Effect.flatMap(Settings, (settings) => settings.patch(RemovalsSettings, changes))

/** A complete torrent of movie 1, no longer in the queue. */
const torrent = (fake: FakeDownloads, changes: object = {}) => {
  const one = fake.add("Film", 1, { ...seeding, private: false, ...changes })
  fake.queue.delete(one.id)
  return one
}

const movie = (externalId: string, filePath?: string) =>
  Effect.map(
    Integrations.use((integrations) => integrations.list),
    (all) => ({
      id: "1",
      integrationId: all.find(({ name }) => name === "Fetcher")!.id,
      externalId,
      kind: "movie" as const,
      data: filePath === undefined ? {} : { filePath }
    })
  )

const of = (externalId: string, filePath?: string) =>
  Effect.gen(function* () {
    const downloads = yield* ItemDownloads
    return (yield* downloads.of([yield* movie(externalId, filePath)])).map(({ by, name, obligation }) => [
      name,
      by,
      obligation._tag
    ])
  })

const mayGo = Effect.gen(function* () {
  const [one] = yield* (yield* Downloads).current
  return (yield* (yield* ItemDownloads).mayGo(one!))._tag
})

describe("The downloads of an item", () => {
  it.effect("are those that were fetched for it, with what they owe", () =>
    test((fake) =>
      Effect.gen(function* () {
        torrent(fake, { private: true })
        yield* poll
        assert.deepStrictEqual(yield* of("1"), [["Film", "history", "Owed"]])
        assert.deepStrictEqual(yield* of("2"), [])
        yield* (yield* Settings).patch(FilesSettings, { minimumSeedingHours: 1 })
        fake.change([...fake.downloads.values()][0]!, { seedingTime: { seconds: 3600, clock: "active" } })
        yield* poll
        assert.deepStrictEqual(yield* of("1"), [["Film", "history", "Free"]])
      })
    )
  )

  it.effect("are also those whose files are hard links of its files", () =>
    Effect.scoped(
      Effect.flatMap(plainDisk, (disk) =>
        test((fake) =>
          Effect.gen(function* () {
            disk.torrent(fake, "Film", 1, { private: null })
            disk.link(disk.at("downloads/Film/film.mkv"), disk.at("library/film.mkv"))
            yield* poll
            yield* (yield* Links).run
            assert.deepStrictEqual(yield* of("77", disk.at("library/film.mkv")), [["Film", "link", "Unknown"]])
            assert.deepStrictEqual(yield* of("77", disk.at("downloads/other.mkv")), [])
          })
        )
      )
    )
  )

  it.effect("go with it only if that is wanted, and nothing needs them", () =>
    test((fake) =>
      Effect.gen(function* () {
        const one = torrent(fake)
        yield* poll
        assert.strictEqual(yield* mayGo, "Spare", "the setting is off")
        yield* set({ downloadsToo: true })
        assert.strictEqual(yield* mayGo, "Go")
        for (const [changes, verdict] of [
          [{ private: true }, "Wait"],
          [{ private: null }, "Wait"],
          [{ private: false, state: "downloading", progress: 0.5 }, "Spare"],
          [{ ...seeding }, "Go"]
        ] as const) {
          fake.change(one, changes)
          yield* poll
          assert.strictEqual(yield* mayGo, verdict, JSON.stringify(changes))
        }
        fake.enqueue(one.id, { targets: [{ kind: "movie", wholeId: "1" }] })
        yield* poll
        assert.strictEqual(yield* mayGo, "Wait", "it is in the queue")
        fake.queue.clear()
        fake.down.add("application")
        yield* poll
        assert.strictEqual(yield* mayGo, "Wait", "it is not known whose it is")
      })
    )
  )
})

describe("The removal of an item", () => {
  /** Its row, as it is at that time. */
  const removal = (state: string) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { integrationId } = yield* movie("1")
      const at = "2026-01-15T12:00:00.000Z"
      const common = {
        external_id: "1",
        kind: "movie",
        title: "Film",
        ids: "[]",
        size_bytes: 1,
        created_at: at,
        updated_at: at
      }
      const [item] = yield* sql<{ readonly id: number }>`INSERT INTO items ${sql.insert({
        ...common,
        integration_id: Number(integrationId),
        sort_title: "film",
        collections: "[]",
        data_hash: "x",
        gone_at: at
      })} RETURNING id`
      yield* sql`INSERT INTO removals ${sql.insert({
        ...common,
        id: 1,
        item_id: item!.id,
        integration_id: Number(integrationId),
        state,
        action: "remove-entry",
        mode: "approval",
        origin: "engine",
        actor: "system",
        position: 0,
        rank: 1,
        attempts: 0,
        because: "it is full",
        final: 0,
        version: 1
      })}`
    })

  const note = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const downloads = yield* (yield* ItemDownloads).of([yield* movie("1")])
    yield* sql`INSERT INTO removal_downloads ${sql.insert({
      removal_id: 1,
      noted_at: "2026-01-15T12:00:00.000Z",
      downloads: JSON.stringify(downloads)
    })}`
  })

  const carryOut = Effect.flatMap(makeDownloadsOfItems, (downloads) =>
    downloads
      .carryOut({ progress: () => Effect.void, log: () => Effect.void })
      .pipe(Effect.provide(Layer.mergeAll(Layer.succeed(Actor, "job:removals"), Layer.succeed(MayDestroy, true))))
  )

  it.effect("takes its download with it, with its data, also if deletions were off in between", () =>
    test((fake) =>
      Effect.gen(function* () {
        torrent(fake)
        yield* poll
        yield* removal("removed")
        yield* note
        yield* set({ downloadsToo: true, deletionsEnabled: false })
        yield* carryOut
        assert.deepStrictEqual(fake.sent, [], "deletions are off")
        yield* set({ deletionsEnabled: true })
        yield* carryOut
        assert.deepStrictEqual(fake.sent, ["client: remove Film with data"])
      })
    )
  )

  it.effect("leaves its download alone while its tracker needs it", () =>
    test((fake) =>
      Effect.gen(function* () {
        torrent(fake, { private: true })
        yield* poll
        yield* removal("removed")
        yield* note
        yield* set({ downloadsToo: true })
        yield* carryOut
        assert.deepStrictEqual(fake.sent, [])
      })
    )
  )

  it.effect("that has not been carried out leaves its download alone", () =>
    test((fake) =>
      Effect.gen(function* () {
        torrent(fake)
        yield* poll
        yield* removal("failed")
        yield* note
        yield* set({ downloadsToo: true })
        yield* carryOut
        assert.deepStrictEqual(fake.sent, [])
      })
    )
  )
})
