/** An installation with everything that an exported configuration can contain. */
import { Effect, Layer } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Rules } from "../../src/rules/Rules.ts"
import type { RuleDefinition } from "../../src/rules/Rule.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { Configuration } from "../../src/system/Configuration.ts"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { itemIdOf } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, season, show } from "../library/Samples.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { ScoringSettings } from "../../src/capacity/ScoringSettings.ts"

export const secret = "0123456789abcdef0123456789abcdef"

export const rule = (name: string, integrationIds?: ReadonlyArray<string>): RuleDefinition => ({
  name,
  enabled: true,
  effect: "prefer-keep",
  condition: { kind: "condition", field: "year", operator: "gte", value: 2020 },
  ...(integrationIds === undefined ? {} : { scope: { integrationIds, itemKinds: ["movie"] } })
})

export const library = () => {
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

export const sync = Effect.flatMap(Sync, (service) => service.run())
export const exported = (secrets = true) =>
  Effect.flatMap(ConfigurationTransfer, (transfer) => transfer.export({ secrets }))
export const imported = (document: Configuration, dryRun = false) =>
  Effect.flatMap(ConfigurationTransfer, (transfer) => transfer.import(document, { dryRun }))

/** A separate installation with everything that can be configured. */
export const furnish = Effect.gen(function* () {
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

export const fresh = () => Layer.fresh(feedTest(library()))

export const document = Effect.gen(function* () {
  yield* furnish
  return yield* exported()
})

export const sections = ({ exportedAt: _, protections = [], ...rest }: Configuration) => ({
  ...rest,
  protections: protections.toSorted((a, b) => a.title.localeCompare(b.title))
})

export const names = Effect.flatMap(Rules, (rules) => Effect.map(rules.list, (all) => all.map(({ name }) => name)))

export const faults = (given: Configuration) =>
  Effect.map(Effect.flip(imported(given)), (error) => error.errors.map(({ path }) => path.join(".")))
