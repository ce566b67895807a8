/** Moving in from Maintainerr: its database, and the export of a rule group. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { itemIdOf } from "../support/Stack.ts"
import { condition, maintainerrDatabase, value } from "./MaintainerrDatabase.ts"
import { apply, entries, installed, preview, state, told } from "./MovingTest.ts"

const [bigger, equals, before, contains, inLast, notExists] = [0, 2, 5, 4, 7, 19]
const days = (count: number) => value(0, String(count * 86_400))

const file = () =>
  maintainerrDatabase({
    collection: [
      {
        id: 1,
        libraryId: "1",
        title: "Leaving soon",
        arrAction: 0,
        deleteAfterDays: 30,
        listExclusions: 1,
        forceSeerr: 1
      },
      { id: 2, libraryId: "2", title: "Old seasons", arrAction: 0, deleteAfterDays: 10, type: "season" },
      { id: 3, libraryId: "1", title: "Nothing", arrAction: 4, deleteAfterDays: 10 }
    ],
    rule_group: [
      { id: 1, name: "Unwatched movies", libraryId: "1", collectionId: 1, dataType: "movie" },
      { id: 2, name: "Old seasons", libraryId: "2", collectionId: 2, dataType: "season", isActive: 0 },
      { id: 3, name: "By people", libraryId: "1", collectionId: 3, dataType: "movie" },
      { id: 4, name: "Episodes", libraryId: "2", dataType: "episode" },
      { id: 5, name: "By hand", libraryId: "1", useRules: 0, dataType: "movie" }
    ],
    rules: [
      { ruleGroupId: 1, section: 0, ruleJson: condition([0, 5], equals, value(0, "0")) },
      { ruleGroupId: 1, section: 0, ruleJson: condition([0, 0], before, { ...days(90), operator: "0" }) },
      {
        ruleGroupId: 1,
        section: 1,
        ruleJson: condition([1, 7], bigger, { ...value(0, "1024"), operator: "1", section: 1 })
      },
      { ruleGroupId: 2, section: 0, ruleJson: condition([0, 0], inLast, days(5)) },
      { ruleGroupId: 3, section: 0, ruleJson: condition([0, 4], contains, value(4, '["Someone"]')) },
      { ruleGroupId: 4, section: 0, ruleJson: condition([0, 0], notExists) }
    ],
    collection_media: [
      { collectionId: 1, mediaServerId: "k1", tmdbId: 348, addDate: "2026-01-10 08:00:00.000" },
      { collectionId: 1, mediaServerId: "k2", tmdbId: 949, addDate: "2025-01-01 08:00:00.000" },
      { collectionId: 2, mediaServerId: "k91", tmdbId: 700, addDate: "2026-01-14 08:00:00.000" },
      { collectionId: 3, mediaServerId: "k3", tmdbId: 11_645, addDate: "2026-01-14 08:00:00.000" }
    ],
    exclusion: [
      { mediaServerId: "k4", type: "movie" },
      { mediaServerId: "k2", ruleGroupId: 1, type: "movie" },
      { mediaServerId: "k911", parent: "k9", type: "episode" },
      { mediaServerId: "gone", type: "movie" }
    ],
    collection_log: [{ collectionId: 1, timestamp: "2026-01-10 08:00:00", message: "Added 'Alien'", type: 1 }],
    settings: [{ plex_hostname: "plex", plex_auth_token: "secret-token" }]
  })

describe("Moving in from Maintainerr", () => {
  it.effect("carries over rule groups with the actions, days and libraries of their collections", () =>
    installed(
      Effect.gen(function* () {
        const { id, mediaServer } = yield* preview("maintainerr", file(), { library: ["2=Series"] })
        assert.strictEqual(mediaServer?.name, "Screen")
        const rules = yield* entries(id, "rules")
        const [first, second] = rules
        assert.deepStrictEqual(first?.rule, {
          name: "Unwatched movies",
          enabled: false,
          effect: "act",
          condition: {
            kind: "group",
            logic: "OR",
            children: [
              {
                kind: "group",
                logic: "AND",
                children: [
                  { kind: "condition", field: "playCount", operator: "equals", value: 0 },
                  {
                    kind: "group",
                    logic: "AND",
                    children: [
                      { kind: "condition", field: "addedAt", operator: "isNotEmpty" },
                      { kind: "condition", field: "addedAt", operator: "overAgo", value: 90 }
                    ]
                  }
                ]
              },
              { kind: "condition", field: "sizeBytes", operator: "greaterThan", value: 1024 * 1_048_576 }
            ]
          },
          action: { type: "remove", action: "remove-entry", graceDays: 30, resetRequest: true, importExclusion: true },
          scope: { itemKinds: ["movie"], libraries: ["Movies"] }
        })
        assert.deepInclude(second?.rule, {
          scope: { itemKinds: ["season"], libraries: ["Series"] },
          action: { type: "remove", action: "unmonitor-and-delete-files", graceDays: 10, resetRequest: false }
        })
        assert.include(second?.notes ?? [], "it was switched off in Maintainerr")
        assert.deepStrictEqual(told(rules.slice(2)), [
          [
            "By people",
            "not-carried",
            `Plex.people has no equivalent: ${condition([0, 4], contains, value(4, '["Someone"]'))}`
          ],
          ["Episodes", "not-carried", "rules about single episodes have no equivalent"]
        ])
        assert.notInclude(JSON.stringify(yield* entries(id, "other")), "secret-token")
      })
    )
  )

  it.effect("protects what was excluded, by the keys of the same media server", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("maintainerr", file())
        assert.deepStrictEqual(told(yield* entries(id, "protections")), [
          ["Dune", "create"],
          ["Heat", "create"],
          // An episode keeps its show.
          ["Show 9", "create"],
          ["Exclusion of gone", "not-carried", "nothing in the library has the key gone of Screen"]
        ])
        yield* apply(id)
        const { protections } = yield* state
        assert.sameMembers(
          protections.map(({ itemId }) => itemId),
          [yield* itemIdOf("Dune"), yield* itemIdOf("Heat"), yield* itemIdOf("Show 9")]
        )
        assert.include(
          protections.map(({ reason }) => reason),
          'Maintainerr: excluded from the rule group "Unwatched movies"'
        )
      })
    )
  )

  it.effect("keeps the days that the members of collections have left, and removes nothing that is excluded", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("maintainerr", file())
        const queue = yield* entries(id, "removals")
        assert.deepStrictEqual(
          queue.map(({ outcome, removal, title }) => [title, outcome, removal?.notBefore ?? null]),
          [
            ["Alien", "create", "2026-02-09T08:00:00.000Z"],
            ["Heat", "not-carried", null],
            ["Show 9 season 1", "not-carried", null],
            ["Ran", "not-carried", null]
          ]
        )
        assert.deepStrictEqual(
          queue.slice(1).map(({ because }) => because),
          [
            'Protected by system: Maintainerr: excluded from the rule group "Unwatched movies"',
            "Protected by system: Maintainerr: excluded",
            "the action DO_NOTHING removes nothing"
          ]
        )
        yield* apply(id)
        const { history, removals } = yield* state
        assert.lengthOf(removals, 1)
        assert.isAtLeast(Date.parse(removals[0]?.scheduledAt ?? ""), Date.parse("2026-02-09T08:00:00.000Z"))
        assert.deepStrictEqual(
          history.map(({ message }) => message),
          ["Maintainerr (Leaving soon): Added 'Alien' (2026-01-10)"]
        )
        const again = yield* preview("maintainerr", file())
        assert.strictEqual(
          again.counts.reduce((sum, { create }) => sum + create, 0),
          0
        )
      })
    )
  )

  it.effect("does not take a server for the same one if its keys are of other titles", () =>
    installed(
      Effect.gen(function* () {
        const bytes = maintainerrDatabase({
          collection: [{ id: 1, libraryId: "1", title: "Leaving soon", deleteAfterDays: 30 }],
          collection_media: [
            { collectionId: 1, mediaServerId: "k1", tmdbId: 949, addDate: "2026-01-10 08:00:00" },
            { collectionId: 1, mediaServerId: "k2", tmdbId: 348, addDate: "2026-01-10 08:00:00" },
            { collectionId: 1, mediaServerId: "k3", tmdbId: 11_645, addDate: "2026-01-10 08:00:00" }
          ],
          exclusion: [{ mediaServerId: "k4", type: "movie" }]
        })
        const { id, mediaServer } = yield* preview("maintainerr", bytes)
        assert.isNull(mediaServer)
        assert.deepStrictEqual(told(yield* entries(id, "protections")), [
          [
            "Exclusion of k4",
            "not-carried",
            "it has no id that applications share, and it is not known which media server it is about: choose it"
          ]
        ])
      })
    )
  )

  it.effect("reads the export of a rule group, which contains only conditions", () =>
    installed(
      Effect.gen(function* () {
        const yaml = `mediaType: MOVIES
rules:
  - "0":
      - firstValue: Plex.lastViewedAt
        action: BEFORE
        customValue:
          type: custom_days
          value: "60"
      - operator: OR
        firstValue: Plex.genre
        action: NOT_CONTAINS
        customValue:
          type: text list
          value: '["Horror","War"]'
  - "1":
      - operator: AND
        firstValue: Radarr.profile
        action: NOT_EQUALS
        customValue:
          type: text
          value: Keep
`
        const { counts, id } = yield* preview("maintainerr", new TextEncoder().encode(yaml), { name: "Old movies" })
        assert.deepInclude(counts[0], { create: 1, notCarried: 0 })
        const [entry] = yield* entries(id, "rules")
        assert.deepStrictEqual(entry?.rule, {
          name: "Old movies",
          enabled: false,
          effect: "act",
          condition: {
            kind: "group",
            logic: "AND",
            children: [
              {
                kind: "group",
                logic: "OR",
                children: [
                  { kind: "condition", field: "lastPlayedAt", operator: "overAgo", value: 60 },
                  {
                    kind: "group",
                    logic: "NOT",
                    children: [
                      { kind: "condition", field: "genres", operator: "containsAny", value: ["Horror", "War"] }
                    ]
                  }
                ]
              },
              {
                kind: "group",
                logic: "AND",
                children: [
                  { kind: "condition", field: "qualityProfile", operator: "isNotEmpty" },
                  { kind: "condition", field: "qualityProfile", operator: "notEquals", value: "Keep" }
                ]
              }
            ]
          },
          action: { type: "report" },
          scope: { itemKinds: ["movie"] }
        })
      })
    )
  )
})
