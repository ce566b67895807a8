/** The HTTP client for upstreams. */
import { Context, Effect, type Schema, type Stream } from "effect"
import type { OddRecords } from "./OddRecords.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

export type QueryValue = string | number | boolean | ReadonlyArray<string | number>

/** One part of a `multipart/form-data` body: a field or a file. */
export type UpstreamPart =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string
      readonly fileName: string
      readonly contentType: string
      readonly content: Uint8Array
    }

/**
 * What a call sends in addition to its path. The body is the first of `json`, `form`, `bytes` and `multipart` that is
 * given.
 */
export interface UpstreamRequest {
  readonly query?: Readonly<Record<string, QueryValue>>
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** Sent as `application/x-www-form-urlencoded`; for a list, each value is sent under the same name. */
  readonly form?: Readonly<Record<string, QueryValue>>
  readonly bytes?: { readonly content: Uint8Array; readonly contentType: string }
  readonly multipart?: ReadonlyArray<UpstreamPart>
  /** Overrides the default of 30 s. */
  readonly timeoutMillis?: number
  /** The largest answer that is read, if it is smaller than the limit of the upstream. */
  readonly bound?: AnswerBound
  /**
   * Whether data is lost by it; passed to the final check before it. Default: true for DELETE, false for other methods.
   */
  readonly destroys?: boolean
  /** Whether a GET changes something: it is then sent exactly once, after the final check, and follows no redirect. */
  readonly acts?: boolean
  /**
   * Whether a POST only reads, as the calls of an RPC protocol do: it is then retried like a GET, uses the permits of
   * reads, and needs no final check.
   */
  readonly reads?: boolean
  /** Whether a web page is a proper answer: an application may send its token in one. */
  readonly webPage?: boolean
  /** For lists: accept records with faulty fields instead of failing, and collect the faults here. */
  readonly odd?: OddRecords
  /** For pages: position of the first record of this page in the whole list. */
  readonly oddFrom?: number
  /** Converts the text of the response to the value that the schema decodes; default: JSON. May throw. */
  readonly parse?: (text: string, contentType: string) => unknown
}

/** One page of a list: the data around the rows, and the rows. */
export interface UpstreamPage<Head, Row> {
  readonly head: Head
  readonly rows: ReadonlyArray<Row>
}

export type SendMethod = "POST" | "PUT" | "PATCH" | "DELETE"

/** A response without decoding. */
export interface UpstreamAnswer {
  /** 200 to 299. */
  readonly status: number
  /** Names in lower case. Without cookies. */
  readonly headers: Readonly<Record<string, string>>
  /** By name. */
  readonly cookies: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * One upstream's base address with its credentials in headers; paths are joined to the base and never replace it.
 *
 * @example
 * ```ts
 * import type { Upstream } from "@tendarr/core/integrations/Upstream"
 * import { Effect, Schema } from "effect"
 *
 * const Row = Schema.Struct({ id: Schema.Int, title: Schema.String })
 *
 * export const renameFirst = (upstream: Upstream, title: string) =>
 *   Effect.gen(function* () {
 *     const rows = yield* upstream.getArray("items", Row, { query: { sort: "title" } })
 *     const [first] = rows
 *     if (first !== undefined) yield* upstream.send("PUT", `items/${first.id}`, { json: { title } })
 *   })
 * ```
 */
export interface Upstream {
  /** GET and decode. Retried with back-off after transient failures. */
  readonly get: <A>(
    path: string,
    schema: Schema.Codec<A, unknown>,
    request?: UpstreamRequest
  ) => Effect.Effect<A, UpstreamError>
  /**
   * GET a JSON array of any length. Rows of a long list are parsed and decoded while the body arrives, with pauses, so
   * that 20,000 rows neither block the event loop nor are in memory twice. `request.parse` is not used.
   */
  readonly getArray: <A>(
    path: string,
    row: Schema.Codec<A, unknown>,
    request?: UpstreamRequest
  ) => Effect.Effect<ReadonlyArray<A>, UpstreamError>
  /** GET one page: decodes the data around the rows, then the rows that `rowsOf` returns from it, with pauses. */
  readonly getPage: <Head, Row>(
    path: string,
    page: {
      readonly head: Schema.Codec<Head, unknown>
      readonly rowsOf: (head: Head) => ReadonlyArray<unknown>
      readonly row: Schema.Codec<Row, unknown>
    },
    request?: UpstreamRequest
  ) => Effect.Effect<UpstreamPage<Head, Row>, UpstreamError>
  /** POST, PUT, PATCH or DELETE. Sent exactly once; the response is decoded if a schema is given. */
  readonly send: {
    (method: SendMethod, path: string, request?: UpstreamRequest): Effect.Effect<void, UpstreamError>
    <A>(
      method: SendMethod,
      path: string,
      request: UpstreamRequest,
      schema: Schema.Codec<A, unknown>
    ): Effect.Effect<A, UpstreamError>
  }
  /** Any method, with the response as it came. A GET is retried like `get`; everything else is sent exactly once. */
  readonly ask: (
    method: "GET" | SendMethod,
    path: string,
    request?: UpstreamRequest
  ) => Effect.Effect<UpstreamAnswer, UpstreamError>
  /**
   * GET the body as a stream of chunks. The time limit applies to each chunk; the permit of the host is held until the
   * end. It is retried as long as no chunk has been emitted.
   */
  readonly stream: (path: string, request?: UpstreamRequest) => Stream.Stream<Uint8Array, UpstreamError>
  /** Number of calls made through this client since it was opened; a sync reports the difference. */
  readonly calls: Effect.Effect<number>
}

/** A response with status 400 or above. */
export interface UpstreamRefusal {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** For applications that require a sign-in before requests. */
export interface UpstreamSession {
  /**
   * Signs in through `upstream`, which carries no session, and returns the headers for all other calls: a cookie, a
   * token. A refused sign-in fails with `UpstreamUnauthorized`, and is not tried again for a minute unless a person is
   * waiting for it.
   */
  readonly open: (upstream: Upstream) => Effect.Effect<Readonly<Record<string, string>>, UpstreamError>
  /** Whether a refusal means that the session has ended. It is then reopened, and the call is sent once more. */
  readonly hasEnded: (refusal: UpstreamRefusal) => boolean
  /** The new headers, if the refusal itself contains them; otherwise `null`. */
  readonly headersIn?: (refusal: UpstreamRefusal) => Readonly<Record<string, string>> | null
  /** Names of what `open` returns that are sent in the query instead of a header, before everything else in it. */
  readonly inQuery?: ReadonlyArray<string>
  /**
   * Whether a successful response says that the session has ended, as parsed by `get` and `send` with a schema. It is
   * then treated like a refusal with status 401.
   */
  readonly endedBy?: (value: unknown) => boolean
}

/** The address of an upstream, and what every request to it contains. */
export interface UpstreamOptions {
  /** Name for errors and logs. */
  readonly integration: string
  /** May carry a path prefix. Credentials in it are refused. */
  readonly baseUrl: string
  /** Sent with every request; values are kept out of errors and logs, as are those of `query`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** Further texts to keep out of errors and logs: a key that is only a part of a header's value. */
  readonly secrets?: ReadonlyArray<string>
  readonly session?: UpstreamSession
  /**
   * Whether nothing more is sent after this failure, whoever asks: a refused password is not sent again, because
   * applications ban addresses that guess passwords. It ends when the upstream is opened with a changed configuration.
   */
  readonly stopsAfter?: (error: UpstreamError) => boolean
  /** Evaluated at each call; default: the limit of the client. */
  readonly answerBound?: Effect.Effect<AnswerBound>
}

/** The largest response that is read. */
export interface AnswerBound {
  readonly bytes: number
  /** What to do about a larger response, for people. */
  readonly advice: string | null
}

/**
 * The limit with which integrations open their upstreams, provided by code that knows the settings; default: the limit
 * of the client.
 */
export const CurrentAnswerBound = Context.Reference<Effect.Effect<AnswerBound> | null>(
  "tendarr/integrations/CurrentAnswerBound",
  { defaultValue: () => null }
)

/**
 * Set while a person is waiting for the response, or has just changed the address or key: calls are made immediately,
 * whatever the state of the host's circuit, and reads are not retried.
 */
export const Urgent = Context.Reference<boolean>("tendarr/integrations/Urgent", { defaultValue: () => false })

export const urgently = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, Urgent, true)

/** Whether requests carry the trace that they belong to (`traceparent`): only if traces are collected. */
export const SendTraces = Context.Reference<boolean>("tendarr/integrations/SendTraces", { defaultValue: () => false })

/**
 * Opens upstreams. It implements the time limits, the retries of reads, the circuit breaker, the limit of concurrent
 * calls per host, and the address guard; a kind does none of this itself.
 */
export class UpstreamClient extends Context.Service<
  UpstreamClient,
  { readonly open: (options: UpstreamOptions) => Upstream }
>()("tendarr/integrations/UpstreamClient") {}
