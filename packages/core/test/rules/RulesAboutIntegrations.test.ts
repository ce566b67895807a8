import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RuleViews } from "../../src/rules/RuleViews.ts"
import { connectFeed, feedTest } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"
import { explanationOf } from "../support/Stack.ts"
import { group, leaf } from "./Samples.ts"
import {
  film,
  type Name,
  onServer,
  feedsOf,
  prepare,
  sync,
  keep,
  candidates,
  lostNames,
  warnings,
  eventsOf,
  everything
} from "./NamedFilms.ts"

describe("A keeping rule about one integration", () => {
  const reconnect = Effect.fnUntraced(function* (id: string, name: string, url = "http://Manager.test") {
    const service = yield* Sync
    const integrations = yield* Integrations
    yield* service.forget(id)
    return (yield* integrations.create({ kind: "manager", name, url, config: {} })).id
  })

  it.effect("applies to the one that is connected again, by its address or its name", () => {
    const feeds = feedsOf()
    feeds.of("Another").catalog = feeds.of("Manager").catalog ?? []
    return Effect.gen(function* () {
      const rules = yield* Rules
      const { manager } = yield* prepare
      const { id } = yield* keep(everything, { integrationIds: [manager] })
      const other = yield* reconnect(manager, "Another")
      yield* sync
      assert.deepStrictEqual((yield* rules.get(id)).scope?.integrationIds, [other])
      assert.strictEqual(yield* candidates, "")
      assert.deepStrictEqual(yield* lostNames, [])
      const third = yield* reconnect(other, "Another", "http://moved.test")
      yield* sync
      assert.deepStrictEqual((yield* rules.get(id)).scope?.integrationIds, [third])
      assert.include(yield* eventsOf("rules"), "rule.names-found")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps the items of a removed one if the same titles come from an unknown one", () => {
    const feeds = feedsOf()
    feeds.of("Another").catalog = [
      ...(feeds.of("Manager").catalog ?? []),
      catalogItem({ externalId: "new", title: "Dog" })
    ]
    feeds.of("Server").serverItems = [...(feeds.of("Server").serverItems ?? [])]
    return Effect.gen(function* () {
      const rules = yield* Rules
      const { manager } = yield* prepare
      const { id } = yield* keep(everything, { integrationIds: [manager] })
      yield* reconnect(manager, "Another", "http://moved.test")
      yield* sync
      assert.deepStrictEqual((yield* rules.get(id)).scope?.integrationIds, [manager])
      assert.notMatch(yield* candidates, /Ant|Bee|Cat/)
      assert.strictEqual((yield* explanationOf("Dog")).decision?.status === "kept", false)
      const [lost] = yield* Effect.flatMap(RuleViews, (views) =>
        Effect.map(views.list("item"), (all) => all[0]!.lostNames)
      )
      assert.include(lost?.message, 'the integration "Manager"')
      yield* rules.acknowledge(id)
      assert.match(yield* candidates, /Ant Bee Cat/)
      assert.deepStrictEqual(yield* warnings, ['The integration "Manager" was removed'])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps items by a tag that was renamed while its integration was removed", () => {
    const feeds = feedsOf()
    const tagged = (tag: string) => [
      film("Ant", { facts: { tags: [tag] } }),
      film("Bee", { facts: { tags: [] } }),
      film("Cat", { facts: { tags: [] } })
    ]
    feeds.of("Manager").catalog = tagged("family")
    return Effect.gen(function* () {
      const { manager } = yield* prepare
      yield* keep(leaf("tags", "equals", "family"))
      yield* Effect.flatMap(Sync, (service) => service.forget(manager))
      assert.deepStrictEqual(yield* lostNames, [], "nothing is there that it could keep")
      feeds.of("Manager").catalog = tagged("household")
      yield* connectFeed("manager", "Manager")
      yield* sync
      assert.strictEqual(yield* candidates, "Bee Cat")
      assert.lengthOf(yield* lostNames, 1)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("lets a rule that removes follow an address, but not a name alone", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      const rules = yield* Rules
      const { manager } = yield* prepare
      const { id } = yield* keep(everything, { integrationIds: [manager] }, "lean-remove")
      const moved = yield* reconnect(manager, "Manager", "http://moved.test")
      yield* sync
      assert.deepStrictEqual((yield* rules.get(id)).scope?.integrationIds, [manager])
      yield* Effect.flatMap(Sync, (service) => service.forget(moved))
      const again = yield* reconnect(manager, "Manager").pipe(
        Effect.catchTag("IntegrationNotFound", () => connectFeed("manager", "Manager"))
      )
      yield* sync
      assert.deepStrictEqual((yield* rules.get(id)).scope?.integrationIds, [again])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is not stored with one that does not exist, and can be changed after one was removed", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      const rules = yield* Rules
      const { manager } = yield* prepare
      const scope = { integrationIds: [manager, "77"] }
      const draft = { name: "x", enabled: true, effect: "lean-keep", condition: everything, scope } as const
      for (const attempt of [Effect.asVoid(rules.create(draft)), Effect.asVoid(rules.check(draft))]) {
        const refusal = yield* Effect.flip(attempt)
        if (refusal._tag !== "InvalidRequest") return assert.fail(refusal._tag)
        assert.deepStrictEqual(refusal.errors, [
          { path: ["payload", "scope", "integrationIds", 1], message: "there is no integration 77" }
        ])
      }
      const { id } = yield* keep(everything, { integrationIds: [manager] })
      assert.strictEqual((yield* Effect.flip(rules.update(id, { scope })))._tag, "InvalidRequest")
      yield* Effect.flatMap(Sync, (service) => service.forget(manager))
      assert.isFalse((yield* rules.update(id, { enabled: false })).enabled)
      const removed = yield* Effect.flip(rules.update(id, { scope: { integrationIds: [manager] } }))
      assert.strictEqual(removed._tag, "InvalidRequest")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A protection of a collection that is renamed", () => {
  it.effect("protects its earlier members, and reports that, until it is withdrawn", () => {
    const feeds = feedsOf()
    const inCollection = (name: string) => {
      const collections = [name]
      feeds.of("Manager").catalog = [film("Ant", { collections }), film("Bee", { collections }), film("Cat")]
    }
    inCollection("Kids")
    return Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepare
      const { id } = yield* protections.add({ collection: "Kids" })
      inCollection("Children")
      yield* sync
      assert.strictEqual(yield* candidates, "Cat")
      assert.isString((yield* protections.list)[0]?.lostAt)
      assert.deepStrictEqual(yield* eventsOf("library"), ["protection.collection-lost"])
      feeds.of("Manager").catalog = [film("Bee"), film("Cat")]
      yield* sync
      inCollection("Children")
      feeds.of("Manager").catalog = (feeds.of("Manager").catalog ?? []).map((one) =>
        one.title === "Ant" ? { ...one, externalId: "again" } : one
      )
      yield* sync
      assert.strictEqual(yield* candidates, "Cat", "also an item that was added again under another id")
      inCollection("Kids")
      yield* sync
      assert.isUndefined((yield* protections.list)[0]?.lostAt)
      assert.deepStrictEqual(yield* eventsOf("library"), ["protection.collection-lost", "protection.collection-found"])
      inCollection("Children")
      yield* sync
      yield* protections.remove(id)
      assert.strictEqual(yield* candidates, "Ant Bee Cat")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("An unknown name in a rule", () => {
  it.effect("is reported with the nearest existing name", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(group("AND", leaf("library", "in", ["Kidz", "Films"]), leaf("tags", "notContains", "x")))
      assert.deepStrictEqual(
        yield* warnings,
        [
          'No item has the library "Kidz"; did you mean "Kids"?',
          'No connected application can know "Tags" of these items, so that nothing is decided by it'
        ].toReversed()
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is reported if no connected application can know its fact", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* sync
      yield* keep(leaf("playCount", ">", 0))
      assert.deepStrictEqual(yield* warnings, [
        'No connected application can know "Play count" of these items, so that nothing is decided by it'
      ])
      yield* connectFeed("server", "Server")
      yield* sync
      assert.deepStrictEqual(yield* warnings, [])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A name that two media servers use for different films", () => {
  const entry = (name: Name, changes: object) => ({ ...onServer(name, "Films"), ...changes })
  const named = (name: string) => ({ labels: [name], collections: [name] })

  it.effect("is lost on the server that changes it", () => {
    const feeds = feedsOf()
    feeds.of("Server").serverItems = [entry("Ant", named("Kids"))]
    feeds.of("Other").serverItems = [entry("Bee", named("Kids")), entry("Cat", {})]
    return Effect.gen(function* () {
      yield* connectFeed("server", "Other")
      yield* prepare
      const protections = yield* Protections
      const { id } = yield* protections.add({ collection: "Kids" })
      assert.strictEqual(yield* candidates, "Cat")
      feeds.of("Other").serverItems = [entry("Bee", named("Children")), entry("Cat", {})]
      yield* sync
      assert.strictEqual(yield* candidates, "Cat")
      assert.deepStrictEqual(yield* eventsOf("library"), ["protection.collection-lost"])
      yield* protections.remove(id)
      yield* keep(leaf("labels", "contains", "Kids"))
      assert.strictEqual(yield* candidates, "Bee Cat")
      feeds.of("Other").serverItems = [entry("Bee", named("Kids")), entry("Cat", {})]
      yield* sync
      assert.strictEqual(yield* candidates, "Cat")
      feeds.of("Other").serverItems = [entry("Bee", named("Young")), entry("Cat", {})]
      yield* sync
      assert.strictEqual(yield* candidates, "Cat")
      assert.deepStrictEqual(yield* lostNames, ["Kids 1"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
