/** All services of Tendarr over a database: Effect programs embed them, and the servers serve them. */
import { Effect, type FileSystem, Layer, type Path, type PlatformError } from "effect"
import type { Migrator, SqlClient, SqlError } from "effect/sql"
import { Accounts } from "./access/Accounts.ts"
import { ApiKeys } from "./access/ApiKeys.ts"
import { DialectKeys } from "./access/DialectKeys.ts"
import { KnownDevices } from "./access/KnownDevices.ts"
import { Password } from "./access/Password.ts"
import { RateLimiter } from "./access/RateLimiter.ts"
import { Sessions } from "./access/Sessions.ts"
import { Setup } from "./access/Setup.ts"
import { Validity } from "./access/Validity.ts"
import { Acts } from "./acts/Acts.ts"
import { Posters } from "./artwork/Posters.ts"
import { DiskGroups } from "./capacity/DiskGroups.ts"
import { Engine } from "./capacity/Engine.ts"
import type { Factor } from "./capacity/Factors.ts"
import { Preview } from "./capacity/Preview.ts"
import { RuleTrial } from "./capacity/RuleTrial.ts"
import type { Standings } from "./capacity/Planning.ts"
import { ScoreFactors } from "./capacity/ScoreFactors.ts"
import { RuleTemplates } from "./capacity/RuleTemplates.ts"
import { Scoring } from "./capacity/Scoring.ts"
import type { EventLog } from "./events/EventLog.ts"
import { EventLogLive } from "./events/EventLogLive.ts"
import type { AnyEventType } from "./events/EventType.ts"
import { HealthMonitor } from "./integrations/HealthMonitor.ts"
import { Integrations } from "./integrations/Integrations.ts"
import type { Kind } from "./integrations/Kind.ts"
import { Kinds } from "./integrations/Kinds.ts"
import { KyUpstreamClient } from "./integrations/KyUpstreamClient.ts"
import { CurrentAnswerBound, type UpstreamClient } from "./integrations/Upstream.ts"
import { ClockWatch } from "./jobs/ClockWatch.ts"
import { Jobs } from "./jobs/Jobs.ts"
import { Loops } from "./jobs/Loops.ts"
import { MachineTimeLive } from "./jobs/MachineTime.ts"
import { Collections } from "./library/Collections.ts"
import { CollectionRecords } from "./library/CollectionRecords.ts"
import { Contents } from "./library/Contents.ts"
import { Episodes } from "./library/Episodes.ts"
import { ItemStore } from "./library/ItemStore.ts"
import { Library } from "./library/Library.ts"
import { ProtectedItems } from "./library/ProtectedItems.ts"
import { Protections } from "./library/Protections.ts"
import { Snapshots } from "./library/Snapshots.ts"
import { Sources } from "./library/Sources.ts"
import { Sync } from "./library/Sync.ts"
import { Carrying } from "./moving/Carrying.ts"
import { MovingIn } from "./moving/MovingIn.ts"
import { Replacements } from "./moving/Replacements.ts"
import { ActingRules } from "./removals/ActingRules.ts"
import { ItemChanges } from "./removals/ActingRules/ItemChanges.ts"
import { RuleJob } from "./removals/ActingRules/RuleJob.ts"
import { CollectionRemovals } from "./removals/CollectionRemovals.ts"
import { Execution } from "./removals/Execution.ts"
import { Cleaning } from "./downloads/Cleaning.ts"
import { DownloadJobs } from "./downloads/DownloadJobs.ts"
import { downloadRules } from "./downloads/DownloadRules.ts"
import { Downloads } from "./downloads/Downloads.ts"
import { ListedDownloads } from "./downloads/ListedDownloads.ts"
import { Seeding } from "./downloads/seeding/Seeding.ts"
import { SeedingJobs } from "./downloads/seeding/SeedingJobs.ts"
import { SeedingViews } from "./downloads/seeding/SeedingViews.ts"
import { DownloadStats } from "./downloads/DownloadStats.ts"
import { Obligations } from "./downloads/Obligations.ts"
import { DownloadViews } from "./downloads/DownloadViews.ts"
import { FileJobs } from "./downloads/files/FileJobs.ts"
import { ItemDownloads } from "./downloads/files/ItemDownloads.ts"
import { Links } from "./downloads/files/Links.ts"
import { LinkStore } from "./downloads/files/LinkStore.ts"
import { Orphans } from "./downloads/files/Orphans.ts"
import { ImportJobs } from "./downloads/imports/ImportJobs.ts"
import { Imports } from "./downloads/imports/Imports.ts"
import { ImportViews } from "./downloads/imports/ImportViews.ts"
import { BlockedViews } from "./downloads/malware/BlockedViews.ts"
import { ExcludedNames } from "./downloads/malware/ExcludedNames.ts"
import { MalwareBlocking } from "./downloads/malware/MalwareBlocking.ts"
import { MalwareJobs } from "./downloads/malware/MalwareJobs.ts"
import { NameLists } from "./downloads/malware/NameLists.ts"
import { DueRemovals } from "./removals/DueRemovals.ts"
import { Explain } from "./removals/Explain.ts"
import { MovedTimes } from "./removals/MovedTimes.ts"
import { Planner } from "./removals/Planner.ts"
import { RefusedItems } from "./removals/RefusedItems.ts"
import { RemovalJobs } from "./removals/RemovalJobs.ts"
import { Restores } from "./removals/Restores.ts"
import { StoppingDecisions } from "./removals/StoppingDecisions.ts"
import { RemovalStore } from "./removals/RemovalStore.ts"
import { Removals } from "./removals/Removals.ts"
import { StandingsLive } from "./removals/StandingsLive.ts"
import { Rules } from "./rules/Rules.ts"
import type { AnyRuleSubject } from "./rules/RuleSubject.ts"
import { RuleSubjects } from "./rules/RuleSubjects.ts"
import { RuleViews } from "./rules/RuleViews.ts"
import { RulesInForce } from "./rules/RulesInForce.ts"
import { Settings } from "./settings/Settings.ts"
import type { SettingsGroup } from "./settings/SettingsGroup.ts"
import { FurtherSettings, type SettingsGroups } from "./settings/SettingsGroups.ts"
import type { StoredSettingsInvalid } from "./settings/StoredSettings.ts"
import type { DataDirectory, ReadSql } from "./storage/Database.ts"
import { type DatabaseTooNew, MigrationsLive } from "./storage/Migrations.ts"
import { type RoomTable, RoomTables, RoomTablesLive } from "./storage/RoomTables.ts"
import { FurtherSealedColumns, type SealedColumn, type SealedColumns } from "./storage/SealedColumns.ts"
import { SecretsAtRest } from "./storage/SecretsAtRest.ts"
import type { SecretKeyUnusable, SecretsUnreadable } from "./storage/SecretKeys.ts"
import { Activity } from "./system/Activity.ts"
import { BackupJob } from "./system/BackupJob.ts"
import { Backups } from "./system/Backups.ts"
import { BuiltInSealedColumns } from "./system/BuiltInSealedColumns.ts"
import { BuiltInSettings } from "./system/BuiltInSettings.ts"
import { ConfigurationTransfer } from "./system/ConfigurationTransfer.ts"
import { Dashboards } from "./system/Dashboard.ts"
import { Dialects } from "./system/Dialects.ts"
import { EventTypes } from "./system/EventCatalogue.ts"
import { Housekeeping } from "./system/Housekeeping.ts"
import { SharedRules } from "./system/SharedRules.ts"
import { System } from "./system/System.ts"
import { Viewers } from "./viewers/Viewers.ts"
import { LibrarySettings } from "./library/LibrarySettings.ts"

const foundation = Layer.mergeAll(Settings.layer, Jobs.layer, ClockWatch.layer).pipe(
  Layer.provideMerge(Layer.mergeAll(EventLogLive, Loops.layer, BuiltInSettings)),
  Layer.provideMerge(RoomTablesLive),
  Layer.provideMerge(MigrationsLive),
  Layer.provideMerge(SecretsAtRest),
  Layer.provideMerge(BuiltInSealedColumns)
)

const access = Layer.mergeAll(Setup.layer, ApiKeys.layer, DialectKeys.layer).pipe(
  Layer.provideMerge(Accounts.layer),
  Layer.provideMerge(Sessions.layer),
  Layer.provideMerge(Layer.mergeAll(Password.layer, RateLimiter.layer, Validity.layer, KnownDevices.layer))
)

const answerBound = Layer.effect(
  CurrentAnswerBound,
  Effect.map(Settings, (settings) =>
    Effect.map(settings.get(LibrarySettings), ({ maxAnswerMebibytes }) => ({
      bytes: maxAnswerMebibytes * 1024 ** 2,
      advice: "the setting library.maxAnswerMebibytes allows more"
    }))
  )
)

const integrations = HealthMonitor.layer.pipe(Layer.provideMerge(Integrations.layer), Layer.provide(answerBound))

const library = Layer.mergeAll(Sync.layer, Collections.layer, Episodes.layer).pipe(
  Layer.provideMerge(Layer.mergeAll(Contents.layer, CollectionRecords.layer, Library.layer)),
  Layer.provideMerge(ProtectedItems.layer),
  Layer.provideMerge(Protections.layer),
  Layer.provideMerge(Snapshots.layer),
  Layer.provideMerge(Layer.mergeAll(ItemStore.layer, Sources.layer, Viewers.layer))
)

const capacity = Layer.mergeAll(RuleTemplates.layer, RuleTrial.layer).pipe(
  Layer.provideMerge(Engine.layer),
  Layer.provideMerge(Layer.mergeAll(DiskGroups.layer, Scoring.layer, RuleViews.layer)),
  Layer.provideMerge(RulesInForce.layer),
  Layer.provideMerge(Rules.layer)
)

const removals = Layer.mergeAll(
  RemovalJobs,
  RuleJob,
  MovedTimes,
  Explain.layer,
  Preview.layer,
  CollectionRemovals.layer
).pipe(
  Layer.provideMerge(
    Layer.mergeAll(ActingRules.layer, DueRemovals.layer, Planner.layer, Removals.layer, StoppingDecisions.layer)
  ),
  Layer.provideMerge(Layer.mergeAll(Execution.layer, ItemChanges.layer, StandingsLive)),
  Layer.provideMerge(Restores.layer),
  Layer.provideMerge(Layer.mergeAll(RemovalStore.layer, RefusedItems.layer))
)

const downloads = Layer.mergeAll(
  DownloadJobs,
  FileJobs,
  ImportJobs,
  MalwareJobs,
  SeedingJobs,
  DownloadStats.layer,
  DownloadViews.layer,
  BlockedViews.layer,
  ImportViews.layer,
  SeedingViews.layer
).pipe(
  Layer.provideMerge(Imports.layer),
  Layer.provideMerge(MalwareBlocking.layer),
  Layer.provideMerge(ExcludedNames.layer),
  Layer.provideMerge(NameLists.layer),
  Layer.provideMerge(Layer.mergeAll(Cleaning.layer, Orphans.layer)),
  Layer.provideMerge(ItemDownloads.layer),
  Layer.provideMerge(Obligations.layer),
  Layer.provideMerge(Seeding.layer),
  Layer.provideMerge(Links.layer)
)

/** The services of `ServicesOver`. Named, so that programs can name the types of layers that they build from it. */
export type OwnServices =
  | Accounts
  | ActingRules
  | Activity
  | Acts
  | ApiKeys
  | Backups
  | BlockedViews
  | Carrying
  | ClockWatch
  | Cleaning
  | CollectionRemovals
  | Collections
  | CollectionRecords
  | ConfigurationTransfer
  | Contents
  | Dashboards
  | DialectKeys
  | Dialects
  | DiskGroups
  | DownloadStats
  | DownloadViews
  | Downloads
  | DueRemovals
  | Engine
  | Episodes
  | EventLog
  | ExcludedNames
  | Execution
  | Explain
  | HealthMonitor
  | Imports
  | ImportViews
  | Integrations
  | ItemChanges
  | ItemDownloads
  | ItemStore
  | Jobs
  | KnownDevices
  | Library
  | LinkStore
  | Links
  | Loops
  | MalwareBlocking
  | MovingIn
  | NameLists
  | Obligations
  | Orphans
  | Password
  | Planner
  | Posters
  | Preview
  | ProtectedItems
  | Protections
  | RateLimiter
  | RefusedItems
  | RemovalStore
  | Removals
  | Replacements
  | Restores
  | RuleTemplates
  | RuleTrial
  | RuleViews
  | Rules
  | RulesInForce
  | Scoring
  | SealedColumns
  | Seeding
  | SeedingViews
  | Sessions
  | Settings
  | SettingsGroups
  | Setup
  | SharedRules
  | Snapshots
  | Sources
  | Standings
  | StoppingDecisions
  | Sync
  | System
  | Validity
  | Viewers

/** The services of `Services` and `ServicesWith`. */
export type TendarrServices = OwnServices | Kinds | UpstreamClient

/** Why the services cannot be built over a database: it cannot be read or migrated, or its secrets cannot be opened. */
export type ServicesFailed =
  | DatabaseTooNew
  | Migrator.MigrationError
  | PlatformError.PlatformError
  | SecretKeyUnusable
  | SecretsUnreadable
  | SqlError.SqlError
  | StoredSettingsInvalid

/** What the runtime provides: a database, the data directory, and the file system. */
export type Host = SqlClient.SqlClient | ReadSql | DataDirectory | FileSystem.FileSystem | Path.Path

/**
 * All services of Tendarr, for programs that replace one of their dependencies: the database, the kinds of integrations
 * (`Kinds`), or the HTTP client for upstreams (`UpstreamClient`). `Services` and `ServicesWith` provide the latter two.
 */
export const ServicesOver: Layer.Layer<OwnServices, ServicesFailed, Host | Kinds | UpstreamClient> = Layer.mergeAll(
  System.layer,
  Housekeeping,
  BackupJob,
  SharedRules.layer.pipe(Layer.provideMerge(ConfigurationTransfer.layer)),
  Posters.layer,
  Dialects.layer,
  Activity.layer,
  Dashboards.layer,
  MovingIn.layer.pipe(Layer.provideMerge(Carrying.layer)),
  Replacements.layer
).pipe(
  Layer.provideMerge(Backups.layer),
  Layer.provideMerge(removals),
  Layer.provideMerge(downloads),
  Layer.provideMerge(capacity),
  Layer.provideMerge(library),
  Layer.provideMerge(ListedDownloads.pipe(Layer.provideMerge(Downloads.layer), Layer.provideMerge(LinkStore.layer))),
  Layer.provideMerge(Layer.mergeAll(integrations, Acts.layer)),
  Layer.provideMerge(access),
  Layer.provideMerge(foundation)
)

/** What a program adds to Tendarr. */
export interface Extensions {
  /** Additional kinds of integrations, created by `sealKind`. A kind with the id of a built-in kind replaces it. */
  readonly kinds?: ReadonlyArray<Kind>
  /** Additional factors of the score. A factor with the key of a built-in factor replaces it. */
  readonly factors?: ReadonlyArray<Factor>
  /** Additional groups of settings, created by `settingsGroup`. */
  readonly settings?: ReadonlyArray<SettingsGroup>
  /** Additional tables in the database of Tendarr, created at start. */
  readonly tables?: ReadonlyArray<RoomTable>
  /** Additional columns with secrets, created by `sealedDocument` or `sealedValue`. */
  readonly sealedColumns?: ReadonlyArray<SealedColumn>
  /** Additional types of events, created by `eventType`, to be listed with the built-in ones. */
  readonly eventTypes?: ReadonlyArray<AnyEventType>
  /** Additional subjects of rules, created by `ruleSubject`. */
  readonly subjects?: ReadonlyArray<AnyRuleSubject>
  /** Layers built over all services, in this order: they register jobs and acts, and start loops. */
  readonly rooms?: ReadonlyArray<Layer.Layer<never, never, TendarrServices | Host>>
}

/**
 * All services, with the HTTP client for upstreams and with additional kinds of integrations, factors, settings, types of
 * events, subjects of rules and rooms. Requires only a database, which `heldDirectory` of
 * `@tendarr/http-node/HeldDirectory` provides.
 *
 * @example
 * ```ts
 * import type { Factor } from "@tendarr/core/capacity/Factors"
 * import type { Kind } from "@tendarr/core/integrations/Kind"
 * import { ServicesWith } from "@tendarr/core/Services"
 * import { heldDirectory } from "@tendarr/http-node/HeldDirectory"
 * import { Layer } from "effect"
 *
 * declare const kind: Kind
 * declare const factor: Factor
 *
 * export const TendarrLive = ServicesWith({ kinds: [kind], factors: [factor] }).pipe(
 *   Layer.provideMerge(heldDirectory("./tendarr-data"))
 * )
 * ```
 */
export const ServicesWith = ({
  eventTypes = [],
  factors = [],
  kinds = [],
  rooms = [],
  sealedColumns = [],
  settings = [],
  subjects = [],
  tables = []
}: Extensions): Layer.Layer<TendarrServices, ServicesFailed, Host> => {
  const services: Layer.Layer<TendarrServices, ServicesFailed, Host> = ServicesOver.pipe(
    Layer.provide(
      Layer.mergeAll(
        ScoreFactors.layerWith(factors),
        RuleSubjects.layerWith([downloadRules, ...subjects]),
        Layer.succeed(FurtherSettings)(settings),
        Layer.succeed(FurtherSealedColumns)(sealedColumns),
        Layer.succeed(RoomTables)(tables),
        MachineTimeLive
      )
    ),
    Layer.provideMerge(Layer.mergeAll(Kinds.layerWith(kinds), EventTypes.layerWith(eventTypes), KyUpstreamClient.layer))
  )
  return rooms.reduce((over, room) => Layer.provideMerge(room, over), services)
}

/**
 * All services, without additions. Requires only a database.
 *
 * @example
 * ```ts
 * import { Library } from "@tendarr/core/library/Library"
 * import { Services } from "@tendarr/core/Services"
 * import { heldDirectory } from "@tendarr/http-node/HeldDirectory"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.flatMap(Library, (library) => library.page({ search: "dune" }))
 *
 * export const found = program.pipe(
 *   Effect.provide(Services.pipe(Layer.provideMerge(heldDirectory("./tendarr-data"))))
 * )
 * ```
 */
export const Services: Layer.Layer<TendarrServices, ServicesFailed, Host> = ServicesWith({})
