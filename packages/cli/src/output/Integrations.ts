/** Formats integrations, their kinds and connection tests. */
import type {
  ConnectionTestResult,
  HeldReading,
  HeldSync,
  Integration,
  IntegrationKind,
  Source,
  SyncReport
} from "@tendarr/sdk-client"
import { ago, clean, count } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

type Health = Integration["health"]

export const paintHealth = (style: Style, status: string): ((text: string) => string) =>
  status === "up"
    ? style.good
    : status === "down"
      ? style.bad
      : status === "failing" || status === "troubled"
        ? style.warn
        : style.dim

export const integrationTable = (
  integrations: ReadonlyArray<Integration>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<Integration>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "NAME", cell: ({ name }) => name },
      { header: "KIND", cell: ({ kind }) => kind },
      { header: "ADDRESS", flexible: true, cell: ({ url }) => url },
      {
        header: "HEALTH",
        cell: ({ enabled, health }) => (enabled ? health.status : "off"),
        paint: (text, { enabled, health }) => (enabled ? paintHealth(style, health.status) : style.dim)(text)
      },
      { header: "", flexible: true, cell: ({ enabled, health }) => (enabled ? healthOf(health) : "") }
    ],
    integrations,
    { style, width }
  )

const healthOf = ({ appName, appVersion, latencyMillis, problems }: Health): string =>
  problems.length > 0
    ? problems.map(({ detail }) => detail).join("; ")
    : appName === null
      ? ""
      : `${appName} ${appVersion ?? ""}`.trim() + (latencyMillis === null ? "" : `, ${latencyMillis} ms`)

export const integrationLines = (
  integration: Integration,
  sources: ReadonlyArray<Source>,
  style: Style,
  width: number | null,
  now: number
): ReadonlyArray<string> => {
  const { capabilities, config, enabled, health, id, kind, name, options, url } = integration
  const chosen = [
    ...(options.wholeShows ? ["removes whole shows"] : []),
    ...(options.removeCollections ? ["removes whole collections"] : []),
    ...(options.addImportExclusion ? ["keeps import lists from adding again"] : []),
    ...(options.episodeItems === "none" ? [] : [`episodes of ${options.episodeItems} shows are items`]),
    ...(options.episodeTag === null ? [] : [`episodes of shows with the tag ${clean(options.episodeTag)} are items`]),
    ...(options.emptyEntries === "keep" ? [] : [`${options.emptyEntries}s entries without files`]),
    ...(options.mediaServerId === null ? [] : [`plays of integration ${options.mediaServerId}`]),
    ...options.pathMappings.map(({ from, to }) => `its ${clean(from)} is ${clean(to)}`),
    ...options.disabledCapabilities.map((capability) => `not used for ${capability}`)
  ]
  return [
    `${style.bold(clean(name))}, ${kind} at ${clean(url)}, integration ${id}${enabled ? "" : ", disabled"}`,
    `Health: ${paintHealth(style, health.status)(health.status)}${
      health.checkedAt === null ? "" : `, ${ago(health.checkedAt, now)}`
    }${healthOf(health) === "" ? "" : ` (${clean(healthOf(health))})`}`,
    `Used for: ${capabilities.join(", ") || "nothing"}`,
    `Options: ${chosen.join(", ") || "none"}`,
    ...Object.entries(config).map(([key, value]) => `${key}: ${clean(String(value))}`),
    "",
    ...(sources.length === 0
      ? ["Nothing has been read yet; run `tendarr sync`"]
      : table<Source>(
          [
            { header: "READ", cell: ({ observation }) => observation },
            {
              header: "OUTCOME",
              cell: ({ status }) => status,
              paint: (text, { status }) =>
                (status === "ok" ? style.good : status === "held" ? style.warn : style.bad)(text)
            },
            { header: "ENTRIES", align: "right", cell: ({ entries }) => String(entries) },
            { header: "CALLS", align: "right", cell: ({ calls }) => String(calls) },
            { header: "WHEN", cell: ({ observedAt }) => (observedAt === null ? "never" : ago(observedAt, now)) },
            { header: "", flexible: true, cell: ({ error }) => error?.detail ?? "" }
          ],
          sources,
          { style, width }
        )),
    ...sources.flatMap(({ observation, odd }) => oddLines(`${name} (${observation})`, odd))
  ]
}

export const kindTable = (
  kinds: ReadonlyArray<IntegrationKind>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<IntegrationKind>(
    [
      { header: "KIND", cell: ({ id }) => id },
      { header: "PORT", align: "right", cell: ({ discovery }) => String(discovery?.defaultPort ?? "") },
      { header: "USED FOR", flexible: true, cell: ({ capabilities }) => capabilities.join(", ") },
      {
        header: "NEEDS",
        cell: ({ fields }) =>
          fields
            .filter(({ required }) => required)
            .map(({ label }) => label)
            .join(", ")
      },
      {
        header: "TAKES",
        flexible: true,
        cell: ({ fields }) =>
          fields
            .filter(({ required }) => !required)
            .map(({ key }) => key)
            .join(", ")
      }
    ],
    kinds,
    { style, width }
  )

/** `Radarr 5.2 answers in 12 ms`, or what is wrong and what may help. */
export const testLines = (result: ConnectionTestResult, style: Style): ReadonlyArray<string> => {
  if (result.ok) {
    const app = `${result.appName ?? "It"} ${result.version ?? ""}`.trim()
    return [
      `${style.good("ok")}  ${clean(app)} answers in ${result.latencyMillis ?? 0} ms`,
      ...(result.refusesRemoval === null ? [] : [`    ${style.warn(clean(result.refusesRemoval))}`])
    ]
  }
  const hint = testHints[result.error?.type ?? ""]
  return [
    `${style.bad("no")}  ${clean(result.error?.detail ?? "It does not answer")}`,
    ...(hint === undefined ? [] : [`    ${style.dim("→")} ${hint}`])
  ]
}

const testHints: Readonly<Record<string, string>> = {
  UpstreamUnauthorized: "The key is wrong. Copy it again, completely, from the settings of the application.",
  UpstreamUnreachable:
    "Is it running, and is the address right as seen from Tendarr? Inside a container, `localhost` is the container itself.",
  UpstreamUntrusted: "`tendarr integrations edit` sets another address.",
  UpstreamMalformed: "Another program answers there, or a path is missing in the address (its URL base).",
  UpstreamRefused: "Something answers, but not as expected: is a path missing in the address (its URL base)?",
  UpstreamRateLimited: "Too many requests; try again in a minute."
}

export const syncTotals = ({ added, changed, gone, total }: SyncReport): string =>
  `${count(total, "item")} in the library: ${added} new, ${changed} changed, ${gone} gone`

/** Number of titles per reading in the list for people; `--json` has more. */
const titlesShown = 20

/** Why a sync is held, and what would disappear. */
export const heldLines = (name: string, { detail, readings }: HeldSync): ReadonlyArray<string> => [
  `The sync of ${clean(name)} is held: ${clean(detail)}`,
  ...readings.flatMap(({ before, lost, more, observation, titles }) => {
    const shown = titles.slice(0, titlesShown)
    const rest = more + titles.length - shown.length
    return [
      `${nouns[observation]} that would disappear, ${lost} of ${before}:`,
      ...shown.map((title) => `  ${clean(title)}`),
      ...(rest === 0 ? [] : [`  and ${rest} more`])
    ]
  })
]

const nouns: Readonly<Record<HeldReading["observation"], string>> = {
  catalog: "Items",
  disks: "Disks",
  serverItems: "Entries of the media server",
  playback: "Plays",
  requests: "Requests",
  watchlists: "Watchlist entries"
}

/** The result of a sync, per integration. */
export const syncLines = (report: SyncReport, style: Style, width: number | null): ReadonlyArray<string> => {
  const held = report.integrations.filter(({ outcome }) => outcome === "held")
  return [
    ...(report.integrations.length === 0
      ? ["No enabled integration can be read"]
      : table<SyncReport["integrations"][number]>(
          [
            { header: "ID", cell: ({ integrationId }) => integrationId },
            { header: "INTEGRATION", cell: ({ name }) => name },
            {
              header: "OUTCOME",
              cell: ({ outcome }) => outcome,
              paint: (text, { outcome }) =>
                (outcome === "applied" ? style.good : outcome === "held" ? style.warn : style.bad)(text)
            },
            { header: "ENTRIES", cell: ({ entries }) => entriesOf(entries), flexible: true },
            { header: "CALLS", align: "right", cell: ({ calls }) => String(calls) },
            { header: "", cell: ({ detail }) => detail ?? "", flexible: true }
          ],
          report.integrations,
          { style, width }
        )),
    "",
    syncTotals(report),
    ...report.contents.map(contentsLine),
    ...report.integrations.flatMap(({ name, odd }) => oddLines(name, odd)),
    ...held.map(
      ({ integrationId, name }) =>
        `${clean(name)} is held: nothing of it was applied. \`tendarr integrations confirm-sync ${integrationId}\` lists what would disappear, and applies it if that is right. If not: \`tendarr integrations discard-sync ${integrationId}\`, and look at the application.`
    )
  ]
}

const contentsLine = ({ calls, detail, failed, left, list, name, read }: SyncReport["contents"][number]): string =>
  `${clean(name)}: ${list} of ${count(read, "item")} read in ${count(calls, "call")}${
    detail === null
      ? ""
      : `; ${count(failed, "item")} failed${left === 0 ? "" : `, ${left} left for the next sync`}: ${clean(detail)}`
  }`

/** Faults of single records, and their consequences. */
export const oddLines = (name: string, { count: records, told }: Source["odd"]): ReadonlyArray<string> =>
  records === 0
    ? []
    : [
        `${clean(name)} returned ${count(records, "record")} that cannot be read; facts that depend on them are unknown:`,
        ...told.map(({ detail, record }) => `  ${clean(record)}: ${clean(detail)}`),
        ...(told.length < records ? [`  and ${records - told.length} more`] : [])
      ]

const entriesOf = (entries: Readonly<Record<string, number>>): string =>
  Object.entries(entries)
    .map(([observation, number]) => `${number} ${observation}`)
    .join(", ")
