import { assert, describe, it } from "@effect/vitest"
import { imageTypeOf } from "../../src/artwork/ImageType.ts"
import { jpeg, text } from "./Pictures.ts"

const latin1 = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0))

const cases: ReadonlyArray<readonly [string, Uint8Array, string | null]> = [
  ["a JPEG", jpeg(), "image/jpeg"],
  ["a PNG", latin1("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png"],
  ["a GIF", latin1("GIF89a\x01\0"), "image/gif"],
  ["a WebP", latin1("RIFF\x24\0\0\0WEBPVP8 "), "image/webp"],
  ["an AVIF", latin1("\0\0\0\x1cftypavif\0\0\0\0mif1miaf"), "image/avif"],
  ["an AVIF that names itself second", latin1("\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"), "image/avif"],
  ["a film, which begins as an AVIF does", latin1("\0\0\0\x18ftypmp42\0\0\0\0mp42isom"), null],
  ["a sound, which begins as a WebP does", latin1("RIFF\x24\0\0\0WAVEfmt "), null],
  ["an SVG", text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), null],
  ["a web page", text("<!DOCTYPE html><html></html>"), null],
  ["a web page after a word of a JPEG", text("\u00ff\u00d8\u00ff<html>"), null],
  ["a document", text('{"error":"none"}'), null],
  ["the start of a signature", Uint8Array.of(0xff, 0xd8), null],
  ["nothing", new Uint8Array(), null]
]

describe("The type of an image", () => {
  it.each(cases)("is detected from its bytes: %s", (_name, bytes, type) => {
    assert.strictEqual(imageTypeOf(bytes), type)
  })

  it("is detected in a slice of a larger buffer", () => {
    const around = new Uint8Array(200)
    around.set(latin1("\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"), 100)
    assert.strictEqual(imageTypeOf(around.subarray(100, 140)), "image/avif")
  })
})
