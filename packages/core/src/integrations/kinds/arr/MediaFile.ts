/** Converts what the Servarr applications report about a video file to Tendarr's facts. */
import { Schema } from "effect"
import type { CatalogFacts, CatalogFile, Untold, WholeFile } from "../../Observations.ts"
import { maybe } from "../Lenient.ts"
import { distinctTexts, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import { Named } from "./Arr.ts"

export const MediaInfo = Schema.Struct({
  videoCodec: maybe(Schema.String),
  audioCodec: maybe(Schema.String),
  /** Tags of the tracks: `eng/jpn`. Tracks without one are left out. */
  audioLanguages: maybe(Schema.String),
  subtitles: maybe(Schema.String),
  /** Bits per second; 0 if the container does not contain it. */
  videoBitrate: maybe(Schema.Number),
  audioBitrate: maybe(Schema.Number),
  /** Of the first track: 5.1. */
  audioChannels: maybe(Schema.Number),
  audioStreamCount: maybe(Schema.Number),
  /** `1920x800`. */
  resolution: maybe(Schema.String),
  /** `1:49:06` or `49:06`. */
  runTime: maybe(Schema.String),
  videoDynamicRange: maybe(Schema.String),
  videoDynamicRangeType: maybe(Schema.String)
})

export const MediaFile = Schema.Struct({
  dateAdded: maybe(Schema.String),
  path: maybe(Schema.String),
  relativePath: maybe(Schema.String),
  size: maybe(Schema.Number),
  quality: maybe(
    Schema.Struct({
      quality: maybe(Schema.Struct({ name: maybe(Schema.String), resolution: maybe(Schema.Number) }))
    })
  ),
  releaseGroup: maybe(Schema.String),
  languages: maybe(Schema.Array(Named)),
  /** Its custom formats, if they were determined. Otherwise the score is 0 nevertheless. */
  customFormats: maybe(Schema.Array(Schema.Unknown)),
  customFormatScore: maybe(Schema.Number),
  qualityCutoffNotMet: maybe(Schema.Boolean),
  mediaInfo: maybe(MediaInfo)
})

/** A file in the list of the files of one series, artist or author. */
export const ListedFile = Schema.Struct({ ...MediaFile.fields, id: Schema.Int })
export type ListedFile = typeof ListedFile.Type
export type MediaFile = typeof MediaFile.Type

const fileFacts = ["resolution", "videoCodec", "audioCodec", "hdr", "bitrate"] as const satisfies ReadonlyArray<
  keyof CatalogFacts
>
type FileFact = (typeof fileFacts)[number]
type FileFacts = Required<Pick<CatalogFacts, FileFact>>

/** Facts of an existing file. Properties that the application has not determined are unknown rather than none. */
export const factsOfFile = (
  file: MediaFile | null | undefined
): { readonly facts: Pick<CatalogFacts, FileFact>; readonly untold: Untold<FileFact> } => {
  const info = file?.mediaInfo
  const all: FileFacts = {
    resolution: resolutionOf(file),
    videoCodec: textOrNull(info?.videoCodec),
    audioCodec: textOrNull(info?.audioCodec),
    hdr: hdrOf(info),
    bitrate: bitrateOf(file)
  }
  const missing = fileFacts.filter((name) => all[name] === null)
  if (missing.length === 0) return { facts: all, untold: {} }
  const reason =
    info === null || info === undefined ? "the file was not analysed" : "the analysis of the file left it out"
  return {
    facts: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)),
    untold: Object.fromEntries(missing.map((name) => [name, reason]))
  }
}

/** The file of an item as its managing application lists it. */
export const fileOf = (file: MediaFile, folder: string | null | undefined): CatalogFile => {
  const info = file.mediaInfo
  const quality = textOrNull(file.quality?.quality?.name)
  const languages = distinctTexts((file.languages ?? []).map(({ name }) => name))
  const audioLanguages = languagesIn(info?.audioLanguages)
  const audioChannels = positiveOrNull(info?.audioChannels)
  const audioTracks = positiveOrNull(info?.audioStreamCount)
  const { customFormats, customFormatScore, qualityCutoffNotMet: unmet } = file
  return {
    path: pathOfFile(file, folder),
    sizeBytes: positiveOrNull(file.size),
    ...(quality === null ? {} : { quality }),
    releaseGroup: textOrNull(file.releaseGroup),
    ...(languages.length === 0 ? {} : { languages }),
    // A track without a tag still has a language; subtitles without one may be missing altogether.
    ...(audioLanguages.length === 0 ? {} : { audioLanguages }),
    ...(info === null || info === undefined ? {} : { subtitleLanguages: languagesIn(info.subtitles) }),
    videoCodec: textOrNull(info?.videoCodec),
    audioCodec: textOrNull(info?.audioCodec),
    ...(audioChannels === null ? {} : { audioChannels }),
    ...(audioTracks === null ? {} : { audioTracks }),
    addedAt: isoOrNull(file.dateAdded),
    ...(Array.isArray(customFormats) && typeof customFormatScore === "number" ? { customFormatScore } : {}),
    ...(typeof unmet === "boolean" ? { cutoffMet: !unmet } : {})
  }
}

/** The file of a series, an artist or an author; `folder` is that of the whole. */
export const wholeFileOf = (
  file: ListedFile,
  folder: string | null | undefined,
  partExternalId: string | null
): WholeFile => ({ ...fileOf(file, folder), fileId: String(file.id), partExternalId })

const languagesIn = (tags: string | null | undefined): ReadonlyArray<string> =>
  distinctTexts((tags ?? "").split("/").map((tag) => tag.trim().toLowerCase()))

/** The path of a file: its own, or below the folder of its title, with the separator of that folder. */
export const pathOfFile = (file: MediaFile | null | undefined, folder: string | null | undefined): string | null => {
  const own = textOrNull(file?.path)
  if (own !== null) return own
  const [relative, whole] = [textOrNull(file?.relativePath), textOrNull(folder)?.replace(/[/\\]+$/, "") ?? null]
  if (relative === null || whole === null) return null
  return `${whole}${whole.includes("/") ? "/" : "\\"}${relative}`
}

/**
 * From the quality that the application has determined, else from the width of the picture (cinema formats reduce the
 * height).
 */
const resolutionOf = (file: MediaFile | null | undefined): string | null => {
  const lines = file?.quality?.quality?.resolution
  if (lines !== null && lines !== undefined && lines > 0) return `${lines}p`
  const [width = 0, height = 0] = (file?.mediaInfo?.resolution ?? "").split("x").map(Number)
  if (!(width > 0) || !(height > 0)) return null
  const size = sizes.find(([leastWidth, leastHeight]) => width >= leastWidth || height >= leastHeight)
  return size === undefined ? "480p" : size[2]
}

/** Minimum width, minimum height, name. */
const sizes = [
  [3200, 2100, "2160p"],
  [1800, 1000, "1080p"],
  [1200, 700, "720p"],
  [1000, 560, "576p"]
] as const

const hdrOf = (info: typeof MediaInfo.Type | null | undefined): string | null => {
  const type = info?.videoDynamicRangeType
  if (type === null || type === undefined) return textOrNull(info?.videoDynamicRange) === null ? null : "hdr10"
  const upper = type.toUpperCase()
  if (upper.startsWith("DV") || upper.includes("DOLBY")) return "dv"
  if (upper.startsWith("HDR10PLUS") || upper.startsWith("HDR10+")) return "hdr10+"
  if (upper.startsWith("HDR10") || upper.startsWith("PQ")) return "hdr10"
  if (upper.startsWith("HLG")) return "hlg"
  return textOrNull(info?.videoDynamicRange) === null ? "none" : "hdr10"
}

/** Sum of the streams; if the video stream has no bit rate, size divided by running time. */
const bitrateOf = (file: MediaFile | null | undefined): number | null => {
  const info = file?.mediaInfo
  const video = positiveOrNull(info?.videoBitrate)
  if (video !== null) return video + (info?.audioBitrate ?? 0)
  const size = positiveOrNull(file?.size)
  const seconds = (info?.runTime ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
  return size === null || !(seconds > 0) ? null : Math.round((size * 8) / seconds)
}
