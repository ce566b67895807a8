/**
 * Typed client of Tendarr's API: `await tendarr.library.items({ query: { limit: 10 } })`. The methods are generated
 * from the OpenAPI document; this file adds what a generator cannot know: authentication, retries, a single error type,
 * and lists and events as async iterators.
 */
import ky, { isHTTPError } from "ky"
import { follow, type FollowOptions } from "./Follow.ts"
import { type Client, createClient } from "./generated/client/index.ts"
import { TendarrSdk } from "./generated/sdk.gen.ts"
import {
  all,
  type Asked,
  type ItemOf,
  type List,
  type ListMethod,
  type Method,
  type Page,
  pages,
  type PagesOptions
} from "./Pages.ts"
import { errorOfAnswer, errorOfFailure } from "./TendarrError.ts"
import type { EventType, TendarrEvent } from "./TendarrEvent.ts"

export type * from "./generated/types.gen.ts"
export type { FollowOptions } from "./Follow.ts"
export { jsonLines } from "./JsonLines.ts"
export type { ItemOf, ListMethod, Method, Page, PagesOptions } from "./Pages.ts"
export {
  isTendarrError,
  type ProblemCode,
  type ProblemDetails,
  type ProblemIssue,
  TendarrError,
  type TendarrErrorOf,
  type TendarrProblem,
  type TransportCode
} from "./TendarrError.ts"
export {
  type EventPayload,
  type EventType,
  isEvent,
  type JobRunPayload,
  type KnownEventType,
  type OtherEventType,
  type RemovalPayload,
  type SettingsPayload,
  type TendarrEvent
} from "./TendarrEvent.ts"

export interface TendarrClientOptions {
  /** Address of Tendarr, for example `http://localhost:8787`. */
  readonly baseUrl: string
  /**
   * An API key; its scope decides what is allowed. Without one, only public calls are possible, and in a page of
   * Tendarr's own origin, those that the session cookie allows.
   */
  readonly apiKey?: string | undefined
  /** How often a read is retried after a response of 5xx, 408 or 429. Other requests are sent once. Default: 2. */
  readonly retries?: number
  /** Milliseconds per attempt. The default leaves room for the longest `wait` of a run: 310 000. */
  readonly timeoutMillis?: number
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

export class TendarrClient extends TendarrSdk {
  readonly #options: TendarrClientOptions

  constructor(options: TendarrClientOptions) {
    super({ client: connected(options) })
    this.#options = options
  }

  /**
   * Every item of a list, page by page: `for await (const item of tendarr.all(tendarr.library.items, { query }))`.
   * Accepts any method whose query has a cursor.
   */
  all<M extends Method>(list: M & ListMethod<M>, options?: PagesOptions<M>): AsyncGenerator<ItemOf<M>, void, undefined>
  all(list: List<unknown>, options: Asked = {}): AsyncGenerator<unknown, void, undefined> {
    return all(this.client, list, options)
  }

  /** The same, by page. */
  pages<M extends Method>(
    list: M & ListMethod<M>,
    options?: PagesOptions<M>
  ): AsyncGenerator<Page<ItemOf<M>>, void, undefined>
  pages(list: List<unknown>, options: Asked = {}): AsyncGenerator<Page<unknown>, void, undefined> {
    return pages(this.client, list, options)
  }

  /**
   * Events as they happen, across broken connections and restarts of the server, each event once. Ends when the loop is
   * left or `signal` is aborted; rejects if the server refuses the request (400, 401, 403).
   */
  follow<Type extends EventType = EventType>(
    options: FollowOptions<Type> = {}
  ): AsyncIterableIterator<TendarrEvent<Type>, void, undefined> {
    const { apiKey, baseUrl, fetch = globalThis.fetch } = this.#options
    return follow(
      {
        // Called as a function: a browser's `fetch` must not be called as a method of another object.
        fetch: (input, init) => fetch(input, init),
        url: `${withoutSlash(baseUrl)}/api/v1/events`,
        headers: apiKey === undefined ? {} : { "x-api-key": apiKey },
        newest: async (signal) => {
          const { data } = await this.events.list({ query: { limit: 1 }, signal, retry: 0 })
          return data.items[0]?.id ?? "0"
        }
      },
      options
    )
  }
}

export const createTendarrClient = (options: TendarrClientOptions): TendarrClient => new TendarrClient(options)

const connected = (options: TendarrClientOptions): Client => {
  const client = createClient({
    baseUrl: withoutSlash(options.baseUrl),
    // The document offers four ways to send the key. The header is enough, and the query would appear in logs.
    auth: ({ name }) => (name === "x-api-key" ? options.apiKey : undefined),
    throwOnError: true,
    ky: ky.create({
      hooks: { beforeError: [readableAgain] },
      ...(options.fetch === undefined ? {} : { fetch: options.fetch })
    }),
    retry: { limit: options.retries ?? 2, methods: ["get", "head"] },
    timeout: options.timeoutMillis ?? 310_000,
    // A redirect would send the key to its target.
    redirect: "manual",
    // Whatever content type a proxy's page declares: a body that is not JSON is not a response of Tendarr.
    parseAs: "json"
  })
  client.interceptors.error.use((failure, response, request, { signal }) =>
    // The body of a response is text or JSON; a failure to get one is an error, or the reason of the signal.
    response === undefined || response.ok
      ? errorOfFailure(failure, { response, request, signal })
      : errorOfAnswer(failure, response, request)
  )
  return client
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, "")

/**
 * ky has already read the body of a failed response when the generated client wants to read it: makes it readable
 * again.
 */
const readableAgain = ({ error }: { readonly error: Error }): Error => {
  if (!isHTTPError(error)) return error
  const body = typeof error.data === "string" ? error.data : (JSON.stringify(error.data) ?? "")
  Object.defineProperty(error.response, "text", { value: () => Promise.resolve(body) })
  return error
}
