/** Three films that are kept by names, and the reports about the rules that keep them. */
import { Effect } from "effect"
import { decide } from "../../src/capacity/Decision.ts"
import { Engine } from "../../src/capacity/Engine.ts"
import type { EventCategory } from "../../src/events/Event.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import type { CatalogItem } from "../../src/integrations/Observations.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import type { RuleScope } from "../../src/rules/Rule.ts"
import type { RuleEffect } from "../../src/rules/RuleEffect.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RuleViews } from "../../src/rules/RuleViews.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connectFeed, Feeds } from "../library/Feeds.ts"
import { catalogItem, serverItem } from "../library/Samples.ts"
import { leaf } from "./Samples.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

export const names = ["Ant", "Bee", "Cat"] as const
export type Name = (typeof names)[number]

export const film = (name: Name, given: Partial<CatalogItem> = {}) =>
  catalogItem({ externalId: name, title: name, ids: [`tmdb-movie:${names.indexOf(name) + 1}`], ...given })
export const onServer = (name: Name, library: string, labels: ReadonlyArray<string> = []) =>
  serverItem({ serverItemId: name, ids: [`tmdb-movie:${names.indexOf(name) + 1}`], library, labels })

/** `Ant` and `Bee` have a name, `Cat` does not. */
export const feedsOf = () => {
  const feeds = new Feeds()
  feeds.of("Manager").catalog = names.map((name) => film(name))
  feeds.of("Server").serverItems = [onServer("Ant", "Kids"), onServer("Bee", "Kids"), onServer("Cat", "Films")]
  return feeds
}

export const prepare = Effect.gen(function* () {
  const settings = yield* Settings
  yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
  const manager = yield* connectFeed("manager", "Manager")
  const server = yield* connectFeed("server", "Server")
  yield* sync
  return { manager, server }
})

export const sync = Effect.flatMap(Sync, (service) => service.run())

export const keep = (condition: Condition, scope?: RuleScope, effect: RuleEffect = "always-keep") =>
  Effect.flatMap(Rules, (rules) =>
    rules.create({ name: "Kids stay", enabled: true, effect, condition, ...(scope === undefined ? {} : { scope }) })
  )

/** Titles of the candidates. */
export const candidates = Effect.gen(function* () {
  const engine = yield* Engine
  const environment = yield* engine.environment
  return environment.snapshot.items
    .filter((item) => decide(environment, item).status === "candidate")
    .map(({ title }) => title)
    .toSorted()
    .join(" ")
})

export const lostNames = Effect.flatMap(RuleViews, (views) =>
  Effect.map(views.list("item"), (all) =>
    all.flatMap((rule) => rule.lostNames.map(({ items, name }) => `${name} ${items}`))
  )
)
export const warnings = Effect.flatMap(RuleViews, (views) =>
  Effect.map(views.list("item"), (all) => all.flatMap((rule) => rule.warnings))
)

export const eventsOf = (category: EventCategory) =>
  Effect.flatMap(EventLog, (log) =>
    Effect.map(Effect.orDie(log.page({ category, limit: 200 })), ({ items }) =>
      items
        .map(({ type }) => type)
        .filter((type) => /names-|collection-|acknowledged/.test(type))
        .toReversed()
    )
  )

export const rename = (feeds: Feeds, from: string, to: string) => {
  const server = feeds.of("Server")
  server.serverItems = (server.serverItems ?? []).map((item) =>
    item.library === from ? { ...item, library: to } : item
  )
}

export const everything = leaf("sizeBytes", ">", 0)
