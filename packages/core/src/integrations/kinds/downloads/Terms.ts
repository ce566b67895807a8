/** Parts of the model of downloads that several clients share. */
import type { Limit, SeedLimits, SpeedLimits } from "../../Downloads.ts"
import { textOrNull } from "../Values.ts"

export const unknownLimit: Limit = { is: "unknown" }

export const noSeedLimits: SeedLimits = {
  ratio: unknownLimit,
  seedingSeconds: unknownLimit,
  inactiveSeconds: unknownLimit
}

export const valueLimit = (value: number, raw: number | string | null): Limit => ({ is: "value", value, raw })

export const noLimit = (raw: number | string | null): Limit => ({ is: "none", raw })

export const globalLimit = (raw: number | string | null): Limit => ({ is: "global", raw })

/** A speed for which 0 and negative numbers mean that there is no limit. */
export const speedLimit = (raw: number | null, bytesPerUnit = 1): Limit =>
  raw === null ? unknownLimit : raw <= 0 ? noLimit(raw) : valueLimit(raw * bytesPerUnit, raw)

export const speedLimits = (own: Limit, category: Limit, global: Limit): SpeedLimits => {
  const values = [own, category, global].flatMap((limit) => (limit.is === "value" ? [limit.value] : []))
  return { own, category, global, effective: values.length === 0 ? null : Math.min(...values) }
}

/** Seconds of a time left for which clients use a number to say that they do not know it. */
export const etaOf = (seconds: number | null, isUnknown: (seconds: number) => boolean): number | null =>
  seconds === null || seconds < 0 || isUnknown(seconds) ? null : seconds

/** The host of a tracker's address; `null` for DHT, PeX, LSD and anything else that is not an address. */
export const trackerHost = (url: string | null | undefined): string | null => {
  const text = textOrNull(url)
  if (text === null || !/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return null
  // Only for the schemes of web pages, the host is parsed as one; trackers use udp too.
  const page = text.replace(/^[a-z][a-z\d+.-]*:/i, "http:")
  const parsed = URL.canParse(page) ? new URL(page) : null
  return parsed === null || parsed.hostname === "" ? null : parsed.hostname.toLowerCase()
}

/** A tracker's message without addresses: they may contain a person's key. */
export const trackerMessage = (message: string | null | undefined): string | null =>
  textOrNull(message?.replace(/\b[a-z][a-z\d+.-]*:\/\/\S+/gi, "(address)"))

/** Tags of one text, split at commas; an empty one is none. */
export const tagsOf = (text: string | null): ReadonlyArray<string> => [
  ...new Set((text ?? "").split(",").flatMap((tag) => textOrNull(tag) ?? []))
]

/** The tags in the spelling that the client has, if it has them. */
export const spelledAs = (known: ReadonlyArray<string>, tags: ReadonlyArray<string>): ReadonlyArray<string> => {
  const spellings = new Map(known.map((tag) => [tag.toLowerCase(), tag]))
  return [
    ...new Set(tags.flatMap((tag) => textOrNull(tag) ?? []).map((tag) => spellings.get(tag.toLowerCase()) ?? tag))
  ]
}

/** Info hashes by their length. */
export const hashesOf = (hash: string): { readonly v1: string | null; readonly v2: string | null } => {
  const lower = hash.toLowerCase()
  return lower.length === 64 ? { v1: null, v2: lower } : { v1: lower, v2: null }
}

export const noHashes = { v1: null, v2: null } as const

/** `folder/name`, with the slashes of the folder. */
export const pathIn = (folder: string | null, name: string | null): string | null => {
  if (folder === null || folder === "" || name === null || name === "") return null
  const slash = /^[a-z]:\\|^\\\\/i.test(folder) ? "\\" : "/"
  return folder.endsWith(slash) ? `${folder}${name}` : `${folder}${slash}${name}`
}
