/**
 * The type of an image, detected from its bytes. The content type that an application sends is ignored, and only formats
 * that cannot contain a script are recognised: no SVG, no HTML.
 */

export const imageTypes = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"] as const
export type ImageType = (typeof imageTypes)[number]

/** The media type of an image; `null` = it is not an image of a supported type. */
export const imageTypeOf = (bytes: Uint8Array): ImageType | null => {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return "image/jpeg"
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png"
  const start = latin1(bytes, 0, 6)
  if (start === "GIF87a" || start === "GIF89a") return "image/gif"
  if (start.startsWith("RIFF") && latin1(bytes, 8, 12) === "WEBP") return "image/webp"
  return latin1(bytes, 4, 8) === "ftyp" && brandsOf(bytes).some((brand) => avifBrands.has(brand)) ? "image/avif" : null
}

const startsWith = (bytes: Uint8Array, signature: ReadonlyArray<number>): boolean =>
  bytes.length > signature.length && signature.every((byte, index) => bytes[index] === byte)

const latin1 = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to))

const avifBrands: ReadonlySet<string> = new Set(["avif", "avis"])
const mostBrands = 16

/** The brand of the first box and the compatible brands, which follow after a version. */
const brandsOf = (bytes: Uint8Array): ReadonlyArray<string> => {
  const size = bytes.length < 16 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const count = Math.min(mostBrands, Math.floor((Math.min(size, bytes.length) - 16) / 4))
  const compatible = Array.from({ length: Math.max(0, count) }, (_, index) => 16 + 4 * index)
  return [8, ...compatible].map((at) => latin1(bytes, at, at + 4))
}
