/** The body of a request in the form that fetch accepts. */
import type { UpstreamRequest } from "../Upstream.ts"
import { appendTo } from "./Address.ts"

export interface SentBody {
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | URLSearchParams
  /** Set for bodies whose content type fetch does not set itself. */
  readonly contentType?: string
}

/** Created anew for each attempt, since a sent body is consumed. */
export const bodyOf = ({ bytes, form, json, multipart }: UpstreamRequest): SentBody => {
  if (json !== undefined) return { body: JSON.stringify(json), contentType: "application/json" }
  if (form !== undefined) return { body: appendTo(new URLSearchParams(), form) }
  if (bytes !== undefined) return { body: new Uint8Array(bytes.content), contentType: bytes.contentType }
  if (multipart === undefined) return {}
  const data = new FormData()
  for (const part of multipart) {
    if ("value" in part) data.append(part.name, part.value)
    else data.append(part.name, new Blob([new Uint8Array(part.content)], { type: part.contentType }), part.fileName)
  }
  return { body: data }
}
