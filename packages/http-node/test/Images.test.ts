import { assert, describe, it } from "@effect/vitest"
import { imageTypeOf } from "@tendarr/core/artwork/ImageType"
import { sharpResizer } from "@tendarr/core/artwork/SharpResizer"
import { Effect, Logger } from "effect"
import sharp from "sharp"
import { images } from "../src/Images.ts"

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 80, b: 40 } } })

const made = (image: { toBuffer: () => Promise<Uint8Array> }) =>
  Effect.promise(async () => new Uint8Array(await image.toBuffer()))

const sizeOf = (bytes: Uint8Array) =>
  Effect.promise(async () => {
    const { format, height, width } = await sharp(bytes).metadata()
    return { format, width, height }
  })

describe("Images that sharp resizes", () => {
  it.effect("have the requested width, whatever their format was", () =>
    Effect.gen(function* () {
      for (const image of [
        picture(600, 900).jpeg(),
        picture(600, 900).png(),
        picture(600, 900).webp(),
        picture(600, 900).gif()
      ]) {
        const small = yield* images.shrink(yield* made(image), 200)
        if (small === null) return assert.fail("it is wider")
        assert.strictEqual(imageTypeOf(small.bytes), small.mediaType)
        assert.deepStrictEqual(yield* sizeOf(small.bytes), { format: "webp", width: 200, height: 300 })
      }
    })
  )

  it.effect("are never larger than the original", () =>
    Effect.gen(function* () {
      for (const width of [200, 150]) assert.isNull(yield* images.shrink(yield* made(picture(width, 225).png()), 200))
    })
  )

  it.effect("are rotated as their metadata requires", () =>
    Effect.gen(function* () {
      const turned = yield* made(picture(900, 600).jpeg().withMetadata({ orientation: 6 }))
      const small = yield* images.shrink(turned, 200)
      assert.deepStrictEqual(yield* sizeOf(small?.bytes ?? turned), { format: "webp", width: 200, height: 300 })
    })
  )

  it.effect("are not created from damaged or far too large images", () =>
    Effect.gen(function* () {
      const whole = yield* made(picture(600, 900).jpeg())
      const huge = yield* made(picture(12_000, 6_000).png({ compressionLevel: 1 }))
      for (const image of [whole.subarray(0, 300), whole.subarray(0, whole.length - 200), huge, new Uint8Array(50)]) {
        assert.strictEqual((yield* Effect.flip(images.shrink(image, 200)))._tag, "ImageUnreadable")
      }
    })
  )

  it.effect("do not exist without sharp, which is logged once", () => {
    const logged: Array<string> = []
    return Effect.gen(function* () {
      const without = sharpResizer(() => Promise.reject(new Error("Cannot find package 'sharp'\nInstall it so: …")))
      const whole = yield* made(picture(600, 900).jpeg())
      for (const width of [100, 200]) assert.isNull(yield* without.shrink(whole, width))
      assert.deepStrictEqual(logged, [
        "Posters are shown in their original size, because sharp is not available: Cannot find package 'sharp'"
      ])
    }).pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))])))
  })

  it.effect("load sharp when the first one is requested", () =>
    Effect.gen(function* () {
      let loads = 0
      const resizer = sharpResizer(() => {
        loads += 1
        return import("sharp")
      })
      assert.strictEqual(loads, 0)
      const whole = yield* made(picture(600, 900).jpeg())
      yield* Effect.all([resizer.shrink(whole, 100), resizer.shrink(whole, 200)], { concurrency: 2 })
      assert.strictEqual(loads, 1)
    })
  )
})
