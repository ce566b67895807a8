/** Whether a download is handed to its application for an import, and why. What is not known keeps it where it is. */
import type { ImportRequest } from "../../integrations/QueueCapability.ts"
import { dayMillis } from "../../problems/Instants.ts"
import { nameInHistories } from "../ClientReader.ts"
import { type Downloading, type DownloadOwner, ownerOf } from "../Downloading.ts"
import { isImportTrouble } from "../Fault.ts"
import { meaningOf } from "../ImportMessages.ts"
import { type DownloadVerdict, givenUp, isImporting } from "../Judging.ts"
import type { BlockedDownload } from "../malware/BlockingReport.ts"
import { isLeftOut, noneSelected } from "../Observation.ts"
import type { ImportOutcome } from "./ImportOutcomes.ts"
import type { ImportPath } from "./ImportPath.ts"
import type { ImportsSettings } from "./ImportSettings.ts"

export interface ImportVerdict {
  readonly outcome: ImportOutcome
  /** For people, as part of a sentence. */
  readonly because: string
  /** What is sent; `null` unless the outcome is `import` or `planned`. */
  readonly request: ImportRequest | null
}

export interface ImportContext {
  readonly settings: ImportsSettings
  /** What the rules about downloads say of it. */
  readonly verdict: DownloadVerdict
  /** Ids of the applications that import on request. */
  readonly able: ReadonlySet<string>
  readonly pathOf: (one: Downloading, owner: DownloadOwner) => ImportPath
  /** What became of the act that handed it over; `null` = it was not, or that says nothing about what it is now. */
  readonly act: "open" | "left" | "cancelled" | null
  /** Epoch milliseconds. */
  readonly now: number
}

export const judgeImport = (one: Downloading, context: ImportContext): ImportVerdict => {
  const { able, act, now, pathOf, settings, verdict } = context
  const { download, ownership } = one
  const conclude = (outcome: ImportOutcome, because: string): ImportVerdict => ({ outcome, because, request: null })

  if (ownership._tag === "Unknown") return conclude("unknown", ownership.because)
  const owner = ownerOf(one)
  if (owner === null) return conclude("nobody", "no application had it fetched")
  if (owner.importedAt !== null) return conclude("imported", `${owner.name} has imported it`)
  const unfinished = whyUnfinished(one)
  if (unfinished !== null) return conclude("incomplete", unfinished)
  if (verdict._tag === "Ignored") return conclude("ignored", verdict.because)
  if (act === "cancelled") return conclude("ignored", "a person has cancelled its import")
  if (verdict._tag === "Held") return conclude("held", verdict.because)
  if (isImporting(one)) return conclude("importing", `${owner.name} is importing it`)
  const told = toldBy(owner)
  if (told !== null) return conclude(told.outcome, told.because)
  if (!able.has(owner.integrationId)) return conclude("kept", `${owner.name} imports only by itself`)
  const since = completedAt(one)
  const isRecent = now - since < settings.waitMinutes * 60_000
  if (isRecent) {
    return conclude("waiting", `${owner.name} has ${settings.waitMinutes} minutes to import it by itself`)
  }
  if (now - since > settings.maxAgeDays * dayMillis) {
    return conclude("kept", `it was completed more than ${settings.maxAgeDays} days ago`)
  }
  const place = pathOf(one, owner)
  if ("because" in place) return conclude("unknown", place.because)
  if (act === "left") {
    return conclude("needs-person", `${owner.name} did not import it, however often it was handed over`)
  }
  return {
    outcome: act === "open" ? "planned" : "import",
    because: `${owner.name} has not imported it, though it was completed ${agoOf(now - since)} ago`,
    request: {
      path: place.path,
      downloadId: nameInHistories(download),
      // A torrent that is in its client still seeds, or may have to.
      mode: download.protocol === "torrent" ? "copy" : "auto"
    }
  }
}

/**
 * What lists of names do to it comes before an import, and so does reading its files if that is going to happen
 * (`blocks`); `null` = they let it pass.
 */
export const blockedImport = ({ because, outcome }: BlockedDownload, blocks: boolean): ImportVerdict | null => {
  const stop = (name: ImportOutcome) => ({ outcome: name, because: `lists of names: ${because}`, request: null })
  if (outcome === "needs-person") return stop("needs-person")
  if (outcome === "remove" || outcome === "deselect") return stop("kept")
  return blocks && (outcome === "unknown" || outcome === "held") ? stop("waiting") : null
}

const settled: ReadonlyArray<string> = ["completed", "seeding", "seeding-queued"]

/** Why its files are not there yet; `null` = they are complete, and its client is done with them. */
const whyUnfinished = ({ download }: Downloading): string | null => {
  const { bytes, progress, state } = download
  if (isLeftOut(download)) return noneSelected
  if (state === "missing-files") return "its files are not where its client expects them"
  if (state === "moving" || state === "post-processing" || state === "checking") {
    return `its client is at work on its files: ${state}`
  }
  if (!settled.includes(state)) return `it is not complete: ${state}`
  const isWhole = (progress === null || progress === 1) && (bytes.left === null || bytes.left === 0)
  return isWhole ? null : "some of its files are not complete"
}

/**
 * When it was completed, in epoch milliseconds; by its client, if that says so. What was seen of it later prevails over a
 * clock of the client that is slow.
 */
const completedAt = ({ download, observation }: Downloading): number =>
  Math.max(
    Date.parse(download.completedAt ?? observation.stateSince),
    observation.lastProgressAt === null ? 0 : Date.parse(observation.lastProgressAt)
  )

/** What the queue or the history of the application says that stands against an import; `null` = nothing does. */
const toldBy = ({
  entry,
  givenUpAt,
  name
}: DownloadOwner): { readonly outcome: ImportOutcome; readonly because: string } | null => {
  if (givenUpAt !== undefined || (entry !== null && givenUp.includes(entry.trackedState))) {
    return { outcome: "kept", because: `${name} gave it up, or somebody has it ignored` }
  }
  if (entry === null || !isImportTrouble(entry)) return null
  const meaning = meaningOf(entry.messages)
  if (meaning === null) return { outcome: "needs-person", because: `${name} does not say why it was not imported` }
  const { because, owner } = meaning
  switch (owner) {
    case "environment":
      // What it tries again by itself fails for the same reason; what it has blocked it does not try again.
      return entry.trackedState === "importpending" ? { outcome: "waiting", because } : null
    case "wait":
      return { outcome: "waiting", because }
    case "release":
      return { outcome: "kept", because }
    default:
      return { outcome: "needs-person", because }
  }
}

const agoOf = (millis: number): string => {
  const minutes = Math.floor(millis / 60_000)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`
}
