/**
 * Makes images smaller with sharp, which a runtime brings and may be without: it is loaded when the first smaller image is
 * asked for, so that a server which shows none neither starts later nor is larger for it.
 */
import { Effect, Semaphore } from "effect"
import { ImageUnreadable, type Resizer, type Thumbnail } from "./ImageResizer.ts"

/** What is used of sharp. */
export interface Sharp {
  (image: Uint8Array, options: SharpOptions): SharpImage
  /** Whether results are kept for the same work once more: bytes that nobody needs here. */
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

/** Some 7,000 by 7,000 pixels: what a poster may come to when it is decoded. */
const options: SharpOptions = { limitInputPixels: 50_000_000, failOn: "error" }
const quality = 80
/** Each of them takes a thread of the pool for some milliseconds. */
const resizedAtOnce = 2

/** `load` imports sharp; when it fails, no image is made smaller, which is told once. */
export const sharpResizer = (load: () => Promise<{ readonly default: Sharp }>): Resizer => {
  const permits = Semaphore.makeUnsafe(resizedAtOnce)
  let loading: Promise<Sharp | string> | null = null
  let told = false

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
        if (told) return Effect.succeed(null)
        told = true
        return Effect.as(Effect.logInfo(`Posters are shown as they are, without sharp: ${sharp}`), null)
      })
  }
}

const settled = ({ default: sharp }: { readonly default: Sharp }): Sharp => {
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp
}

/** The first line: what sharp says of how to install it takes a page. */
const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? ""
