/** Posters by the path under which an application hands them out. */
import { Effect } from "effect"
import type { ArtworkLimits } from "../Kind.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"

/** The first of these paths that the application does not answer with 404; `null` where it has none of them. */
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
