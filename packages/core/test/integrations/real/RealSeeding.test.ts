/** One whole cycle of seeding on each of the real clients for torrents: limits, goals, removals and undoing them. */
import { assert, describe, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { Acts } from "../../../src/acts/Acts.ts"
import { Downloads } from "../../../src/downloads/Downloads.ts"
import { downloadRules } from "../../../src/downloads/DownloadRules.ts"
import { SeedingSettings } from "../../../src/downloads/seeding/SeedingSettings.ts"
import type { Download } from "../../../src/integrations/Downloads.ts"
import type { DownloadsCapability } from "../../../src/integrations/DownloadsCapability.ts"
import { Integrations } from "../../../src/integrations/Integrations.ts"
import { Kinds } from "../../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../../src/integrations/KyUpstreamClient.ts"
import { Rules } from "../../../src/rules/Rules.ts"
import { RuleSubjects } from "../../../src/rules/RuleSubjects.ts"
import { ServicesOver } from "../../../src/Services.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { seedingRule, tend, when } from "../../downloads/seeding/FakeSeeder.ts"
import { SqlTest } from "../../support/Sql.ts"
import {
  areClientsRequired,
  isInstalled,
  password,
  type Running,
  startDeluge,
  startQBittorrent,
  startRTorrent,
  startTransmission,
  titleOf,
  until
} from "./Programs.ts"
import { makeTorrent, writeFiles } from "./TestTorrents.ts"

const timeout = 180_000

const services = ServicesOver.pipe(
  Layer.provideMerge(Layer.mergeAll(Kinds.layerWith([]), KyUpstreamClient.layerWith({ retries: 5 }))),
  Layer.provide(RuleSubjects.layerWith([downloadRules])),
  Layer.provideMerge(SqlTest)
)

interface Client {
  readonly kind: string
  readonly config: Readonly<Record<string, string>>
  readonly start: () => Promise<Running>
  /** Limits that it has, and how they read before. */
  readonly limits: object | null
  readonly mayMove: boolean
  readonly removesData: boolean
  readonly exports: boolean
}

/** No rule may be about a download that no application knows, unless it names that case. */
const named = (name: string) => ({
  kind: "group",
  logic: "AND",
  children: [when("name", "=", name), when("application", "isEmpty")]
})

const cycle = ({ config, exports, kind, limits, mayMove, removesData, start }: Client) =>
  Effect.acquireUseRelease(
    Effect.promise(start),
    (running) =>
      Effect.gen(function* () {
        const integrations = yield* Integrations
        const downloads = yield* Downloads
        const acts = yield* Acts
        const rules = yield* Rules
        const { id } = yield* Effect.orDie(integrations.create({ kind, name: "Real", url: running.url, config }))
        const live = yield* integrations.connect(id)
        const client: DownloadsCapability = live!.connected.downloads!
        yield* Settings.use((settings) => Effect.orDie(settings.patch(SeedingSettings, { enabled: true })))

        const torrents = ["Leaves.mkv", "Goes.mkv", "Owes.mkv"].map((name) =>
          makeTorrent(name, { [name]: 70_000 }, { isPrivate: name === "Owes.mkv" })
        )
        for (const torrent of torrents) {
          writeFiles(running.downloads, torrent)
          yield* Effect.orDie(
            client.add!(torrent.bytes, { savePath: running.downloads, category: "", tags: [], paused: false })
          )
        }
        const find = (name: string) =>
          Effect.map(downloads.current, (all) => all.find(({ download }) => download.name === name)?.download)
        const eventually = (what: string, condition: (all: ReadonlyArray<Download>) => boolean) =>
          Effect.flatMap(Effect.context<Downloads>(), (context) =>
            Effect.promise(() =>
              until(what, () =>
                Effect.runPromiseWith(context)(
                  Effect.map(Effect.andThen(downloads.poll, downloads.current), (all) =>
                    condition(all.map(({ download }) => download))
                  )
                )
              )
            )
          )
        yield* eventually("Seeding", (all) => all.filter(({ state }) => state === "seeding").length === 3)

        // Limits are written once, and restored.
        if (limits !== null) {
          const before = yield* find("Leaves.mkv")
          const rule = yield* seedingRule(
            "arrange",
            { limits },
            { name: "limits", condition: when("name", "=", "Leaves.mkv") }
          )
          assert.strictEqual((yield* tend).changed, 1)
          yield* downloads.poll
          const set = yield* find("Leaves.mkv")
          assert.notDeepEqual([set?.seedLimits, set?.limits.up.own], [before?.seedLimits, before?.limits.up.own])
          assert.strictEqual((yield* tend).changed, 0)
          yield* Effect.orDie(rules.update(rule.id, { enabled: false }))
          assert.strictEqual((yield* tend).changed, 1)
          yield* downloads.poll
          const restored = yield* find("Leaves.mkv")
          const kinds = (one: Download | undefined) =>
            [one?.seedLimits.ratio, one?.limits.down.own, one?.limits.up.own].map((limit) => limit?.is)
          assert.deepStrictEqual(kinds(restored), kinds(before))
          assert.strictEqual((yield* tend).changed, 0)
        }

        // A category, where the client has them; what would set off its own rules is refused.
        if (client.setCategory !== null) {
          const move = yield* seedingRule(
            "arrange",
            { category: "films" },
            { name: "move", condition: when("name", "=", "Leaves.mkv") }
          )
          const report = yield* tend
          assert.strictEqual(report.counts["refused"] ?? 0, mayMove ? 0 : 1, JSON.stringify(report.items))
          if (!mayMove) {
            yield* Effect.orDie(
              rules.update(move.id, { action: { type: "arrange", category: "films", mayMove: true } })
            )
            assert.strictEqual((yield* tend).changed, 1)
          }
          yield* eventually("The category", (all) => all.some(({ category }) => category === "films"))
          yield* Effect.orDie(rules.remove(move.id))
        }

        // A goal is reached: one goes without its data, one with it, and one still owes something to its tracker.
        yield* seedingRule("hit-and-run", { hours: 24 }, { condition: when("private", "=", true) })
        yield* seedingRule(
          "seed",
          { maximumHours: 0, reached: "remove" },
          { name: "leaves", condition: named("Leaves.mkv") }
        )
        yield* seedingRule(
          "seed",
          { maximumHours: 0, reached: "remove-with-data" },
          { name: "goes", condition: named("Goes.mkv") }
        )
        yield* seedingRule(
          "seed",
          { maximumHours: 0, reached: "remove" },
          { name: "owes", condition: named("Owes.mkv") }
        )
        const report = yield* tend
        assert.strictEqual(report.removed, removesData ? 2 : 1, JSON.stringify(report.items))
        assert.strictEqual(report.counts["owed"], 1)
        assert.strictEqual(report.counts["refused"] ?? 0, removesData ? 0 : 1)
        yield* eventually("Two to be gone", (all) => all.length === (removesData ? 1 : 2))
        assert.isTrue(existsSync(join(running.downloads, "Leaves.mkv")))
        yield* Effect.promise(() =>
          until("The files to be gone", () => existsSync(join(running.downloads, "Goes.mkv")) === !removesData)
        )
        assert.isTrue(existsSync(join(running.downloads, "Owes.mkv")))

        // What was removed without its data can be added again, if its client gives out torrent files.
        const { items } = yield* Effect.orDie(acts.page({ kind: "remove-seeded", search: "Leaves" }))
        assert.strictEqual(items[0]?.undoable, exports)
        if (exports) {
          yield* Effect.orDie(acts.undo(items[0]?.id ?? ""))
          yield* eventually("It to be back", (all) =>
            all.some(({ name, state }) => name === "Leaves.mkv" && state === "seeding")
          )
          assert.strictEqual((yield* tend).removed, 0)
        }
      }).pipe(Effect.provide(services)),
    (running) => Effect.promise(() => running.stop())
  )

const suite = (name: string, installed: boolean, client: Client) =>
  describe.skipIf(!installed && !areClientsRequired)(titleOf(name, installed), () => {
    it.live("is given limits and loses them, and what has reached its goal is removed", () => cycle(client), {
      timeout
    })
  })

suite("qBittorrent", isInstalled("qbittorrent-nox"), {
  kind: "qbittorrent",
  config: { username: "admin", password },
  start: startQBittorrent,
  limits: { ratio: 3, seedingHours: 5, upKibps: 500 },
  mayMove: true,
  removesData: true,
  exports: true
})

suite("Transmission", isInstalled("transmission-daemon"), {
  kind: "transmission",
  config: { username: "admin", password, rpcPath: "transmission/rpc" },
  start: startTransmission,
  limits: { ratio: 3, inactiveHours: 5, upKibps: 500 },
  mayMove: true,
  removesData: true,
  exports: false
})

suite("Deluge", isInstalled("deluged", "deluge-web"), {
  kind: "deluge",
  config: { password },
  start: startDeluge,
  limits: { ratio: 3, upKibps: 500 },
  // Its labels may have options of their own.
  mayMove: false,
  removesData: true,
  exports: false
})

suite("rTorrent", isInstalled("rtorrent", "lighttpd"), {
  kind: "rtorrent",
  config: { username: "admin", password, rpcPath: "RPC2" },
  start: startRTorrent,
  limits: null,
  mayMove: true,
  removesData: false,
  exports: false
})
