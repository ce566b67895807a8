/** Environments and decisions in memory, for tests of the code that uses them. */
import type { Decision, DecisionStatus, Environment } from "../../src/capacity/Decision.ts"
import type { DiskGroup } from "../../src/capacity/DiskGroup.ts"
import { defaultFactors } from "../../src/capacity/Factors.ts"
import { defaultWeights } from "../../src/capacity/ScoreWeights.ts"
import {
  defaultIntegrationOptions,
  type IntegrationOptions,
  unknownHealth
} from "../../src/integrations/Integration.ts"
import type { LiveIntegration } from "../../src/integrations/Integrations.ts"
import { capabilities, type Kind } from "../../src/integrations/Kind.ts"
import type { ItemKind } from "../../src/integrations/Observations.ts"
import { countingOf, removingWholes } from "../../src/library/Counting.ts"
import type { LibraryItem } from "../../src/library/Item.ts"
import { makeSnapshot } from "../../src/library/Snapshots.ts"
import type { SourceTrust, SourceContext } from "../../src/library/SourceContext.ts"
import { itemRules, splitRules } from "../../src/rules/ItemRules.ts"
import { compileRules } from "../../src/rules/RuleSet.ts"
import { Effect, Result, Schema } from "effect"
import { libraryItem, plainData } from "../library/Samples.ts"

export const now = Date.parse("2026-06-01T12:00:00.000Z")

const fresh: SourceTrust = { _tag: "Fresh", source: "Test", at: "2026-06-01T00:00:00.000Z" }

export const freshSources: SourceContext = {
  managers: () => ({ _tag: "None" }),
  catalog: () => fresh,
  playback: () => fresh,
  servers: () => fresh,
  requests: () => fresh,
  watchlists: () => fresh,
  disk: () => undefined,
  isTooOld: () => false,
  watching: { movieShare: null, seasonShare: 0.8, activeDays: 90 }
}

export const diskGroup = (given: Partial<DiskGroup> = {}): DiskGroup => ({
  id: "1",
  mountPath: "/data",
  totalBytes: 100_000,
  usedBytes: 90_000,
  freeBytes: 10_000,
  totalBytesOverride: null,
  usedPercent: 90,
  limits: { type: "percent", threshold: 85, target: 75 },
  breached: true,
  bytesToFree: 15_000,
  mode: "dry-run",
  allowedUnknown: [],
  integrations: [{ id: "1", reportedPath: "/data" }],
  readAt: "2026-06-01T00:00:00.000Z",
  staleSince: null,
  stoppedBecause: null,
  version: 1,
  ...given
})

const testKind: Kind = {
  id: "test",
  title: "Test",
  description: "",
  capabilities,
  itemKinds: ["movie", "show", "season"],
  config: Schema.Struct({}),
  syncCost: { formula: "1", calls: () => 1 },
  connect: () => ({ probe: Effect.succeed({ appName: "Test", version: null, latencyMillis: 1 }), read: {} })
}

/** An integration that can remove `kinds`. */
export const liveIntegration = (
  id: string,
  options: Partial<IntegrationOptions> = {},
  kinds: ReadonlyArray<ItemKind> = ["movie", "show", "season"]
): LiveIntegration => ({
  integration: {
    id,
    kind: "test",
    name: `App ${id}`,
    url: "http://127.0.0.1",
    config: {},
    enabled: true,
    options: { ...defaultIntegrationOptions, ...options },
    capabilities,
    unmanagedEntries: null,
    health: unknownHealth,
    version: 1,
    createdAt: "2026-06-01T00:00:00.000Z",
    updatedAt: "2026-06-01T00:00:00.000Z"
  },
  kind: testKind,
  connected: {
    probe: Effect.succeed({ appName: "Test", version: null, latencyMillis: 1 }),
    read: {},
    removal: {
      kinds,
      presence: () => Effect.succeed({ _tag: "Absent" }),
      remove: () => Effect.void,
      restore: () => Effect.succeed({ externalId: "1" }),
      isBack: () => Effect.succeed(null)
    }
  },
  can: () => true,
  calls: Effect.succeed(0)
})

export const environmentOf = (items: ReadonlyArray<LibraryItem>, given: Partial<Environment> = {}): Environment => {
  const snapshot = makeSnapshot(items)
  const live = given.live ?? new Map([["1", liveIntegration("1")]])
  const wholes = removingWholes([...live.values()].map(({ integration }) => integration))
  return { ...standing, snapshot, counting: countingOf(snapshot, wholes), live, ...given }
}

const standing: Omit<Environment, "snapshot" | "counting" | "live"> = {
  now,
  sources: freshSources,
  rules: splitRules(Result.getOrThrow(compileRules(itemRules, []))),
  factors: defaultFactors,
  weights: defaultWeights(),
  protecting: () => undefined,
  groups: new Map([["1", diskGroup()]]),
  tieBreaker: "sizeDesc"
}

export const itemOnDisk = (
  id: string,
  sizeBytes: number,
  given: { readonly collections?: ReadonlyArray<string>; readonly diskGroupId?: string } = {}
): LibraryItem =>
  libraryItem({
    id,
    sizeBytes,
    diskGroupId: given.diskGroupId ?? "1",
    collections: given.collections ?? [],
    data: { ...plainData, catalogCollections: given.collections ?? [] }
  })

export const decisionOn = (item: LibraryItem, rank: number, status: DecisionStatus = "candidate"): Decision => ({
  item,
  status,
  score: Math.min(1, rank),
  rank,
  undecidedBecause: [],
  because: null,
  rankedBy: null
})
