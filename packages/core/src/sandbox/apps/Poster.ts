/** A plain poster for an invented title: a circle on a colour of its own, and a mark for its year. */
import { crc32, deflateSync } from "node:zlib"

export const poster = (title: string, year: number): Response =>
  new Response(picture(title, year), { headers: { "content-type": "image/png", "cache-control": "max-age=86400" } })

const width = 400
const height = 600

/** Each pixel is one of four colours. */
const picture = (title: string, year: number): Uint8Array<ArrayBuffer> => {
  let hue = 0
  for (const letter of title) hue = (hue * 31 + letter.charCodeAt(0)) % 360
  const bar = 40 + ((year % 100) * (width - 80)) / 100
  // A byte before each row says that its pixels are not filtered.
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + x + 1] = colourAt(x, y, bar)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3], 8)
  const palette = [[hue, 0.35, 0.26] as const, [hue + 40, 0.4, 0.38] as const, [hue, 0.2, 0.9] as const].flatMap(rgbOf)
  const chunks = [
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette)),
    chunk("IDAT", deflateSync(rows, { level: 3 })),
    chunk("IEND", new Uint8Array())
  ]
  return new Uint8Array(Buffer.concat([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks]))
}

const colourAt = (x: number, y: number, bar: number): number => {
  if (y >= 550 && y < 562 && x >= 40 && x < bar) return 2
  return (x - 300) ** 2 + (y - 400) ** 2 < 180 ** 2 ? 1 : 0
}

const chunk = (name: string, data: Uint8Array): Uint8Array => {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(named, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}

/** Red, green and blue, 0 to 255, of a hue in degrees, and saturation and lightness from 0 to 1. */
const rgbOf = ([hue, saturation, lightness]: readonly [number, number, number]): ReadonlyArray<number> =>
  [0, 8, 4].map((offset) => {
    const step = (offset + hue / 30) % 12
    const spread = saturation * Math.min(lightness, 1 - lightness)
    return Math.round(255 * (lightness - spread * Math.max(-1, Math.min(step - 3, 9 - step, 1))))
  })
