/**
 * Facts from the table of the files of items: heavy facts, loaded only for rules that name them. The files of movies are
 * in the lists of their application; those of shows, artists and authors are contents, read for each whole.
 */
import { Effect } from "effect"
import { ReadSql } from "../../storage/Database.ts"
import { requireDocument, textsIn } from "../../storage/StoredDocuments.ts"
import type { FactValue } from "../Facts.ts"
import { wholeDaysSince } from "../Facts/Derivations.ts"
import type { HeavyFact } from "../Facts/Definition.ts"
import { contentsTrust, throughContents, wholeOf } from "./Contents.ts"
import { type ItemFact, type ItemFacts, manager, unreadable } from "./Definition.ts"
import { through } from "./Through.ts"

/** The files of an item that have one value in common. */
interface FileGroup {
  readonly item_id: number
  readonly value: string | number | null
  readonly files: number
}

/** What is read of each file, and by what the files are grouped: by default by the value itself. */
interface FileColumn {
  readonly value: string
  readonly by?: string
}

/** The items whose files were read as contents, so that none of them means that there are none. */
const readAsContents = (sql: ReadSql["Service"], ids: ReadonlyArray<number>) =>
  sql<{ readonly id: number }>`SELECT items.id FROM items
      JOIN item_contents ON item_contents.item_id = items.id AND item_contents.list = 'files'
    WHERE ${sql.in("items.id", ids)} AND item_contents.read_at IS NOT NULL
    UNION ALL
    SELECT part.id FROM items part
      JOIN items whole ON whole.integration_id = part.integration_id AND whole.external_id = part.parent_external_id
      JOIN item_contents ON item_contents.item_id = whole.id AND item_contents.list = 'files'
    WHERE ${sql.in("part.id", ids)} AND item_contents.read_at IS NOT NULL`

/** A value from all files of each item; `undefined` = not known. */
const fromFiles = (
  { by, value: column }: FileColumn,
  value: (groups: ReadonlyArray<FileGroup>) => FactValue | undefined
): HeavyFact => ({
  contents: "files",
  load: (ids) =>
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const numbers = ids.map(Number)
      // Files of these items themselves, and those of their wholes that belong to them as parts.
      const rows = yield* sql<FileGroup>`SELECT owner_id AS item_id, ${sql.literal(column)} AS value, count(*) AS files
        FROM (
          SELECT item_id AS owner_id, item_files.* FROM item_files WHERE ${sql.in("item_id", numbers)}
          UNION ALL
          SELECT part.id AS owner_id, item_files.* FROM items part
            JOIN items whole ON whole.integration_id = part.integration_id
              AND whole.external_id = part.parent_external_id
            JOIN item_files ON item_files.item_id = whole.id AND item_files.part = part.external_id
          WHERE ${sql.in("part.id", numbers)}
        ) AS files GROUP BY owner_id, ${sql.literal(by ?? column)} ORDER BY owner_id, min(position)`
      const byItem = new Map<string, Array<FileGroup>>()
      for (const { id } of yield* readAsContents(sql, numbers)) byItem.set(String(id), [])
      for (const row of rows) {
        const id = String(row.item_id)
        const groups = byItem.get(id)
        if (groups === undefined) byItem.set(id, [row])
        else groups.push(row)
      }
      const values = new Map<string, FactValue>()
      for (const [id, groups] of byItem) {
        const found = value(groups)
        if (found !== undefined) values.set(id, found)
      }
      return values
    }).pipe(Effect.orDie)
})

type ListColumn = "languages" | "audio_languages" | "subtitle_languages"

const listed = (column: ListColumn) => {
  const format = textsIn("item_files", column)
  return fromFiles({ value: column }, (groups) =>
    allOf(groups, ({ item_id: id, value }) =>
      typeof value === "string" ? requireDocument(format, String(id), value) : null
    )
  )
}

/** The values of all files, unless one of them is not known. */
const allOf = (
  groups: ReadonlyArray<FileGroup>,
  valuesOf: (group: FileGroup) => ReadonlyArray<string> | null
): ReadonlyArray<string> | undefined => {
  const all = groups.map(valuesOf)
  return all.some((values) => values === null) ? undefined : distinct(all.flatMap((values) => values ?? []))
}

const text = ({ value }: FileGroup): ReadonlyArray<string> | null => (typeof value === "string" ? [value] : null)

const texts = (column: string) => fromFiles({ value: column }, (groups) => allOf(groups, text))

const distinct = (values: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(values)]

/** Files with different scores have no score in common. */
const commonScore = (groups: ReadonlyArray<FileGroup>): FactValue | undefined => {
  const [only, ...others] = groups
  return others.length === 0 ? (only?.value ?? undefined) : undefined
}

/** Of the groups of files with and without a value: the value, none of no files. */
const ofAll = (groups: ReadonlyArray<FileGroup>): FactValue | undefined =>
  groups.some(({ value }) => value === null) ? undefined : (groups[0]?.value ?? null)

const notListed = "the lists of the managing application do not contain it, or it has not determined it"

const read: ItemFact["read"] = (item, context, loaded) => {
  const whole = wholeOf(item, context)
  const inLists = whole?.data.contentsSign === undefined && whole?.contents?.files === undefined
  if (!inLists) return throughContents(contentsTrust(item, context, "files"), loaded, notListed)
  const catalog = context.sources.catalog(item.integrationId)
  if (loaded !== undefined) return through(catalog, loaded)
  return catalog._tag === "Fresh"
    ? { _tag: "Unknown", reason: "not-told", detail: notListed, source: catalog.source }
    : through(catalog, null)
}

const file = {
  source: manager,
  unknown: `${notListed}; of a show, an artist, an author and their parts, while the files have not been read since they changed, their reading failed, or it is too old; ${unreadable}`,
  ofPart: "the part",
  read
} as const

export const listedFiles = {
  fileCount: {
    type: "number",
    title: "Number of files",
    description: "How many files it consists of.",
    unit: "files",
    ...file,
    heavy: fromFiles({ value: "1", by: "owner_id" }, (groups) => groups.reduce((all, { files }) => all + files, 0))
  },
  fileQuality: {
    type: "strings",
    title: "Quality of its files",
    description: "Names of the qualities that its manager has determined for its files.",
    values: ["Bluray-1080p", "WEBDL-1080p", "Remux-2160p", "HDTV-720p", "DVD"],
    ...file,
    heavy: texts("quality")
  },
  cutoffMet: {
    type: "boolean",
    title: "Cutoff met",
    description: "Whether all of its files meet the cutoff of its quality profile; empty without files.",
    ...file,
    unknown: `${file.unknown}; of movies always`,
    heavy: fromFiles({ value: "min(cutoff_met)", by: "cutoff_met IS NULL" }, (groups) => {
      const lowest = ofAll(groups)
      return typeof lowest === "number" ? lowest === 1 : lowest
    })
  },
  releaseGroups: {
    type: "strings",
    title: "Release groups",
    description: "Groups that released its files.",
    aliases: ["release_group"],
    ...file,
    heavy: fromFiles({ value: "release_group" }, (groups) => distinct(groups.flatMap((group) => text(group) ?? [])))
  },
  fileLanguages: {
    type: "strings",
    title: "Languages of its files",
    description: "Names of the languages that its manager has determined for its files.",
    ...file,
    heavy: listed("languages")
  },
  audioLanguages: {
    type: "strings",
    title: "Audio languages",
    description: "Languages of its audio tracks, as they are tagged.",
    values: ["eng", "spa", "fra", "deu", "jpn"],
    ...file,
    heavy: listed("audio_languages")
  },
  subtitleLanguages: {
    type: "strings",
    title: "Subtitle languages",
    description: "Languages of its subtitles, as they are tagged.",
    values: ["eng", "spa", "fra", "deu", "jpn"],
    ...file,
    heavy: listed("subtitle_languages")
  },
  videoCodecs: {
    type: "strings",
    title: "Video codecs of its files",
    description: "Video codecs of all of its files.",
    ...file,
    heavy: texts("video_codec")
  },
  audioCodecs: {
    type: "strings",
    title: "Audio codecs of its files",
    description: "Audio codecs of all of its files.",
    ...file,
    heavy: texts("audio_codec")
  },
  customFormatScore: {
    type: "number",
    title: "Custom format score",
    description: "The score of its file by the custom formats of its quality profile.",
    ...file,
    heavy: fromFiles({ value: "custom_format_score" }, commonScore)
  },
  lowestCustomFormatScore: {
    type: "number",
    title: "Lowest custom format score",
    description: "The lowest score of its files by the custom formats of its quality profile; empty without files.",
    ...file,
    heavy: fromFiles({ value: "min(custom_format_score)", by: "custom_format_score IS NULL" }, ofAll)
  },
  newestFileAt: {
    type: "date",
    title: "Newest file",
    description: "When the newest of its present files was added; empty without files.",
    ...file,
    heavy: fromFiles({ value: "max(added_at)", by: "added_at IS NULL" }, ofAll),
    derived: {
      daysSinceNewestFile: {
        type: "number",
        title: "Days since its newest file",
        description: "Whole days since the newest of its present files was added.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSince
      }
    }
  },
  filePaths: {
    type: "strings",
    title: "Paths of its files",
    description: "The path of each of its files, as its manager sees it.",
    ...file,
    heavy: texts("path")
  }
} as const satisfies ItemFacts
