/** Formats disk groups. */
import type { DiskGroup, DiskLimits } from "@tendarr/sdk-client"
import { toFreeText } from "./Counts.ts"
import { bar, bytes, percent } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

/** When removals start, and where they end: `85 % → 75 %`, or in free bytes `< 50 GiB → 100 GiB free`. */
export const limitsOf = (limits: DiskLimits): string =>
  limits.type === "percent"
    ? `${limits.threshold} % → ${limits.target} %`
    : `< ${bytes(limits.threshold)} → ${bytes(limits.target)} free`

/** What each mode does with planned removals, in one sentence. */
export const modeSentences: Readonly<Record<DiskGroup["mode"], string>> = {
  "dry-run": "shows what would be removed and why; nothing is ever removed",
  approval: "plans removals, and carries out only those that you approve",
  auto: "plans and removes automatically, after a delay in which you can cancel",
  sunset: "gives days of notice, spares items that are watched in the meantime, then removes automatically"
}

export const diskTable = (
  disks: ReadonlyArray<DiskGroup>,
  style: Style,
  width: number | null,
  indent = 0
): ReadonlyArray<string> =>
  table<DiskGroup>(
    [
      { header: "ID", cell: ({ id }) => id },
      { header: "MOUNT", cell: ({ mountPath }) => mountPath, flexible: true },
      {
        header: "USED",
        cell: ({ usedPercent }) => `${bar(usedPercent)} ${percent(usedPercent)}`,
        paint: (text, disk) => (disk.breached ? style.bad : style.good)(text)
      },
      { header: "FREE", align: "right", cell: ({ freeBytes }) => bytes(freeBytes) },
      {
        header: "OF",
        align: "right",
        cell: ({ totalBytes, totalBytesOverride }) => bytes(totalBytesOverride ?? totalBytes)
      },
      { header: "LIMITS", cell: ({ limits }) => limitsOf(limits) },
      { header: "MODE", cell: ({ mode }) => mode },
      { header: "", flexible: true, cell: stateOf }
    ],
    disks,
    { style, width, indent }
  )

const stateOf = (disk: DiskGroup): string =>
  disk.stoppedBecause !== null
    ? `stopped: ${disk.stoppedBecause}`
    : disk.staleSince !== null
      ? `not reported since ${disk.staleSince}`
      : (disk.mayBeSameAs?.length ?? 0) > 0
        ? `may be one with disk ${disk.mayBeSameAs?.join(", ")}`
        : disk.breached
          ? toFreeText(disk.bytesToFree, 0)
          : ""
