/** What removals do about the downloads of their items: what these owe is said or holds them back, and they may go, too. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { downloadRules } from "../../src/downloads/DownloadRules.ts"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { FilesSettings } from "../../src/downloads/files/FilesSettings.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Kinds, sealKind } from "../../src/integrations/Kinds.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { RuleSubjects } from "../../src/rules/RuleSubjects.ts"
import { ServicesOver } from "../../src/Services.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { FakeDownloads, hitAndRunRule, kindOf } from "../downloads/FakeDownloads.ts"
import { seeding } from "../downloads/files/RealDisk.ts"
import { fakeChanges } from "../support/FakeChanges.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { SqlTest } from "../support/Sql.ts"
import {
  as,
  connectFakes,
  explanationOf,
  itemIdOf,
  passTime,
  removalOf,
  runDue,
  setDisk,
  startOfTest,
  sync
} from "../support/Stack.ts"

/** A manager that has its movies fetched, and the client that has their torrents. */
class Stack {
  readonly library = new FakeLibrary({ "/media": 100 * gib })
  readonly client = new FakeDownloads()
  readonly other = new FakeDownloads()

  /** A movie of 10 GiB, and its torrent, which seeds for a private tracker. */
  film(title: string, changes: Parameters<FakeDownloads["add"]>[2] = {}) {
    const { externalId } = this.library.add({ title, filePath: `/media/${title}/film.mkv` })
    const download = this.client.add(title.replaceAll(" ", "."), Number(externalId), {
      ...seeding,
      private: true,
      bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 0 },
      seedingTime: { seconds: 10 * 3600, clock: "active" },
      ...changes
    })
    this.client.queue.delete(download.id)
    this.client.history.push({
      what: "imported",
      downloadId: download.id,
      at: "2026-01-15T11:00:00.000Z",
      title,
      indexer: null,
      targets: [{ kind: "movie", wholeId: externalId }]
    })
    return download
  }

  get layer() {
    const { client, library, other } = this
    return ServicesOver.pipe(
      Layer.provideMerge(
        Layer.mergeAll(
          Kinds.layerWith([
            sealKind(
              kindOf("shelf", ["catalog", "disks", "removal", "collections", "changes", "queue"], {
                ...library.manager,
                changes: fakeChanges(library),
                queue: client.queueCapability
              })
            ),
            sealKind(kindOf("loader", ["downloads"], { downloads: client.capability })),
            sealKind(kindOf("seeder", ["downloads"], { downloads: other.capability }))
          ]),
          Layer.succeed(UpstreamClient, {
            open: () => {
              throw new Error("The fakes speak to nobody")
            }
          })
        )
      ),
      Layer.provide(RuleSubjects.layerWith([downloadRules])),
      Layer.provideMerge(SqlTest),
      Layer.provide(Layer.effectDiscard(TestClock.setTime(startOfTest)))
    )
  }
}

type Options = Partial<Pick<RemovalsSettings, "owedDownloads" | "downloadsToo" | "deletionsEnabled">>

const connectClient = (kind: string, name: string) =>
  Effect.flatMap(Integrations, (integrations) =>
    Effect.orDie(integrations.create({ kind, name, url: `http://${kind}.test`, config: {} }))
  )

const begin = Effect.fnUntraced(function* (options: Options) {
  yield* connectFakes({ without: ["screen", "wishes"] })
  yield* connectClient("loader", "Loader")
  yield* (yield* Settings).patch(RemovalsSettings, { leftoverFolders: false, ...options })
  yield* sync
  yield* setDisk({ mode: "auto" })
})

const request = (title: string) =>
  Effect.gen(function* () {
    yield* (yield* Removals).request(yield* itemIdOf(title)).pipe(as("ann"))
    yield* passTime("31 seconds")
    yield* runDue
  })

/** Reads the clients and runs what is due, some hours later. */
const later = (hours: number) =>
  Effect.gen(function* () {
    yield* passTime(`${hours} hours`)
    yield* (yield* Downloads).poll
    yield* runDue
  })

const scenario = <E>(options: Options, use: (stack: Stack) => Effect.Effect<void, E, Layer.Success<Stack["layer"]>>) =>
  Effect.suspend(() => {
    const stack = new Stack()
    stack.film("Film")
    return Effect.andThen(begin(options), use(stack)).pipe(Effect.provide(stack.layer))
  })

const sentRemovals = ({ client }: Stack) => client.sent.filter((call) => call.startsWith("client: remove"))

describe("The download of an item", () => {
  it.effect("is named in its explanation, with what it owes", () =>
    scenario({}, () =>
      Effect.gen(function* () {
        yield* request("Film")
        const { downloads, summary } = yield* explanationOf("Film")
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
        assert.match(summary, /gone/)
        // Noted directly before the removal: afterwards its application has forgotten it.
        assert.strictEqual(downloads[0]?.name, "Film")
        assert.strictEqual(downloads[0]?.obligation._tag, "Owed")
      })
    )
  )

  it.effect("holds the removal back until it has seeded for long enough, if the owner wants that", () =>
    scenario({ owedDownloads: "hold" }, ({ client, library }) =>
      Effect.gen(function* () {
        yield* (yield* Settings).patch(FilesSettings, { minimumSeedingHours: 24 })
        yield* request("Film")
        assert.match((yield* removalOf("Film")).reason ?? "", /10 of 24 hours/)
        assert.strictEqual(library.items.size, 1)
        const [one] = [...client.downloads.values()]
        if (one === undefined) return assert.fail("The torrent is gone")
        client.change(one, { seedingTime: { seconds: 25 * 3600, clock: "active" } })
        yield* later(15)
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
        assert.strictEqual(library.items.size, 0)
      })
    )
  )

  it.effect("holds the removal back by a rule about hit-and-run", () =>
    scenario({ owedDownloads: "hold" }, ({ library }) =>
      Effect.gen(function* () {
        yield* hitAndRunRule(72)
        yield* request("Film")
        assert.match((yield* removalOf("Film")).reason ?? "", /the rule "Tracker" keeps it: 10 h of the 72 h/)
        assert.strictEqual(library.items.size, 1)
      })
    )
  )

  it.effect("holds nothing back once what a rule about hit-and-run asks for is met", () =>
    scenario({ owedDownloads: "hold" }, () =>
      Effect.gen(function* () {
        // It still seeds for a private tracker, which would hold the removal back without the rule.
        yield* hitAndRunRule(9)
        yield* request("Film")
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
      })
    )
  )

  it.effect("of a public tracker holds nothing back", () =>
    scenario({ owedDownloads: "hold" }, ({ client }) =>
      Effect.gen(function* () {
        for (const one of client.downloads.values()) client.change(one, { private: false })
        yield* request("Film")
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
      })
    )
  )

  it.effect("may be in a client that cannot be read: the removal waits", () =>
    scenario({ owedDownloads: "hold" }, ({ client, library, other }) =>
      Effect.gen(function* () {
        for (const one of client.downloads.values()) client.change(one, { private: false })
        yield* connectClient("seeder", "Seeder")
        other.down.add("client")
        yield* request("Film")
        assert.match((yield* removalOf("Film")).reason ?? "", /its downloads are not known: Seeder/)
        assert.strictEqual(library.items.size, 1)
        other.down.delete("client")
        yield* later(1)
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
      })
    )
  )

  it.effect("may be one whose application cannot say for what it was fetched: the removal waits", () =>
    scenario({ owedDownloads: "hold" }, ({ client, library }) =>
      Effect.gen(function* () {
        client.down.add("application")
        yield* request("Film")
        assert.match((yield* removalOf("Film")).reason ?? "", /its downloads are not known: .*"Film"/)
        assert.strictEqual(library.items.size, 1)
      })
    )
  )

  it.effect("that two clients have is known by either", () =>
    scenario({ owedDownloads: "hold" }, ({ client, library, other }) =>
      Effect.gen(function* () {
        const [one] = [...client.downloads.values()]
        if (one === undefined) return assert.fail("There is no torrent")
        other.downloads.set(one.id, one)
        yield* connectClient("seeder", "Seeder")
        yield* request("Film")
        assert.match((yield* removalOf("Film")).reason ?? "", /its download "Film" in .* is needed by its tracker/)
        assert.strictEqual(library.items.size, 1)
      })
    )
  )

  it.effect("stays after the removal, unless the owner wants it to go", () =>
    scenario({}, (stack) =>
      Effect.gen(function* () {
        for (const one of stack.client.downloads.values()) stack.client.change(one, { private: false })
        yield* request("Film")
        yield* later(1)
        assert.deepStrictEqual(sentRemovals(stack), [])
      })
    )
  )

  it.effect("of a removal under the other setting stays, also if that is switched on later", () =>
    scenario({}, (stack) =>
      Effect.gen(function* () {
        for (const one of stack.client.downloads.values()) stack.client.change(one, { private: false })
        yield* request("Film")
        yield* (yield* Settings).patch(RemovalsSettings, { downloadsToo: true })
        yield* later(1)
        yield* later(1)
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
        assert.deepStrictEqual(sentRemovals(stack), [])
      })
    )
  )

  it.effect("stays while another client is switched off, which may use its files", () =>
    scenario({ downloadsToo: true }, (stack) =>
      Effect.gen(function* () {
        for (const one of stack.client.downloads.values()) stack.client.change(one, { private: false })
        const { id } = yield* connectClient("seeder", "Seeder")
        const integrations = yield* Integrations
        yield* Effect.orDie(integrations.update(id, { enabled: false }))
        yield* request("Film")
        yield* later(1)
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
        assert.deepStrictEqual(sentRemovals(stack), [])
        yield* Effect.orDie(integrations.update(id, { enabled: true }))
        yield* later(1)
        assert.deepStrictEqual(sentRemovals(stack), ["client: remove Film with data"])
      })
    )
  )

  it.effect("goes with its data after the removal, if the owner wants that", () =>
    scenario({ downloadsToo: true }, (stack) =>
      Effect.gen(function* () {
        for (const one of stack.client.downloads.values()) stack.client.change(one, { private: false })
        yield* request("Film")
        yield* later(1)
        assert.deepStrictEqual(sentRemovals(stack), ["client: remove Film with data"])
      })
    )
  )

  it.effect("goes only once its tracker no longer needs it", () =>
    scenario({ downloadsToo: true }, (stack) =>
      Effect.gen(function* () {
        yield* (yield* Settings).patch(FilesSettings, { minimumSeedingHours: 24 })
        yield* request("Film")
        yield* later(1)
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
        assert.deepStrictEqual(sentRemovals(stack), [])
        for (const one of stack.client.downloads.values()) {
          stack.client.change(one, { seedingTime: { seconds: 25 * 3600, clock: "active" } })
        }
        yield* later(14)
        assert.deepStrictEqual(sentRemovals(stack), ["client: remove Film with data"])
      })
    )
  )

  it.effect("stays if its item was not removed", () =>
    scenario({ downloadsToo: true }, (stack) =>
      Effect.gen(function* () {
        for (const one of stack.client.downloads.values()) stack.client.change(one, { private: false })
        stack.library.down.add("manager")
        yield* request("Film")
        yield* later(1)
        assert.notStrictEqual((yield* removalOf("Film")).state, "removed")
        assert.deepStrictEqual(sentRemovals(stack), [])
      })
    )
  )

  it.effect("stays while deletions are switched off after the removal", () =>
    scenario({ downloadsToo: true }, (stack) =>
      Effect.gen(function* () {
        yield* (yield* Settings).patch(FilesSettings, { minimumSeedingHours: 24 })
        yield* request("Film")
        yield* (yield* Settings).patch(RemovalsSettings, { deletionsEnabled: false })
        for (const one of stack.client.downloads.values()) {
          stack.client.change(one, { seedingTime: { seconds: 25 * 3600, clock: "active" } })
        }
        yield* later(24)
        assert.deepStrictEqual(sentRemovals(stack), [])
      })
    )
  )

  it.effect("that two items need stays while one of them is there", () =>
    scenario({ downloadsToo: true }, (stack) =>
      Effect.gen(function* () {
        for (const one of stack.client.downloads.values()) stack.client.change(one, { private: false })
        const { externalId } = stack.library.add({ title: "Sequel" })
        stack.client.history = stack.client.history.map((entry) => ({
          ...entry,
          targets: [...entry.targets, { kind: "movie", wholeId: externalId }]
        }))
        yield* sync
        yield* request("Film")
        yield* later(1)
        assert.strictEqual((yield* removalOf("Film")).state, "removed")
        assert.deepStrictEqual(sentRemovals(stack), [])
      })
    )
  )
})
