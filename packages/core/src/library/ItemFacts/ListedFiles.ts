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
import { contentsHolders, forEachWholes } from "../Contents/Holders.ts"
import { contentsTrust, throughContents, wholeOf } from "./Contents.ts"
import { type ItemFact, type ItemFacts, manager, unreadable } from "./Definition.ts"
import { through } from "./Through.ts"

/** The files of an item, or of one part of it, that have one value in common. */
interface FileGroup {
  readonly item_id: number
  readonly part: string | null
  readonly value: string | number | null
  readonly files: number
}

/** What is read of each file. With `extreme`, only the lowest or the highest value, and how many files have none. */
interface FileColumn {
  readonly column: string
  readonly extreme?: "min" | "max"
}

/** A value from all files of each item; `undefined` = not known. */
const fromFiles = (
  { column, extreme }: FileColumn,
  value: (groups: ReadonlyArray<FileGroup>) => FactValue | undefined
): HeavyFact => ({
  contents: "files",
  load: (ids) =>
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const told = sql.literal(column)
      const [read, by] =
        extreme === undefined ? [told, told] : [sql`${sql.literal(extreme)}(${told})`, sql`${told} IS NULL`]
      const groupsOf = (itemIds: ReadonlyArray<number>) =>
        sql<FileGroup>`SELECT item_id, part, ${read} AS value, count(*) AS files FROM item_files
          WHERE ${sql.in("item_id", itemIds)} GROUP BY item_id, part, ${by} ORDER BY item_id, min(position)`
      const holders = yield* contentsHolders(sql, "files", ids)
      const byItem = new Map<string, Array<FileGroup>>()
      const byWhole = new Map<number, Array<FileGroup>>()
      yield* forEachWholes(holders, (wholeIds) =>
        Effect.map(groupsOf(wholeIds), (rows) => {
          for (const row of rows) byWhole.set(row.item_id, [...(byWhole.get(row.item_id) ?? []), row])
        })
      )
      for (const { id, part, wholeId } of holders) {
        const all = byWhole.get(wholeId) ?? []
        byItem.set(id, part === null ? all : all.filter((group) => group.part === part))
      }
      const listed = ids.filter((id) => !byItem.has(id))
      for (const row of listed.length === 0 ? [] : yield* groupsOf(listed.map(Number))) {
        const id = String(row.item_id)
        byItem.set(id, [...(byItem.get(id) ?? []), row])
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
  return fromFiles({ column }, (groups) =>
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

const texts = (column: string) => fromFiles({ column }, (groups) => allOf(groups, text))

const distinct = (values: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(values)]

/** Files with different scores have no score in common. */
const commonScore = (groups: ReadonlyArray<FileGroup>): FactValue | undefined => {
  const [only, ...others] = new Set(groups.map(({ value }) => value))
  return others.length === 0 ? (only ?? undefined) : undefined
}

/** The lowest or the highest value of the groups, none of no files; not known if that of some file is not. */
const extremeOf =
  (isBefore: (one: string | number, other: string | number) => boolean) =>
  (groups: ReadonlyArray<FileGroup>): string | number | null | undefined => {
    let found: string | number | null = null
    for (const { value } of groups) {
      if (value === null) return undefined
      if (found === null || isBefore(value, found)) found = value
    }
    return found
  }

const lowest = extremeOf((one, other) => one < other)
const highest = extremeOf((one, other) => one > other)

const notListed = "the lists of the managing application do not contain it, or it has not determined it"

const read: ItemFact["read"] = (item, context, loaded) => {
  const whole = wholeOf(item, context)
  // Of an episode, its own file is stored.
  const inLists =
    item.kind === "episode" || (whole?.data.contentsSign === undefined && whole?.contents?.files === undefined)
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
    heavy: fromFiles({ column: "part" }, (groups) => groups.reduce((all, { files }) => all + files, 0))
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
    heavy: fromFiles({ column: "cutoff_met", extreme: "min" }, (groups) => {
      const least = lowest(groups)
      return typeof least === "number" ? least === 1 : least
    })
  },
  releaseGroups: {
    type: "strings",
    title: "Release groups",
    description: "Groups that released its files.",
    aliases: ["release_group"],
    ...file,
    heavy: fromFiles({ column: "release_group" }, (groups) => distinct(groups.flatMap((group) => text(group) ?? [])))
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
  audioChannels: {
    type: "number",
    title: "Audio channels",
    description:
      "Channels of the main audio track, such as 5.1; of several files the lowest number; empty without files.",
    ...file,
    heavy: fromFiles({ column: "audio_channels", extreme: "min" }, lowest)
  },
  audioTrackCount: {
    type: "number",
    title: "Number of audio tracks",
    description: "How many audio tracks it has; of several files the lowest number; empty without files.",
    unit: "tracks",
    ...file,
    heavy: fromFiles({ column: "audio_tracks", extreme: "min" }, lowest)
  },
  customFormatScore: {
    type: "number",
    title: "Custom format score",
    description: "The score of its file by the custom formats of its quality profile.",
    ...file,
    heavy: fromFiles({ column: "custom_format_score" }, commonScore)
  },
  lowestCustomFormatScore: {
    type: "number",
    title: "Lowest custom format score",
    description: "The lowest score of its files by the custom formats of its quality profile; empty without files.",
    ...file,
    heavy: fromFiles({ column: "custom_format_score", extreme: "min" }, lowest)
  },
  newestFileAt: {
    type: "date",
    title: "Newest file",
    description: "When the newest of its present files was added; empty without files.",
    ...file,
    heavy: fromFiles({ column: "added_at", extreme: "max" }, highest),
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
