import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RuleSubjects } from "../../src/rules/RuleSubjects.ts"
import type { RuleDefinition } from "../../src/rules/Rule.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { Configuration } from "../../src/system/Configuration.ts"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { itemIdOf } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, season, show } from "../library/Samples.ts"
import { sampleSubject } from "../rules/subjects/Sample.ts"
import { house } from "./BackupsTest.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { ScoringSettings } from "../../src/capacity/ScoringSettings.ts"
import { GeneralSettings } from "../../src/settings/GeneralSettings.ts"

const secret = "0123456789abcdef0123456789abcdef"

const rule = (name: string, integrationIds?: ReadonlyArray<string>): RuleDefinition => ({
  name,
  enabled: true,
  effect: "prefer-keep",
  condition: { kind: "condition", field: "year", operator: "gte", value: 2020 },
  ...(integrationIds === undefined ? {} : { scope: { integrationIds, itemKinds: ["movie"] } })
})

const library = () => {
  const feeds = new Feeds()
  const series = show("9", ["tvdb:77"])
  feeds.of("Manager").catalog = [
    catalogItem({ externalId: "1", title: "Alien", ids: ["tmdb-movie:348"], collections: ["Alien Collection"] }),
    catalogItem({ externalId: "2", title: "Heat", ids: ["tmdb-movie:949"] }),
    series,
    season(series, 1),
    season(series, 2)
  ]
  feeds.of("Manager").disks = {
    disks: [{ path: "/data", totalBytes: 1000, freeBytes: 100 }],
    rootFolders: [{ path: "/data/movies", accessible: true, freeBytes: 100 }]
  }
  return feeds
}

const sync = Effect.flatMap(Sync, (service) => service.run())
const exported = (secrets = true) => Effect.flatMap(ConfigurationTransfer, (transfer) => transfer.export({ secrets }))
const imported = (document: Configuration, dryRun = false) =>
  Effect.flatMap(ConfigurationTransfer, (transfer) => transfer.import(document, { dryRun }))

/** Everything that can be set up, in a house of its own. */
const furnish = Effect.gen(function* () {
  const integrations = yield* Integrations
  const settings = yield* Settings
  const rules = yield* Rules
  const protections = yield* Protections
  const diskGroups = yield* DiskGroups
  const manager = yield* connectFeed("manager", "Manager", { removeCollections: true, emptyEntries: "unmonitor" })
  const server = yield* connectFeed("server", "Screen")
  yield* connectFeed("statistics", "Figures", { mediaServerId: server })
  const radarr = {
    kind: "radarr",
    name: "Radarr",
    url: "http://radarr:7878",
    config: { apiKey: secret },
    enabled: false
  }
  yield* integrations.create(radarr)
  const gone = yield* connectFeed("wishes", "Gone")
  yield* sync
  yield* settings.patch(RemovalsSettings, { deletionsEnabled: false, caps: { maxItems: 7 } })
  yield* settings.patch(ScoringSettings, { weights: { size: 9 } })
  yield* rules.create(rule("Second"))
  yield* rules.create(rule("First", [manager, gone]))
  yield* rules.reorder((yield* rules.list).map(({ id }) => id).toReversed())
  yield* integrations.remove(gone)
  yield* protections.add({ itemId: yield* itemIdOf("Alien"), reason: "A favourite" })
  yield* protections.add({ itemId: yield* itemIdOf("Show 9 season 2"), expiresAt: "2026-06-01T00:00:00Z" })
  yield* protections.add({ collection: "Alien Collection" })
  const [disk] = yield* diskGroups.list
  yield* diskGroups.update(disk!.id, { mode: "approval", limits: { type: "percent", threshold: 90, target: 80 } })
  const jobs = yield* Jobs
  yield* jobs.setSchedule("capacity", { schedule: { type: "interval", seconds: 600 }, enabled: false })
})

const fresh = () => Layer.fresh(feedTest(library()))

const document = Effect.gen(function* () {
  yield* furnish
  return yield* exported()
})

const sections = ({ exportedAt: _, protections = [], ...rest }: Configuration) => ({
  ...rest,
  protections: protections.toSorted((a, b) => a.title.localeCompare(b.title))
})

const names = Effect.flatMap(Rules, (rules) => Effect.map(rules.list, (all) => all.map(({ name }) => name)))

const faults = (given: Configuration) =>
  Effect.map(Effect.flip(imported(given)), (error) => error.errors.map(({ path }) => path.join(".")))

describe("the configuration", () => {
  it.effect("goes whole into another house, by names and typed ids, and a second time changes nothing", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      assert.deepStrictEqual(given.settings?.removals, {
        deletionsEnabled: false,
        caps: { maxItems: 7, maxBytes: null, maxLibraryShare: 0.25 }
      })
      assert.deepStrictEqual(given.settings?.general, {}, "defaults are not written down")
      assert.deepStrictEqual(given.rules?.[0]?.scope?.integrations, ["Manager", "#5"], "one that is gone still narrows")
      yield* Effect.gen(function* () {
        // Other numbers than in the first house.
        yield* Effect.flatMap(Integrations, (all) => all.remove("0")).pipe(Effect.ignore)
        yield* connectFeed("wishes", "Here before")
        yield* imported(given)
        yield* sync
        const second = yield* imported(given)
        assert.deepStrictEqual(
          second.changes.map(({ section, name }) => `${section} ${name}`),
          ["diskGroups /data", "protections Alien", "protections Show 9 season 2"],
          "what had no place before the first sync"
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

  it.effect("carries path mappings and merged disks over, and takes a file that has none of them", () => {
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
        // A document of an earlier version takes nothing away that it cannot name.
        assert.deepStrictEqual((yield* imported(former)).changes, [])
        assert.deepStrictEqual((yield* (yield* Integrations).list)[0]?.options.pathMappings, pathMappings)
      }).pipe(Effect.provide(house()))
    })
  })

  it.effect("connects integrations over the two connections of a file as well", () =>
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

  it.effect("of a version that knew no choice for empty entries keeps them", () =>
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

  it.effect("protects items that come later, and the very season", () =>
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

  it.effect("tells secrets only when asked, and keeps those that are there", () =>
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

  it.effect("is only tried out when asked: everything is told, and nothing is written or heard of", () =>
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

  it.effect("is refused whole, every fault by its path", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      const [first, ...others] = given.integrations ?? []
      const [ruleOne, ruleTwo] = given.rules ?? []
      const bad: Configuration = {
        ...given,
        settings: { general: { instanceName: "Taken over" }, removals: { delaySeconds: -1, brake: true } },
        integrations: [{ ...first!, options: { ...first!.options, mediaServer: "Nobody" } }, ...others, first!],
        rules: [
          { ...ruleOne!, scope: { integrations: ["Manager", "Nobody"] } },
          { ...ruleTwo!, condition: { kind: "condition", field: "yaer", operator: "gte", value: 1 } }
        ],
        schedules: [{ job: "capacity", schedule: { type: "cron", expression: "nonsense", zone: "UTC" }, enabled: true }]
      }
      yield* Effect.gen(function* () {
        const before = yield* exported()
        assert.sameMembers(yield* faults(bad), [
          "payload.settings.removals.delaySeconds",
          "payload.settings.removals.brake",
          "payload.integrations.0.options.mediaServer",
          `payload.integrations.${others.length + 1}.name`,
          "payload.rules.0.scope.integrations.1",
          "payload.rules.1.condition.field",
          "payload.schedules.0.schedule.expression"
        ])
        assert.deepStrictEqual(sections(yield* exported()), sections(before))
        assert.strictEqual((yield* (yield* Settings).get(GeneralSettings)).instanceName, "Tendarr")
      }).pipe(Effect.provide(fresh()))
    })
  )

  it.effect("connects no application twice, in this house or within the document", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      yield* Effect.gen(function* () {
        const integrations = yield* Integrations
        yield* integrations.create({
          kind: "manager",
          name: "Other name",
          url: "http://MANAGER.test:80/",
          config: {}
        })
        const screen = given.integrations?.find(({ name }) => name === "Screen")
        const twice = {
          ...given,
          integrations: [...(given.integrations ?? []), { ...screen!, name: "Screen again" }],
          rules: []
        }
        const error = yield* Effect.flip(imported(twice))
        assert.deepStrictEqual(
          error.errors.map(({ message, path }) => [path.join("."), message]),
          [
            [
              "payload.integrations.0.url",
              'already connected as "Other name" (integration 1): it has the same address'
            ],
            ["payload.integrations.4.url", 'already connected as "Screen" (integration 2): it has the same address']
          ]
        )
        assert.lengthOf(yield* integrations.list, 1)
      }).pipe(Effect.provide(fresh()))
    })
  )

  it.effect("asks what it connects what it is, and refuses what calls itself as another does", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      const feeds = library()
      // A draft has no name yet but that of its kind.
      feeds.of("server").says = { identity: "the screen" }
      feeds.of("Old screen").says = { identity: "the screen" }
      yield* Effect.gen(function* () {
        yield* connectFeed("server", "Old screen")
        assert.deepStrictEqual(yield* faults({ ...given, rules: [] }), ["payload.integrations.1.url"])
      }).pipe(Effect.provide(Layer.fresh(feedTest(feeds))))
    })
  )

  it.effect("leaves what it does not name, and the places of other rules", () =>
    Effect.gen(function* () {
      yield* furnish
      const rules = yield* Rules
      yield* rules.create(rule("Third"))
      const all = (yield* exported()).rules ?? []
      const byName = (name: string) => all.find((each) => each.name === name)!
      const some: Configuration = {
        format: "tendarr-configuration",
        formatVersion: 1,
        rules: [
          byName("Third"),
          { ...byName("Second"), enabled: false, scope: { itemKinds: ["show"] } },
          rule("Fourth")
        ]
      }
      const { changes } = yield* imported(some)
      assert.deepStrictEqual(yield* names, ["First", "Third", "Second", "Fourth"])
      assert.deepStrictEqual(
        changes.map(({ name, fields }) => [name, fields.map(({ field }) => field)]),
        [
          ["Second", ["scope", "enabled"]],
          ["Fourth", []],
          ["order", ["order"]]
        ]
      )
      const [first] = yield* rules.list
      assert.lengthOf(first?.scope?.integrationIds ?? [], 2, "the integration that is gone still narrows the rule")
      assert.strictEqual((yield* (yield* Settings).get(RemovalsSettings)).deletionsEnabled, false)
      const kept = yield* imported({ ...some, settings: { scoring: { weights: {} } } } as Configuration)
      assert.deepInclude(kept.changes[0], { section: "settings", name: "scoring" })
      assert.deepStrictEqual((yield* (yield* Settings).get(ScoringSettings)).weights, {})
    }).pipe(Effect.provide(fresh()))
  )

  it.effect("has rules about several subjects, each with an order of its own", () => {
    const samples = feedTest(library()).pipe(
      Layer.provide(RuleSubjects.layerWith([sampleSubject(Ref.makeUnsafe<ReadonlyArray<ReadonlyArray<string>>>([]))]))
    )
    const marking = (name: string) => ({
      ...rule(name),
      subject: "sample",
      effect: "mark",
      condition: { kind: "condition" as const, field: "weight", operator: "gt", value: 1 }
    })
    return Effect.gen(function* () {
      const given = yield* Effect.gen(function* () {
        const rules = yield* Rules
        for (const draft of [rule("Of items"), marking("Heavy"), marking("Heavier")]) yield* rules.create(draft)
        const ids = (yield* rules.about("sample")).map(({ id }) => id)
        yield* rules.reorder(ids.toReversed(), "sample")
        return yield* exported()
      }).pipe(Effect.provide(Layer.fresh(samples)))
      assert.deepStrictEqual(
        given.rules?.map(({ name, subject }) => [name, subject]),
        [
          ["Of items", undefined],
          ["Heavier", "sample"],
          ["Heavy", "sample"]
        ]
      )
      yield* Effect.gen(function* () {
        yield* imported(given)
        assert.deepStrictEqual(yield* names, ["Of items", "Heavier", "Heavy"])
        const again = given.rules!.map((each) => ({ subject: "item", ...each, effect: each.effect.replace("-", "_") }))
        assert.lengthOf((yield* imported({ ...given, rules: again })).changes, 0, "the same in other words")
        const [items, ...others] = given.rules!
        yield* imported({ ...given, rules: [...others.toReversed(), items!] })
        assert.deepStrictEqual(yield* names, ["Of items", "Heavy", "Heavier"])
        const moved = { ...given, rules: [{ ...items!, subject: "sample" }] }
        assert.deepStrictEqual(yield* faults(moved), ["payload.rules.0.subject"])
      }).pipe(Effect.provide(Layer.fresh(samples)))
      // Where the program does not bring it nothing is taken over in silence.
      assert.include(yield* Effect.provide(faults(given), fresh()), "payload.rules.1.subject")
    })
  })

  it.effect("passes over what has no place here, with the reason", () =>
    Effect.gen(function* () {
      const given: Configuration = {
        format: "tendarr-configuration",
        formatVersion: 1,
        diskGroups: [{ mountPath: "/nowhere", mode: "auto" }],
        schedules: [{ job: "baking", schedule: null, enabled: true }],
        protections: [
          { target: "collection", collection: "Ended", title: "Ended", reason: "", expiresAt: "2020-01-01T00:00:00Z" },
          {
            target: "item",
            integration: "Nobody",
            kind: "movie",
            ids: ["tmdb-movie:1"],
            externalId: null,
            seasonNumber: null,
            title: "Lost",
            reason: "",
            expiresAt: null
          }
        ]
      }
      const { changes, skipped } = yield* imported(given)
      assert.deepStrictEqual(changes, [])
      assert.deepStrictEqual(
        skipped.map(({ path }) => path.join(".")),
        ["payload.diskGroups.0", "payload.protections.0", "payload.protections.1", "payload.schedules.0"]
      )
    }).pipe(Effect.provide(fresh()))
  )
})
