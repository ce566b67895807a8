/** Cleanuparr's names for ours: faults, types of events, severities, jobs, and applications. */
import { DownloadEvents } from "../../downloads/DownloadEvents.ts"
import { type FaultKind, faultKinds } from "../../downloads/Fault.ts"
import type { EventSeverity } from "../../events/Event.ts"
import type { Integration } from "../../integrations/Integration.ts"

/** Faults that Cleanuparr does not know have a name in its form. */
const strikeTypesByFault: Readonly<Record<FaultKind, string>> = {
  stalled: "Stalled",
  slow: "SlowSpeed",
  metadata: "DownloadingMetadata",
  "failed-import": "FailedImport",
  unregistered: "DeadTorrent",
  "failed-download": "FailedDownload",
  "missing-files": "MissingFiles",
  held: "Held"
}

export const strikeTypes: ReadonlyArray<string> = [...Object.values(strikeTypesByFault), "SlowTime"]

const isFault = (fault: string): fault is FaultKind => faultKinds.some((kind) => kind === fault)

export const strikeTypeOf = (fault: string): string => (isFault(fault) ? strikeTypesByFault[fault] : "Unknown")

const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** The faults that a type of strike covers, in any case; undefined = the type is not known, and does not filter. */
export const faultsOf = (type: string | undefined): ReadonlyArray<FaultKind> | undefined =>
  type === undefined || !strikeTypes.some((known) => sameName(known, type))
    ? undefined
    : faultKinds.filter((fault) => sameName(strikeTypesByFault[fault], type))

/** Of events that are about no fault. */
const eventTypesByType: Readonly<Record<string, string>> = {
  [DownloadEvents.removed.type]: "QueueItemDeleted",
  [DownloadEvents.strikesEnded.type]: "StrikeReset",
  [DownloadEvents.reported.type]: "DownloadReported",
  [DownloadEvents.needsPerson.type]: "RecurringDownload",
  [DownloadEvents.clientHeld.type]: "DownloadClientHeld",
  [DownloadEvents.clientResumed.type]: "DownloadClientResumed"
}

export const eventTypes: ReadonlyArray<string> = [
  ...strikeTypes.map((type) => `${type}Strike`),
  ...Object.values(eventTypesByType)
]

export const eventTypeOf = (type: string, fault: string): string =>
  type === DownloadEvents.struck.type ? `${strikeTypeOf(fault)}Strike` : (eventTypesByType[type] ?? type)

/** All types of our events that the product's events cover. */
export const ourEventTypes: ReadonlyArray<string> = Object.values(DownloadEvents).map(({ type }) => type)

/** What a type of event selects; `null` = the type is not known, and does not filter. */
export const selectionOf = (
  name: string | undefined
): { readonly types: ReadonlyArray<string>; readonly payload?: Readonly<Record<string, string>> } | null => {
  if (name === undefined) return null
  const type = Object.entries(eventTypesByType).find(([, known]) => sameName(known, name))?.[0]
  if (type !== undefined) return { types: [type] }
  const faults = /strike$/i.test(name) ? faultsOf(name.slice(0, -"strike".length)) : undefined
  if (faults === undefined) return null
  const [fault] = faults
  return fault === undefined ? { types: [] } : { types: [DownloadEvents.struck.type], payload: { fault } }
}

const severityNames: Readonly<Record<EventSeverity, string>> = {
  info: "Information",
  warning: "Warning",
  error: "Error"
}

export const severities: ReadonlyArray<string> = Object.values(severityNames)

export const severityNameOf = (severity: EventSeverity): string => severityNames[severity]

/** undefined = it is not known, and does not filter. */
export const severityOf = (name: string | undefined): ReadonlyArray<EventSeverity> | undefined => {
  if (name === undefined) return undefined
  const found = (Object.keys(severityNames) as ReadonlyArray<EventSeverity>).filter((severity) =>
    sameName(severityNames[severity], name)
  )
  return found.length === 0 ? undefined : found
}

const severityByType: ReadonlyMap<string, EventSeverity> = new Map(
  Object.values(DownloadEvents).map(({ severity, type }) => [type, severity])
)

/** Sums counts by other names. */
export const renamed = (
  counts: Readonly<Record<string, number>>,
  nameOf: (name: string) => string
): Readonly<Record<string, number>> => {
  const sums = new Map<string, number>()
  for (const [name, count] of Object.entries(counts)) sums.set(nameOf(name), (sums.get(nameOf(name)) ?? 0) + count)
  return Object.fromEntries(sums)
}

/** Events by Cleanuparr's types: strikes are separate types by their fault. */
export const eventsByType = (
  byType: Readonly<Record<string, number>>,
  byFault: Readonly<Record<string, number>>
): Readonly<Record<string, number>> => {
  const { [DownloadEvents.struck.type]: _, ...others } = byType
  return {
    ...renamed(byFault, (fault) => eventTypeOf(DownloadEvents.struck.type, fault)),
    ...renamed(others, (type) => eventTypeOf(type, ""))
  }
}

export const eventsBySeverity = (byType: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  renamed(byType, (type) => severityNameOf(severityByType.get(type) ?? "info"))

/** The job of Cleanuparr that our rules about downloads are. */
export const queueCleaner = "QueueCleaner"

/** Tendarr has the first; the others never run. */
export const jobTypes: ReadonlyArray<string> = [
  queueCleaner,
  "MalwareBlocker",
  "DownloadCleaner",
  "BlacklistSynchronizer",
  "Seeker",
  "CustomFormatScoreSyncer"
]

export const jobTypeOf = (name: string): string | undefined => jobTypes.find((type) => sameName(type, name))

export const isDownloadClient = ({ capabilities, enabled }: Integration): boolean =>
  enabled && capabilities.includes("downloads")

/** Applications with a queue of downloads. */
export const isArr = ({ capabilities, enabled }: Integration): boolean => enabled && capabilities.includes("queue")
