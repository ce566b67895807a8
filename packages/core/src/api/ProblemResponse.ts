/** A problem as a bare answer, for what never reaches an endpoint. */
import { HttpServerResponse } from "effect/http"

export const problemResponse = (status: number, code: string, title: string, detail: string) =>
  HttpServerResponse.jsonUnsafe(
    { type: `urn:tendarr:problem:${code}`, status, title, detail, code },
    { status, contentType: "application/problem+json" }
  )
