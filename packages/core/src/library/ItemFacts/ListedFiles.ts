/** Facts from the table of the files of items: heavy facts, loaded only for rules that name them. */
import { Effect } from "effect"
import { ReadSql } from "../../storage/Database.ts"
import { requireDocument, textsIn } from "../../storage/StoredDocuments.ts"
import type { FactValue } from "../Facts.ts"
import type { HeavyFact } from "../Facts/Definition.ts"
import { type ItemFact, type ItemFacts, manager, unreadable } from "./Definition.ts"
import { through } from "./Through.ts"

interface FileRow {
  readonly item_id: number
  readonly quality: string | null
  readonly release_group: string | null
  readonly languages: string | null
  readonly audio_languages: string | null
  readonly subtitle_languages: string | null
  readonly custom_format_score: number | null
}

/** A value from all files of each item; `undefined` = not known. */
const fromFiles = (value: (files: ReadonlyArray<FileRow>) => FactValue | undefined): HeavyFact => ({
  load: (ids) =>
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const rows = yield* Effect.orDie(
        sql<FileRow>`SELECT item_id, quality, release_group, languages, audio_languages, subtitle_languages,
            custom_format_score
          FROM item_files WHERE ${sql.in("item_id", ids.map(Number))} ORDER BY item_id, position`
      )
      const byItem = new Map<string, Array<FileRow>>()
      for (const row of rows) {
        const id = String(row.item_id)
        const files = byItem.get(id)
        if (files === undefined) byItem.set(id, [row])
        else files.push(row)
      }
      const values = new Map<string, FactValue>()
      for (const [id, files] of byItem) {
        const found = value(files)
        if (found !== undefined) values.set(id, found)
      }
      return values
    })
})

type ListColumn = "languages" | "audio_languages" | "subtitle_languages"

const listed = (column: ListColumn) => {
  const format = textsIn("item_files", column)
  return fromFiles((files) =>
    allOf(files, (file) => {
      const text = file[column]
      return text === null ? null : requireDocument(format, String(file.item_id), text)
    })
  )
}

/** The values of all files, unless one of them is not known. */
const allOf = (
  files: ReadonlyArray<FileRow>,
  valuesOf: (file: FileRow) => ReadonlyArray<string> | null
): ReadonlyArray<string> | undefined => {
  const all = files.map(valuesOf)
  return all.some((values) => values === null) ? undefined : distinct(all.flatMap((values) => values ?? []))
}

const distinct = (values: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(values)]

/** Files with different scores have no score in common. */
const commonScore = (files: ReadonlyArray<FileRow>): FactValue | undefined => {
  const scores = new Set(files.map((file) => file.custom_format_score))
  const [score] = scores
  return scores.size === 1 && score !== null ? score : undefined
}

const notListed = "the lists of the managing application do not contain it, or it has not determined it"

const read: ItemFact["read"] = (item, { sources }, loaded) => {
  const catalog = sources.catalog(item.integrationId)
  if (loaded !== undefined) return through(catalog, loaded)
  return catalog._tag === "Fresh"
    ? { _tag: "Unknown", reason: "not-told", detail: notListed, source: catalog.source }
    : through(catalog, null)
}

const file = {
  source: manager,
  unknown: `${notListed}; the lists contain the files of movies only; ${unreadable}`,
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
    heavy: fromFiles((files) => files.length)
  },
  fileQuality: {
    type: "strings",
    title: "Quality of its files",
    description: "Names of the qualities that its manager has determined for its files.",
    values: ["Bluray-1080p", "WEBDL-1080p", "Remux-2160p", "HDTV-720p", "DVD"],
    ...file,
    heavy: fromFiles((files) => allOf(files, ({ quality }) => (quality === null ? null : [quality])))
  },
  releaseGroups: {
    type: "strings",
    title: "Release groups",
    description: "Groups that released its files.",
    aliases: ["release_group"],
    ...file,
    heavy: fromFiles((files) => distinct(files.flatMap(({ release_group: group }) => group ?? [])))
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
  customFormatScore: {
    type: "number",
    title: "Custom format score",
    description: "The score of its file by the custom formats of its quality profile.",
    ...file,
    heavy: fromFiles(commonScore)
  }
} as const satisfies ItemFacts
