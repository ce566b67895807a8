import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RuleSubjects } from "../../src/rules/RuleSubjects.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { Configuration } from "../../src/system/Configuration.ts"
import { connectFeed, feedTest } from "../library/Feeds.ts"
import { sampleSubject } from "../rules/subjects/Sample.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { ScoringSettings } from "../../src/capacity/ScoringSettings.ts"
import { GeneralSettings } from "../../src/settings/GeneralSettings.ts"
import { rule, library, exported, imported, furnish, fresh, document, sections, names, faults } from "./Furnished.ts"

describe("A configuration that is imported", () => {
  it.effect("is refused completely, with the path of every fault", () =>
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

  it.effect("connects no application twice, in this installation or within the document", () =>
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

  it.effect("probes the applications that it connects, and refuses those with the identity of another", () =>
    Effect.gen(function* () {
      const given = yield* Effect.provide(document, fresh())
      const feeds = library()
      // A draft has only the name of its kind.
      feeds.of("server").says = { identity: "the screen" }
      feeds.of("Old screen").says = { identity: "the screen" }
      yield* Effect.gen(function* () {
        yield* connectFeed("server", "Old screen")
        assert.deepStrictEqual(yield* faults({ ...given, rules: [] }), ["payload.integrations.1.url"])
      }).pipe(Effect.provide(Layer.fresh(feedTest(feeds))))
    })
  )

  it.effect("keeps everything that it does not contain, and the positions of other rules", () =>
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

  it.effect("has rules about several subjects, each with its own order", () => {
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
      // If the program does not provide it, that is reported.
      assert.include(yield* Effect.provide(faults(given), fresh()), "payload.rules.1.subject")
    })
  })

  it.effect("skips parts that do not apply here, with the reason", () =>
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
