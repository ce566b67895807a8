/**
 * The event stream as an async iterator that outlives its connections: it resumes after the last event that was
 * yielded, so that no event is missed or repeated, even across a restart of the server.
 */
import { createParser } from "eventsource-parser"
import type { EventsStreamData } from "./generated/types.gen.ts"
import { errorOfAnswer, errorOfFailure, isRedirect, TendarrError } from "./TendarrError.ts"
import type { EventType, TendarrEvent } from "./TendarrEvent.ts"

export interface FollowOptions<Type extends EventType = EventType> {
  /**
   * The id of the last known event. `"0"` starts at the beginning of the log; by default, the stream starts with the
   * next event.
   */
  readonly after?: string
  readonly categories?: NonNullable<EventsStreamData["query"]>["categories"]
  /** Only these types, which then determine the type of the events. */
  readonly types?: ReadonlyArray<Type>
  /** Ends the loop, without an error. */
  readonly signal?: AbortSignal
  /**
   * After this many milliseconds without a byte, a connection counts as broken. Tendarr sends one every 15 s. Default:
   * 45 000.
   */
  readonly silenceMillis?: number
  /**
   * Milliseconds before a reconnect: the first delay, doubled with each consecutive failure up to the longest, and
   * reduced by a random share of up to half. Default: 1000 and 30 000. The server may ask for more.
   */
  readonly firstPauseMillis?: number
  readonly longestPauseMillis?: number
  /** Gives up, with the last error, after this many consecutive failures. Default: never. */
  readonly attempts?: number
  /** Called for each broken connection, with the milliseconds until the next attempt. */
  readonly onPause?: (error: TendarrError, millis: number) => void
}

/** How the stream is requested. */
export interface Connection {
  readonly fetch: typeof globalThis.fetch
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The id of the newest event, after which events are new. */
  readonly newest: (signal: AbortSignal) => Promise<string>
}

export const follow = <Type extends EventType>(
  connection: Connection,
  options: FollowOptions<Type>
): AsyncIterableIterator<TendarrEvent<Type>, void, undefined> => {
  const stop = new AbortController()
  const abort = () => stop.abort()
  if (options.signal?.aborted === true) abort()
  options.signal?.addEventListener("abort", abort, { once: true })
  const release = () => options.signal?.removeEventListener("abort", abort)
  const events = reconnecting<Type>(connection, options, stop.signal, release)
  const end = async (): Promise<IteratorResult<TendarrEvent<Type>, void>> => {
    // First, because a generator that is waiting for the next event would not notice the end until it arrives.
    abort()
    release()
    return events.return()
  }
  return {
    next: () => events.next(),
    return: end,
    [Symbol.asyncIterator]() {
      return this
    }
  }
}

async function* reconnecting<Type extends EventType>(
  connection: Connection,
  options: FollowOptions<Type>,
  stop: AbortSignal,
  release: () => void
): AsyncGenerator<TendarrEvent<Type>, void, undefined> {
  const { attempts = Infinity, firstPauseMillis = 1000, longestPauseMillis = 30_000, silenceMillis = 45_000 } = options
  const place: Place = { after: options.after, at: "", pauseMillis: firstPauseMillis }
  let failures = 0
  while (!stop.aborted) {
    const line = openLine(stop, silenceMillis)
    try {
      // Determined once, so that events from now on are not missed if the very first connection breaks.
      place.after ??= await line.hear(() => connection.newest(line.signal))
      for await (const event of read<Type>(connection, options, place, line)) {
        failures = 0
        if (event === "ping" || isOld(event, place)) continue
        place.after = event.id
        place.at = event.at
        yield event
      }
      if (stop.aborted) return
      throw new TendarrError({ code: "network", message: "The event stream ended", request: requestOf(connection) })
    } catch (cause) {
      if (stop.aborted) return
      const error = line.isSilent() ? silent(connection) : errorOfFailure(cause, { request: requestOf(connection) })
      failures++
      if (isFinal(error) || failures >= attempts) {
        release()
        throw error
      }
      const millis = pauseMillis(error, failures, place.pauseMillis, longestPauseMillis)
      options.onPause?.(error, millis)
      await pause(millis, stop)
    } finally {
      line.close()
    }
  }
}

/** The position in the log, and how long the server wants us to wait. */
interface Place {
  after: string | undefined
  at: string
  pauseMillis: number
}

/**
 * Already yielded: the server resumes exactly, but a proxy may not. Ids start again in a new database, but times do
 * not.
 */
const isOld = (event: TendarrEvent, place: Place): boolean =>
  place.after !== undefined && Number(event.id) <= Number(place.after) && event.at <= place.at

/** The frames of one connection, until it ends or breaks. */
async function* read<Type extends EventType>(
  connection: Connection,
  { categories = [], types = [] }: FollowOptions<Type>,
  place: Place,
  line: Line
): AsyncGenerator<TendarrEvent<Type> | "ping", void, undefined> {
  const query = [...categories.map((name) => ["categories", name]), ...types.map((name) => ["types", name])]
  const response = await line.hear(() =>
    connection.fetch(`${connection.url}${query.length === 0 ? "" : `?${new URLSearchParams(query).toString()}`}`, {
      headers: {
        ...connection.headers,
        accept: "text/event-stream",
        ...(place.after === undefined ? {} : { "last-event-id": place.after })
      },
      cache: "no-store",
      redirect: "manual",
      signal: line.signal
    })
  )
  if (!response.ok || response.body === null) {
    const body = isRedirect(response) ? "" : await line.hear(() => response.text())
    throw errorOfAnswer(parsed(body), response, requestOf(connection))
  }
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    throw new TendarrError({ code: "unreadable", message: "The answer is not a stream of events", response })
  }
  const found: Array<TendarrEvent<Type> | "ping"> = []
  const parser = createParser({
    onEvent: ({ data, event, id }) => {
      found.push(id === undefined || event === "ping" ? "ping" : (JSON.parse(data) as TendarrEvent<Type>))
    },
    onRetry: (millis) => {
      place.pauseMillis = millis
    }
  })
  const text = new TextDecoder()
  const reader = response.body.getReader()
  while (true) {
    const { done, value } = await line.hear(() => reader.read())
    if (done) return
    parser.feed(text.decode(value, { stream: true }))
    yield* found.splice(0)
  }
}

/** One connection: it is closed by silence, by the caller, and when we are done with it. */
interface Line {
  readonly signal: AbortSignal
  readonly isSilent: () => boolean
  /** Waits for data, for as long as silence is allowed to last. */
  readonly hear: <A>(wait: () => Promise<A>) => Promise<A>
  readonly close: () => void
}

const openLine = (stop: AbortSignal, silenceMillis: number): Line => {
  const controller = new AbortController()
  const close = () => {
    stop.removeEventListener("abort", close)
    controller.abort()
  }
  stop.addEventListener("abort", close, { once: true })
  let silent = false
  return {
    signal: controller.signal,
    isSilent: () => silent,
    hear: async (wait) => {
      const timer = setTimeout(() => {
        silent = true
        controller.abort()
      }, silenceMillis)
      try {
        return await wait()
      } finally {
        clearTimeout(timer)
      }
    },
    close
  }
}

/** Errors for which another attempt would not help. */
const isFinal = ({ code, status }: TendarrError): boolean =>
  code === "redirected" || code === "unreadable" || (status >= 400 && status < 500 && status !== 408 && status !== 429)

const pauseMillis = (error: TendarrError, failures: number, first: number, longest: number): number => {
  const most = Math.min(longest, first * 2 ** Math.min(failures - 1, 30))
  return Math.max(most * (0.5 + Math.random() / 2), Math.min(error.retryAfterMillis ?? 0, longestRetryAfter))
}

/** A wrong clock on a proxy must not delay us forever. */
const longestRetryAfter = 300_000

const pause = (millis: number, stop: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const end = () => {
      clearTimeout(timer)
      stop.removeEventListener("abort", end)
      done()
    }
    const timer = setTimeout(end, millis)
    if (stop.aborted) end()
    else stop.addEventListener("abort", end, { once: true })
  })

const silent = (connection: Connection) =>
  new TendarrError({ code: "timeout", message: "The event stream went silent", request: requestOf(connection) })

const requestOf = ({ url }: Connection) => ({ method: "GET", url })

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
