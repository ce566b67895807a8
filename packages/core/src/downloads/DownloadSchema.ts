/** The schemas of what is stored and shown of downloads and their clients (`integrations/Downloads.ts`). */
import { Schema } from "effect"
import { type ClientState, type Download, downloadPhases, downloadStates } from "../integrations/Downloads.ts"
import type { QueueEntry, QueueTarget } from "../integrations/QueueCapability.ts"

const Text = Schema.NullOr(Schema.String)
const Number = Schema.NullOr(Schema.Finite)
const Flag = Schema.NullOr(Schema.Boolean)
const Raw = Schema.NullOr(Schema.Union([Schema.Finite, Schema.String]))

export const DownloadLimit = Schema.Union([
  Schema.Struct({ is: Schema.Literal("unknown") }),
  Schema.Struct({ is: Schema.Literals(["global", "none"]), raw: Raw }),
  Schema.Struct({ is: Schema.Literal("value"), value: Schema.Finite, raw: Raw })
]).annotate({
  identifier: "DownloadLimit",
  description: "`raw` is the value of the client in its own unit; `value` in bytes per second, seconds, or as a ratio."
})

const SpeedLimits = Schema.Struct({
  effective: Number.annotate({ description: "The lowest of those in force, in bytes per second; null = none." }),
  own: DownloadLimit,
  category: DownloadLimit,
  global: DownloadLimit
}).annotate({ identifier: "DownloadSpeedLimits" })

const SeedLimits = Schema.Struct({
  ratio: DownloadLimit,
  seedingSeconds: DownloadLimit,
  inactiveSeconds: DownloadLimit
}).annotate({
  identifier: "DownloadSeedLimits"
})

const AtLimit = Schema.NullOr(Schema.Literals(["nothing", "pause", "remove", "remove-with-data", "super-seeding"]))

const Tracker = Schema.Struct({
  host: Schema.String,
  tier: Number,
  status: Schema.Literals(["not-contacted", "working", "updating", "not-working", "disabled", "unknown"]),
  message: Text
}).annotate({ identifier: "DownloadTracker" })

export const DownloadFileSchema = Schema.Struct({
  index: Schema.Int,
  path: Schema.String,
  bytes: Schema.Finite,
  progress: Number,
  wanted: Schema.Boolean
}).annotate({ identifier: "DownloadFile" })

export const DownloadSchema = Schema.Struct({
  id: Schema.String,
  protocol: Schema.Literals(["torrent", "usenet"]),
  hashes: Schema.Struct({ v1: Text, v2: Text }),
  nzbId: Text,
  name: Schema.String,
  state: Schema.Literals(downloadStates),
  phase: Schema.NullOr(Schema.Literals(downloadPhases)),
  rawState: Schema.String.annotate({ description: "The client's own word for its state." }),
  progress: Number.annotate({ description: "Of the wanted bytes, 0..1." }),
  bytes: Schema.Struct({ wanted: Number, total: Number, left: Number, done: Number, uploaded: Number }),
  speeds: Schema.Struct({ down: Number, up: Number }).annotate({ description: "Bytes per second." }),
  limits: Schema.Struct({ down: SpeedLimits, up: SpeedLimits }),
  etaSeconds: Number,
  availability: Number,
  seenCompleteAt: Text,
  ratio: Schema.Union([Schema.Finite, Schema.Literal("infinite"), Schema.Null]),
  seedingTime: Schema.NullOr(
    Schema.Struct({ seconds: Schema.Finite, clock: Schema.Literals(["active", "since-completion"]) })
  ),
  addedAt: Text,
  completedAt: Text,
  lastActiveAt: Text,
  private: Flag,
  tags: Schema.NullOr(Schema.Array(Schema.String)),
  category: Text,
  savePath: Text,
  contentPath: Text,
  incompletePath: Text,
  automaticManagement: Flag,
  trackerHosts: Schema.NullOr(Schema.Array(Schema.String)),
  trackers: Schema.NullOr(Schema.Array(Tracker)),
  files: Schema.NullOr(Schema.Array(DownloadFileSchema)),
  swarm: Schema.Struct({ seedsConnected: Number, seedsTotal: Number, peersConnected: Number, peersTotal: Number }),
  error: Text,
  seedLimits: SeedLimits,
  atLimit: AtLimit,
  limitReached: Flag,
  forced: Flag,
  queuePosition: Number,
  exportable: Schema.Boolean
}) satisfies Schema.Codec<Download, unknown>

const Habit = Schema.Struct({
  what: Schema.Literals([
    "share-limit",
    "automatic-management",
    "excluded-file-names",
    "schedule",
    "queue",
    "ratio-groups",
    "quota",
    "move-completed",
    "script",
    "trash"
  ]),
  on: Schema.Boolean,
  detail: Schema.String
}).annotate({ identifier: "DownloadClientHabit", description: "Something that the client does by itself." })

export const ClientStateSchema = Schema.Struct({
  version: Text,
  apiVersion: Text,
  epoch: Text,
  online: Flag.annotate({ description: "Whether it has a connection to the internet." }),
  paused: Flag,
  alternativeLimits: Flag,
  limits: Schema.Struct({ down: DownloadLimit, up: DownloadLimit }),
  speeds: Schema.Struct({ down: Number, up: Number }),
  folders: Schema.Array(Schema.Struct({ path: Schema.String, freeBytes: Number })),
  savePath: Text,
  incompletePath: Text,
  categories: Schema.NullOr(Schema.Array(Schema.Struct({ name: Schema.String, path: Text }))),
  tags: Schema.NullOr(Schema.Array(Schema.String)),
  seedLimits: SeedLimits,
  atLimit: AtLimit,
  habits: Schema.Array(Habit),
  clockAt: Text
}).annotate({ identifier: "DownloadClientState" }) satisfies Schema.Codec<ClientState, unknown>

export const QueueTargetSchema = Schema.Struct({
  kind: Schema.Literals(["movie", "episode", "album", "book"]),
  wholeId: Schema.String,
  seasonNumber: Schema.optionalKey(Schema.Int),
  partId: Schema.optionalKey(Schema.String)
}).annotate({
  identifier: "DownloadTarget",
  description: "What it is for, by the ids of its application."
}) satisfies Schema.Codec<QueueTarget, unknown>

export const QueueEntrySchema = Schema.Struct({
  rowIds: Schema.Array(Schema.Int),
  downloadId: Text,
  title: Schema.String,
  protocol: Schema.NullOr(Schema.Literals(["torrent", "usenet"])),
  clientName: Text,
  indexer: Text,
  status: Text,
  trackedStatus: Text,
  trackedState: Text,
  messages: Schema.Array(Schema.String),
  sizeBytes: Number,
  leftBytes: Number,
  outputPath: Text,
  addedAt: Text,
  targets: Schema.Array(QueueTargetSchema)
}).annotate({ identifier: "QueueEntry" }) satisfies Schema.Codec<QueueEntry, unknown>
