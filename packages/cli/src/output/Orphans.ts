/** Formats orphaned files, and runs that look for them. */
import type { OrphansReport } from "@tendarr/core/downloads/files/OrphansReport"
import type { Orphan } from "@tendarr/sdk-client"
import { ago, bytes, clean, count, moment } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

/** When it came into its state. */
const sinceOf = ({ endedAt, foundAt, quarantinedAt }: Orphan): string => endedAt ?? quarantinedAt ?? foundAt

const whyOf = ({ deleteAt, reason, state }: Orphan): string =>
  reason ?? (state === "quarantined" && deleteAt !== null ? `deleted after ${moment(deleteAt)}` : "")

export const orphanTable = (
  orphans: ReadonlyArray<Orphan>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<Orphan>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "STATE", cell: ({ state }) => state },
      { header: "SINCE", cell: (one) => moment(sinceOf(one)) },
      { header: "SIZE", align: "right", cell: ({ bytes: size }) => bytes(size) },
      { header: "PATH", flexible: true, cell: ({ path }) => path },
      { header: "WHY", flexible: true, cell: whyOf }
    ],
    orphans,
    { style, width }
  )

export const orphanLines = (one: Orphan, style: Style, now: number): ReadonlyArray<string> => [
  style.bold(clean(one.path)),
  `Orphan ${one.id}: ${one.state}${one.reason === null ? "" : `: ${clean(one.reason)}`}`,
  `${count(one.files, "file")}, ${bytes(one.bytes)}${
    one.freesBytes === one.bytes
      ? ""
      : `, of which deletion frees ${bytes(one.freesBytes)}: the rest has further hard links`
  }`,
  `Written ${ago(one.newestAt, now)}, found ${ago(one.foundAt, now)}, last seen there ${ago(one.seenAt, now)}`,
  ...(one.quarantine === null || one.quarantinedAt === null
    ? []
    : [`Moved ${ago(one.quarantinedAt, now)} to ${clean(one.quarantine)}`]),
  ...(one.state === "quarantined" && one.deleteAt !== null
    ? [
        `Deleted after ${moment(one.deleteAt)}, while files.orphans is on; until then: \`tendarr orphans restore ${one.id}\``
      ]
    : []),
  ...(one.endedAt === null ? [] : [`Ended ${moment(one.endedAt)}`]),
  ...(one.actId === null ? [] : [`Its history: \`tendarr acts show ${one.deletionId ?? one.actId}\``])
]

export const orphanRunLines = (
  { deleted, dryRun, failed, folders, items, orphans, quarantined, skippedBecause }: OrphansReport,
  style: Style,
  width: number | null
): ReadonlyArray<string> => [
  ...(skippedBecause === null ? [] : [style.warn(`Nothing was looked for: ${clean(skippedBecause)}`)]),
  ...folders.flatMap(({ path, skippedBecause: why }) =>
    why === null ? [] : [style.warn(`${clean(path)} was not looked at: ${clean(why)}`)]
  ),
  ...table<(typeof items)[number]>(
    [
      { header: "OUTCOME", cell: ({ outcome }) => outcome },
      { header: "SIZE", align: "right", cell: ({ bytes: size }) => bytes(size) },
      { header: "PATH", flexible: true, cell: ({ path }) => path },
      { header: "WHY", flexible: true, cell: ({ because }) => because }
    ],
    items,
    { style, width }
  ),
  `${count(orphans, "orphan")} in ${count(folders.filter((one) => one.skippedBecause === null).length, "folder")}`,
  dryRun
    ? "Nothing was written (--dry-run)"
    : `${quarantined} moved into quarantine, ${deleted} deleted from it${failed === 0 ? "" : `, ${failed} failed`}`
]
