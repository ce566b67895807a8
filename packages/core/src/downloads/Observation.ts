/**
 * What is remembered about a download from reading to reading: clocks that run only while it could move, its best values,
 * and how far it came in the last days. A client forgets most of this when it restarts.
 *
 * Durations are seconds, times ISO-8601 UTC, sizes bytes.
 */
import { Schema } from "effect"
import type { ClientState, Download } from "../integrations/Downloads.ts"

/** The downloaded bytes at the first reading of an hour, and for how long it could not move until then. */
const Mark = Schema.Struct({ hour: Schema.Int, done: Schema.Finite, still: Schema.optionalKey(Schema.Finite) })

export const Observation = Schema.Struct({
  firstSeenAt: Schema.String,
  lastSeenAt: Schema.String,
  /** How long it could have moved, since it was first seen. */
  movableSeconds: Schema.Finite,
  /** How long it was seen and could not move; absent = never. */
  stillSeconds: Schema.optionalKey(Schema.Finite),
  /** How much of the movable time passed since its last progress. */
  stalledSeconds: Schema.Finite,
  /** How long it had no list of files, while it could have got it. */
  metadataSeconds: Schema.Finite,
  /** The speed over the last movable minutes, weighted towards the newest; `null` = it never could move. */
  averageSpeed: Schema.NullOr(Schema.Finite),
  /** The most that was ever downloaded of it: a recheck or a restart may show less. */
  bestDone: Schema.Finite,
  /** Bytes above which progress counts: fewer than `bestDone` once it was set back; absent = `bestDone`. */
  progressFrom: Schema.optionalKey(Schema.Finite),
  /** 0..1 */
  bestProgress: Schema.Finite,
  lastProgressAt: Schema.NullOr(Schema.String),
  bestAvailability: Schema.NullOr(Schema.Finite),
  /** By the hour, oldest first, of at most the last three days. */
  marks: Schema.Array(Mark),
  /** Whether its wanted bytes were complete at a reading. */
  everComplete: Schema.Boolean,
  completedAt: Schema.NullOr(Schema.String),
  /** Seconds that it was seen seeding with a working tracker. */
  seededSeconds: Schema.Finite,
  /** What the client counted when it was first seen; absent = before this was remembered. */
  countedBefore: Schema.optionalKey(Schema.Finite),
  bestSeedingSeconds: Schema.NullOr(Schema.Finite),
  bestRatio: Schema.NullOr(Schema.Finite),
  /** Counters of the client that went back, until they are confirmed: `null` = none did. */
  counterFellAt: Schema.NullOr(Schema.String),
  /** When the seeding time of the client last grew faster than time passes; absent = never. */
  counterLeaptAt: Schema.optionalKey(Schema.String),
  state: Schema.String,
  stateSince: Schema.String,
  /**
   * Since when every tracker that was asked says that it does not work, at all readings, while the client had a
   * connection; `null` = one works, or none was asked.
   */
  trackersDownSince: Schema.NullOr(Schema.String),
  /** When one of its trackers worked again after all had failed; absent = never. */
  trackersBackAt: Schema.optionalKey(Schema.String),
  /** When its client was last seen without a connection; absent = never. */
  offlineAt: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "DownloadObservation" })
export type Observation = typeof Observation.Type

/** Readings further apart than this say nothing about the time between them. */
export const longestGapSeconds = 180
/** After this many seconds without movement the average speed has halved. */
const speedHalfLifeSeconds = 600
const hoursRemembered = 72
/** A client that was restarted is given this long before anything counts again. */
export const settlingSeconds = 300
/** Progress by less than this is none: a few bytes arrive from peers that then leave. */
const leastProgressBytes = 65_536
/** Seeding time that grows by this much more than time has passed is not believed for a day. */
const leapSeconds = 3600
const confirmedMillis = 86_400_000
/** With less space than this, there is no room for a piece of a large torrent. */
const leastRoomBytes = 16 * 1024 ** 2

/** Why a download cannot move now; `null` = it could. */
export const whyStill = (download: Download, client: ClientState): string | null => {
  if (client.online === false) return "the client has no connection"
  if (client.paused === true) return "the client is paused"
  switch (download.state) {
    case "downloading":
    case "stalled":
    case "metadata":
      return isLeftOut(download) ? noneSelected : fullFolderOf(download, client)
    case "queued":
    case "seeding-queued":
      return "it waits for its turn"
    case "checking":
    case "allocating":
    case "moving":
      return "the client is busy with it"
    case "post-processing":
      return "it is being unpacked"
    case "paused":
      return "it is paused"
    default:
      return "it is not downloading"
  }
}

/** Whether its client downloads none of its files: a person, or a list of excluded file names, has left all of them out. */
export const isLeftOut = ({ bytes, protocol, state }: Download): boolean =>
  protocol === "torrent" && state !== "metadata" && bytes.wanted === 0 && (bytes.total ?? 0) > 0

export const noneSelected = "its client downloads none of its files"

const fullFolderOf = ({ bytes, incompletePath, savePath }: Download, { folders }: ClientState): string | null => {
  const left = bytes.left ?? 0
  const folder = folders.find(({ path }) => path === incompletePath) ?? folders.find(({ path }) => path === savePath)
  const free = folder?.freeBytes ?? null
  return free !== null && left > 0 && (free <= 0 || free < Math.min(left, leastRoomBytes))
    ? `there is no space left in ${folder?.path ?? "its folder"}`
    : null
}

/** Whether its client had no connection until a moment ago: it has to find its peers again. */
export const isJustBack = ({ lastSeenAt, offlineAt }: Pick<Observation, "lastSeenAt" | "offlineAt">): boolean =>
  offlineAt !== undefined && Math.abs(Date.parse(lastSeenAt) - Date.parse(offlineAt)) < settlingSeconds * 1000

/** The first observation of a download. Its clocks start now: what was before is not known. */
const first = (download: Download, at: string): Observation => ({
  firstSeenAt: at,
  lastSeenAt: at,
  movableSeconds: 0,
  stalledSeconds: 0,
  metadataSeconds: 0,
  averageSpeed: null,
  bestDone: doneOf(download),
  bestProgress: download.progress ?? 0,
  lastProgressAt: null,
  bestAvailability: download.availability,
  marks: [{ hour: hourOf(at), done: doneOf(download), still: 0 }],
  everComplete: isComplete(download),
  completedAt: download.completedAt,
  seededSeconds: 0,
  countedBefore: download.seedingTime?.seconds ?? 0,
  bestSeedingSeconds: download.seedingTime?.seconds ?? null,
  bestRatio: typeof download.ratio === "number" ? download.ratio : null,
  counterFellAt: null,
  state: download.state,
  stateSince: at,
  trackersDownSince: allTrackersFail(download) === true ? at : null
})

/** Of a download that has come back after it had left its client: its clocks begin anew, its best counters are kept. */
export const observeAgain = (before: Observation, download: Download, at: string): Observation => {
  const now = first(download, at)
  return {
    ...now,
    seededSeconds: before.seededSeconds,
    ...(before.countedBefore === undefined ? {} : { countedBefore: before.countedBefore }),
    bestSeedingSeconds: largest(before.bestSeedingSeconds, now.bestSeedingSeconds),
    bestRatio: largest(before.bestRatio, now.bestRatio),
    bestAvailability: largest(before.bestAvailability, now.bestAvailability)
  }
}

/**
 * The observation after one more reading. `settling`: the client was restarted recently, so nothing is concluded from its
 * values yet.
 */
export const observe = (
  before: Observation | null,
  download: Download,
  client: ClientState,
  at: string,
  settling = false
): Observation => {
  if (before === null) return first(download, at)
  const passed = (Date.parse(at) - Date.parse(before.lastSeenAt)) / 1000
  // A reading from before, or long after, the last one: the clocks stand still.
  const follows = passed >= 0 && passed <= longestGapSeconds
  const seconds = follows && !settling ? passed : 0
  const offlineAt = client.online === false ? at : before.offlineAt
  const isBack = offlineAt !== undefined && isJustBack({ lastSeenAt: at, offlineAt })
  const movable = seconds > 0 && !isBack && whyStill(download, client) === null && couldMoveBefore(before)
  const done = doneOf(download)
  const from = before.progressFrom ?? before.bestDone
  // After a check has found damage, what it fetches again is progress.
  const base = movable && download.bytes.done !== null ? Math.min(from, done) : from
  const progressed = done >= base + leastProgressBytes || (done > base && isComplete(download))
  const stillSeconds = (before.stillSeconds ?? 0) + (follows && !movable ? passed : 0)
  const seeding = download.state === "seeding" && worksNow(download)
  const fell = countersFell(before, download)
  const leapt =
    download.seedingTime !== null &&
    before.bestSeedingSeconds !== null &&
    download.seedingTime.seconds > before.bestSeedingSeconds + Math.max(0, passed) + leapSeconds
  // Without a connection, and after a restart, they say nothing about the torrent.
  const trackersFail = settling || client.online === false ? false : allTrackersFail(download)
  return {
    ...before,
    lastSeenAt: at,
    ...(offlineAt === undefined ? {} : { offlineAt }),
    ...(before.trackersDownSince !== null && trackersFail === false ? { trackersBackAt: at } : {}),
    movableSeconds: before.movableSeconds + (movable ? seconds : 0),
    stillSeconds,
    stalledSeconds: progressed ? 0 : before.stalledSeconds + (movable ? seconds : 0),
    metadataSeconds: download.state === "metadata" ? before.metadataSeconds + (movable ? seconds : 0) : 0,
    averageSpeed: movable ? averaged(before.averageSpeed, download.speeds.down, seconds) : before.averageSpeed,
    // Small steps are kept together until they are progress.
    bestDone: progressed ? Math.max(before.bestDone, done) : before.bestDone,
    progressFrom: progressed ? done : base,
    bestProgress: Math.max(before.bestProgress, download.progress ?? 0),
    lastProgressAt: progressed ? at : before.lastProgressAt,
    bestAvailability: largest(before.bestAvailability, download.availability),
    marks: settling ? before.marks : marked(before.marks, hourOf(at), Math.max(done, before.bestDone), stillSeconds),
    everComplete: before.everComplete || isComplete(download),
    completedAt: before.completedAt ?? download.completedAt,
    seededSeconds: before.seededSeconds + (seeding && seconds > 0 && before.state === "seeding" ? seconds : 0),
    bestSeedingSeconds: largest(before.bestSeedingSeconds, fell ? null : (download.seedingTime?.seconds ?? null)),
    bestRatio: largest(before.bestRatio, typeof download.ratio === "number" && !fell ? download.ratio : null),
    counterFellAt: fell ? (before.counterFellAt ?? at) : null,
    ...(leapt ? { counterLeaptAt: at } : {}),
    state: download.state,
    stateSince: download.state === before.state ? before.stateSince : at,
    trackersDownSince:
      trackersFail === null
        ? before.trackersDownSince
        : trackersFail
          ? follows
            ? (before.trackersDownSince ?? at)
            : at
          : null
  }
}

/** Time counts between two readings at both of which it could move. */
const couldMoveBefore = ({ state }: Observation): boolean =>
  state === "downloading" || state === "stalled" || state === "metadata"

const doneOf = ({ bytes }: Download): number => bytes.done ?? 0

export const isComplete = ({ bytes, progress, state }: Download): boolean =>
  state === "completed" ||
  state === "seeding" ||
  state === "seeding-queued" ||
  state === "post-processing" ||
  (progress === 1 && bytes.left === 0 && state !== "checking")

/**
 * Bytes that it downloaded within the last `hours`; `null` = it was not observed for that long, could not move for most
 * of that time, or was set back.
 */
export const progressWithin = (
  { bestDone, marks, progressFrom = bestDone, stillSeconds = 0 }: Observation,
  hours: number,
  at: string
): number | null => {
  if (progressFrom < bestDone) return null
  const since = hourOf(at) - hours
  const oldest = marks[0]
  if (oldest === undefined || oldest.hour > since) return null
  const before = marks.findLast(({ hour }) => hour <= since)
  if (before === undefined || stillSeconds - (before.still ?? 0) > hours * 1800) return null
  return Math.max(0, bestDone - before.done)
}

const marked = (marks: Observation["marks"], hour: number, done: number, still: number): Observation["marks"] => {
  // Marks of the future are from before the clock was set back.
  const some = marks.some((mark) => mark.hour > hour) ? marks.filter((mark) => mark.hour <= hour) : marks
  const last = some.at(-1)
  if (last !== undefined && last.hour === hour) return some
  return [...some.filter((mark) => mark.hour > hour - hoursRemembered), { hour, done, still }]
}

const hourOf = (at: string): number => Math.floor(Date.parse(at) / 3_600_000)

const averaged = (before: number | null, speed: number | null, seconds: number): number | null => {
  if (speed === null) return before
  if (before === null) return speed
  const kept = 0.5 ** (seconds / speedHalfLifeSeconds)
  return before * kept + speed * (1 - kept)
}

const largest = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.max(one, other)

/** A recheck, a re-add, an unclean stop or a changed clock sets them back. */
const countersFell = ({ bestRatio, bestSeedingSeconds }: Observation, { ratio, seedingTime }: Download): boolean =>
  (seedingTime !== null && bestSeedingSeconds !== null && seedingTime.seconds < bestSeedingSeconds * 0.9 - 60) ||
  (typeof ratio === "number" && bestRatio !== null && ratio < bestRatio * 0.9 - 0.01)

/** Whether the seeding time that its client counts can be relied on: it has not leapt, or that was confirmed for a day. */
export const countsTime = ({ counterLeaptAt, lastSeenAt }: Observation): boolean =>
  counterLeaptAt === undefined || Math.abs(Date.parse(lastSeenAt) - Date.parse(counterLeaptAt)) >= confirmedMillis

/**
 * Seconds of seeding that a tracker has probably counted: what the client counts, or what was seen with a working tracker
 * if that is less. `null` = the client does not say, or its count cannot be relied on.
 */
export const creditedSeconds = ({
  bestSeedingSeconds,
  counterFellAt,
  countedBefore,
  seededSeconds
}: Observation): number | null =>
  bestSeedingSeconds === null || counterFellAt !== null
    ? null
    : countedBefore === undefined
      ? bestSeedingSeconds
      : Math.min(bestSeedingSeconds, countedBefore + seededSeconds)

const worksNow = ({ trackers }: Download): boolean =>
  trackers === null || trackers.length === 0 || trackers.some(({ status }) => status === "working")

/** `null` = not known: none was asked, or one has not answered yet. */
const allTrackersFail = ({ trackers }: Download): boolean | null => {
  if (trackers === null) return null
  const used = trackers.filter(({ status }) => status !== "disabled")
  if (used.length === 0) return null
  if (used.some(({ status }) => status === "working")) return false
  return used.every(({ status }) => status === "not-working") ? true : null
}
