import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { Configuration } from "../../src/system/Configuration.ts"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { connectFeed, feedTest } from "../library/Feeds.ts"
import { house } from "./BackupsTest.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { secret, library, sync, exported, imported, furnish, fresh, document, sections, faults } from "./Furnished.ts"

describe("The configuration", () => {
  it.effect(
    "is imported completely into another installation, by names and typed ids, and changes nothing the second time",
    () =>
      Effect.gen(function* () {
        const given = yield* Effect.provide(document, fresh())
        assert.deepStrictEqual(given.settings?.removals, {
          deletionsEnabled: false,
          caps: { maxItems: 7, maxBytes: null, maxLibraryShare: 0.25 }
        })
        assert.deepStrictEqual(given.settings?.general, {}, "defaults are not written down")
        assert.deepStrictEqual(
          given.rules?.[0]?.scope?.integrations,
          ["Manager", "#5"],
          "a removed one still limits the scope"
        )
        yield* Effect.gen(function* () {
          // Ids that differ from those of the first installation.
          yield* Effect.flatMap(Integrations, (all) => all.remove("0")).pipe(Effect.ignore)
          yield* connectFeed("wishes", "Here before")
          yield* imported(given)
          yield* sync
          const second = yield* imported(given)
          assert.deepStrictEqual(
            second.changes.map(({ section, name }) => `${section} ${name}`),
            ["diskGroups /data", "protections Alien", "protections Show 9 season 2"],
            "items without a disk before the first sync"
          )
          assert.deepStrictEqual(yield* imported(given), { dryRun: false, changes: [], skipped: [] })
          const again = yield* exported()
          assert.deepStrictEqual(
            { ...sections(again), integrations: again.integrations?.filter(({ name }) => name !== "Here before") },
            { ...sections(given), integrations: given.integrations }
          )
          const figures = (yield* (yield* Integrations).list).find(({ name }) => name === "Figures")
          const screen = (yield* (yield* Integrations).list).find(({ name }) => name === "Screen")
          assert.strictEqual(figures?.options.mediaServerId, screen?.id)
        }).pipe(Effect.provide(fresh()))
      })
  )

  it.effect("includes path mappings and merged disks, and can be imported without them", () => {
    const feeds = () => {
      const all = library()
      const mount = (path: string) => ({ path, totalBytes: 1000, freeBytes: 100 })
      all.of("Manager").disks = {
        disks: [mount("/data"), mount("/tv")],
        rootFolders: ["/data/movies", "/tv"].map((path) => ({ path, accessible: true, freeBytes: 100 }))
      }
      return all
    }
    const house = () => Layer.fresh(feedTest(feeds()))
    const mergedOf = Effect.flatMap(DiskGroups, ({ list }) =>
      Effect.map(list, (groups) => groups.map(({ merged }) => merged?.map(({ mountPath }) => mountPath)))
    )
    return Effect.gen(function* () {
      const pathMappings = [{ from: "/tv", to: "/common/tv" }]
      const given = yield* Effect.gen(function* () {
        const diskGroups = yield* DiskGroups
        yield* connectFeed("manager", "Manager", { pathMappings })
        yield* sync
        const [one, other] = yield* diskGroups.list
        yield* diskGroups.merge(one!.id, other!.id)
        return yield* exported()
      }).pipe(Effect.provide(house()))
      assert.deepStrictEqual(given.integrations?.[0]?.options.pathMappings, pathMappings)
      yield* Effect.gen(function* () {
        yield* imported(given)
        yield* sync
        yield* imported(given)
        assert.deepStrictEqual(yield* mergedOf, [["/data"]])
        assert.deepStrictEqual(yield* imported(given), { dryRun: false, changes: [], skipped: [] })
        const [manager] = yield* (yield* Integrations).list
        assert.deepStrictEqual(manager?.options.pathMappings, pathMappings)
        const { pathMappings: _, ...options } = given.integrations![0]!.options
        const former = { ...given, integrations: [{ ...given.integrations![0]!, options }] }
        // A document of an earlier version deletes nothing that it cannot contain.
        assert.deepStrictEqual((yield* imported(former)).changes, [])
        assert.deepStrictEqual((yield* (yield* Integrations).list)[0]?.options.pathMappings, pathMappings)
      }).pipe(Effect.provide(house()))
    })
  })

  it.effect("connects integrations with both connections of a database file", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      const { live } = yield* house
      yield* live(
        Effect.gen(function* () {
          yield* imported(given)
          assert.sameMembers(
            (yield* (yield* Integrations).list).map(({ name }) => name),
            given.integrations?.map(({ name }) => name) ?? []
          )
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("of a version without the option for empty entries keeps them", () =>
    Effect.gen(function* () {
      const { integrations = [], ...given } = yield* Effect.provide(document, fresh())
      const older = integrations.map(({ options: { emptyEntries: _, ...options }, ...one }) => ({ ...one, options }))
      assert.isTrue(
        integrations.some(({ options }) => options.emptyEntries === "unmonitor"),
        "it is exported"
      )
      yield* imported({ ...given, integrations: older })
      const { list } = yield* Integrations
      assert.isTrue((yield* list).every(({ options }) => options.emptyEntries === "keep"))
    }).pipe(Effect.provide(fresh()))
  )

  it.effect("protects items that are added later, and exactly the given season", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      yield* Effect.gen(function* () {
        yield* imported(given)
        const protections = yield* Protections
        assert.lengthOf(yield* protections.list, 3)
        yield* sync
        const { items } = yield* (yield* Snapshots).get
        const covering = yield* protections.protecting
        const kept = items.filter((item) => covering(item) !== undefined).map(({ title }) => title)
        assert.sameMembers(kept, ["Alien", "Show 9", "Show 9 season 2"])
      }).pipe(Effect.provide(fresh()))
    })
  )

  it.effect("contains secrets only on request, and keeps existing ones", () =>
    Effect.gen(function* () {
      yield* furnish
      assert.include(JSON.stringify(yield* exported(true)), secret)
      const without = yield* exported(false)
      assert.notInclude(JSON.stringify(without), secret)
      const change = {
        ...without,
        integrations: without.integrations?.map((each) =>
          each.name === "Radarr" ? { ...each, url: "http://other:7878", config: { apiKey: "********" } } : each
        )
      }
      const radarr = without.integrations?.findIndex(({ name }) => name === "Radarr") ?? -1
      for (const dryRun of [true, false]) {
        const refused = yield* Effect.flip(imported(change as Configuration, dryRun))
        assert.deepStrictEqual(
          refused.errors.map(({ path }) => path),
          [["payload", "integrations", radarr, "config", "apiKey"]]
        )
        assert.include(refused.errors[0]?.message, "http://other:7878")
      }
      const confirmed = ConfigurationTransfer.use((transfer) =>
        transfer.import(change as Configuration, { dryRun: false, confirmSecretReuse: true })
      )
      const { changes } = yield* confirmed
      const log = (yield* (yield* EventLog).page({ type: "integration.secrets-reused" })).items
      assert.deepInclude(log[0]?.payload, { to: "http://other:7878", use: "stored", confirmed: true })
      assert.deepStrictEqual(changes, [
        {
          section: "integrations",
          name: "Radarr",
          change: "change",
          fields: [{ field: "url", before: "http://radarr:7878", after: "http://other:7878" }]
        }
      ])
      assert.include(JSON.stringify(yield* exported(true)), secret)
      const replaced = JSON.stringify(yield* exported(true)).replaceAll(secret, "f".repeat(32))
      const report = yield* imported(JSON.parse(replaced))
      assert.notInclude(JSON.stringify(report), "f".repeat(32))
      assert.deepInclude(report.changes[0], {
        fields: [{ field: "config.apiKey", before: "********", after: "********" }]
      })
      const missing = yield* Effect.provide(faults(without), fresh())
      const at = without.integrations?.findIndex(({ name }) => name === "Radarr")
      assert.deepStrictEqual(missing, [`payload.integrations.${at}.config.apiKey`])
    }).pipe(Effect.provide(fresh()))
  )

  it.effect("can be imported as a dry run, which reports everything, and writes and publishes nothing", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      yield* Effect.gen(function* () {
        const before = yield* exported()
        const report = yield* imported(given, true)
        assert.isTrue(report.dryRun)
        assert.includeMembers(
          report.changes.map(({ change, name, section }) => `${change} ${section} ${name}`),
          [
            "change settings removals",
            "add integrations Radarr",
            "add rules First",
            "add protections Alien",
            "change schedules capacity"
          ]
        )
        const brake = report.changes.find(({ name }) => name === "removals")
        assert.deepInclude(brake?.fields[0], { field: "deletionsEnabled", before: true, after: false })
        assert.match(report.skipped[0]?.because ?? "", /\/data; run a sync and import again/)
        assert.deepStrictEqual(sections(yield* exported()), sections(before))
        assert.isTrue((yield* (yield* Settings).get(RemovalsSettings)).deletionsEnabled)
        assert.deepStrictEqual((yield* (yield* EventLog).page({ type: "settings.changed" })).items, [])
        assert.deepStrictEqual((yield* (yield* EventLog).page({ category: "integrations" })).items, [])
        assert.strictEqual((yield* imported(given)).changes.length, report.changes.length)
      }).pipe(Effect.provide(fresh()))
    })
  )
})
