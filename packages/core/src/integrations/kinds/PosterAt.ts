/** Reads posters from the paths at which an application serves them. */
import { Effect } from "effect"
import type { ArtworkLimits } from "../Kind.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"

/** The image at the first of these paths that does not return 404; `null` if all of them do. */
export const posterAt = Effect.fnUntraced(function* (
  upstream: Upstream,
  paths: ReadonlyArray<string>,
  limits: ArtworkLimits
): Effect.fn.Return<Uint8Array | null, UpstreamError> {
  for (const path of paths) {
    const image = yield* upstream.ask("GET", path, { ...limits, headers: { accept: "image/*" } }).pipe(
      Effect.map(({ body }): Uint8Array | null => body),
      Effect.catchTag("UpstreamRefused", (error) => (error.status === 404 ? Effect.succeed(null) : Effect.fail(error)))
    )
    if (image !== null) return image
  }
  return null
})
