/**
 * What can be set, in typed groups. A group is a schema whose fields carry their bounds, defaults and descriptions, so
 * that the API document, the forms and the checks are one.
 */
import { DateTime, Option, Schema } from "effect"
import { DiskLimits } from "./DiskLimits.ts"
import { Network } from "./Network.ts"
import { RemovalCaps } from "./RemovalCaps.ts"
import { WebOrigin } from "./WebOrigin.ts"

export const removalModes = ["dry-run", "approval", "auto", "sunset"] as const
/** Modes of a disk group (design: presets over the one state machine of removals). */
export const RemovalMode = Schema.Literals(removalModes)
export type RemovalMode = typeof RemovalMode.Type

export const tieBreakers = ["sizeDesc", "sizeAsc", "nameAsc", "oldestFirst", "newestFirst"] as const
export const TieBreaker = Schema.Literals(tieBreakers)
export type TieBreaker = typeof TieBreaker.Type

/** What a field says about itself besides its type; `default` is what it is until it is set. */
interface About<A> extends Schema.Annotations.Documentation<A> {
  readonly default: A
  readonly description: string
}

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const wholeNumber = (minimum: number, maximum: number, about: About<number>) =>
  between(minimum, maximum).annotate(about)
const flag = (about: About<boolean>) => Schema.Boolean.annotate(about)

const TimeZone = Schema.String.check(
  Schema.makeFilter(
    // Engines take offsets such as `+01:00` for zones; those know no summer time.
    (name: string) => /^[A-Za-z]/.test(name) && Option.isSome(DateTime.zoneMakeNamed(name)),
    { message: "must be the name of an IANA time zone, for instance Europe/Berlin" }
  )
)

export const GeneralSettings = Schema.Struct({
  instanceName: Schema.String.check(
    Schema.isTrimmed({ message: "must not begin or end with white space" }),
    Schema.isMinLength(1),
    Schema.isMaxLength(64)
  ).annotate({ default: "Tendarr", description: "The name this installation goes by, in pages and notifications" }),
  timeZone: TimeZone.pipe(
    Schema.annotateKey({ default: "UTC", description: "IANA time zone of schedules that name none" })
  )
}).annotate({ identifier: "GeneralSettings", title: "General" })

export const LibrarySettings = Schema.Struct({
  maxDisappearance: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).annotate({
    default: 0.2,
    description: "Share of an integration's items that may vanish in one sync before it is held for a person to confirm"
  }),
  // A person deletes a handful by hand in an evening, and knows of it; ten at once are worth a question.
  minDisappearance: wholeNumber(1, 1_000_000, {
    default: 10,
    description:
      "Number of vanished items from which that share counts; a list that loses three or more, and over half, is held below it too"
  }),
  maxFactAgeHours: wholeNumber(1, 8760, { default: 72, description: "Hours after which a fact counts as unknown" }),
  watchedMovieShare: Schema.NullOr(Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1 }))).annotate({
    default: null,
    description:
      "Share of a movie after which a play counts as watched, where its source tells how far it went; null = what the source itself calls watched"
  }),
  watchedSeasonShare: Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1 })).annotate({
    default: 0.8,
    description: "Share of its episodes that somebody must have watched before a season or a show counts as watched"
  }),
  activeViewerDays: wholeNumber(1, 3650, {
    default: 90,
    description:
      "Days since the last play of a show for which somebody counts as watching it, so that the season after the one they are in is up next"
  }),
  goneRetentionDays: wholeNumber(1, 3650, { default: 90, description: "Days for which items that are gone are kept" }),
  maxAnswerMebibytes: wholeNumber(1, 4096, {
    default: 256,
    description: "The largest answer of an application that is read, in MiB; a larger one makes its reading fail"
  })
}).annotate({ identifier: "LibrarySettings", title: "Library" })

export const CapacitySettings = Schema.Struct({
  defaultMode: RemovalMode.annotate({ default: "dry-run", description: "Mode of a disk group that is found" }),
  defaultLimits: DiskLimits.pipe(
    Schema.annotateKey({
      default: { type: "percent", threshold: 85, target: 75 },
      description: "Threshold and target of a disk group that is found"
    })
  ),
  staleGraceDays: wholeNumber(0, 365, {
    default: 7,
    description: "Days after which a disk group that no integration reports any more is dropped"
  }),
  tieBreaker: TieBreaker.annotate({ default: "sizeDesc", description: "Order of candidates with equal scores" }),
  syncBeforeRun: flag({ default: true, description: "Sync the integrations before the engine runs" })
}).annotate({ identifier: "CapacitySettings", title: "Capacity" })

/** What a factor may be called; which ones there are is for the installation to say. */
export const FactorKey = Schema.String.check(Schema.isPattern(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/))

export const ScoringSettings = Schema.Struct({
  weights: Schema.Record(FactorKey, between(0, 10)).annotate({
    default: {},
    description: "Weight of a factor by its name, 0 to 10; a factor that is not named has its own default"
  })
}).annotate({ identifier: "ScoringSettings", title: "Scoring" })

export const RemovalsSettings = Schema.Struct({
  deletionsEnabled: flag({ default: true, description: "The brake: when off, no job destroys anything" }),
  delaySeconds: wholeNumber(0, 86_400, { default: 30, description: "Seconds between an approval and the removal" }),
  snoozeHours: wholeNumber(1, 8760, { default: 24, description: "Hours for which a rejected removal is snoozed" }),
  sunsetDays: wholeNumber(1, 365, { default: 30, description: "Days of notice in the mode sunset" }),
  maxAttempts: wholeNumber(1, 10, { default: 3, description: "Attempts before a failed removal waits for a person" }),
  batchSize: wholeNumber(1, 100, { default: 5, description: "Removals between two readings of the disk" }),
  spacingSeconds: wholeNumber(0, 60, { default: 1, description: "Seconds between two removals" }),
  caps: RemovalCaps.pipe(
    Schema.annotateKey({
      default: { maxItems: 100, maxBytes: null, maxLibraryShare: 0.25 },
      description: "The most that one run may plan to remove"
    })
  )
}).annotate({ identifier: "RemovalsSettings", title: "Removals" })

export const RetentionSettings = Schema.Struct({
  eventDays: wholeNumber(1, 3650, { default: 30, description: "Days for which events are kept" }),
  auditDays: Schema.NullOr(between(1, 36_500)).annotate({
    default: null,
    description: "Days for which the audit is kept; null = for ever"
  }),
  runsKept: wholeNumber(1, 100_000, { default: 1000, description: "Runs kept for each job" }),
  runLogDays: wholeNumber(1, 3650, { default: 30, description: "Days for which the logs of runs are kept" }),
  usageRawHours: wholeNumber(1, 8760, {
    default: 48,
    description: "Hours for which every reading of a disk is kept, before the history is thinned out"
  })
}).annotate({ identifier: "RetentionSettings", title: "Retention" })

export const BackupSettings = Schema.Struct({
  enabled: flag({
    default: true,
    description: "Whether the job `backup` makes backups; others can be made either way"
  }),
  keep: wholeNumber(1, 100, {
    default: 7,
    description: "Scheduled backups kept; those that people or migrations made stay until they are removed"
  }),
  maxUploadMebibytes: wholeNumber(1, 65_536, {
    default: 2048,
    description: "The largest backup that may be uploaded, in MiB"
  })
}).annotate({ identifier: "BackupSettings", title: "Backup" })

export const AccessSettings = Schema.Struct({
  sessionHours: wholeNumber(1, 8760, { default: 720, description: "Hours after its last use at which a session ends" }),
  trustedProxies: Schema.Array(Network)
    .check(Schema.isMaxLength(100))
    .annotate({ default: [], description: "Addresses and CIDR blocks of the proxies whose forwarded headers count" }),
  secureCookies: Schema.Literals(["auto", "always", "never"]).annotate({
    default: "auto",
    description: "Whether the session cookie is for https alone; auto = when the client came by https"
  }),
  allowedOrigins: Schema.Array(WebOrigin).check(Schema.isMaxLength(100)).annotate({
    default: [],
    description: "Origins of pages elsewhere that may call with an API key from a browser; never with a session cookie"
  }),
  strictTransportDays: wholeNumber(0, 730, {
    default: 0,
    description:
      "Days for which a browser that came by https shall use nothing else for this host name, other ports included; 0 = it is not told"
  })
}).annotate({ identifier: "AccessSettings", title: "Access" })

export const TelemetrySettings = Schema.Struct({
  prometheus: flag({
    default: false,
    description: "Whether `GET /api/v1/metrics` serves metrics in the text format of Prometheus, to keys that may read"
  })
}).annotate({ identifier: "TelemetrySettings", title: "Telemetry" })

export const settingsSchemas = {
  general: GeneralSettings,
  library: LibrarySettings,
  capacity: CapacitySettings,
  scoring: ScoringSettings,
  removals: RemovalsSettings,
  retention: RetentionSettings,
  backup: BackupSettings,
  access: AccessSettings,
  telemetry: TelemetrySettings
} as const

export type GroupName = keyof typeof settingsSchemas
export type SettingsOf<G extends GroupName> = (typeof settingsSchemas)[G]["Type"]

export const groupNames = Object.keys(settingsSchemas) as ReadonlyArray<GroupName>
export const GroupName = Schema.Literals([
  "general",
  "library",
  "capacity",
  "scoring",
  "removals",
  "retention",
  "backup",
  "access",
  "telemetry"
])
