/** Makes smaller images. Optionally provided by a runtime; without it, the original is returned, whatever the requested width. */
import { Context, Effect, Schema } from "effect"
import type { ImageType } from "./ImageType.ts"

export interface Thumbnail {
  readonly bytes: Uint8Array
  readonly mediaType: ImageType
}

/** This image cannot be made smaller: it is damaged, or exceeds the limit for decoding. */
export class ImageUnreadable extends Schema.TaggedError<ImageUnreadable>()("ImageUnreadable", {
  detail: Schema.String
}) {
  override get message() {
    return `The image cannot be made smaller: ${this.detail}`
  }
}

export interface Resizer {
  /**
   * The image at this width, in pixels; `null` if it is no wider than that, or if no image library is available. Never
   * enlarges.
   */
  readonly shrink: (image: Uint8Array, width: number) => Effect.Effect<Thumbnail | null, ImageUnreadable>
}

export const ImageResizer = Context.Reference<Resizer>("tendarr/artwork/ImageResizer", {
  defaultValue: () => ({ shrink: () => Effect.succeed(null) })
})
