/** What else Cleanuparr is configured with, which is not moved in: each part by its tables and its names in the API. */
import { keyOf, originalOf } from "../../Records.ts"
import type { FoundRest } from "../../Found.ts"

interface OtherPart {
  readonly title: string
  readonly because: string
  /** Tables; those with a column `enabled` have a row for each part that is switched off, too. */
  readonly tables: ReadonlyArray<string>
  /** Names of answers of the API. */
  readonly answers: ReadonlyArray<string>
}

const otherParts: ReadonlyArray<OtherPart> = [
  {
    title: "Malware blocker",
    because: "blocked and allowed file names are not moved in, with the addresses of their lists",
    tables: ["content_blocker_configs", "malware_blocker_configs"],
    answers: ["malware_blocker"]
  },
  {
    title: "Seeding rules",
    because: "limits of seeding are not moved in; until there are some here, seeding goes on",
    tables: [
      "clean_categories",
      "seeding_rules",
      "q_bit_seeding_rules",
      "deluge_seeding_rules",
      "transmission_seeding_rules",
      "u_torrent_seeding_rules",
      "r_torrent_seeding_rules"
    ],
    answers: ["seeding_rules"]
  },
  {
    title: "Download cleaner",
    because: "its schedule and the downloads that it ignores belong to limits of seeding",
    tables: ["download_cleaner_configs"],
    answers: ["download_cleaner"]
  },
  {
    title: "Unlinked downloads",
    because: "downloads without hard links are not changed here",
    tables: ["unlinked_configs"],
    answers: ["unlinked_config"]
  },
  {
    title: "Dead torrents",
    because: "the category of torrents without seeds is not changed here",
    tables: ["dead_torrent_configs"],
    answers: ["dead_torrent_config"]
  },
  {
    title: "Orphaned files",
    because: "files that belong to no download are not moved here",
    tables: ["orphaned_files_configs", "orphaned_files_client_configs"],
    answers: ["orphaned_files_config"]
  },
  {
    title: "Excluded file names of qBittorrent",
    because: "they are set up in qBittorrent",
    tables: ["blacklist_sync_configs"],
    answers: ["blacklist_sync"]
  },
  {
    title: "Searches",
    because: "only the search after a removal has an equivalent, which is part of each rule",
    tables: ["seeker_configs"],
    answers: ["seeker"]
  },
  {
    title: "Notifications",
    because: "they are set up here anew",
    tables: ["notification_configs"],
    answers: ["notification_providers"]
  }
]

export const otherTables: ReadonlyArray<string> = otherParts.flatMap(({ tables }) => tables)

/** A table or an answer that is in the file; `enabled` counts its rows that are switched on, `null` = it does not say. */
export interface OtherRows {
  readonly name: string
  readonly rows: number
  readonly enabled: number | null
}

export const otherRest = (found: ReadonlyArray<OtherRows>): ReadonlyArray<FoundRest> => {
  const known = otherParts.flatMap(({ answers, because, tables, title }) => {
    const of = found.filter(({ name }) => tables.includes(name) || answers.includes(name))
    if (of.length === 0) return []
    const off = of.every(({ enabled }) => enabled === 0)
    return [restOf(title, off ? `it was switched off; ${because}` : because, of)]
  })
  const names = new Set(otherParts.flatMap(({ answers, tables }) => [...answers, ...tables]))
  const unknown = found.filter(({ name }) => !names.has(name))
  return [...known, ...unknown.map((one) => restOf(one.name.replaceAll("_", " "), "it has no equivalent", [one]))]
}

const restOf = (title: string, because: string, of: ReadonlyArray<OtherRows>): FoundRest => ({
  key: keyOf("rest", title),
  title,
  because,
  original: originalOf(Object.fromEntries(of.map(({ name, rows }) => [name, rows])))
})
