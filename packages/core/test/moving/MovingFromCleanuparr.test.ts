/**
 * Moving in from Cleanuparr: its configuration database, its database of events, and answers of its API. The names of
 * tables, columns and stored values were verified in its public sources; the answers of its API are made by hand after
 * their description, and their mask for secrets is assumed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { MovingIn } from "../../src/moving/MovingIn.ts"
import { bytesOf, minutesOf } from "../../src/moving/products/Cleanuparr/QueueRules.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import type { StrikeAction } from "../../src/rules/StrikeAction.ts"
import { type CleanuparrContent, cleanuparrDatabase, cleanuparrEvents } from "./CleanuparrDatabase.ts"
import { apply, entries, installed, preview, state, told } from "./MovingTest.ts"
import type { Row } from "./PrunerrDatabase.ts"

const radarrKey = "0123456789abcdef0123456789abcdef"
const password = "secret of the client"

const radarr = { id: "A", arr_config_id: "radarr-config", name: "Films", url: "http://radarr:7878", api_key: radarrKey }
const sonarr = {
  id: "B",
  arr_config_id: "SONARR-CONFIG",
  name: "Series",
  url: "http://sonarr:8989/",
  api_key: "fedcba9876543210fedcba9876543210",
  enabled: 0
}
const qbittorrent = {
  id: "C",
  name: "Torrents",
  type_name: "qbittorrent",
  host: "http://qbittorrent:8080",
  url_base: "/downloads/",
  username: "admin",
  password
}
const configs = [
  { id: "radarr-config", type: "radarr" },
  { id: "sonarr-config", type: "sonarr", failed_import_max_strikes: 7 },
  { id: "lazy-config", type: "lazylibrarian", failed_import_max_strikes: 0 }
]

const content = {
  arr_configs: configs,
  arr_instances: [
    radarr,
    sonarr,
    { id: "D", arr_config_id: "lazy-config", name: "Books", url: "http://lazy:5299", api_key: "a-key-of-books" }
  ],
  download_clients: [
    qbittorrent,
    {
      id: "E",
      name: "Transmission",
      type_name: "transmission",
      host: "http://transmission:9091",
      url_base: "transmission"
    },
    { id: "F", name: "Deluge", type_name: "deluge", host: "deluge:8112", password: "deluge-password" },
    {
      id: "H",
      name: "Old",
      type_name: "utorrent",
      host: "http://joe:in-the-address@utorrent:8080?token=of-the-address"
    }
  ],
  stall_rules: [
    { id: "1", name: "Stalled", max_strikes: 5, minimum_progress: "10 MB" },
    {
      id: "2",
      name: "Stalled and private",
      privacy_type: "private",
      delete_private_torrents_from_client: 1,
      enabled: 0
    },
    { id: "3", name: "To a category", change_category: 1 }
  ],
  slow_rules: [
    {
      id: "4",
      name: "Slow",
      min_speed: "100KB",
      max_time_hours: 48,
      ignore_above_size: "2 GB",
      min_completion_percentage: 10,
      max_completion_percentage: 90,
      privacy_type: "both",
      reset_strikes_on_progress: 0
    },
    { id: "5", name: "Odd speed", min_speed: "fast" }
  ],
  queue_cleaner_configs: [
    {
      id: "Q",
      cron_expression: "0 0/15 * * * ?",
      downloading_metadata_max_strikes: 4,
      failed_import_max_strikes: 3,
      failed_import_patterns: '["not an upgrade","sample"]',
      ignored_downloads: '["keep-these","tracker.example"]'
    }
  ],
  general_configs: [
    { id: "G", ignored_downloads: `["keep-these","${"a".repeat(40)}"]`, strike_inactivity_window_hours: 24 }
  ],
  seeker_configs: [{ id: "S", search_enabled: 0 }],
  content_blocker_configs: [{ id: "B", enabled: 0 }],
  q_bit_seeding_rules: [
    { id: "1", name: "Ratio" },
    { id: "2", name: "Days" }
  ],
  notification_configs: [{ id: "1", name: "Telegram" }]
} satisfies CleanuparrContent

const file = (more: CleanuparrContent = {}) => cleanuparrDatabase({ ...content, ...more })
const text = (value: object) => new TextEncoder().encode(JSON.stringify(value))

const leaf = (
  field: string,
  operator: string,
  value: string | number | boolean | ReadonlyArray<string>
): Condition => ({
  kind: "condition",
  field,
  operator,
  value
})
const group = (logic: "AND" | "OR" | "NOT", children: ReadonlyArray<Condition>): Condition => ({
  kind: "group",
  logic,
  children
})
const all = (...children: ReadonlyArray<Condition>) => group("AND", children)
const any = (...children: ReadonlyArray<Condition>) => group("OR", children)
const not = (child: Condition) => group("NOT", [child])

const action = (more: Partial<StrikeAction>): StrikeAction => ({
  type: "strike",
  strikes: 3,
  minutesBetween: 15,
  resetOnProgress: true,
  action: "remove",
  blocklist: true,
  search: false,
  keepPrivate: true,
  ...more
})

const rulesOf = (id: string) =>
  Effect.map(entries(id, "rules"), (found) => new Map(found.map((entry) => [entry.title, entry])))

/** Every table of the installation as text, with what would be left behind of a secret that is not sealed. */
const everything = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ name: string }>`SELECT name FROM sqlite_schema WHERE type = 'table'`
  const rows = yield* Effect.forEach(tables, ({ name }) => sql.unsafe(`SELECT * FROM "${name}"`))
  return JSON.stringify(rows)
})

const integrationsNow = Effect.flatMap(Integrations, ({ list }) =>
  Effect.map(list, (found) => found.slice(2).map(({ enabled, kind, name, url }) => [kind, name, url, enabled]))
)

describe("Moving in from Cleanuparr", () => {
  it.effect("carries its rules over as rules about downloads, switched off, with the strikes of each", () =>
    installed(
      Effect.gen(function* () {
        const { id, version } = yield* preview("cleanuparr", file())
        assert.strictEqual(version, "schema 20260616155757_Last")
        const found = yield* rulesOf(id)
        assert.deepStrictEqual(found.get("Stalled")?.rule, {
          subject: "download",
          name: "Stalled",
          enabled: false,
          effect: "strike",
          condition: all(leaf("faults", "containsAny", ["stalled"]), leaf("private", "equals", false)),
          action: action({ strikes: 5 })
        })
        assert.include(
          found.get("Stalled")?.notes ?? [],
          "any progress takes its strikes away here; in Cleanuparr, progress of 10 MB"
        )
        assert.deepInclude(found.get("Stalled and private")?.rule, {
          condition: all(leaf("faults", "containsAny", ["stalled"]), leaf("private", "equals", true)),
          action: action({ keepPrivate: false })
        })
        assert.include(found.get("Stalled and private")?.notes ?? [], "it was switched off in Cleanuparr")
        assert.deepInclude(found.get("Slow")?.rule, {
          condition: all(
            leaf("faults", "containsAny", ["slow"]),
            any(leaf("averageSpeed", "lessThan", 102_400), leaf("etaHours", "greaterThan", 48)),
            leaf("sizeBytes", "lessThan", 2 * 1024 ** 3),
            leaf("completion", "greaterThan", 10),
            leaf("completion", "lessThanOrEqual", 90)
          ),
          action: action({ resetOnProgress: false })
        })
        assert.deepInclude(found.get("Without metadata")?.rule, { action: action({ strikes: 4 }) })
        assert.deepStrictEqual(told([found.get("To a category")!, found.get("Odd speed")!]), [
          [
            "To a category",
            "not-carried",
            "after its last strike, the category of a download is changed instead of removing it: that has no equivalent"
          ],
          ["Odd speed", "not-carried", 'the speed "fast" is not understood; it has neither a speed nor a time']
        ])
        yield* apply(id)
        const rules = (yield* state).rules.filter(({ subject }) => subject === "download")
        assert.deepStrictEqual(
          rules.map(({ effect, enabled, name }) => [name, effect, enabled]),
          [
            ["Stalled", "strike", false],
            ["Stalled and private", "strike", false],
            ["Slow", "strike", false],
            ["Without metadata", "strike", false],
            ["Failed imports", "strike", false],
            ["Failed imports of Series", "strike", false],
            ["Ignored downloads", "ignore", true]
          ]
        )
      })
    )
  )

  it.effect("gives failed imports their own strikes by application, under the names of the applications here", () =>
    installed(
      Effect.gen(function* () {
        yield* (yield* Integrations).create({
          kind: "sonarr",
          name: "TV",
          url: "http://sonarr:8989",
          config: { apiKey: sonarr.api_key }
        })
        const { id } = yield* preview("cleanuparr", file())
        const found = yield* rulesOf(id)
        const messages = any(
          leaf("importMessages", "contains", "not an upgrade"),
          leaf("importMessages", "contains", "sample")
        )
        const ofPeople = { resetOnProgress: false, alsoFaultOf: ["person", "nobody"] } as const
        assert.deepInclude(found.get("Failed imports")?.rule, {
          condition: all(
            leaf("faults", "containsAny", ["failed-import"]),
            messages,
            not(leaf("application", "equals", "TV")),
            // Nothing here is called so, and it never had strikes.
            not(leaf("application", "equals", "Books"))
          ),
          action: action(ofPeople)
        })
        assert.deepInclude(found.get("Failed imports of Series")?.rule, {
          condition: all(leaf("faults", "containsAny", ["failed-import"]), messages, leaf("application", "in", ["TV"])),
          action: action({ strikes: 7, ...ofPeople })
        })
        assert.deepStrictEqual(told(yield* entries(id, "connections")).slice(0, 3), [
          ["Films", "create"],
          ["Series", "present", 'it is connected here as "TV"'],
          ["Books", "not-carried", 'there is no kind of integration "lazylibrarian"']
        ])
      })
    )
  )

  it.effect("carries no rule over that leaves out an application which is not connected here", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("cleanuparr", file({ arr_instances: [radarr, { ...sonarr, url: "no address" }] }))
        const found = yield* rulesOf(id)
        const because = 'it names "Series", which is not connected here: connect it, and preview the file again'
        assert.deepStrictEqual(told([found.get("Failed imports")!, found.get("Failed imports of Series")!]), [
          ["Failed imports", "not-carried", because],
          ["Failed imports of Series", "not-carried", because]
        ])
      })
    )
  )

  it.effect("only reports if it was in dry run, and searches if it searched", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview(
          "cleanuparr",
          file({ general_configs: [{ id: "G", dry_run: 1 }], seeker_configs: [{ id: "S", search_enabled: 1 }] })
        )
        const found = yield* rulesOf(id)
        assert.deepInclude(found.get("Stalled")?.rule?.action, { action: "report", search: true })
        assert.include(
          found.get("Stalled")?.notes ?? [],
          "Cleanuparr was in dry run: after its last strike, a download is only reported"
        )
      })
    )
  )

  it.effect("removes nothing earlier: too many strikes, and schedules that are not understood", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview(
          "cleanuparr",
          file({
            stall_rules: [
              { id: "1", name: "Patient", max_strikes: 60 },
              { id: "2", name: "Stalled", max_strikes: 5 }
            ],
            queue_cleaner_configs: [
              { id: "Q", cron_expression: "0 15,45 * * * ?", downloading_metadata_max_strikes: 100 }
            ]
          })
        )
        const found = yield* rulesOf(id)
        assert.deepStrictEqual(told([found.get("Patient")!, found.get("Without metadata")!]), [
          ["Patient", "not-carried", "it has 60 strikes, and at most 50 are possible here"],
          ["Without metadata", "not-carried", "it has 100 strikes, and at most 50 are possible here"]
        ])
        assert.deepInclude(found.get("Stalled")?.rule?.action, { strikes: 5, minutesBetween: 360 })
        assert.include(
          found.get("Stalled")?.notes ?? [],
          'its schedule "0 15,45 * * * ?" is not understood: strikes are at least 6 hours apart here'
        )
      })
    )
  )

  it.effect("keeps what it ignored, from the start, and says which single downloads it does not know", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("cleanuparr", file())
        const ignored = (yield* rulesOf(id)).get("Ignored downloads")
        const names = ["keep-these", "tracker.example"]
        assert.deepStrictEqual(ignored?.rule, {
          subject: "download",
          name: "Ignored downloads",
          enabled: true,
          effect: "ignore",
          condition: any(
            leaf("category", "in", names),
            leaf("tags", "containsAny", names),
            leaf("trackers", "endsWith", "tracker.example"),
            leaf("client", "in", names)
          )
        })
        assert.include(ignored?.notes ?? [], "one download is listed by its hash: mark it with a tag")
      })
    )
  )

  it.effect(
    "connects its applications and clients with their secrets, which are never stored or shown in clear text",
    () =>
      installed(
        Effect.gen(function* () {
          const secrets = [
            radarrKey,
            password,
            "deluge-password",
            "in-the-address",
            "of-the-address",
            "the-encryption-key"
          ]
          const expectSealed = Effect.map(everything, (all) => {
            for (const secret of secrets) assert.notInclude(all, secret)
          })
          const { id } = yield* preview("cleanuparr", file())
          const found = yield* entries(id, "connections")
          assert.deepStrictEqual(told(found), [
            ["Films", "create"],
            ["Series", "create"],
            ["Books", "not-carried", 'there is no kind of integration "lazylibrarian"'],
            ["Torrents", "create"],
            ["Transmission", "create"],
            ["Deluge", "not-carried", "url must start with http:// or https://"],
            ["Old", "not-carried", "the file does not contain it: Password; add the integration here"]
          ])
          assert.deepStrictEqual(found[3]?.connection, {
            kind: "qbittorrent",
            name: "Torrents",
            url: "http://qbittorrent:8080/downloads",
            enabled: true,
            secrets: ["password"]
          })
          assert.deepStrictEqual(found[6]?.notes, ["a name, a password or a query in its address is not taken"])
          yield* expectSealed
          assert.deepStrictEqual(yield* integrationsNow, [])
          yield* apply(id)
          assert.deepStrictEqual(yield* integrationsNow, [
            ["radarr", "Films", "http://radarr:7878", true],
            ["sonarr", "Series", "http://sonarr:8989/", false],
            ["qbittorrent", "Torrents", "http://qbittorrent:8080/downloads", true],
            ["transmission", "Transmission", "http://transmission:9091", true]
          ])
          const stored = new Map((yield* (yield* Integrations).list).map(({ id: of, name }) => [name, of] as const))
          const opened = yield* (yield* Integrations).configs
          assert.deepInclude(opened.get(stored.get("Films") ?? ""), { apiKey: radarrKey })
          assert.deepInclude(opened.get(stored.get("Torrents") ?? ""), { username: "admin", password })
          assert.deepInclude(opened.get(stored.get("Transmission") ?? ""), { rpcPath: "transmission/rpc" })
          yield* expectSealed
          const sql = yield* SqlClient.SqlClient
          assert.deepStrictEqual(yield* sql`SELECT * FROM move_in_secrets`, [])
        })
      )
  )

  it.effect("deletes the secrets with the preview", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("cleanuparr", file())
        const sql = yield* SqlClient.SqlClient
        assert.lengthOf(yield* sql`SELECT * FROM move_in_secrets`, 5)
        yield* (yield* MovingIn).remove(id)
        assert.deepStrictEqual(yield* sql`SELECT * FROM move_in_secrets`, [])
      })
    )
  )

  it.effect("names what it has no place for, and whether it was switched on", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("cleanuparr", file())
        const rest = yield* entries(id, "other")
        assert.deepStrictEqual(told(rest), [
          [
            "Malware blocker",
            "not-carried",
            "it was switched off; blocked and allowed file names are not moved in, with the addresses of their lists"
          ],
          [
            "Seeding rules",
            "not-carried",
            "limits of seeding are not moved in; until there are some here, seeding goes on"
          ],
          ["Searches", "not-carried", "only the search after a removal has an equivalent, which is part of each rule"],
          ["Notifications", "not-carried", "they are set up here anew"],
          ["Hours after which strikes end", "not-carried", "that is a setting here: downloads.strikeHours"]
        ])
        assert.strictEqual(rest[1]?.original, '{"q_bit_seeding_rules":2}')
      })
    )
  )

  it.effect("does what the preview says as a whole, or nothing", () =>
    installed(
      Effect.gen(function* () {
        const { id } = yield* preview("cleanuparr", file())
        yield* (yield* Integrations).create({ kind: "manager", name: "Films", url: "http://films.test", config: {} })
        const before = [yield* state, yield* integrationsNow]
        const error = yield* Effect.flip(apply(id))
        assert.strictEqual(error.code, "move-in-outdated")
        if (error._tag !== "MoveInOutdated") return
        assert.include(error.differences[0], "Films")
        assert.deepStrictEqual([yield* state, yield* integrationsNow], before)
        const again = yield* preview("cleanuparr", file())
        assert.deepStrictEqual((yield* entries(again.id, "connections"))[0]?.notes, [
          'it is called "Films (Cleanuparr)" here: the name is taken'
        ])
        yield* apply(again.id)
        const [applied] = (yield* (yield* EventLog).page({ type: "move-in.applied" })).items
        assert.deepInclude(applied?.payload, { connections: 4, rules: 7 })
        const third = yield* preview("cleanuparr", file())
        assert.strictEqual(
          third.counts.reduce((sum, { create }) => sum + create, 0),
          0
        )
      })
    )
  )

  it.effect("moves in the history of its events, and says why strikes are given anew", () =>
    installed(
      Effect.gen(function* () {
        const event = (id: string, type: string, message: string, more: Row = {}): Row => ({
          id,
          timestamp: `2026-01-0${id} 08:00:00.1234567`,
          event_type: type,
          message,
          item_title: "Some.Film.2020",
          ...more
        })
        const { id } = yield* preview(
          "cleanuparr",
          cleanuparrEvents({
            events: [
              event("1", "stalledstrike", "Struck"),
              event("2", "queueitemdeleted", "Removed"),
              event("3", "queueitemdeleted", "Would be removed", { is_dry_run: 1 })
            ],
            download_items: [{ id: "I", download_id: "a".repeat(40), title: "Some.Film.2020" }],
            strikes: [
              { id: "1", download_item_id: "I", type: "stalled", created_at: "2026-01-01 08:00:00" },
              { id: "2", download_item_id: "I", type: "stalled", created_at: "2026-01-01 08:05:00" }
            ]
          })
        )
        const [strikes] = yield* entries(id, "other")
        assert.deepStrictEqual(
          [strikes?.title, strikes?.because, strikes?.original],
          [
            "Strikes",
            "a strike belongs to a rule here, and is given anew: to count those of another product would remove downloads earlier",
            '{"rows":2}'
          ]
        )
        yield* apply(id)
        assert.deepStrictEqual(
          (yield* state).history.map(({ message, payload }) => [message, (payload as { what: string }).what]),
          [
            ["Cleanuparr (dry run): Would be removed (2026-01-03)", "activity"],
            ["Cleanuparr: Removed (2026-01-02)", "deletion"],
            ["Cleanuparr: Struck (2026-01-01)", "activity"]
          ]
        )
      })
    )
  )

  it.effect("reads answers of its API, whose secrets are masked: connections are made by hand", () =>
    installed(
      Effect.gen(function* () {
        const exported = {
          general: { dryRun: false, ignoredDownloads: ["keep-these"] },
          queue_cleaner: {
            enabled: true,
            cronExpression: "0 0/5 * * * ?",
            failedImport: { maxStrikes: 3, patterns: ["sample"], patternMode: "Exclude", ignorePrivate: true }
          },
          stall: [
            { name: "Stalled", enabled: true, maxStrikes: 3, privacyType: "Public", resetStrikesOnProgress: true }
          ],
          seeker: { searchEnabled: false },
          malware_blocker: { enabled: true },
          radarr: {
            failedImportMaxStrikes: -1,
            instances: [{ name: "Films", url: "http://radarr:7878", apiKey: "••••••••", enabled: true }]
          },
          download_client: {
            clients: [{ name: "Torrents", typeName: "qBittorrent", host: "http://q:8080", username: "a" }]
          }
        }
        const { id, notes } = yield* preview("cleanuparr", text(exported))
        assert.deepStrictEqual(notes, [
          "The API of Cleanuparr does not show secrets: connections need keys, which are entered here"
        ])
        assert.deepStrictEqual(told(yield* entries(id, "connections"))[0], [
          "Films",
          "not-carried",
          "the file does not contain it: API key; add the integration here"
        ])
        const found = yield* rulesOf(id)
        assert.deepInclude(found.get("Stalled")?.rule, { action: action({ minutesBetween: 5 }) })
        assert.deepInclude(found.get("Failed imports")?.rule, {
          condition: all(
            leaf("faults", "containsAny", ["failed-import"]),
            not(leaf("importMessages", "contains", "sample")),
            leaf("private", "equals", false)
          ),
          action: action({ minutesBetween: 5, resetOnProgress: false })
        })
        assert.deepStrictEqual(
          (yield* entries(id, "other")).map(({ title }) => title),
          ["Malware blocker", "Searches"]
        )
      })
    )
  )

  it.effect("refuses other files", () =>
    installed(
      Effect.gen(function* () {
        const refused = (bytes: Uint8Array) =>
          Effect.map(Effect.flip(preview("cleanuparr", bytes)), (error) =>
            error._tag === "MovingFileUnusable" ? `${error.fault}: ${error.detail}` : error._tag
          )
        assert.match(yield* refused(text({ rules: [] })), /^other-product: The export has none of the parts general/)
        assert.match(yield* refused(text([])), /^not-understood: /)
        assert.match(
          yield* refused(new TextEncoder().encode("{")),
          /^not-understood: .*neither an SQLite database nor JSON/
        )
        assert.deepStrictEqual(yield* (yield* MovingIn).list, [])
        const { notes } = yield* preview(
          "cleanuparr",
          cleanuparrDatabase({ general_configs: [{ id: "G" }] }, { migration: "20270101000000" })
        )
        assert.deepStrictEqual(notes, [
          "The database is of a newer version than the newest that is known here: look at each entry"
        ])
        assert.deepStrictEqual(
          (yield* (yield* Rules).list).filter(({ subject }) => subject === "download"),
          []
        )
      })
    )
  )

  it("reads sizes in multiples of 1024, and schedules with seconds first", () => {
    assert.deepStrictEqual(["100KB", "1.5 mb", "2GB", "10", "3 TB", null].map(bytesOf), [
      102_400,
      1_572_864,
      2 * 1024 ** 3,
      null,
      null,
      null
    ])
    assert.deepStrictEqual(
      ["0 0/5 * * * ?", "0/30 * * ? * * *", "0 0 0/2 ? * * *", "0 0 * * * ?", "0 * * * * ?", "often", null].map(
        minutesOf
      ),
      [5, 1, 120, 60, 1, null, null]
    )
  })
})
