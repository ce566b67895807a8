/** Formats downloads and download clients. */
import type {
  Download,
  DownloadClient,
  DownloadDetail,
  DownloadFigures,
  DownloadTimeline,
  WaitingImport
} from "@tendarr/sdk-client"
import { ago, bytes, clean, count, moment } from "./Format.ts"
import { fileLines } from "./NameLists.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

export const downloadTable = (
  downloads: ReadonlyArray<Download>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<Download>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "NAME", flexible: true, cell: ({ name }) => name },
      { header: "CLIENT", cell: ({ client }) => client },
      { header: "STATE", cell: ({ state }) => state },
      {
        header: "DONE",
        align: "right",
        cell: ({ progress }) => (progress === null ? "?" : `${Math.floor(progress * 100)} %`)
      },
      { header: "SIZE", align: "right", cell: ({ sizeBytes }) => (sizeBytes === null ? "?" : bytes(sizeBytes)) },
      {
        header: "STRIKES",
        align: "right",
        cell: ({ strikes }) => (strikes === 0 ? "" : String(strikes)),
        paint: style.warn
      },
      { header: "FAULT", flexible: true, cell: ({ faults }) => faultText(faults[0]) }
    ],
    downloads,
    { style, width }
  )

const faultText = (fault: Download["faults"][number] | undefined): string =>
  fault === undefined ? "" : `${fault.kind} (${fault.owner}): ${fault.because}`

export const downloadLines = (one: DownloadDetail, style: Style, now: number): ReadonlyArray<string> => [
  `${style.bold(clean(one.name))} in ${clean(one.client)}`,
  `Download ${one.id}: ${one.state} (${clean(one.reading.rawState)}), read ${ago(one.readAt, now)}`,
  ownerLine(one),
  ...one.faults.map((fault) => `Fault of ${fault.owner}: ${fault.kind}, ${clean(fault.because)}`),
  `Could move for ${minutes(one.observation.movableSeconds)}, of which ${minutes(one.observation.stalledSeconds)} without progress`,
  `Rules: ${one.verdict.outcome}${one.verdict.rule === null ? "" : ` by "${clean(one.verdict.rule)}"`}: ${clean(one.verdict.because)}`,
  `Lists of names: ${one.blocking.outcome}: ${clean(one.blocking.because)}`,
  ...fileLines(one.blocking, style),
  `Import: ${one.import.outcome}: ${clean(one.import.because)}${one.import.path === null ? "" : `, from ${clean(one.import.path)}`}`,
  ...(one.strikeHistory.length === 0 ? [] : ["", `${count(one.strikes, "strike")} now:`]),
  ...one.strikeHistory.map(
    ({ at, because, endedBecause, ruleName }) =>
      `${style.dim(moment(at))} ${clean(ruleName)}: ${clean(because)}${endedBecause === null ? "" : style.dim(` (no longer counts: ${clean(endedBecause)})`)}`
  )
]

const minutes = (seconds: number): string => count(Math.floor(seconds / 60), "minute")

const ownerLine = ({ ownership }: DownloadDetail): string => {
  switch (ownership._tag) {
    case "Owned": {
      const { entry, importedAt, name } = ownership.owner
      const imported = importedAt === null ? "not imported yet" : `imported ${moment(importedAt)}`
      return `Fetched for ${clean(name)}: ${imported}${entry === null ? "" : `, in its queue as ${entry.trackedState ?? "unknown"}`}`
    }
    case "Unknown":
      return `It is not known which application it belongs to: ${clean(ownership.because)}`
    case "Nobody":
      return "No application knows it"
  }
}

export const importTable = (
  downloads: ReadonlyArray<WaitingImport>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<WaitingImport>(
    [
      { header: "ID", align: "right", cell: ({ downloadId }) => downloadId },
      { header: "NAME", flexible: true, cell: ({ name }) => name },
      { header: "CLIENT", cell: ({ client }) => client },
      { header: "APPLICATION", cell: ({ application }) => application ?? "?" },
      {
        header: "OUTCOME",
        cell: ({ outcome }) => outcome,
        paint: (text, { outcome }) =>
          outcome === "import" || outcome === "planned" ? style.good(text) : style.warn(text)
      },
      { header: "PATH", flexible: true, cell: ({ path }) => path ?? "" },
      { header: "BECAUSE", flexible: true, cell: ({ because }) => because }
    ],
    downloads,
    { style, width }
  )

export const clientTable = (
  clients: ReadonlyArray<DownloadClient>,
  style: Style,
  width: number | null,
  now: number
): ReadonlyArray<string> =>
  table<DownloadClient>(
    [
      { header: "ID", align: "right", cell: ({ integrationId }) => integrationId },
      { header: "NAME", cell: ({ name }) => name },
      { header: "VERSION", cell: ({ state }) => state.version ?? "" },
      { header: "DOWNLOADS", align: "right", cell: ({ downloads }) => String(downloads) },
      { header: "READ", cell: ({ readAt }) => ago(readAt, now) },
      { header: "HELD", flexible: true, cell: ({ held }) => held ?? "", paint: style.warn }
    ],
    clients,
    { style, width }
  )

export const figureLines = (figures: DownloadFigures, style: Style, now: number): ReadonlyArray<string> => {
  const { events, hours, removals, runs, searches, seeding, strikes } = figures
  const ended = totalOf(strikes.ended)
  return [
    style.bold(`The last ${count(hours, "hour")}`),
    `Strikes: ${strikes.total}${namesOf(strikes.byFault)}${ended === 0 ? "" : `, ${ended} taken away${namesOf(strikes.ended)}`}`,
    `Removed: ${removals.total}${namesOf(removals.byFault)}`,
    `Seeding: ${seeding.total}${namesOf(seeding.byStep)}`,
    ...(figures.filesDeselected.total === 0
      ? []
      : [`Files deselected: ${figures.filesDeselected.total}${namesOf(figures.filesDeselected.byClient)}`]),
    `Searches for other releases: ${searches.total}${searches.failed === 0 ? "" : `, ${searches.failed} failed`}`,
    `Events: ${events.total}`,
    `Runs: ${runs.total}${runs.failed === 0 ? "" : `, ${runs.failed} failed`}${runs.lastRunAt === null ? "" : `, the last one ${ago(runs.lastRunAt, now)}`}`
  ]
}

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, number) => sum + number, 0)

const namesOf = (counts: Readonly<Record<string, number>>): string => {
  const entries = Object.entries(counts)
  return entries.length === 0 ? "" : ` (${entries.map(([name, number]) => `${number} ${clean(name)}`).join(", ")})`
}

export const timelineTable = (
  { figure, items, span, zone }: DownloadTimeline,
  style: Style,
  width: number | null
): ReadonlyArray<string> => {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    ...(span === "hour" ? { timeStyle: "short" } : {})
  })
  return table<DownloadTimeline["items"][number]>(
    [
      { header: `${span.toUpperCase()} (${zone})`, cell: ({ at }) => format.format(Date.parse(at)) },
      { header: figure.toUpperCase(), align: "right", cell: ({ count: number }) => String(number) }
    ],
    items,
    { style, width }
  )
}
