/** What a request carries, as a fetch takes it. */
import type { UpstreamRequest } from "../Upstream.ts"
import { appendTo } from "./Address.ts"

export interface SentBody {
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | URLSearchParams
  /** Of what does not name its type itself. */
  readonly contentType?: string
}

/** Made anew for each attempt: what was sent is used up. */
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
