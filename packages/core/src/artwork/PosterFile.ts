/**
 * A poster as a file: a header line, then its bytes. The header contains the hash and the length of the bytes, so that a
 * truncated or modified file is detected.
 */
import { createHash } from "node:crypto"
import { type ImageType, imageTypes } from "./ImageType.ts"

export interface StoredPoster {
  readonly bytes: Uint8Array
  readonly mediaType: ImageType
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly hash: string
  /** When it was fetched from the application, in epoch milliseconds. */
  readonly fetchedAt: number
}

export const hashOf = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

export const posterFile = ({ bytes, fetchedAt, hash, mediaType }: StoredPoster): Uint8Array => {
  const line = new TextEncoder().encode(`${[mark, hash, bytes.length, mediaType, fetchedAt].join(" ")}\n`)
  const file = new Uint8Array(line.length + bytes.length)
  file.set(line)
  file.set(bytes, line.length)
  return file
}

/** `null` if the file is incomplete, or not a poster at all. */
export const readPosterFile = (file: Uint8Array): StoredPoster | null => {
  const end = file.subarray(0, longestLine).indexOf(newline)
  const [found, hash = "", length, type, fetchedAt] = new TextDecoder()
    .decode(file.subarray(0, Math.max(0, end)))
    .split(" ")
  const bytes = file.subarray(end + 1)
  const mediaType = imageTypes.find((known) => known === type)
  if (found !== mark || mediaType === undefined || Number(length) !== bytes.length || hash !== hashOf(bytes))
    return null
  return { bytes, mediaType, hash, fetchedAt: Number(fetchedAt) }
}

const mark = "tendarr-poster-1"
const newline = 0x0a
const longestLine = 200
