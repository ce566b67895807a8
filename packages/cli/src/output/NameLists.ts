/** Formats lists of names, and what they do to downloads. */
import type { BlockedDownload, NameList } from "@tendarr/sdk-client"
import { ago, bytes, clean, count } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

export const blockedTable = (
  downloads: ReadonlyArray<BlockedDownload>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<BlockedDownload>(
    [
      { header: "ID", align: "right", cell: ({ downloadId }) => downloadId },
      { header: "NAME", flexible: true, cell: ({ name }) => name },
      { header: "CLIENT", cell: ({ client }) => client },
      {
        header: "OUTCOME",
        cell: ({ outcome }) => outcome,
        paint: (text, { outcome }) => (outcome === "remove" ? style.bad(text) : style.warn(text))
      },
      {
        header: "BLOCKED",
        align: "right",
        cell: ({ blockedCount, files }) => (files === null ? "?" : `${blockedCount} of ${files}`)
      },
      { header: "SIZE", align: "right", cell: ({ blockedBytes }) => bytes(blockedBytes) },
      { header: "BECAUSE", flexible: true, cell: ({ because }) => because }
    ],
    downloads,
    { style, width }
  )

const mostLines = 10

/** The blocked files of one download. */
export const fileLines = ({ blocked, blockedCount }: BlockedDownload, style: Style): ReadonlyArray<string> => [
  ...blocked
    .slice(0, mostLines)
    .map(
      ({ bytes: size, entry, fate, list, path }) =>
        `  ${fate}: ${clean(path)} (${bytes(size)}) ${style.dim(`${entry === null ? "not on" : `${clean(entry)} of`} "${clean(list)}"`)}`
    ),
  ...(blockedCount > mostLines ? [style.dim(`  and ${count(blockedCount - mostLines, "more file")}`)] : [])
]

const sourceText = ({ source }: Pick<NameList, "source">): string => {
  switch (source.type) {
    case "entries":
      return "own entries"
    case "built-in":
      return `built-in ${source.list}`
    case "file":
      return source.path
    case "url":
      return source.url
  }
}

/** What a person should know of it, as a word. */
const stateOf = ({ enabled, failure, fetchedAt, held }: NameList): string =>
  held !== null
    ? "held"
    : fetchedAt === null
      ? "never read"
      : failure !== null
        ? "cannot be read"
        : enabled
          ? "applies"
          : "off"

export const nameListTable = (
  lists: ReadonlyArray<NameList>,
  style: Style,
  width: number | null,
  now: number
): ReadonlyArray<string> =>
  table<NameList>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "NAME", flexible: true, cell: ({ name }) => name },
      { header: "KIND", cell: ({ kind }) => kind },
      {
        header: "STATE",
        cell: stateOf,
        paint: (text) => (text === "applies" ? style.good(text) : text === "off" ? style.dim(text) : style.warn(text))
      },
      { header: "ENTRIES", align: "right", cell: ({ entries }) => String(entries) },
      {
        header: "ODD",
        align: "right",
        cell: ({ oddCount }) => (oddCount === 0 ? "" : String(oddCount)),
        paint: style.warn
      },
      { header: "READ", cell: ({ fetchedAt }) => (fetchedAt === null ? "never" : ago(fetchedAt, now)) },
      { header: "SOURCE", flexible: true, cell: sourceText }
    ],
    lists,
    { style, width }
  )

export const nameListLines = (list: NameList, style: Style, now: number): ReadonlyArray<string> => {
  const { entries, failure, fetchedAt, held, id, kind, name, odd, oddCount, removes, scope, syncs } = list
  const scopes = [
    ["applications", scope?.applications],
    ["clients", scope?.clients],
    ["categories", scope?.categories]
  ].flatMap(([what, some]) => (some === undefined ? [] : [`${String(what)} ${[...some].map(clean).join(", ")}`]))
  return [
    `${style.bold(clean(name))}: ${kind === "block" ? "blocklist" : "allowlist"} ${id}, ${stateOf(list)}`,
    `${entries} ${entries === 1 ? "entry" : "entries"} from ${clean(sourceText(list))}, read ${fetchedAt === null ? "never" : ago(fetchedAt, now)}`,
    `Applies to ${scopes.length === 0 ? "all downloads of applications" : scopes.join("; ")}`,
    ...(removes === true ? ["One file that matches has the whole download removed"] : []),
    ...(syncs === true ? ["Is given to clients that have a list of excluded file names"] : []),
    ...(failure === null ? [] : [style.warn(`Its source cannot be read: ${clean(failure)}`)]),
    ...(held === null ? [] : [style.warn(`Is not believed until somebody accepts it: ${clean(held)}`)]),
    ...odd.map(({ because, line, text }) =>
      style.warn(`Line ${line} does not apply: ${clean(text)}: ${clean(because)}`)
    ),
    ...(oddCount > odd.length ? [style.warn(`${oddCount - odd.length} more lines do not apply`)] : [])
  ]
}
