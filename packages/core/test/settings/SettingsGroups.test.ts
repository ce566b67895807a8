import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { decodeRequest } from "../../src/problems/Decode.ts"
import { DiskLimits } from "../../src/capacity/DiskLimits.ts"
import { Network } from "../../src/access/Network.ts"
import type { SettingsGroup } from "../../src/settings/SettingsGroup.ts"
import { builtInSettings, type GroupName } from "../../src/system/BuiltInSettings.ts"

const isValid = (name: GroupName, set: Record<string, unknown>) => {
  const group: SettingsGroup = builtInSettings[name]
  return Exit.isSuccess(Effect.runSyncExit(group.resolve(set)))
}

describe("Settings groups", () => {
  it("have the documented defaults", () => {
    const defaults = Object.fromEntries(Object.values(builtInSettings).map((group) => [group.name, group.defaults]))
    assert.deepStrictEqual(defaults, {
      general: { instanceName: "Tendarr", timeZone: "UTC" },
      library: {
        maxDisappearance: 0.2,
        minDisappearance: 10,
        maxFactAgeHours: 72,
        watchedMovieShare: null,
        watchedSeasonShare: 0.8,
        activeViewerDays: 90,
        goneRetentionDays: 90,
        maxAnswerMebibytes: 256
      },
      capacity: {
        defaultMode: "dry-run",
        defaultLimits: { type: "percent", threshold: 85, target: 75 },
        staleGraceDays: 7,
        tieBreaker: "sizeDesc",
        syncBeforeRun: true
      },
      scoring: { weights: {} },
      removals: {
        deletionsEnabled: true,
        delaySeconds: 30,
        snoozeHours: 24,
        sunsetDays: 30,
        maxAttempts: 3,
        batchSize: 5,
        spacingSeconds: 1,
        leftoverFolders: false,
        owedDownloads: "say",
        downloadsToo: false,
        caps: { maxItems: 100, maxBytes: null, maxLibraryShare: 0.25 }
      },
      retention: {
        eventDays: 30,
        auditDays: null,
        runsKept: 1000,
        runLogDays: 30,
        actDays: 90,
        undoDays: 365,
        usageRawHours: 48
      },
      backup: { enabled: true, keep: 7, maxUploadMebibytes: 2048 },
      access: {
        sessionHours: 720,
        trustedProxies: [],
        secureCookies: "auto",
        allowedOrigins: [],
        strictTransportDays: 0
      },
      seeding: {
        enabled: false,
        keepFreeGib: 0,
        maxChangesPerRun: 100,
        maxRemovalsPerRun: 20,
        pauseFirst: "largest",
        resumeMarginGib: 5
      },
      telemetry: { prometheus: false, requestLog: "off" },
      artwork: { cacheMebibytes: 512, maxPosterMebibytes: 8, refreshHours: 24 },
      dialects: { cleanuparr: { enabled: false, port: null }, prunerr: { enabled: false, port: null } },
      rules: { maxActingShare: 0.2, minActingItems: 10, syncBeforeRun: false },
      downloads: {
        cleaning: false,
        goneDays: 30,
        ignoreTag: "tendarr-ignore",
        maxRemovalsPerRun: 20,
        maxRemovalsPerTitle: 5,
        pollSeconds: 30,
        searchHours: 6,
        strikeHours: 48
      },
      files: {
        linkFilesPerRun: 5000,
        ignoredLinkFolders: [],
        minimumSeedingHours: 0,
        orphans: false,
        orphanHours: 48,
        quarantineDays: 14,
        maxOrphansPerRun: 20,
        ignoredNames: ["*.torrent", "*.nzb", "*.magnet"]
      },
      malware: {
        blocking: false,
        deselectPrivate: false,
        listHours: 12,
        maxDeselectionsPerRun: 50,
        maxReadsPerRun: 200,
        removalDelayMinutes: 10,
        removeFakes: true,
        removePrivate: false,
        searchAgain: true,
        syncNames: false
      },
      imports: { importing: false, maxAgeDays: 30, maxPerRun: 20, waitMinutes: 15 },
      moving: { keepPreviewsDays: 7, maxUploadMebibytes: 1024 }
    })
  })

  const bounds: ReadonlyArray<[GroupName, string, ReadonlyArray<unknown>, ReadonlyArray<unknown>]> = [
    ["general", "instanceName", ["x", "Living room"], ["", " x", "x".repeat(65), 3, null]],
    ["general", "timeZone", ["UTC", "Europe/Berlin"], ["", "Mars/Base", "+01:00", null]],
    ["library", "maxDisappearance", [0, 0.5, 1], [-0.1, 1.1, "0.5", null]],
    ["library", "maxFactAgeHours", [1, 8760], [0, 8761, 1.5]],
    ["library", "goneRetentionDays", [1, 3650], [0, 3651]],
    ["capacity", "defaultMode", ["dry-run", "approval", "auto", "sunset"], ["off", ""]],
    ["capacity", "staleGraceDays", [0, 365], [-1, 366]],
    ["capacity", "tieBreaker", ["nameAsc"], ["random"]],
    ["scoring", "weights", [{}, { size: 0, "watch-history": 10 }], [{ size: 11 }, { size: 1.5 }, { "": 1 }, [1]]],
    ["removals", "delaySeconds", [0, 86_400], [-1, 86_401]],
    ["removals", "sunsetDays", [1, 365], [0, 366]],
    ["removals", "maxAttempts", [1, 10], [0, 11]],
    ["removals", "batchSize", [1, 100], [0, 101]],
    ["removals", "spacingSeconds", [0, 60], [-1, 61]],
    [
      "removals",
      "caps",
      [{ maxItems: null }, { maxBytes: 1 }, { maxLibraryShare: 1 }],
      [{ maxItems: 0 }, { maxBytes: -1 }, { maxLibraryShare: 0 }, { maxLibraryShare: null }, null]
    ],
    ["retention", "auditDays", [null, 1], [0]],
    ["retention", "eventDays", [1, 3650], [0, null]],
    [
      "access",
      "trustedProxies",
      [[], ["10.0.0.0/8", "::1", "192.168.1.5/24"]],
      [["proxy.local"], ["10.0.0.0/33"], "::1"]
    ],
    ["access", "secureCookies", ["auto", "always", "never"], ["yes", true]],
    ["access", "sessionHours", [1, 8760], [0, 8761]]
  ]
  it.each(bounds)("limit %s.%s to its range", (group, key, good, bad) => {
    for (const value of good) assert.isTrue(isValid(group, { [key]: value }), JSON.stringify(value))
    for (const value of bad) assert.isFalse(isValid(group, { [key]: value }), JSON.stringify(value))
  })
})

describe("DiskLimits", () => {
  const decode = decodeRequest(DiskLimits)
  const issuesOf = (input: unknown) =>
    Effect.runSync(Effect.match(decode(input), { onFailure: ({ errors }) => errors, onSuccess: () => [] }))

  it("require a target below the threshold in percent, and above it in free bytes", () => {
    assert.deepStrictEqual(issuesOf({ type: "percent", threshold: 85, target: 75 }), [])
    assert.deepStrictEqual(issuesOf({ type: "free-bytes", threshold: 0, target: 1 }), [])
    assert.deepStrictEqual(issuesOf({ type: "percent", threshold: 75, target: 75 }), [
      { path: ["payload", "target"], message: "must be below the threshold" }
    ])
    assert.deepStrictEqual(issuesOf({ type: "free-bytes", threshold: 10, target: 10 }), [
      { path: ["payload", "target"], message: "must be above the threshold" }
    ])
  })

  it("are refused with the fault of an unknown type, and of every value", () => {
    assert.match(issuesOf({ type: "bytes", threshold: 1, target: 2 })[0]?.message ?? "", /"percent" or "free-bytes"/)
    assert.deepStrictEqual(
      issuesOf({ type: "percent", threshold: 100, target: 0 }).map(({ path }) => path.at(-1)),
      ["threshold", "target"]
    )
  })
})

describe("Network", () => {
  it("is refused with its fault", () => {
    const [issue] = Effect.runSync(Effect.flip(decodeRequest(Network)("10.0.0.0/33"))).errors
    assert.match(issue?.message ?? "", /IP address or a CIDR block/)
  })
})
