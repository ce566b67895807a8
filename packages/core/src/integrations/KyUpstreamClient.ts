/**
 * The only HTTP client for upstreams, based on ky: it joins base paths, keeps secrets out of errors, guards addresses,
 * limits body sizes, limits and spaces the calls to one host, retries reads, and sends everything else exactly once.
 */
import { Effect, Layer, Queue, Schedule, type Schema, Stream } from "effect"
import { HttpTraceContext } from "effect/http"
import { HostResolver } from "./KyUpstreamClient/AddressGuard.ts"
import { join, parseBase, shown } from "./KyUpstreamClient/Address.ts"
import {
  type Answer,
  exchange,
  type ExchangeOptions,
  headersOf,
  readBytes,
  readText
} from "./KyUpstreamClient/Exchange.ts"
import { bodyOf } from "./KyUpstreamClient/Body.ts"
import { countCall } from "./KyUpstreamClient/CallMetrics.ts"
import { type Failure, type Failures, isWebPage, makeFailures, makeRedact } from "./KyUpstreamClient/Failure.ts"
import type { HostGate, HostGateOptions } from "./KyUpstreamClient/HostGate.ts"
import { makeHostGates } from "./KyUpstreamClient/HostGates.ts"
import { makePinnedFetch } from "./KyUpstreamClient/PinnedFetch.ts"
import { decodeRows, decodeValue, parseJson, readArray, type Tolerance } from "./KyUpstreamClient/Rows.ts"
import { makeSharedSession, secretsIn } from "./KyUpstreamClient/SharedSession.ts"
import { CurrentFinalCheck } from "./FinalCheck.ts"
import {
  type AnswerBound,
  type SendMethod,
  SendTraces,
  type Upstream,
  type UpstreamAnswer,
  UpstreamClient,
  type UpstreamOptions,
  type UpstreamRequest,
  Urgent
} from "./Upstream.ts"
import { headerFault } from "./UsableKey.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

export interface KyUpstreamClientOptions extends HostGateOptions {
  readonly timeoutMillis: number
  readonly maxBodyBytes: number
  /** Retries of a read after its first attempt. */
  readonly retries: number
  /** Wait before the first retry; it doubles with each further retry. */
  readonly retryBaseMillis: number
  /** If the upstream asks for a longer wait than this, a read is given up. */
  readonly maxRetryAfterMillis: number
  /** Replaces the connections to checked addresses; for tests without a network. */
  readonly fetch: typeof globalThis.fetch | null
  /** Certificates of authorities to trust instead of those of the system. */
  readonly ca: string | null
}

export const defaultClientOptions: KyUpstreamClientOptions = {
  concurrency: 4,
  actConcurrency: 2,
  actWaitMillis: 60_000,
  spacingMillis: 0,
  circuitFailures: 5,
  circuitMillis: 30_000,
  timeoutMillis: 30_000,
  maxBodyBytes: 256 * 1024 * 1024,
  retries: 3,
  retryBaseMillis: 250,
  maxRetryAfterMillis: 30_000,
  fetch: null,
  ca: null
}

const layerWith = (changes: Partial<KyUpstreamClientOptions>): Layer.Layer<UpstreamClient> =>
  Layer.effect(
    UpstreamClient,
    Effect.gen(function* () {
      const resolver = yield* HostResolver
      const options: KyUpstreamClientOptions = { ...defaultClientOptions, ...changes }
      const { ca, fetch } = options
      const pinned = yield* Effect.acquireRelease(
        Effect.sync(() => makePinnedFetch(ca === null ? {} : { ca })),
        ({ close }) => Effect.sync(close)
      )
      const fetchTo = fetch === null ? pinned.to : () => fetch
      const gates = makeHostGates(options)
      return UpstreamClient.of({
        open: (upstream) =>
          openUpstream(
            { ...options, fetchTo },
            ({ host }) => gates.of(host),
            (effect) => Effect.provideService(effect, HostResolver, resolver),
            upstream
          )
      })
    })
  )

/** Layers for `UpstreamClient`. */
export const KyUpstreamClient = { layer: layerWith({}), layerWith } as const

type Method = "GET" | SendMethod

const openUpstream = (
  options: KyUpstreamClientOptions & Pick<ExchangeOptions, "fetchTo">,
  gateOf: (url: URL) => HostGate,
  provide: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>,
  upstream: UpstreamOptions,
  /** Counts a call for the upstream that keeps the count. */
  counted: () => void = () => undefined
): Upstream => {
  const base = parseBase(upstream.baseUrl)
  const secrets = [
    ...Object.entries(upstream.headers ?? {}).flatMap(([name, value]) =>
      plainHeaders.has(name.toLowerCase()) ? [] : [value]
    ),
    ...Object.values(upstream.query ?? {}),
    ...(upstream.secrets ?? [])
  ]
  let redactAll = makeRedact(secrets)
  const redact = (text: string) => redactAll(text)
  // A key that cannot be sent in a header would fail within the request, and count as a failure of the host.
  const fault =
    typeof base === "string"
      ? base
      : Object.values(upstream.headers ?? {}).reduce<string | null>((found, value) => found ?? headerFault(value), null)
  const bound = upstream.answerBound ?? Effect.succeed({ bytes: options.maxBodyBytes, advice: null })
  let calls = 0
  const onCall = () => {
    calls += 1
    counted()
  }

  /** The failure after which nothing more is sent. */
  let stopped: UpstreamError | null = null
  const stopping = <A>(effect: Effect.Effect<A, UpstreamError>): Effect.Effect<A, UpstreamError> =>
    Effect.suspend(() => (stopped === null ? effect : Effect.fail(stopped))).pipe(
      Effect.tapError((error) =>
        Effect.sync(() => {
          if (upstream.stopsAfter?.(error) === true) stopped = error
        })
      )
    )

  const { session, stopsAfter: _, ...signedOut } = upstream
  const sessions =
    session === undefined
      ? null
      : makeSharedSession(session, {
          // Does not belong to any removal, whichever call needs it first.
          signIn: stopping(
            Effect.suspend(() => session.open(openUpstream(options, gateOf, provide, signedOut, onCall)))
          ).pipe(Effect.provideService(CurrentFinalCheck, null)),
          onHeaders: (headers) => {
            redactAll = makeRedact([...secrets, ...secretsIn(headers)])
          }
        })

  const run = <A>(
    method: Method,
    path: string,
    request: UpstreamRequest,
    use: (answer: Answer, failures: Failures) => Effect.Effect<A, Failure>,
    { piecemeal = false }: { readonly piecemeal?: boolean } = {}
  ): Effect.Effect<A, UpstreamError> => {
    if (typeof base === "string" || fault !== null) {
      const failures = makeFailures(upstream.integration, `${method} ${path}`, redact)
      return Effect.fail(failures.unreachable(fault ?? "", false).error)
    }
    const query = { ...request.query, ...upstream.query }
    const url = join(base, path, query)
    const call = `${method} ${shown(url)}`
    const failures = makeFailures(upstream.integration, call, redact)
    const timeoutMillis = request.timeoutMillis ?? options.timeoutMillis
    const limited = <B>(effect: Effect.Effect<B, Failure>) =>
      Effect.timeoutOrElse(effect, {
        duration: timeoutMillis,
        orElse: () => Effect.fail(failures.unreachable(`no answer within ${timeoutMillis} ms`, true))
      })
    const attempt = Effect.fnUntraced(function* (session: Readonly<Record<string, string>>) {
      const answerBound = smaller(yield* bound, request.bound)
      const isInQuery = ([name]: readonly [string, string]) => upstream.session?.inQuery?.includes(name) === true
      const inQuery = Object.entries(session).filter(isInQuery)
      const inHeaders = Object.entries(session).filter((one) => !isInQuery(one))
      const exchanged = exchange(
        {
          method,
          acts,
          url: inQuery.length === 0 ? url : join(base, path, { ...Object.fromEntries(inQuery), ...query }),
          headers: {
            accept: "application/json",
            "user-agent": "Tendarr",
            ...(yield* traceHeaders),
            ...request.headers,
            ...upstream.headers,
            ...Object.fromEntries(inHeaders)
          },
          sent: bodyOf(request),
          bound: answerBound,
          fetchTo: options.fetchTo,
          failures,
          onCall,
          webPage: request.webPage === true,
          limited: piecemeal ? limited : (effect) => effect
        },
        (answer) => use(answer, failures)
      )
      return yield* piecemeal ? exchanged : limited(exchanged)
    })
    const acts = request.acts ?? (method !== "GET" && request.reads !== true)
    const looked = (session: Readonly<Record<string, string>>) =>
      acts
        ? Effect.andThen(finalCheck(request.destroys ?? method === "DELETE", failures), attempt(session))
        : attempt(session)
    const passedWith = (urgent: boolean, session: Readonly<Record<string, string>>) =>
      gateOf(url).pass(looked(session), {
        noAnswer: (failure) => failure.noAnswer,
        whenOpen: failures.turnedAway,
        heldBack: ({ error }) => error._tag === "UpstreamHeldBack",
        urgent,
        ...(acts ? { whenLate: (waited: number) => failures.heldBack(`it waited ${waited} ms for its turn`) } : {})
      })
    // Signs in before passing the gate: the sign-in passes the gate as a call of its own.
    const passed = (urgent: boolean) =>
      sessions === null ? passedWith(urgent, {}) : sessions.within((headers) => passedWith(urgent, headers))
    const sent = Effect.flatMap(Urgent, (urgent) =>
      !acts && !urgent ? Effect.retry(passed(false), retrying(options, redact(call))) : passed(urgent)
    )
    const settled = stopping(provide(Effect.mapError(sent, (failure) => failure.error)))
    return countCall({ integration: upstream.integration, method }, settled).pipe(
      Effect.withSpan(`Upstream.${method}`, {
        kind: "client",
        attributes: {
          "tendarr.integration": redact(upstream.integration),
          "http.request.method": method,
          "server.address": url.host,
          "url.path": redact(url.pathname)
        }
      })
    )
  }

  const inSession = (value: unknown, failures: Failures): Effect.Effect<unknown, Failure> =>
    session?.endedBy?.(value) === true ? Effect.fail(failures.sessionEnded()) : Effect.succeed(value)

  function send(method: SendMethod, path: string, request?: UpstreamRequest): Effect.Effect<void, UpstreamError>
  function send<A>(
    method: SendMethod,
    path: string,
    request: UpstreamRequest,
    schema: Schema.Codec<A, unknown>
  ): Effect.Effect<A, UpstreamError>
  function send<A>(
    method: SendMethod,
    path: string,
    request: UpstreamRequest = {},
    schema?: Schema.Codec<A, unknown>
  ): Effect.Effect<A | void, UpstreamError> {
    return run(method, path, request, (answer, failures) =>
      Effect.flatMap(readText(answer), (text): Effect.Effect<A | void, Failure> => {
        if (isWebPage(text, answer.contentType)) return Effect.fail(failures.malformed(webPage))
        if (schema === undefined) return Effect.void
        return parse(text, answer, request, failures).pipe(
          Effect.flatMap((value) => inSession(value, failures)),
          Effect.flatMap((value) => decodeValue(schema, value, failures))
        )
      })
    )
  }

  const ask = (method: Method, path: string, request: UpstreamRequest = {}) =>
    run(method, path, request, (answer) =>
      Effect.map(readBytes(answer), (body): UpstreamAnswer => {
        return { status: answer.status, ...headersOf(answer), body }
      })
    )

  const stream = (path: string, request: UpstreamRequest = {}) =>
    Stream.callback<Uint8Array, UpstreamError>(
      (pieces) =>
        run(
          "GET",
          path,
          request,
          Effect.fnUntraced(function* (answer) {
            let handedOn = false
            for (;;) {
              const piece = yield* Effect.mapError(answer.next, (failure) =>
                handedOn ? { ...failure, mayPass: false } : failure
              )
              if (piece === null) return
              handedOn = true
              yield* Queue.offer(pieces, piece)
            }
          }),
          { piecemeal: true }
        ).pipe(
          Effect.matchEffect({
            onFailure: (error) => Queue.fail(pieces, error),
            onSuccess: () => Queue.end(pieces)
          })
        ),
      { bufferSize: 1, strategy: "suspend" }
    )

  return {
    get: (path, schema, request = {}) =>
      run("GET", path, request, (answer, failures) =>
        readValue(answer, request, failures).pipe(
          Effect.flatMap((value) => inSession(value, failures)),
          Effect.flatMap((value) => decodeValue(schema, value, failures))
        )
      ),
    getArray: (path, row, request = {}) =>
      run("GET", path, request, (answer, failures) =>
        readArray(row, answer, failures, toleranceOf(request, `GET ${path}`))
      ),
    getPage: (path, page, request = {}) =>
      run("GET", path, request, (answer, failures) =>
        Effect.gen(function* () {
          const value = yield* readValue(answer, request, failures)
          const head = yield* decodeValue(page.head, value, failures)
          return {
            head,
            rows: yield* decodeRows(page.row, page.rowsOf(head), failures, toleranceOf(request, `GET ${path}`))
          }
        })
      ),
    send,
    ask,
    stream,
    calls: Effect.sync(() => calls)
  }
}

const traceHeaders = Effect.gen(function* () {
  if (!(yield* SendTraces)) return {}
  const span = yield* Effect.option(Effect.currentSpan)
  return span._tag === "None" ? {} : { ...HttpTraceContext.toHeaders(span.value) }
})

const smaller = (usual: AnswerBound, own: AnswerBound | undefined): AnswerBound =>
  own === undefined || own.bytes >= usual.bytes ? usual : own

/** Not within the time limit of the request: this check may wait for the database. */
const finalCheck = (destroys: boolean, failures: Failures): Effect.Effect<void, Failure> =>
  Effect.flatMap(CurrentFinalCheck, (look) =>
    look === null
      ? Effect.void
      : Effect.flatMap(look.whyNot(destroys), (reason) =>
          reason === null ? Effect.void : Effect.fail(failures.heldBack(reason))
        )
  )

const toleranceOf = ({ odd, oddFrom = 0 }: UpstreamRequest, call: string): Tolerance | null =>
  odd === undefined ? null : { odd, call, from: oddFrom }

/** Headers whose values are not secret. */
const plainHeaders: ReadonlySet<string> = new Set(["accept", "content-type", "user-agent"])

const webPage = "a web page, probably a wrong base path"

const readValue = Effect.fnUntraced(function* (
  answer: Answer,
  request: UpstreamRequest,
  failures: Failures
): Effect.fn.Return<unknown, Failure> {
  const text = yield* readText(answer)
  if (request.webPage !== true && isWebPage(text, answer.contentType)) {
    return yield* Effect.fail(failures.malformed(webPage))
  }
  return yield* parse(text, answer, request, failures)
})

const parse = (
  text: string,
  answer: Answer,
  request: UpstreamRequest,
  failures: Failures
): Effect.Effect<unknown, Failure> => {
  const { parse } = request
  if (parse === undefined) return Effect.mapError(Effect.fromResult(parseJson(text)), failures.malformed)
  return Effect.try({
    try: () => parse(text, answer.contentType),
    catch: (cause) => failures.malformed(cause instanceof Error ? cause.message : "it cannot be read")
  })
}

/** Waits longer after each transient failure, or as long as the upstream asks for. */
const retrying = (options: KyUpstreamClientOptions, call: string) =>
  Schedule.exponential(options.retryBaseMillis).pipe(
    Schedule.jittered,
    Schedule.upTo({ times: options.retries }),
    Schedule.setInputType<Failure>(),
    Schedule.while(({ input }) => input.mayPass && (input.retryAfterMillis ?? 0) <= options.maxRetryAfterMillis),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.succeed(input.retryAfterMillis === null ? duration : input.retryAfterMillis)
    ),
    Schedule.tap(({ input }) => Effect.logDebug(`Asking again: ${call}: ${input.error.message}`))
  )
