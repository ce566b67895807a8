/** Malware blocking against a real qBittorrent: every step is proven by what the program says. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Acts } from "../../../src/acts/Acts.ts"
import { Downloads } from "../../../src/downloads/Downloads.ts"
import { downloadRules } from "../../../src/downloads/DownloadRules.ts"
import { ExcludedNames } from "../../../src/downloads/malware/ExcludedNames.ts"
import { MalwareSettings } from "../../../src/downloads/malware/MalwareSettings.ts"
import { Actor } from "../../../src/events/Actor.ts"
import { Integrations } from "../../../src/integrations/Integrations.ts"
import { Kinds, sealKind } from "../../../src/integrations/Kinds.ts"
import { qbittorrent } from "../../../src/integrations/kinds/qbittorrent.ts"
import { KyUpstreamClient } from "../../../src/integrations/KyUpstreamClient.ts"
import { MayDestroy } from "../../../src/jobs/MayDestroy.ts"
import { RuleSubjects } from "../../../src/rules/RuleSubjects.ts"
import { ServicesOver } from "../../../src/Services.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { FakeDownloads, kindOf } from "../../downloads/FakeDownloads.ts"
import { actsOf, block, listed, outcomes } from "../../downloads/malware/Blocking.ts"
import { SqlTest } from "../../support/Sql.ts"
import { areClientsRequired, isInstalled, password, startQBittorrent, titleOf, until } from "./Programs.ts"
import { makeTorrent, type TestTorrent } from "./TestTorrents.ts"

const installed = isInstalled("qbittorrent-nox")

const session = async (url: string) => {
  const login = await fetch(`${url}/api/v2/auth/login`, {
    method: "POST",
    body: new URLSearchParams({ username: "admin", password })
  })
  const cookie = login.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ")
  const get = (path: string): Promise<unknown> =>
    fetch(`${url}/api/v2/${path}`, { headers: { cookie } }).then((answer) => answer.json())
  return {
    add: async ({ bytes }: TestTorrent) => {
      const form = new FormData()
      form.append("torrents", new Blob([new Uint8Array(bytes)]), "t.torrent")
      await fetch(`${url}/api/v2/torrents/add`, { method: "POST", body: form, headers: { cookie } })
    },
    priorities: async ({ hash }: TestTorrent) =>
      ((await get(`torrents/files?hash=${hash}`)) as ReadonlyArray<{ name: string; priority: number }>).map(
        ({ name, priority }) => [name.slice(name.lastIndexOf("/") + 1), priority > 0]
      ),
    hashes: async () => ((await get("torrents/info")) as ReadonlyArray<{ hash: string }>).map(({ hash }) => hash),
    excluded: async () => {
      const settings = (await get("app/preferences")) as Record<string, unknown>
      return [settings["excluded_file_names_enabled"], settings["excluded_file_names"]]
    }
  }
}

describe.skipIf(!installed && !areClientsRequired)(titleOf("qBittorrent", installed), () => {
  it.live(
    "deselects what a list blocks, selects it again, removes a fake, and gets the names",
    () => {
      const fetcher = new FakeDownloads()
      const services = ServicesOver.pipe(
        Layer.provideMerge(
          Layer.mergeAll(
            Kinds.layerWith([
              sealKind(qbittorrent),
              sealKind(kindOf("fetcher", ["queue"], { queue: fetcher.queueCapability }))
            ]),
            KyUpstreamClient.layerWith({ retries: 5 })
          )
        ),
        Layer.provide(RuleSubjects.layerWith([downloadRules])),
        Layer.provideMerge(SqlTest)
      )
      const film = makeTorrent("Some.Movie", { "film.mkv": 300_000, "setup.exe": 80_000 }, { isPrivate: false })
      const fake = makeTorrent("Fake.Movie.mkv.exe", { "Fake.Movie.mkv.exe": 70_000 }, { isPrivate: false })
      return Effect.acquireUseRelease(
        Effect.promise(startQBittorrent),
        ({ url }) =>
          Effect.gen(function* () {
            const client = yield* Effect.promise(() => session(url))
            for (const torrent of [film, fake]) yield* Effect.promise(() => client.add(torrent))
            yield* Effect.promise(() =>
              until("Both torrents to be there", async () => (await client.hashes()).length === 2)
            )
            for (const { hash, name } of [film, fake]) {
              const targets = [{ kind: "movie" as const, wholeId: hash }]
              fetcher.history.push({
                what: "grabbed",
                downloadId: hash,
                at: new Date().toISOString(),
                title: name,
                indexer: null,
                targets
              })
              fetcher.enqueue(hash, { targets, clientName: "Real" })
            }
            const integrations = yield* Integrations
            yield* integrations.create({
              kind: "qbittorrent",
              name: "Real",
              url,
              config: { username: "admin", password }
            })
            yield* integrations.create({ kind: "fetcher", name: "Fetcher", url: "http://fetcher.test", config: {} })
            const settings = yield* Settings
            yield* settings.patch(MalwareSettings, { blocking: true, removalDelayMinutes: 0, syncNames: true })
            yield* listed({ syncs: true })
            yield* Effect.flatMap(Downloads, (downloads) => downloads.poll)

            // Programs before version 5 say only with the trackers whether a torrent is private.
            const report = yield* block
            assert.deepInclude(report, { deselected: 1, removed: 1, failed: 0 }, JSON.stringify(report.items))
            assert.deepStrictEqual(yield* Effect.promise(() => client.priorities(film)), [
              ["film.mkv", true],
              ["setup.exe", false]
            ])
            assert.deepStrictEqual(yield* Effect.promise(() => client.hashes()), [film.hash])
            assert.strictEqual((yield* actsOf("remove-download"))[0]?.state, "done")

            const [act] = yield* actsOf("deselect-files")
            yield* Effect.flatMap(Acts, (acts) => acts.undo(act!.id))
            yield* block
            assert.deepStrictEqual(yield* Effect.promise(() => client.priorities(film)), [
              ["film.mkv", true],
              ["setup.exe", true]
            ])
            assert.strictEqual((yield* outcomes)["Some.Movie"], "done")

            const names = yield* Effect.flatMap(ExcludedNames, (service) =>
              service
                .sync({ progress: () => Effect.void, log: () => Effect.void })
                .pipe(Effect.provideService(Actor, "job:malware-blocking"), Effect.provideService(MayDestroy, true))
            )
            const [on, text] = yield* Effect.promise(() => client.excluded())
            assert.isTrue(on)
            assert.strictEqual(String(text).split("\n").length, names.namesAdded)
            assert.include(String(text).split("\n"), "*.exe")
          }).pipe(Effect.provide(services)),
        (running) => Effect.promise(() => running.stop())
      )
    },
    { timeout: 120_000 }
  )
})
