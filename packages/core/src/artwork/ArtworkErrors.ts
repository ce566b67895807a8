/** Errors of requests for posters. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

export class PosterNotFound extends Problem<PosterNotFound>()(
  "PosterNotFound",
  { code: "poster-not-found", status: 404, title: "No application has a poster of this item" },
  { itemId: Schema.String }
) {}

export class PosterUnavailable extends Problem<PosterUnavailable>()(
  "PosterUnavailable",
  { code: "poster-unavailable", status: 503, title: "The application that may have the poster does not answer" },
  { itemId: Schema.String, detail: Schema.String, retryAfterSeconds: Schema.Int }
) {}
