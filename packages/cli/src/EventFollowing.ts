/** The event stream of a server, gone on with after the last event seen when the connection breaks. */
import type { Event, EventsStreamData, TendarrClient } from "@tendarr/sdk-client"

type Category = NonNullable<NonNullable<EventsStreamData["query"]>["categories"]>[number]

export interface Following {
  readonly categories: ReadonlyArray<Category>
  /** The id after which it begins; `null` = with what happens next. */
  readonly after: string | null
  readonly onEvent: (event: Event) => void
  /** The connection broke, and is tried again after so many milliseconds. */
  readonly onPause: (because: string, millis: number) => void
}

const leastPause = 500
const mostPause = 15_000

/** Ends with the signal, and fails at once when the server refuses. */
export const followEvents = async (client: TendarrClient, following: Following, signal: AbortSignal): Promise<void> => {
  let { after } = following
  let pause = leastPause
  while (!signal.aborted) {
    let fault: unknown
    const { stream } = await client.events.stream({
      query: {
        ...(after === null ? {} : { after }),
        ...(following.categories.length === 0 ? {} : { categories: [...following.categories] })
      },
      signal,
      // Gone on with here, so that who waits is told of it.
      sseMaxRetryAttempts: 1,
      onSseError: (error) => {
        fault = error
      }
    })
    for await (const data of stream) {
      pause = leastPause
      if (!("id" in data)) continue
      after = data.id
      following.onEvent(data)
    }
    if (signal.aborted) return
    if (isRefusal(fault)) throw fault
    following.onPause(fault instanceof Error ? fault.message : "it ended", pause)
    await sleep(pause, signal)
    pause = Math.min(mostPause, pause * 2)
  }
}

/** Asked again, it would be refused again. */
const isRefusal = (fault: unknown): boolean => fault instanceof Error && /SSE failed: 4(?!08|29)/.test(fault.message)

const sleep = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, millis)
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
