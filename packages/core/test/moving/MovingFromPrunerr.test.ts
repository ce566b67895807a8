/** Moving in from a database of Prunerr. The test clock stands at 2026-01-15T12:00Z. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { EventLog } from "../../src/events/EventLog.ts"
import { Protections } from "../../src/library/Protections.ts"
import { MovingIn } from "../../src/moving/MovingIn.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { itemIdOf } from "../support/Stack.ts"
import { apply, entries, installed, preview, state, told } from "./MovingTest.ts"
import { prunerrDatabase, type Row } from "./PrunerrDatabase.ts"

const movie = (title: string, plexId: string, tmdb: number | null, more: Row = {}): Row => ({
  type: "movie",
  title,
  plex_id: plexId,
  tmdb_id: tmdb,
  library_key: "1",
  ...more
})

const unwatched = JSON.stringify([
  { field: "play_count", operator: "equals", value: 0 },
  { field: "days_since_added", operator: "greater_than", value: 30 }
])

const file = () =>
  prunerrDatabase({
    media_items: [
      movie("Alien", "k1", 348, {
        status: "pending_deletion",
        delete_after: "2026-02-20T10:00:00.000Z",
        deletion_action: "full_removal"
      }),
      movie("Heat (1995)", "k2", 949, { status: "protected", is_protected: 1, protection_reason: "A favourite" }),
      movie("Ran", "k3", 11_645, {
        status: "pending_deletion",
        delete_after: "2026-01-01T00:00:00.000Z",
        deletion_action: "remove"
      }),
      movie("Dune", "x7", null, { status: "protected", is_protected: 1 }),
      movie("Solaris", "x8", 593, { is_protected: 1 }),
      { type: "show", title: "Show 9", plex_id: "k9", tvdb_id: 77, library_key: "2" }
    ],
    rules: [
      {
        name: "Never watched",
        conditions: unwatched,
        action: "delete",
        library_keys: '["1"]',
        media_type: "movie",
        grace_period_days: 14,
        deletion_action: "unmonitor_and_delete",
        reset_overseerr: 1,
        priority: 5
      },
      { name: "By mood", conditions: '[{"field":"mood","operator":"equals","value":"sad"}]', action: "delete" },
      { name: "Everything", conditions: "[]", action: "delete" },
      { name: "Elsewhere", conditions: unwatched, action: "flag", library_keys: '["8"]' }
    ],
    settings: [
      { key: "exclusion_patterns", value: '[{"field":"title","operator":"contains","value":"Dune"}]' },
      { key: "plex_url", value: "http://plex:32400" },
      { key: "plex_token", value: "secret-token" }
    ],
    deletion_history: [
      {
        title: "Blade Runner",
        type: "movie",
        file_size: 7000,
        deleted_at: "2025-12-01 08:30:00",
        deletion_type: "automatic"
      }
    ],
    activity_log: [
      {
        event_type: "protection",
        action: "protected",
        actor_type: "user",
        target_title: "Heat",
        created_at: "2025-12-02 08:30:00"
      }
    ],
    plex_users: [
      { plex_user_id: "1", username: "Alice" },
      { plex_user_id: "2", username: "nobody" }
    ]
  })

describe("Moving in from Prunerr", () => {
  it.effect("previews every record with what becomes of it, and changes nothing", () =>
    installed(
      Effect.gen(function* () {
        const before = yield* state
        const { counts, id, libraries, mediaServer, version } = yield* preview("prunerr", file())
        assert.strictEqual(version, "schema 19")
        assert.strictEqual(mediaServer?.name, "Screen")
        assert.deepStrictEqual(libraries, [
          { key: "1", title: "Movies" },
          { key: "8", title: null }
        ])
        assert.deepStrictEqual(told(yield* entries(id, "rules")), [
          ["Never watched", "create"],
          ["By mood", "not-carried", 'condition.children.0.field there is no field "mood"'],
          ["Everything", "not-carried", "conditions.root.children must not be empty"],
          [
            "Elsewhere",
            "not-carried",
            "it is only about the library with the key 8 of the media server, whose title is not known: give it as 8=TITLE"
          ],
          ["Prunerr: exclusion pattern 1", "create"]
        ])
        assert.deepStrictEqual(told(yield* entries(id, "protections")), [
          ["Heat", "create"],
          ["Dune", "not-carried", "nothing in the library has the key x7 of Screen"],
          ["Solaris", "create"]
        ])
        assert.deepStrictEqual(
          (yield* entries(id, "removals")).map(({ matchedBy, outcome, removal, title }) => [
            title,
            outcome,
            matchedBy,
            removal?.action,
            removal?.notBefore
          ]),
          [
            ["Alien", "create", "tmdb-movie:348", "remove-entry", "2026-02-20T10:00:00.000Z"],
            // It was due: it still has a day.
            ["Ran", "create", "tmdb-movie:11645", "remove-entry", "2026-01-16T12:00:00.000Z"]
          ]
        )
        assert.deepStrictEqual(told(yield* entries(id, "people")), [
          ["Alice", "present", "an account of that name is here already"],
          ["nobody", "not-carried", "accounts are read from the media server: none of that name has been read yet"]
        ])
        assert.deepStrictEqual(
          counts.find(({ section }) => section === "history"),
          {
            section: "history",
            create: 2,
            present: 0,
            notCarried: 0
          }
        )
        const other = JSON.stringify(yield* entries(id, "other"))
        assert.include(other, "plex_token")
        assert.notInclude(other, "secret-token")
        const [rule] = yield* entries(id, "rules")
        assert.deepStrictEqual(rule?.wouldMatch, { items: 0, bytes: 0 })
        assert.deepStrictEqual(yield* state, before)
      })
    )
  )

  it.effect("creates exactly what was previewed: rules that act are off, nothing is removed before its time", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("prunerr", file())
        const applied = yield* apply(id)
        assert.strictEqual(applied.appliedAt, "2026-01-15T12:00:00.000Z")
        const { history, protections, removals, rules } = yield* state
        assert.deepStrictEqual(
          rules.map(({ action, effect, enabled, name, priority, scope }) => ({
            action,
            effect,
            enabled,
            name,
            priority,
            scope
          })),
          [
            {
              name: "Never watched",
              enabled: false,
              effect: "act",
              priority: 5,
              action: { type: "remove", action: "unmonitor-and-delete-files", graceDays: 14, resetRequest: true },
              scope: { itemKinds: ["movie"], libraries: ["Movies"] }
            },
            {
              name: "Prunerr: exclusion pattern 1",
              enabled: true,
              effect: "always-keep",
              priority: undefined,
              action: undefined,
              scope: {}
            }
          ]
        )
        assert.sameDeepMembers(
          protections.map(({ itemId, reason, title }) => ({ itemId, reason, title })),
          [
            { title: "Heat", itemId: yield* itemIdOf("Heat"), reason: "Prunerr: A favourite" },
            { title: "Solaris", itemId: null, reason: "Prunerr: protected" }
          ]
        )
        const due = Object.fromEntries(removals.map(({ scheduledAt, title }) => [title, Date.parse(scheduledAt ?? "")]))
        assert.isAtLeast(due["Alien"]!, Date.parse("2026-02-20T10:00:00.000Z"))
        assert.isAtLeast(due["Ran"]!, Date.parse("2026-01-16T12:00:00.000Z"))
        assert.deepStrictEqual(
          history.map(({ message, payload }) => [message, payload["at"]]),
          [
            ['Prunerr: protected "Heat" (2025-12-02)', "2025-12-02T08:30:00.000Z"],
            ['Prunerr deleted "Blade Runner" (2025-12-01)', "2025-12-01T08:30:00.000Z"]
          ]
        )
        const removed = (yield* (yield* EventLog).page({ type: "removal.removed" })).items
        assert.lengthOf(removed, 0, "what Prunerr did is no deed of Tendarr")
      })
    )
  )

  it.effect("creates nothing twice", () =>
    installed(
      Effect.gen(function* () {
        yield* apply((yield* preview("prunerr", file())).id)
        const once = yield* state
        const again = yield* preview("prunerr", file())
        assert.deepStrictEqual(
          again.counts.map(({ create }) => create),
          [0, 0, 0, 0, 0, 0, 0]
        )
        const [rule] = yield* entries(again.id, "rules")
        assert.strictEqual(rule?.because, "it was moved in before, at 2026-01-15T12:00:00.000Z")
        yield* apply(again.id)
        assert.deepStrictEqual(yield* state, once)
        const error = yield* Effect.flip(apply(again.id))
        assert.strictEqual(error.code, "move-in-applied")
      })
    )
  )

  it.effect("applies nothing if the library, the rules or the protections have changed in a way that matters", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("prunerr", file())
        yield* (yield* Protections).add({ itemId: yield* itemIdOf("Alien"), reason: "No!" })
        yield* (yield* Rules).create({
          name: "Never watched",
          enabled: true,
          effect: "prefer-keep",
          condition: { kind: "condition", field: "year", operator: "gte", value: 2020 }
        })
        const before = yield* state
        const error = yield* Effect.flip(apply(id))
        assert.strictEqual(error.code, "move-in-outdated")
        if (error._tag !== "MoveInOutdated") return
        assert.lengthOf(error.differences, 2)
        assert.include(error.differences[0], "Never watched")
        assert.include(error.differences[1], "Alien")
        assert.deepStrictEqual(yield* state, before)
        assert.isNull((yield* (yield* MovingIn).get(id)).appliedAt)
      })
    )
  )

  it.effect("applies a preview unchanged after days, and never earlier than it showed", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("prunerr", file())
        yield* TestClock.adjust("6 hours")
        yield* apply(id)
        const { removals } = yield* state
        const due = removals.find(({ title }) => title === "Ran")?.scheduledAt ?? ""
        assert.isAtLeast(Date.parse(due), Date.parse("2026-01-16T12:00:00.000Z"))
      })
    )
  )

  it.effect("requests no removal while deletions are switched off, nor of what a rule that is moved in keeps", () =>
    installed(
      Effect.gen(function* () {
        const queued = prunerrDatabase({
          media_items: [movie("Dune", "k4", 841, { status: "pending_deletion", delete_after: "2026-03-01T00:00:00Z" })],
          settings: [{ key: "exclusion_patterns", value: '[{"field":"title","operator":"equals","value":"Dune"}]' }]
        })
        const [kept] = yield* entries((yield* preview("prunerr", queued)).id, "removals")
        assert.strictEqual(kept?.outcome, "not-carried")
        assert.strictEqual(kept?.because, "A rule always keeps it")
        yield* (yield* Settings).patch(RemovalsSettings, { deletionsEnabled: false })
        const [braked] = yield* entries((yield* preview("prunerr", file())).id, "removals")
        assert.strictEqual(braked?.because, "deletions are switched off: switch them on, and preview the file again")
      })
    )
  )

  it.effect("protects a collection, or its members where there is none of that title", () =>
    installed(
      Effect.gen(function* () {
        const bytes = prunerrDatabase({
          media_items: [movie("Heat", "k2", 949), movie("Ran", "k3", 11_645), movie("Unknown", "x9", 1)],
          collections: [
            { tmdb_id: 1, title: "Alien Collection", is_protected: 1 },
            { tmdb_id: 2, title: "Old favourites", is_protected: 1 }
          ],
          collection_items: [1, 2, 3].map((id) => ({ collection_id: 2, media_item_id: id }))
        })
        yield* apply((yield* preview("prunerr", bytes)).id)
        const { protections } = yield* state
        assert.sameDeepMembers(
          protections.map(({ collection, title }) => [collection, title]),
          [
            ["Alien Collection", "Alien Collection"],
            [null, "Heat"],
            [null, "Ran"]
          ]
        )
      })
    )
  )

  it.effect("takes the media server and the libraries that a person chooses", () =>
    installed(
      Effect.gen(function* () {
        const bytes = prunerrDatabase({
          media_items: [movie("Dune", "k4", null, { is_protected: 1 })],
          rules: [{ name: "Flag", conditions: unwatched, action: "flag", library_keys: '["1"]' }]
        })
        const without = yield* preview("prunerr", bytes)
        assert.deepStrictEqual(
          without.counts.slice(0, 2).map(({ create }) => create),
          [0, 0]
        )
        const withBoth = yield* preview("prunerr", bytes, { mediaServer: "2", library: ["1=Movies"] })
        assert.deepStrictEqual(
          withBoth.counts.slice(0, 2).map(({ create }) => create),
          [1, 1]
        )
        const [entry] = yield* entries(withBoth.id, "protections")
        assert.strictEqual(entry?.matchedBy, "key k4 of Screen")
        const error = yield* Effect.flip(preview("prunerr", bytes, { mediaServer: "99" }))
        assert.strictEqual(error.code, "invalid-request")
      })
    )
  )

  it.effect("does not match more than Prunerr did: what was never watched was not watched long ago", () =>
    installed(
      Effect.gen(function* () {
        const bytes = prunerrDatabase({
          rules: [
            {
              name: "Stale",
              conditions:
                '{"version":2,"root":{"kind":"condition","field":"days_since_watched","operator":"greater_than","value":3}}',
              action: "delete",
              media_type: "movie"
            }
          ]
        })
        const [rule] = yield* entries((yield* preview("prunerr", bytes)).id, "rules")
        assert.deepStrictEqual(rule?.wouldMatch?.items, 1, "only Heat, which was played on 10 January")
      })
    )
  )
})
