/** Cases of following the events. */
import type * as Sdk from "../src/TendarrClient.ts"
import { type Case, equal, setUp, type Step } from "./Case.ts"

export const following: ReadonlyArray<Case> = [
  {
    name: "yields events of the log and then live ones, of the requested types",
    run: async (surroundings) => {
      const { newest, rename, tendarr } = setUp(surroundings)
      const after = await newest()
      await rename("From the log")
      const received: Array<unknown> = []
      for await (const event of tendarr.follow({ after, types: ["settings.changed", "mine.own"] })) {
        if (surroundings.sdk.isEvent(event, "settings.changed")) received.push(event.payload.after["instanceName"])
        if (received.length === 2) break
        await rename("Live")
      }
      equal(received, ["From the log", "Live"])
    }
  },
  {
    name: "yields every event once although connections break within events",
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
    name: "misses nothing if the very first connection fails",
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
      ["becomes silent", { silentAfter: 1 }],
      ["never responds", { hold: true }]
    ] as const
  ).map(([what, step]): Case => ({
    name: `gives up a connection that ${what}`,
    run: async (surroundings) => {
      const { newest, rename, steps, tendarr } = setUp(surroundings)
      const after = await newest()
      for (const name of ["Heard", "Unheard"]) await rename(name)
      await steps(events, step)
      const codes: Array<string> = []
      const onPause = (error: Sdk.TendarrError) => codes.push(error.code)
      equal(await names(tendarr.follow({ ...quick, after, silenceMillis: 250, onPause }), 2), ["Heard", "Unheard"])
      // On a busy machine, a new connection may time out too before its first event.
      equal([...new Set(codes)], ["timeout"], "the codes")
    }
  })),
  {
    name: "continues over a restart of the server",
    run: async (surroundings) => {
      const { newest, rename, stage, tendarr } = setUp(surroundings)
      const after = await newest()
      await rename("Read before")
      const received: Array<unknown> = []
      for await (const { payload } of tendarr.follow({ ...quick, after, longestPauseMillis: 50 })) {
        received.push(payload.after["instanceName"])
        if (received.length === 3) break
        if (received.length > 1) continue
        await rename("Unread before")
        await stage("restart")
        await rename("After")
      }
      equal(received, ["Read before", "Unread before", "After"])
    }
  },
  {
    name: "waits for as long as the server requests, within bounds, and longer after each failure",
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
      const [retry = 0] = await paused({}, 1, {
        answer: { status: 200, headers: eventStream, body: "retry: 60000\n\n" }
      })
      equal(retry >= 15_000 && retry <= 30_000, true, `between half of the longest pause and all of it: ${retry}`)
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
    name: "gives up after the given number of attempts, with the last error",
    run: async (surroundings) => {
      const { failure, steps, tendarr } = setUp(surroundings)
      await steps(events, { answer: { status: 500 } }, { answer: { status: 503 } })
      const error = await failure(tendarr.follow({ ...quick, after: "0", attempts: 2 }).next())
      equal(error.status, 503, "the status")
    }
  },
  ...(
    [
      ["a wrong key", "unauthorized", {}, { apiKey: "wrong" }],
      ["an invalid id", "invalid-request", { after: "yesterday" }, {}],
      ["an insufficient scope", "unknown", { after: "0" }, {}, { answer: { status: 403 } }],
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
    name: "closes its connection when the loop ends",
    run: async (surroundings) => {
      const { newest, rename, stage, tendarr } = setUp(surroundings)
      const after = await newest()
      await rename("One")
      for await (const _ of tendarr.follow({ after })) break
      await stage("closed")
    }
  },
  {
    name: "ends without an error and closes its connection if it is aborted or returned while it waits",
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

const events = "/api/v1/events"
const eventStream = { "content-type": "text/event-stream" }
const quick = { firstPauseMillis: 1, longestPauseMillis: 5, types: ["settings.changed"] } as const

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
