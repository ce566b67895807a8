/**
 * Makes images smaller with sharp, an optional dependency of the runtime: it is loaded when the first smaller image is
 * requested, so that a server that never needs one neither starts more slowly nor uses more memory.
 */
import { Effect, Semaphore } from "effect"
import { ImageUnreadable, type Resizer, type Thumbnail } from "./ImageResizer.ts"

/** The part of sharp's interface that is used. */
export interface Sharp {
  (image: Uint8Array, options: SharpOptions): SharpImage
  /** Whether results are cached, which is not needed here. */
  readonly cache: (kept: false) => unknown
  /** Threads for one image. */
  readonly concurrency: (threads: number) => unknown
}

interface SharpOptions {
  readonly limitInputPixels: number
  readonly failOn: "error"
}

interface SharpImage {
  readonly metadata: () => Promise<{ readonly width: number; readonly autoOrient: { readonly width: number } }>
  readonly autoOrient: () => SharpImage
  readonly resize: (options: { readonly width: number; readonly withoutEnlargement: true }) => SharpImage
  readonly webp: (options: { readonly quality: number }) => SharpImage
  readonly toBuffer: () => Promise<Uint8Array>
}

/** Some 7,000 by 7,000 pixels: the maximum size of a decoded poster. */
const options: SharpOptions = { limitInputPixels: 50_000_000, failOn: "error" }
const quality = 80
/** Each occupies a thread of the pool for some milliseconds. */
const resizedAtOnce = 2

/** `load` imports sharp; if it fails, no image is made smaller, which is logged once. */
export const sharpResizer = (load: () => Promise<{ readonly default: Sharp }>): Resizer => {
  const permits = Semaphore.makeUnsafe(resizedAtOnce)
  let loading: Promise<Sharp | string> | null = null
  let logged = false

  const loaded = Effect.promise(() => (loading ??= load().then(settled, reasonOf)))

  const shrink = (sharp: Sharp, image: Uint8Array, width: number): Effect.Effect<Thumbnail | null, ImageUnreadable> =>
    Effect.tryPromise({
      try: async () => {
        const { autoOrient } = await sharp(image, options).metadata()
        if (autoOrient.width <= width) return null
        const resized = sharp(image, options).autoOrient().resize({ width, withoutEnlargement: true })
        return { bytes: new Uint8Array(await resized.webp({ quality }).toBuffer()), mediaType: "image/webp" as const }
      },
      catch: (cause) => new ImageUnreadable({ detail: reasonOf(cause) })
    })

  return {
    shrink: (image, width) =>
      Effect.flatMap(loaded, (sharp) => {
        if (typeof sharp !== "string") return permits.withPermit(shrink(sharp, image, width))
        if (logged) return Effect.succeed(null)
        logged = true
        return Effect.as(
          Effect.logInfo(`Posters are shown in their original size, because sharp is not available: ${sharp}`),
          null
        )
      })
  }
}

const settled = ({ default: sharp }: { readonly default: Sharp }): Sharp => {
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp
}

/** Only the first line: sharp adds a page of installation instructions. */
const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? ""
