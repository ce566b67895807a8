/** Facts about what others have to do with a download: the application that had it fetched, and the library by hard links. */
import { known } from "../library/Facts.ts"
import type { Downloading } from "./Downloading.ts"
import { type Definitions, fileSystem, ofApplication, ofOwner, unknown } from "./DownloadFactReading.ts"
import { type DownloadLinks, isSettled } from "./files/DownloadLinks.ts"

const ofFiles = {
  source: fileSystem,
  unknown:
    "its files cannot be seen, are not complete, may be copied or shared without links, or were last read more than 12 hours ago"
} as const

/** Readings that are older say nothing. */
const longestLinksMillis = 12 * 3_600_000

/** The links of a download, or why they are not known. */
const linksNow = ({ at, download, links }: Downloading): DownloadLinks | string => {
  if (!isSettled(download)) return "its files are not complete, or not where its client says"
  if (links === undefined) return "its files have not been read yet"
  if (links.outside === null) return links.because ?? "it is not known"
  return Math.abs(Date.parse(at) - Date.parse(links.readAt)) > longestLinksMillis
    ? `its files were last read at ${links.readAt}`
    : links
}

export const usageFacts = {
  application: {
    type: "string",
    title: "Application",
    description: "Name of the application that had it fetched; empty if none knows it.",
    ...ofApplication,
    read: ofOwner(({ name }) => name)
  },
  inQueue: {
    type: "boolean",
    title: "In a queue",
    description: "Whether it is in the queue of its application.",
    ...ofApplication,
    read: ofOwner(({ entry }) => entry !== null)
  },
  importState: {
    type: "string",
    title: "State of the import",
    description: "What its application says of the import, in lower case.",
    values: ["downloading", "importblocked", "importpending", "importing", "failedpending"],
    ...ofApplication,
    read: ofOwner(({ entry }) => entry?.trackedState ?? null)
  },
  importMessages: {
    type: "strings",
    title: "Messages about the import",
    description: "What its application says about it.",
    ...ofApplication,
    read: ofOwner(({ entry }) => entry?.messages ?? null)
  },
  imported: {
    type: "boolean",
    title: "Imported",
    description: "Whether its files were imported after it was last fetched, by the history of its application.",
    ...ofApplication,
    read: ofOwner(({ importedAt }) => importedAt !== null)
  },
  indexer: {
    type: "string",
    title: "Indexer",
    description: "Name of the indexer that it comes from.",
    named: "indexer",
    ...ofApplication,
    read: ofOwner(({ indexer }) => indexer)
  },
  hardLinks: {
    type: "number",
    title: "Hard links",
    description:
      "Hard links of its files outside of the download clients, as in a library, of the file that has most of them.",
    unit: "links",
    ...ofFiles,
    read: (one) => {
      const links = linksNow(one)
      return typeof links === "string" ? unknown(fileSystem, links) : known(links.outside, fileSystem, links.readAt)
    }
  },
  unlinkedHours: {
    type: "number",
    title: "Hours without a hard link",
    description:
      "Hours since Tendarr noticed that its files have no hard links outside of the download clients; 0 while they have.",
    unit: "hours",
    ...ofFiles,
    read: (one) => {
      const links = linksNow(one)
      if (typeof links === "string") return unknown(fileSystem, links)
      const { readAt, unlinkedSince } = links
      const hours = unlinkedSince === null ? 0 : (Date.parse(readAt) - Date.parse(unlinkedSince)) / 3_600_000
      return known(Math.max(0, hours), fileSystem, readAt)
    }
  }
} as const satisfies Definitions
