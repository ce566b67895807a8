/**
 * Typed client of Tendarr's API: `await tendarr.library.items({ query: { limit: 10 } })`. The methods are generated from
 * the OpenAPI document; this file adds what a generator does not know: how to sign in, what is retried, and one error.
 */
import ky, { isHTTPError } from "ky"
import { createClient } from "./generated/client/index.ts"
import { TendarrSdk } from "./generated/sdk.gen.ts"
import { TendarrError } from "./TendarrError.ts"

export type * from "./generated/types.gen.ts"
export { type ProblemDetails, type ProblemIssue, TendarrError } from "./TendarrError.ts"

export interface TendarrClientOptions {
  /** Where Tendarr listens, for instance `http://localhost:8787`. */
  readonly baseUrl: string
  /** An API key; its scope decides what is allowed. */
  readonly apiKey: string
  /** How often a read is tried again after an answer of 5xx, 408 or 429. What changes something is sent once. Default: 2. */
  readonly retries?: number
  /** Milliseconds for one attempt. The default leaves room for the longest `wait` of a run: 310 000. */
  readonly timeoutMillis?: number
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

export type TendarrClient = TendarrSdk

export const createTendarrClient = (options: TendarrClientOptions): TendarrClient => {
  const client = createClient({
    baseUrl: options.baseUrl.replace(/\/+$/, ""),
    // The document offers four places for the key. The header is enough, and the query would show up in logs.
    auth: ({ name }) => (name === "x-api-key" ? options.apiKey : undefined),
    throwOnError: true,
    ky: ky.create({
      hooks: { beforeError: [readableAgain] },
      ...(options.fetch === undefined ? {} : { fetch: options.fetch })
    }),
    retry: { limit: options.retries ?? 2, methods: ["get", "head"] },
    timeout: options.timeoutMillis ?? 310_000,
    // A redirect would carry the key to wherever it points.
    redirect: "error"
  })
  client.interceptors.error.use((body, response, request) =>
    response === undefined ? body : new TendarrError(body, response, request)
  )
  return new TendarrSdk({ client })
}

/** ky has read the body of a failed answer when the generated client wants to read it: give it one to read. */
const readableAgain = ({ error }: { readonly error: Error }): Error => {
  if (!isHTTPError(error)) return error
  const { headers, status, statusText } = error.response
  const body = typeof error.data === "string" ? error.data : JSON.stringify(error.data)
  Object.defineProperty(error, "response", { value: new Response(body, { headers, status, statusText }) })
  return error
}
