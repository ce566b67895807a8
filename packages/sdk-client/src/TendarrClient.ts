/**
 * Typed client of Tendarr's API: `await tendarr.library.items({ query: { limit: 10 } })`. The methods are generated from
 * the OpenAPI document; this file adds what a generator does not know: how to sign in, what is retried, one error, lists
 * and events as async iterators.
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
  /** Where Tendarr listens, for instance `http://localhost:8787`. */
  readonly baseUrl: string
  /**
   * An API key; its scope decides what is allowed. Left out, only what is open to all can be called, and in a page of
   * Tendarr's own origin what the session cookie allows.
   */
  readonly apiKey?: string | undefined
  /** How often a read is tried again after an answer of 5xx, 408 or 429. What changes something is sent once. Default: 2. */
  readonly retries?: number
  /** Milliseconds for one attempt. The default leaves room for the longest `wait` of a run: 310 000. */
  readonly timeoutMillis?: number
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

export class TendarrClient extends TendarrSdk {
  readonly #options: TendarrClientOptions

  constructor(options: TendarrClientOptions) {
    super({ client: connected(options) })
    this.#options = options
  }

  /**
   * Every item of a list, page after page: `for await (const item of tendarr.all(tendarr.library.items, { query }))`.
   * Takes any method whose query has a cursor.
   */
  all<M extends Method>(list: M & ListMethod<M>, options?: PagesOptions<M>): AsyncGenerator<ItemOf<M>, void, undefined>
  all(list: List<unknown>, options: Asked = {}): AsyncGenerator<unknown, void, undefined> {
    return all(this.client, list, options)
  }

  /** The same by pages. */
  pages<M extends Method>(
    list: M & ListMethod<M>,
    options?: PagesOptions<M>
  ): AsyncGenerator<Page<ItemOf<M>>, void, undefined>
  pages(list: List<unknown>, options: Asked = {}): AsyncGenerator<Page<unknown>, void, undefined> {
    return pages(this.client, list, options)
  }

  /**
   * What happens, as it happens, over broken connections and restarts of the server, each event once. Ends when the loop
   * is left or `signal` says so; rejects when the server refuses (400, 401, 403).
   */
  follow<Type extends EventType = EventType>(
    options: FollowOptions<Type> = {}
  ): AsyncIterableIterator<TendarrEvent<Type>, void, undefined> {
    const { apiKey, baseUrl, fetch = globalThis.fetch } = this.#options
    return follow(
      {
        // Called as a function: a browser's own refuses to be a method of something else.
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
    redirect: "manual",
    // Whatever a page in the way calls itself: what is no JSON is no answer of Tendarr's.
    parseAs: "json"
  })
  client.interceptors.error.use((failure, response, request, { signal }) =>
    // What was answered is text or JSON; what stood in its way is an error, or the reason of the signal.
    response === undefined || response.ok
      ? errorOfFailure(failure, { response, request, signal })
      : errorOfAnswer(failure, response, request)
  )
  return client
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, "")

/** ky has read the body of a failed answer when the generated client wants to read it: let it be read again. */
const readableAgain = ({ error }: { readonly error: Error }): Error => {
  if (!isHTTPError(error)) return error
  const body = typeof error.data === "string" ? error.data : (JSON.stringify(error.data) ?? "")
  Object.defineProperty(error.response, "text", { value: () => Promise.resolve(body) })
  return error
}
