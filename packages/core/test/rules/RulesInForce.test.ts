import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import type { RuleScope } from "../../src/rules/Rule.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RuleViews } from "../../src/rules/RuleViews.ts"
import { connectFeed, type Feeds, feedTest } from "../library/Feeds.ts"
import { playback, request } from "../library/Samples.ts"
import { FakeLibrary } from "../support/FakeLibrary.ts"
import { connectFakes, explanationOf, makeStackInMemory } from "../support/Stack.ts"
import { group, leaf } from "./Samples.ts"
import {
  film,
  onServer,
  feedsOf,
  prepare,
  sync,
  keep,
  candidates,
  lostNames,
  warnings,
  eventsOf,
  rename,
  everything
} from "./NamedFilms.ts"

describe("A keeping rule whose library is renamed", () => {
  const ways: ReadonlyArray<readonly [string, Condition, RuleScope?]> = [
    ["its scope", everything, { libraries: ["kids"] }],
    ["equals", leaf("library", "equals", "Kids")],
    ["in", leaf("library", "in", ["Other", "Kids"])],
    ["contains", leaf("library", "contains", "kid")],
    ["startsWith", leaf("library", "startsWith", "Ki")],
    ["containsAny", leaf("library", "containsAny", ["kids", "x"])],
    ["a pattern", leaf("library", "matches", "^k.ds$")],
    ["a group", group("AND", everything, group("OR", leaf("library", "equals", "Kids"), leaf("year", "<", 1900)))],
    ["not another", group("NOT", leaf("library", "notEquals", "Kids"))],
    ["none of the others", group("NOT", group("OR", leaf("library", "notIn", ["Kids"]), leaf("year", "<", 1900)))]
  ]
  for (const [way, condition, scope] of ways) {
    it.effect(`still keeps items by ${way}, and reports that, until a person has reviewed it`, () => {
      const feeds = feedsOf()
      return Effect.gen(function* () {
        yield* prepare
        const { id } = yield* keep(condition, scope)
        assert.strictEqual(yield* candidates, "Cat")
        rename(feeds, "Kids", "Children")
        yield* sync
        assert.strictEqual(yield* candidates, "Cat")
        assert.deepStrictEqual(yield* lostNames, ["Kids 2"])
        assert.deepStrictEqual(yield* eventsOf("rules"), ["rule.names-lost"])
        yield* sync
        assert.strictEqual(yield* candidates, "Cat")
        assert.deepStrictEqual(yield* eventsOf("rules"), ["rule.names-lost"], "said once")
        const rules = yield* Rules
        yield* rules.acknowledge(id)
        assert.strictEqual(yield* candidates, "Ant Bee Cat")
        assert.deepStrictEqual(yield* lostNames, [])
        yield* sync
        assert.strictEqual(yield* candidates, "Ant Bee Cat")
        assert.deepStrictEqual(yield* eventsOf("rules"), ["rule.names-lost", "rule.acknowledged"])
      }).pipe(Effect.provide(feedTest(feeds)))
    })
  }

  it.effect("explains why it still keeps items", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(leaf("library", "equals", "Kids"))
      rename(feeds, "Kids", "Children")
      yield* sync
      const { decision } = yield* explanationOf("Ant")
      assert.strictEqual(decision?.status, "kept")
      assert.strictEqual(decision?.rules[0]?.truth, "true")
      assert.include(decision?.rules[0]?.sentence, 'names the library "Kids", which no longer exists')
      const [view] = yield* Effect.flatMap(RuleViews, (views) => views.list("item"))
      assert.include(view?.lostNames[0]?.message, "the 2 items that it kept by it stay kept")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps its items while the server is disabled, instead of leaving them undecided", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const { server } = yield* prepare
      yield* keep(leaf("library", "equals", "Kids"))
      yield* integrations.update(server, { enabled: false })
      yield* Effect.flatMap(Sync, (service) => service.rejoin)
      assert.strictEqual((yield* explanationOf("Ant")).decision?.status, "kept")
      assert.deepStrictEqual(yield* lostNames, ["Kids 2"])
      yield* integrations.update(server, { enabled: true })
      yield* sync
      assert.strictEqual(yield* candidates, "Cat")
      assert.deepStrictEqual(yield* lostNames, [])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("forgets the lost name when the whole library has its name again, not only a part", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(everything, { libraries: ["Kids"] })
      rename(feeds, "Kids", "Children")
      yield* sync
      feeds.of("Server").serverItems = [onServer("Ant", "Kids"), onServer("Bee", "Children"), onServer("Cat", "Films")]
      yield* sync
      assert.strictEqual(
        yield* candidates,
        "Cat",
        "another library of that name does not end the protection of the others"
      )
      assert.deepStrictEqual(yield* lostNames, ["Kids 2"])
      rename(feeds, "Children", "Kids")
      yield* sync
      assert.deepStrictEqual(yield* lostNames, [])
      assert.deepStrictEqual(yield* eventsOf("rules"), ["rule.names-lost", "rule.names-found"])
      feeds.of("Server").serverItems = [onServer("Ant", "Kids"), onServer("Bee", "Films"), onServer("Cat", "Films")]
      yield* sync
      assert.strictEqual(yield* candidates, "Bee Cat", "what is taken out of the library is not kept by it")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("counts as reviewed when it is saved", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      const rules = yield* Rules
      yield* prepare
      const { id } = yield* keep(everything, { libraries: ["Kids"] })
      rename(feeds, "Kids", "Children")
      yield* sync
      yield* rules.update(id, { scope: { libraries: ["Children"] } })
      assert.strictEqual(yield* candidates, "Cat")
      assert.deepStrictEqual(yield* lostNames, [])
      rename(feeds, "Children", "Young people")
      yield* sync
      assert.strictEqual(yield* candidates, "Cat", "the new name is kept from the moment of saving")
      yield* rules.remove(id)
      assert.strictEqual(yield* candidates, "Ant Bee Cat")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps items on one of two servers while the other has a library with that name", () => {
    const feeds = feedsOf()
    feeds.of("Second").serverItems = [onServer("Cat", "Kids")]
    return Effect.gen(function* () {
      yield* connectFeed("server", "Second")
      yield* prepare
      feeds.of("Server").serverItems = [onServer("Ant", "Kids"), onServer("Bee", "Kids")]
      yield* sync
      yield* keep(leaf("library", "equals", "Kids"))
      assert.strictEqual(yield* candidates, "")
      rename(feeds, "Kids", "Children")
      yield* sync
      assert.strictEqual(yield* candidates, "")
      assert.deepStrictEqual(yield* lostNames, ["Kids 2"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is not used for decisions before its names were checked, whatever the outcome of the sync", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* prepare
      yield* keep(leaf("library", "equals", "Kids"))
      yield* sql`UPDATE item_documents SET data = json_set(data, '$.onServers[0].library', 'Children')`
      assert.strictEqual(yield* candidates, "Cat")
      const within = yield* sql.withTransaction(
        Effect.andThen(
          sql`UPDATE item_documents SET data = json_set(data, '$.onServers[0].library', 'Young people')`,
          candidates
        )
      )
      assert.strictEqual(within, "Cat", "also within a transaction")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps its items through any number of renamings of any library", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(2), fc.constantFrom("Kids", "Films", "Children", "New")), { maxLength: 6 }),
          (renamings) => {
            const feeds = feedsOf()
            return Effect.gen(function* () {
              yield* prepare
              yield* keep(leaf("library", "in", ["Kids", "Children"]))
              let before = yield* candidates
              for (const [of, to] of renamings) {
                const from = feeds.of("Server").serverItems?.[of]?.library ?? ""
                rename(feeds, from, to)
                yield* sync
                const after = yield* candidates
                for (const title of after.split(" ")) assert.include(before, title, `${from} to ${to}`)
                before = after
              }
            }).pipe(
              Effect.provide(Layer.fresh(feedTest(feeds))),
              Effect.scoped,
              Effect.provide(TestClock.layer()),
              Effect.runPromise
            )
          }
        ),
        { numRuns: 15 }
      )
    )
  )

  it.effect("keeps its items through a restart", () =>
    Effect.gen(function* () {
      const library = new FakeLibrary()
      const tagged = library.add({ title: "Ant", facts: { tags: ["family"] } })
      library.add({ title: "Cat", facts: { tags: ["hd"] } })
      const stack = yield* makeStackInMemory(library)
      yield* stack.use(Effect.andThen(connectFakes(), Effect.andThen(sync, keep(leaf("tags", "equals", "family")))))
      yield* stack.restart
      tagged.facts = { ...tagged.facts, tags: ["household"] }
      yield* stack.use(sync)
      assert.strictEqual(yield* stack.use(candidates), "Cat")
      yield* stack.restart
      assert.strictEqual(yield* stack.use(candidates), "Cat")
      assert.deepStrictEqual(yield* stack.use(lostNames), ["family 1"])
    })
  )

  it.effect("does not affect other rules, including those that remove", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(leaf("library", "equals", "Kids"), undefined, "always-remove")
      rename(feeds, "Kids", "Children")
      yield* sync
      assert.deepStrictEqual(yield* lostNames, [])
      assert.deepStrictEqual(yield* warnings, ['No item has the library "Kids"'])
      assert.strictEqual(yield* candidates, "Ant Bee Cat")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps its modifier if it only leans towards keeping", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(everything, { libraries: ["Kids"] }, "prefer-keep")
      rename(feeds, "Kids", "Children")
      yield* sync
      const { decision } = yield* explanationOf("Bee")
      assert.strictEqual(decision?.modifier, 0.2)
      assert.strictEqual((yield* explanationOf("Cat")).decision?.modifier, 1)
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A keeping rule with another kind of name", () => {
  const cat = film("Cat")
  const kinds: ReadonlyArray<readonly [string, Condition, (feeds: Feeds, name: string) => void]> = [
    [
      "a tag",
      leaf("tags", "contains", "Family"),
      (feeds, name) => {
        const facts = { tags: [name, "hd"] }
        feeds.of("Manager").catalog = [film("Ant", { facts }), film("Bee", { facts }), cat]
      }
    ],
    [
      "two tags together",
      leaf("tags", "containsAll", ["family", "hd"]),
      (feeds, name) => {
        const facts = { tags: [name, "hd"] }
        feeds.of("Manager").catalog = [film("Ant", { facts }), film("Bee", { facts }), cat]
      }
    ],
    [
      "a quality profile",
      leaf("qualityProfile", "equals", "family"),
      (feeds, name) => {
        const facts = { qualityProfile: name }
        const other = film("Cat", { facts: { qualityProfile: "Any" } })
        feeds.of("Manager").catalog = [film("Ant", { facts }), film("Bee", { facts }), other]
      }
    ],
    [
      "a collection",
      leaf("collections", "in", ["Family"]),
      (feeds, name) => {
        feeds.of("Manager").catalog = [film("Ant", { collections: [name] }), film("Bee", { collections: [name] }), cat]
      }
    ],
    [
      "a root folder",
      leaf("rootFolder", "endsWith", "/Family"),
      (feeds, name) => {
        const rootFolder = `/data/${name}`
        feeds.of("Manager").catalog = [film("Ant", { rootFolder }), film("Bee", { rootFolder }), cat]
      }
    ],
    [
      "a label",
      leaf("labels", "equals", "family"),
      (feeds, name) => {
        feeds.of("Server").serverItems = [
          onServer("Ant", "Films", [name]),
          onServer("Bee", "Films", [name]),
          onServer("Cat", "Films")
        ]
      }
    ],
    [
      "a viewer",
      leaf("watchedBy", "contains", "Family"),
      (feeds, name) => {
        feeds.of("Server").playback = (["Ant", "Bee"] as const).map((of) =>
          playback(of, { [name]: 1 }, "2026-01-01T00:00:00.000Z")
        )
      }
    ],
    [
      "a person who plays",
      leaf("watchedByUser", "everWatched", undefined, { user: "family" }),
      (feeds, name) => {
        feeds.of("Server").playback = (["Ant", "Bee"] as const).map((of) =>
          playback(of, { [name]: 1 }, "2026-01-01T00:00:00.000Z")
        )
      }
    ],
    [
      "a person who asked",
      leaf("requestedBy", "equals", "Family"),
      (feeds, name) => {
        feeds.of("Wishes").requests = [request(["tmdb-movie:1"], [name]), request(["tmdb-movie:2"], [name])]
      }
    ]
  ]
  for (const [what, condition, call] of kinds) {
    it.effect(`still keeps items by ${what}`, () => {
      const feeds = feedsOf()
      call(feeds, "Family")
      return Effect.gen(function* () {
        yield* connectFeed("wishes", "Wishes")
        yield* prepare
        const { id } = yield* keep(condition)
        const before = yield* candidates
        assert.notMatch(before, /Ant|Bee/)
        call(feeds, "Household")
        yield* sync
        assert.strictEqual(yield* candidates, before)
        assert.lengthOf(yield* lostNames, 1)
        const rules = yield* Rules
        yield* rules.acknowledge(id)
        assert.match(yield* candidates, /Ant Bee/)
      }).pipe(Effect.provide(feedTest(feeds)))
    })
  }

  it.effect("does not treat a person as idle whose name is lost", () => {
    const feeds = feedsOf()
    const plays = (name: string) => {
      feeds.of("Server").playback = [playback("Ant", { [name]: 1 }, "2026-01-10T00:00:00.000Z")]
    }
    plays("Ann")
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(leaf("watchedByUser", "watchedSince", undefined, { user: "ann", days: 30 }))
      plays("Anna")
      yield* sync
      assert.strictEqual(yield* candidates, "Bee Cat")
      assert.strictEqual((yield* explanationOf("Ant")).decision?.status, "undecided")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("forgets a name whose items are all gone", () => {
    const feeds = feedsOf()
    const others = [film("Bee", { facts: { tags: [] } }), film("Cat", { facts: { tags: [] } })]
    feeds.of("Manager").catalog = [film("Ant", { facts: { tags: ["keep"] } }), ...others]
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(leaf("tags", "equals", "keep"))
      feeds.of("Manager").catalog = others
      yield* sync
      assert.deepStrictEqual(yield* lostNames, [])
      assert.deepStrictEqual(yield* warnings, ['No item has the tag "keep"'])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("recognises an item that was added again under another id", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* prepare
      yield* keep(leaf("library", "equals", "Kids"))
      rename(feeds, "Kids", "Children")
      yield* sync
      feeds.of("Manager").catalog = [film("Bee"), film("Cat")]
      yield* sync
      feeds.of("Manager").catalog = [film("Ant", { externalId: "again" }), film("Bee"), film("Cat")]
      yield* sync
      assert.strictEqual(yield* candidates, "Cat")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
