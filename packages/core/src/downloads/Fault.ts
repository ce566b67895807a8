/**
 * What is wrong with a download, and whose fault that is. Only a fault of the release may earn it strikes: what the
 * network, a disk, a mapping or the client itself causes hits many downloads at once and ends by itself, what a person
 * has set is meant, and what is only waiting is not stalled.
 */
import { Schema } from "effect"
import type { ClientState, Download } from "../integrations/Downloads.ts"
import type { QueueEntry } from "../integrations/QueueCapability.ts"
import { meaningOf } from "./ImportMessages.ts"
import { isComplete, isJustBack, isLeftOut, noneSelected, type Observation, whyStill } from "./Observation.ts"

/**
 * `release`: the release itself. `environment`: network, disk, mount, mapping, the client, an indexer or a tracker.
 * `person`: somebody has set it so, or has to look. `wait`: it will go on by itself. `nobody`: it cannot be told yet.
 */
export const faultOwners = ["release", "environment", "person", "wait", "nobody"] as const
export const FaultOwner = Schema.Literals(faultOwners)
export type FaultOwner = typeof FaultOwner.Type

export const faultKinds = [
  /** It could move and does not. */
  "stalled",
  /** It moves below what would be usual; rules say from which speed on. */
  "slow",
  /** A magnet without its list of files. */
  "metadata",
  /** The application could not import it. */
  "failed-import",
  /** The client says that it failed. */
  "failed-download",
  /** Its files are not where the client expects them. */
  "missing-files",
  /** Its trackers do not know it any more. */
  "unregistered",
  /** It cannot move now. */
  "held"
] as const
export const FaultKind = Schema.Literals(faultKinds)
export type FaultKind = typeof FaultKind.Type

export interface Fault {
  readonly kind: FaultKind
  readonly owner: FaultOwner
  /** For people, as part of a sentence. */
  readonly because: string
}

/** What the downloads of one client have in common at one reading. */
export interface ClientMood {
  /** Downloads that could move, and those of them that have not for `longStall`. */
  readonly movable: number
  readonly stalled: number
  readonly errors: number
  readonly missing: number
  /** All that are not complete. */
  readonly unfinished: number
  readonly complete: number
  /** Entries of a queue with a failed import whose messages are about the environment, and all failed imports. */
  readonly importsFailed: number
  /** The speed of the whole client, as a share of its limit; `null` = it has none. */
  readonly lineUsed: number | null
}

/** A download that has not moved for this long counts for what many suffer. */
const longStallSeconds = 120
/** Trackers must have said for this long that they do not know it. */
const longUnregisteredMillis = 2 * 3_600_000
/** What at least this share of the downloads suffers at once, and at least this many, is not the fault of each of them. */
const manyShare = 0.6
const manyAtLeast = 3
/** Above this share of its limit, the line of a client is full. */
const fullLine = 0.85

export const moodOf = (
  downloads: ReadonlyArray<{
    readonly download: Download
    readonly observation: Observation
    readonly entry: QueueEntry | null
  }>,
  client: ClientState
): ClientMood => {
  let [movable, stalled, errors, missing, unfinished, complete, importsFailed] = [0, 0, 0, 0, 0, 0, 0]
  for (const { download, entry, observation } of downloads) {
    if (isComplete(download)) complete++
    else unfinished++
    if (download.state === "error") errors++
    if (download.state === "missing-files") missing++
    if (entry !== null && isImportTrouble(entry)) importsFailed++
    if (isComplete(download) || whyStill(download, client) !== null) continue
    movable++
    if (observation.stalledSeconds >= longStallSeconds && (download.speeds.down ?? 0) === 0) stalled++
  }
  const limit = client.limits.down.is === "value" ? client.limits.down.value : null
  const speed = client.speeds.down
  const lineUsed = limit === null || limit <= 0 || speed === null ? null : speed / limit
  return { movable, stalled, errors, missing, unfinished, complete, importsFailed, lineUsed }
}

const isMany = (some: number, all: number): boolean => some >= manyAtLeast && some >= all * manyShare

/** The states in which an arr has tried to import a download and did not. */
export const isImportTrouble = ({ trackedState, trackedStatus }: QueueEntry): boolean =>
  trackedState === "importblocked" ||
  trackedState === "importfailed" ||
  (trackedState === "importpending" && (trackedStatus === "warning" || trackedStatus === "error"))

export interface Judged {
  readonly download: Download
  readonly observation: Observation
  readonly client: ClientState
  readonly mood: ClientMood
  /** Its entry in the queue of its application; `null` = it is in none. */
  readonly entry: QueueEntry | null
}

/** What is wrong now, the most serious first; empty = nothing. */
export const faultsOf = (about: Judged): ReadonlyArray<Fault> => {
  const { client, download, entry, mood, observation } = about
  const faults: Array<Fault> = []
  const say = (kind: FaultKind, owner: FaultOwner, because: string) => faults.push({ kind, owner, because })

  if (entry !== null && isImportTrouble(entry)) {
    const meaning = meaningOf(entry.messages)
    if (isLeftOut(download)) say("failed-import", "environment", noneSelected)
    else if (meaning === null) say("failed-import", "nobody", "the application does not say why it was not imported")
    else if (meaning.owner === "release" && isMany(mood.importsFailed, mood.complete)) {
      say("failed-import", "environment", "the application fails to import most of what is complete")
    } else say("failed-import", meaning.owner, meaning.because)
  }

  if (download.state === "missing-files") {
    const because = isMany(mood.missing, mood.unfinished + mood.complete)
      ? "the files of many downloads are missing: a disk or mount may be absent"
      : "its files are missing: they were moved or deleted, or their disk is absent"
    say("missing-files", "environment", because)
  }

  if (download.state === "error") faults.push(failureOf(download, mood))

  if (isComplete(download)) {
    if (observation.trackersDownSince !== null) {
      const words = (download.trackers ?? []).map(({ message }) => message ?? "")
      if (words.some((text) => unregistered.test(text)) && words.every((text) => !maintenance.test(text))) {
        // A tracker may not know a new torrent yet, or any torrent for a while.
        const downMillis = Date.parse(observation.lastSeenAt) - Date.parse(observation.trackersDownSince)
        if (downMillis < longUnregisteredMillis) say("unregistered", "wait", "its trackers do not know it (yet)")
        else say("unregistered", "release", "its trackers say that they do not know it")
      } else say("unregistered", "environment", "its trackers do not work")
    }
    return faults
  }

  const still = whyStill(download, client)
  if (still !== null) {
    if (download.state !== "error" && download.state !== "missing-files" && download.state !== "unknown") {
      const owner = download.state === "paused" ? "person" : isWaiting(download, client) ? "wait" : "environment"
      say("held", owner, still)
    }
    return faults
  }

  if (isJustBack(observation)) {
    say("held", "environment", "its client had no connection until a moment ago")
    return faults
  }

  if (download.state === "metadata") {
    if (isMany(mood.stalled, mood.movable)) say("metadata", "environment", manyStall)
    else say("metadata", "release", "nobody sends its list of files")
    return faults
  }

  if (observation.stalledSeconds >= longStallSeconds) {
    if (isMany(mood.stalled, mood.movable)) say("stalled", "environment", manyStall)
    else if (asksItsTrackers(download)) say("stalled", "nobody", "its trackers have not answered yet")
    else say("stalled", "release", stallText(download))
    return faults
  }

  const own = tightestLimit(download)
  if (own !== null && (download.speeds.down ?? 0) >= own * fullLine) {
    say("slow", "person", "it is as fast as its speed limit allows")
  } else if (mood.lineUsed !== null && mood.lineUsed >= fullLine) {
    say("slow", "environment", "the client uses all of the speed that it may use")
  } else if (client.alternativeLimits === true) {
    say("slow", "wait", "the alternative speed limits are on")
  } else say("slow", "release", "it is downloading, and nothing but its peers limits it")
  return faults
}

const manyStall = "most downloads of the client stand still: its connection, its VPN or its disk is to blame"

const isWaiting = ({ state }: Download, { paused }: ClientState): boolean =>
  paused === true ||
  state === "queued" ||
  state === "checking" ||
  state === "allocating" ||
  state === "moving" ||
  state === "post-processing"

const stallText = ({ availability, swarm }: Download): string => {
  if (availability !== null && availability < 1) return "no complete copy is within reach"
  if (swarm.seedsConnected === 0) return "nobody sends it"
  return "it does not move, though it could"
}

const asksItsTrackers = ({ trackers }: Download): boolean =>
  trackers !== null &&
  trackers.length > 0 &&
  trackers.every(({ status }) => status === "updating" || status === "not-contacted")

/** The lowest limit that somebody has set for it or its category, in bytes per second; `null` = there is none. */
const tightestLimit = ({ limits: { down } }: Download): number | null => {
  const values = [down.own, down.category].flatMap((limit) =>
    limit.is === "value" && limit.value > 0 ? [limit.value] : []
  )
  return values.length === 0 ? null : Math.min(...values)
}

/** Words with which clients report faults of their machine. */
const machine =
  /disk|space|write|read|permission|denied|i\/?o|device|mount|path|folder|file (not found|missing)|no such file|ENO|unpack.*space|\bSPACE\b/i
/** Words with which usenet clients report faults of their machine, or of what a person has set up on it. */
const usenetMachine =
  /write error|permission|denied|read-only|path (is )?too long|no such file|i\/o error|(cannot|failed to) (create|write|move|open)|\bMOVE\b|script/i
/** Words with which usenet clients report that a release is broken. */
const broken =
  /health|par\b|repair|crc|article|missing|password|encrypted|unpack|unwanted extension|damaged|corrupt|cannot be completed/i
/** A client refuses what it has fetched before; the earlier download says whether anything failed. */
const duplicate = /dupe|duplicate|\bCOPY\b/i

const failureOf = ({ error, protocol, rawState }: Download, mood: ClientMood): Fault => {
  const words = `${rawState} ${error ?? ""}`
  const fault = (owner: FaultOwner, because: string): Fault => ({ kind: "failed-download", owner, because })
  if (duplicate.test(words)) return fault("nobody", "the client has had it before: what became of that is what counts")
  if (/\bSPACE\b|no space|disk.*full|not enough (free |disk )*(space|room)/i.test(words))
    return fault("environment", "the disk of the client is full")
  if (isMany(mood.errors, mood.unfinished)) return fault("environment", "many downloads of the client fail at once")
  if (protocol === "usenet") {
    if (usenetMachine.test(words)) return fault("environment", `the client says: ${error ?? rawState}`)
    return broken.test(words)
      ? fault("release", `the client could not complete it: ${error ?? rawState}`)
      : fault("nobody", `the client says: ${error ?? rawState}`)
  }
  if (error !== null && unregistered.test(error)) return fault("nobody", "a tracker does not know it")
  return machine.test(words) || error === null
    ? fault("environment", error ?? "the client reports a fault of its own")
    : fault("nobody", `the client says: ${error}`)
}

/** What trackers say of a torrent that they have removed. */
export const unregistered =
  /unregistered|not registered|torrent (was )?not found|infohash not found|not exist|unknown torrent|trumped|torrent has been (deleted|nuked)|dead torrent|complete season uploaded|pack is available|upgraded|internal available/i
/** What they say while they cannot know. */
export const maintenance =
  /maintenance|timed? ?out|temporar|overload|unreachable|try again|gateway|offline|refused|unavailable|5\d\d/i
