/** The disk that holds an item, as it was last read: its figures change whenever something is added or removed. */
import type { Fact } from "../Facts.ts"
import { inGibibytes } from "../Facts/Derivations.ts"
import type { LibraryItem } from "../Item.ts"
import type { BelievedDisk } from "../SourceContext.ts"
import { type ItemContext, type ItemFact, type ItemFacts, manager } from "./Definition.ts"
import { through } from "./Through.ts"

const diskFact = (
  { diskGroupId }: LibraryItem,
  { sources }: ItemContext,
  value: (disk: BelievedDisk) => number | null
): Fact => {
  const disk = diskGroupId === null ? undefined : sources.disk(diskGroupId)
  if (disk === undefined) {
    return { _tag: "Unknown", reason: "not-matched", detail: "it is not known which disk holds it", source: manager }
  }
  return through(disk.trust, value(disk))
}

const ofDisk =
  (value: (disk: BelievedDisk) => number | null): ItemFact["read"] =>
  (item, context) =>
    diskFact(item, context, value)

const read = {
  source: "the applications that see the disk",
  unknown: "it is not known which disk holds it; no application reports the disk any more",
  ofPart: "the whole"
} as const

export const disks = {
  diskFreeBytes: {
    type: "number",
    title: "Free on its disk (bytes)",
    description: "Free space on the disk that holds it.",
    unit: "bytes",
    ...read,
    read: ofDisk(({ freeBytes }) => freeBytes),
    derived: {
      diskFreeGb: {
        type: "number",
        title: "Free on its disk (GiB)",
        description: "Free space on the disk that holds it, in units of 2^30 bytes.",
        unit: "GiB",
        aliases: ["diskspace_remaining_gb"],
        read: inGibibytes
      }
    }
  },
  diskTotalBytes: {
    type: "number",
    title: "Size of its disk (bytes)",
    description: "Size of the disk that holds it.",
    unit: "bytes",
    ...read,
    read: ofDisk(({ totalBytes }) => totalBytes),
    derived: {
      diskTotalGb: {
        type: "number",
        title: "Size of its disk (GiB)",
        description: "Size of the disk that holds it, in units of 2^30 bytes.",
        unit: "GiB",
        aliases: ["diskspace_total_gb"],
        read: inGibibytes
      }
    }
  },
  diskUsedPercent: {
    type: "number",
    title: "Used share of its disk",
    description: "Used share of the disk that holds it, 0 to 100; empty if the disk has no size.",
    unit: "percent",
    ...read,
    read: ofDisk(({ freeBytes, totalBytes }) =>
      totalBytes > 0 ? (Math.max(0, totalBytes - freeBytes) / totalBytes) * 100 : null
    )
  }
} as const satisfies ItemFacts
