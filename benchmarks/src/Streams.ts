/** Open event streams while many removals are queued. */
import { fileURLToPath } from "node:url"
import { runtimes } from "../../scripts/lib/Process.mjs"
import { ask, startChild, stopChild } from "./Children.ts"
import type { Context } from "./Context.ts"
import { atMost, type Measure, measure, spreadOf } from "./Measure.ts"
import { fillDisks, removalsOf } from "./Queueing.ts"
import { apiKey, runJob, type Server } from "./Stack.ts"

const count = 200

/** Open streams in a separate process, so that their reading does not count as the server's work. */
const openStreams = async (url: string, streams: number) => {
  const program = fileURLToPath(new URL("StreamsProcess.mjs", import.meta.url))
  const child = startChild(runtimes.node, [program, url, String(streams), apiKey], { ipc: true })
  await ask(child, "open")
  return {
    /** Waits until every stream has received the event; returns how many events the one with the fewest received. */
    seen: async (id: string) => Number(await ask(child, id)),
    stop: () => stopChild(child)
  }
}

const newestEvent = async (server: Server): Promise<string> => {
  const { items } = await server.call<{ items: ReadonlyArray<{ id: string }> }>("GET", "/event-log?limit=1")
  return items[0]?.id ?? "0"
}

/** Milliseconds of a run that queues that many removals, until every stream has received its events. */
const queueWithStreams = async (context: Context, streams: number) => {
  const wanted = removalsOf(context)
  const server = await context.synced(context.items)
  await fillDisks(server, wanted)
  await runJob(server, "capacity", { sync: false, dryRun: true })
  const open = await openStreams(`${server.url}/api/v1/events`, streams)
  const { pauses: before } = await server.watching(async () => null)
  let received = 0
  const started = performance.now()
  const { pauses } = await server.watching(async () => {
    const { result } = await runJob<{ proposed: number }>(server, "capacity", { sync: false })
    if (result.proposed !== wanted) throw new Error(`${result.proposed} removals were queued, not ${wanted}`)
    received = await open.seen(await newestEvent(server))
  })
  const millis = performance.now() - started
  await open.stop()
  await server.stop()
  if (streams > 0 && received < wanted) throw new Error(`A stream received ${received} events, not ${wanted}`)
  return {
    millis,
    cpuMillis: pauses.processCpuMillis - before.processCpuMillis,
    userMillis: pauses.processUserMillis - before.processUserMillis
  }
}

type Reading = Awaited<ReturnType<typeof queueWithStreams>>

export const streams = async (context: Context): Promise<ReadonlyArray<Measure>> => {
  const without: Array<Reading> = []
  const withStreams: Array<Reading> = []
  for (let run = 0; run < context.runs; run += 1) {
    without.push(await queueWithStreams(context, 0))
    withStreams.push(await queueWithStreams(context, count))
  }
  const row = (what: string, unit: string, samples: ReadonlyArray<number>, more = {}) =>
    measure("streams", what, unit, samples, more)
  const times = (pick: (reading: Reading) => number) => [
    spreadOf(withStreams.map(pick)).median / spreadOf(without.map(pick)).median
  ]
  const cpu = ({ cpuMillis }: Reading) => cpuMillis
  return [
    row(`queueing ${removalsOf(context)} removals without event streams: processor time`, "ms", without.map(cpu)),
    row(`… with ${count} event streams`, "ms", withStreams.map(cpu)),
    row("… times that without streams", "times", times(cpu), { goal: atMost(1.1) }),
    row(
      "… without what the system takes, for writing about a gigabyte",
      "times",
      times(({ userMillis }) => userMillis)
    ),
    row(
      "… time until every stream has every event, times that without streams",
      "times",
      times(({ millis }) => millis)
    )
  ]
}
