/**
 * What the client promises wherever it runs. The same cases run on Node, on Bun and in a page of a browser, so they use
 * nothing but what all of them have.
 */
import type * as Sdk from "../src/TendarrClient.ts"

export interface Surroundings {
  /** Of the stage; see `Stage.ts`. */
  readonly url: string
  readonly apiKey: string
  readonly sdk: typeof Sdk
}

/** What becomes of one request. Empty, it is passed on. */
export interface Step {
  /** Waits until the stage is told to open. */
  readonly gate?: boolean
  readonly hold?: boolean
  readonly destroy?: boolean
  readonly answer?: {
    readonly status: number
    readonly headers?: Record<string, string>
    readonly body?: string
    /** The connection breaks after the body. */
    readonly breaks?: boolean
  }
  /** The connection breaks within the event after so many. */
  readonly cutAfter?: number
  /** Nothing more comes after so many events. */
  readonly silentAfter?: number
  /** Every event comes twice. */
  readonly twice?: boolean
}

export interface Case {
  readonly name: string
  readonly run: (surroundings: Surroundings) => Promise<void>
}

const events = "/api/v1/events"
const eventStream = { "content-type": "text/event-stream" }
const quick = { firstPauseMillis: 1, longestPauseMillis: 5, types: ["settings.changed"] } as const

const equal = (seen: unknown, wanted: unknown, what = "") => {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(wanted)]
  if (left !== right) throw new Error(`${what} is ${left} and not ${right}`)
}

const setUp = ({ apiKey, sdk, url }: Surroundings, options: Partial<Sdk.TendarrClientOptions> = {}) => {
  const tendarr = sdk.createTendarrClient({ baseUrl: url, apiKey, retries: 0, ...options })
  const stage = async (command: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/stage/${command}`, { method: "POST", body: JSON.stringify(body ?? null) })
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
  const rename = (instanceName: string) =>
    tendarr.settings.patch({ path: { group: "general" }, body: { instanceName } })
  const failure = async (work: Promise<unknown>): Promise<Sdk.TendarrError> => {
    try {
      await work
    } catch (error) {
      if (sdk.isTendarrError(error)) return error
      throw new Error(`It failed with ${String(error)}, which is no TendarrError`, { cause: error })
    }
    throw new Error("It did not fail")
  }
  return {
    tendarr,
    stage,
    rename,
    failure,
    steps: (path: string, ...steps: ReadonlyArray<Step>) => stage("steps", { path, steps }),
    asked: async () => (await stage("asked")) as Array<string>,
    newest: async () => (await tendarr.events.list({ query: { limit: 1 } })).data.items[0]?.id ?? "0"
  }
}

/** The new names in the next events. */
const names = async (
  stream: AsyncIterable<Sdk.TendarrEvent<"settings.changed">>,
  count: number
): Promise<Array<unknown>> => {
  const found: Array<unknown> = []
  for await (const { payload } of stream) {
    found.push(payload.after["instanceName"])
    if (found.length === count) break
  }
  return found
}

const lists: ReadonlyArray<Case> = [
  {
    name: "yields every item of a list once, page after page",
    run: async (surroundings) => {
      const { asked, tendarr } = setUp(surroundings)
      const { data } = await tendarr.library.items({ query: { limit: 200 } })
      await asked()
      const ids: Array<string> = []
      for await (const item of tendarr.all(tendarr.library.items, { query: { limit: 7 } })) ids.push(item.id)
      equal(ids.length, data.items.length, "the number of items")
      equal(new Set(ids).size, ids.length, "the number of different items")
      equal((await asked()).length, Math.ceil(ids.length / 7), "the number of requests")
    }
  },
  {
    name: "asks for no more of a list than the loop comes to",
    run: async (surroundings) => {
      const { asked, tendarr } = setUp(surroundings)
      await asked()
      let seen = 0
      for await (const item of tendarr.all(tendarr.library.items, { query: { limit: 2, sort: "size" } })) {
        equal(typeof item.sizeBytes, "number")
        if (++seen === 3) break
      }
      equal((await asked()).length, 2, "the number of requests")
    }
  },
  {
    name: "stops at a limit over all pages",
    run: async (surroundings) => {
      const { tendarr } = setUp(surroundings)
      const sizes: Array<number> = []
      for await (const page of tendarr.pages(tendarr.library.items, { query: { limit: 4 }, limit: 10 })) {
        sizes.push(page.items.length)
      }
      equal(sizes, [4, 4, 2], "the sizes of the pages")
      for await (const _ of tendarr.all(tendarr.library.items, { limit: 0 })) throw new Error("0 is nothing")
    }
  },
  {
    name: "ends a list by signal, with an error that says so",
    run: async (surroundings) => {
      const { failure, tendarr } = setUp(surroundings)
      const { signal, ...controller } = withAbort()
      const work = async () => {
        for await (const _ of tendarr.all(tendarr.library.items, { query: { limit: 1 }, signal })) controller.abort()
      }
      equal((await failure(work())).code, "aborted", "the code")
    }
  }
]

const withAbort = () => {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

const errors: ReadonlyArray<Case> = [
  {
    name: "rejects with the problem, and knows its fields by its code",
    run: async (surroundings) => {
      const { failure, tendarr } = setUp(surroundings)
      const error = await failure(tendarr.library.item({ path: { id: "999999" } }))
      equal([error.status, error.method], [404, "GET"])
      if (!surroundings.sdk.isTendarrError(error, "item-not-found", "run-not-found")) throw new Error(error.code)
      equal("itemId" in error.problem && error.problem.itemId, "999999")
      equal(surroundings.sdk.isTendarrError(error, "network"), false)
    }
  },
  {
    name: "tells bad values by their path",
    run: async (surroundings) => {
      const { failure, tendarr } = setUp(surroundings)
      const error = await failure(tendarr.library.items({ query: { limit: 5000 } }))
      equal([error.code, Object.keys(error.errorsByPath)], ["invalid-request", ["query.limit"]])
    }
  },
  ...(
    [
      ["a connection that breaks", "network", { destroy: true }],
      ["an answer that never comes", "timeout", { hold: true }],
      ["an answer that breaks off", "network", { answer: cut('{"status":') }],
      ["an answer that is not JSON", "unreadable", { answer: { status: 200, body: "<h1>Welcome</h1>" } }],
      ["a redirect", "redirected", { answer: { status: 302, headers: { location: "/elsewhere" } } }],
      ["a proxy without Tendarr behind", "unknown", { answer: { status: 502, body: "<h1>Bad gateway</h1>" } }]
    ] as const
  ).map(([what, code, step]): Case => ({
    name: `calls ${what} "${code}"`,
    run: async (surroundings) => {
      const { asked, failure, steps, tendarr } = setUp(surroundings, { timeoutMillis: 300 })
      await asked()
      // Many, since browsers and Bun try again by themselves when a connection breaks that was used before.
      await steps("/api/v1/health", ...Array.from({ length: 10 }, () => step))
      equal((await failure(tendarr.health.live())).code, code, "the code")
      equal([...new Set(await asked())], ["GET /api/v1/health"], "what was asked")
    }
  })),
  {
    name: "says that a call was aborted, whatever the reason of the signal",
    run: async (surroundings) => {
      const { failure, steps, tendarr } = setUp(surroundings)
      await steps("/api/v1/health", { hold: true })
      const controller = new AbortController()
      const call = failure(tendarr.health.live({ signal: controller.signal }))
      controller.abort("enough")
      equal((await call).code, "aborted", "the code")
    }
  }
]

function cut(body: string) {
  return { status: 200, headers: { "content-type": "application/json", "content-length": "1000" }, body, breaks: true }
}

const following: ReadonlyArray<Case> = [
  {
    name: "tells events of the log and then live ones, of the types that were asked for",
    run: async (surroundings) => {
      const { newest, rename, tendarr } = setUp(surroundings)
      const after = await newest()
      await rename("From the log")
      const told: Array<unknown> = []
      for await (const event of tendarr.follow({ after, types: ["settings.changed", "mine.own"] })) {
        if (surroundings.sdk.isEvent(event, "settings.changed")) told.push(event.payload.after["instanceName"])
        if (told.length === 2) break
        await rename("Live")
      }
      equal(told, ["From the log", "Live"])
    }
  },
  {
    name: "tells every event once over connections that break in the middle of one",
    run: async (surroundings) => {
      const { asked, newest, rename, steps, tendarr } = setUp(surroundings)
      const after = await newest()
      const wanted = ["1", "2", "3", "4", "5", "6"].map((number) => `Name ${number}`)
      for (const name of wanted) await rename(name)
      const unavailable: Step = { answer: { status: 503 } }
      await asked()
      await steps(
        events,
        { cutAfter: 2 },
        { cutAfter: 0 },
        unavailable,
        { cutAfter: 1 },
        { destroy: true },
        { twice: true }
      )
      equal(await names(tendarr.follow({ ...quick, after }), 6), wanted)
      equal((await asked()).length, 6, "the number of connections")
    }
  },
  {
    name: "misses nothing when the very first connection fails",
    run: async (surroundings) => {
      const { rename, stage, steps, tendarr } = setUp(surroundings)
      await steps(events, { answer: { status: 503 } }, { gate: true })
      const onPause = () => {
        void rename("Meanwhile").then(() => stage("open"))
      }
      equal(await names(tendarr.follow({ ...quick, onPause }), 1), ["Meanwhile"])
    }
  },
  ...(
    [
      ["goes silent", { silentAfter: 1 }],
      ["never answers", { hold: true }]
    ] as const
  ).map(([what, step]): Case => ({
    name: `leaves a connection that ${what}`,
    run: async (surroundings) => {
      const { newest, rename, steps, tendarr } = setUp(surroundings)
      const after = await newest()
      for (const name of ["Heard", "Unheard"]) await rename(name)
      await steps(events, step)
      const codes: Array<string> = []
      const onPause = (error: Sdk.TendarrError) => codes.push(error.code)
      equal(await names(tendarr.follow({ ...quick, after, silenceMillis: 250, onPause }), 2), ["Heard", "Unheard"])
      equal(codes, ["timeout"], "the codes")
    }
  })),
  {
    name: "goes on over a restart of the server",
    run: async (surroundings) => {
      const { newest, rename, stage, tendarr } = setUp(surroundings)
      const after = await newest()
      await rename("Read before")
      const told: Array<unknown> = []
      for await (const { payload } of tendarr.follow({ ...quick, after, longestPauseMillis: 50 })) {
        told.push(payload.after["instanceName"])
        if (told.length === 3) break
        if (told.length > 1) continue
        await rename("Unread before")
        await stage("restart")
        await rename("After")
      }
      equal(told, ["Read before", "Unread before", "After"])
    }
  },
  {
    name: "waits as long as the server asks, within bounds, and longer with each failure",
    run: async (surroundings) => {
      const { steps, tendarr } = setUp(surroundings)
      const paused = async (options: Sdk.FollowOptions, count: number, ...all: ReadonlyArray<Step>) => {
        await steps(events, ...all)
        const controller = new AbortController()
        const pauses: Array<number> = []
        const onPause = (_: unknown, millis: number) => {
          pauses.push(millis)
          if (pauses.length === count) controller.abort()
        }
        for await (const _ of tendarr.follow({ ...options, after: "0", onPause, signal: controller.signal })) continue
        return pauses
      }
      const unavailable = (headers = {}): Step => ({ answer: { status: 503, headers } })
      const [asked] = await paused({}, 1, unavailable({ "retry-after": "7" }))
      equal(asked, 7000, "the pause of Retry-After")
      const [absurd] = await paused({}, 1, unavailable({ "retry-after": "99999999" }))
      equal(absurd, 300_000, "the longest pause of Retry-After")
      const [told = 0] = await paused({}, 1, {
        answer: { status: 200, headers: eventStream, body: "retry: 60000\n\n" }
      })
      equal(told >= 15_000 && told <= 30_000, true, `between half of the longest pause and all of it: ${told}`)
      const growing = await paused(
        { firstPauseMillis: 2, longestPauseMillis: 8 },
        5,
        ...Array.from({ length: 5 }, () => unavailable())
      )
      equal(
        growing.map(
          (millis, index) => millis >= Math.min(8, 2 ** (index + 1)) / 2 && millis <= Math.min(8, 2 ** (index + 1))
        ),
        growing.map(() => true),
        growing.join(", ")
      )
    }
  },
  {
    name: "gives up when it was told to, with the last error",
    run: async (surroundings) => {
      const { failure, steps, tendarr } = setUp(surroundings)
      await steps(events, { answer: { status: 500 } }, { answer: { status: 503 } })
      const error = await failure(tendarr.follow({ ...quick, after: "0", attempts: 2 }).next())
      equal(error.status, 503, "the status")
    }
  },
  ...(
    [
      ["no good key", "unauthorized", {}, { apiKey: "wrong" }],
      ["an id that is none", "invalid-request", { after: "yesterday" }, {}],
      ["too small a scope", "unknown", { after: "0" }, {}, { answer: { status: 403 } }],
      [
        "a redirect",
        "redirected",
        { after: "0" },
        {},
        { answer: { status: 302, headers: { location: "/elsewhere" } } }
      ],
      [
        "a page instead of events",
        "unreadable",
        { after: "0" },
        {},
        { answer: { status: 200, body: "<h1>Hello</h1>" } }
      ]
    ] as const
  ).map(([what, code, options, client, step]): Case => ({
    name: `fails at once for ${what}`,
    run: async (surroundings) => {
      const { asked, failure, steps, tendarr } = setUp(surroundings, client)
      await asked()
      if (step !== undefined) await steps(events, step)
      equal((await failure(tendarr.follow({ ...quick, ...options }).next())).code, code, "the code")
      equal((await asked()).length, 1, "the number of requests")
    }
  })),
  {
    name: "closes its connection when the loop is left",
    run: async (surroundings) => {
      const { newest, rename, stage, tendarr } = setUp(surroundings)
      const after = await newest()
      await rename("One")
      for await (const _ of tendarr.follow({ after })) break
      await stage("closed")
    }
  },
  {
    name: "ends by signal and by return while it waits, without an error, and closes its connection",
    run: async (surroundings) => {
      const { newest, rename, stage, tendarr } = setUp(surroundings)
      for (const end of ["signal", "return"]) {
        const after = await newest()
        const controller = new AbortController()
        await rename(`Ended by ${end}`)
        const stream = tendarr.follow({ after, types: ["settings.changed"], signal: controller.signal })
        equal((await stream.next()).done, false)
        const next = stream.next()
        if (end === "signal") controller.abort()
        else await stream.return?.()
        equal((await next).done, true, "the end of a loop")
        await stage("closed")
      }
      const before = new AbortController()
      before.abort()
      for await (const _ of tendarr.follow({ after: "0", signal: before.signal })) throw new Error("It had ended")
    }
  }
]

export const cases: ReadonlyArray<Case> = [...lists, ...errors, ...following]
