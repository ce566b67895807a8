/** The rows of the table, one function each, in the order of the table. */
import { acting } from "./Acting.ts"
import { startBare } from "./Bare.ts"
import { type Context, engineRuns, timed } from "./Context.ts"
import { connections, requestsPerSecond } from "./Load.ts"
import { durable } from "./Durability.ts"
import { episodes } from "./Episodes.ts"
import { atLeast, atMost, below, type Goal, type Measure, measure, spreadOf } from "./Measure.ts"
import { bulk, lists } from "./Lists.ts"
import { downloads } from "./ManyDownloads.ts"
import { events } from "./ManyEvents.ts"
import { mounts } from "./ManyMounts.ts"
import { million } from "./Million.ts"
import { fillDisks, removalsOf } from "./Queueing.ts"
import { pausesOf } from "./Pauses.ts"
import { readers } from "./Readers.ts"
import { streams } from "./Streams.ts"
import { dropFolder, newFolder, pause, type Pauses, runJob, type Server, startServer } from "./Stack.ts"

export type Row = (context: Context) => Promise<ReadonlyArray<Measure>>

const start: Row = async ({ runs, runtime }) => {
  const samples = { cold: [] as Array<number>, warm: [] as Array<number> }
  // The very first start fills the compile cache.
  await (await startServer({ runtime, dataDir: newFolder() })).stop()
  for (let run = 0; run < runs; run += 1) {
    const folder = newFolder()
    for (const kind of ["cold", "warm"] as const) {
      const server = await startServer({ runtime, dataDir: folder })
      samples[kind].push(server.startMillis)
      await server.stop()
    }
    dropFolder(folder)
  }
  return [
    measure("start", "start to first answer, new data directory", "ms", samples.cold, {
      goal: below(300),
      comparison: "Prunerr 300 ms, Maintainerr 1,200 ms"
    }),
    measure("start", "start to first answer, data directory in use", "ms", samples.warm, { goal: below(300) })
  ]
}

const memory: Row = async (context) => {
  const syncs = await context.firstSyncs(context.items, context.runs)
  const megabytes = (what: string, pick: (sync: (typeof syncs)[number]) => number | null, more = {}) => {
    const samples = syncs.flatMap((sync) => pick(sync) ?? [])
    return samples.length === 0 ? [] : [measure("memory", what, "MB", samples, more)]
  }
  return [
    ...megabytes("resident memory, idle", (sync) => sync.idle.residentMb, {
      goal: below(95),
      comparison: "Prunerr 105 MB"
    }),
    ...megabytes(`… after a sync of ${amount(context.items)}`, (sync) => sync.afterSync.residentMb, {
      goal: below(250),
      comparison: "Prunerr 1,629 MB"
    }),
    ...megabytes("… ten seconds later", (sync) => sync.settled.residentMb),
    ...megabytes("… after the first engine run on top", (sync) => sync.afterEngine.residentMb),
    ...megabytes("… the most it ever was", (sync) => sync.afterEngine.peakMb)
  ]
}

const stats: Row = async (context) => {
  const server = await context.synced(context.items)
  const bare = await startBare(await context.library(context.items))
  const ours = await requestsPerSecond(`${server.url}/api/v1/stats`, context.runs)
  const bareStats = await bare.perSecond("stats")
  const trends = await requestsPerSecond(`${server.url}/api/v1/stats/trends`, context.runs)
  const bareTrends = await bare.perSecond("trends")
  await bare.stop()
  await server.stop()
  return [
    measure("stats", `\`stats\`, ${connections} connections`, "req/s", ours, {
      goal: atLeast(4000),
      comparison: "Prunerr 99–130",
      bare: bareStats
    }),
    measure("stats", "… with 30 days and the trends of disks", "req/s", trends, {
      goal: atLeast(10_000),
      comparison: "Prunerr 108",
      bare: bareTrends
    })
  ]
}

const page: Row = async (context) => {
  const server = await context.synced(context.items)
  const { cursor, number } = await cursorOf(server, 400)
  const bare = await startBare(await context.library(context.items), (number - 1) * 50)
  const first = await requestsPerSecond(`${server.url}/api/v1/items?limit=50`, context.runs)
  const bareFirst = await bare.perSecond("first")
  const later = await requestsPerSecond(`${server.url}/api/v1/items?limit=50&cursor=${cursor}`, context.runs)
  const bareLater = await bare.perSecond("later")
  await bare.stop()
  await server.stop()
  return [
    measure("page", `library page of 50, first, ${connections} connections`, "req/s", first, {
      goal: atLeast(1500),
      comparison: "Prunerr 260–313",
      bare: bareFirst
    }),
    measure("page", `… the ${number}th`, "req/s", later, {
      goal: atLeast(1500),
      comparison: "Prunerr 29",
      bare: bareLater
    })
  ]
}

const sync: Row = async (context) => {
  const syncs = await context.firstSyncs(context.items, context.runs)
  const of = (pick: (sync: (typeof syncs)[number]) => number) => syncs.map(pick)
  return [
    measure(
      "sync",
      `full sync of ${amount(context.items)} items`,
      "s",
      of(({ seconds }) => seconds),
      {
        goal: below(10),
        comparison: "Prunerr 58.6 s"
      }
    ),
    measure(
      "sync",
      "… processor time of the server",
      "s",
      of(({ cpuSeconds }) => cpuSeconds)
    ),
    measure(
      "sync",
      "… upstream calls",
      "calls",
      of(({ calls }) => calls),
      { goal: atMost(250), comparison: "Prunerr 20,205" }
    ),
    ...pausesOf(
      "sync",
      "meanwhile",
      eachOf(syncs, ({ pauses }) => pauses)
    )
  ]
}

const eachOf = <A, B>(all: ReadonlyArray<A>, pick: (one: A) => B): ReadonlyArray<B> => all.map(pick)

const preview: Row = async (context) => {
  const server = await context.synced(context.items)
  const request = {
    condition: {
      kind: "group",
      logic: "AND",
      children: [
        { kind: "condition", field: "playCount", operator: "lessThan", value: 2 },
        { kind: "condition", field: "addedAt", operator: "overAgo", value: 90 },
        { kind: "condition", field: "genres", operator: "contains", value: "Drama" }
      ]
    }
  }
  const ask = () => server.call("POST", "/rules/preview", request)
  await timed(5, ask)
  const samples = await timed(Math.max(20, context.runs), ask)
  await server.stop()
  return [
    measure("preview", `rule preview over ${amount(context.items)} items`, "ms", samples, {
      goal: below(40),
      comparison: "Prunerr 198–460 ms"
    })
  ]
}

const engine: Row = async (context) => {
  const syncs = await context.firstSyncs(context.items, context.runs)
  const server = await context.synced(context.items)
  await engineRuns(server, 5)
  const samples = await engineRuns(server, Math.max(20, context.runs))
  const pauses: Array<Pauses> = []
  while (pauses.length < context.runs) pauses.push((await server.watching(() => engineRuns(server, 1))).pauses)
  const job = await timed(context.runs, () => runJob(server, "capacity", { sync: false, dryRun: true }))
  await server.stop()
  return [
    measure("engine", `engine run: ${amount(context.items)} items scored, ranked, planned`, "ms", samples, {
      goal: below(150)
    }),
    measure(
      "engine",
      "… the first after a sync, which reads the library",
      "ms",
      eachOf(syncs, (one) => one.firstEngineMillis)
    ),
    measure("engine", "… as a dry run of the main job, disks read first", "ms", job),
    ...pausesOf("engine", "during a run", pauses),
    ...pausesOf(
      "engine",
      "during the first run",
      eachOf(syncs, (one) => one.enginePauses)
    )
  ]
}

const queue: Row = async (context) => {
  const wanted = removalsOf(context)
  const samples: Array<number> = []
  const alone: Array<number> = []
  const pauses: Array<Pauses> = []
  const settled: Array<number> = []
  for (let run = 0; run < context.runs; run += 1) {
    const server = await context.synced(context.items)
    await fillDisks(server, wanted)
    const dry = () => runJob(server, "capacity", { sync: false, dryRun: true })
    await timed(5, dry)
    const without = spreadOf(await timed(5, dry)).median
    const started = performance.now()
    const { pauses: seen, value } = await server.watching(() =>
      runJob<{ proposed: number }>(server, "capacity", { sync: false })
    )
    const millis = performance.now() - started
    if (value.result.proposed !== wanted)
      throw new Error(`${value.result.proposed} removals were queued, not ${wanted}`)
    samples.push(millis - without)
    alone.push(millis)
    pauses.push(seen)
    await pause(15_000)
    settled.push(server.memory().residentMb)
    await server.stop()
  }
  return [
    measure("queue", `queueing ${amount(wanted)} removals`, "ms", samples, {
      goal: below(500),
      comparison: "Prunerr 3,700 ms"
    }),
    measure("queue", "… with the engine run before it", "ms", alone),
    measure("queue", "… resident memory fifteen seconds later", "MB", settled, { goal: below(150) }),
    ...pausesOf("queue", "meanwhile (Prunerr: throughout)", pauses)
  ]
}

const growth: Row = async (context) => {
  const sizes = [context.items / 4, context.items, context.items * 4].map(Math.round)
  const figures: Array<{ sync: number; engine: number; page: number }> = []
  const measures: Array<Measure> = []
  for (const size of sizes) {
    const syncs = await context.firstSyncs(size, size === context.items ? context.runs : 1)
    const server = await context.synced(size)
    await engineRuns(server, 5)
    const engine = await engineRuns(server, 10)
    const { cursor } = await cursorOf(server, size / 50)
    const read = () => server.call("GET", `/items?limit=50&cursor=${cursor}`)
    await timed(200, read)
    const page = await timed(200, read)
    await server.stop()
    const seconds = eachOf(syncs, (one) => one.seconds)
    measures.push(
      measure("growth", `${amount(size)} items: sync`, "s", seconds),
      measure("growth", `${amount(size)} items: engine run`, "ms", engine),
      measure("growth", `${amount(size)} items: last page of 50`, "ms", page),
      measure(
        "growth",
        `${amount(size)} items: memory after the sync`,
        "MB",
        eachOf(syncs, (one) => one.afterSync.residentMb)
      )
    )
    figures.push({
      sync: spreadOf(seconds).median,
      engine: spreadOf(engine).median,
      page: spreadOf(page).median
    })
  }
  const [, middle, large] = figures
  const times = (what: string, key: "sync" | "engine" | "page", goal: Goal) =>
    measure("growth", what, "times", [(large?.[key] ?? 0) / (middle?.[key] ?? 0)], { goal })
  return [
    ...measures,
    times("four times the library: sync", "sync", atMost(4.1)),
    times("four times the library: engine run", "engine", atMost(4.1)),
    // Equal, within the resolution of a millisecond clock.
    times("four times the library: page", "page", atMost(1.2))
  ]
}

export const rows = {
  start,
  memory,
  stats,
  page,
  sync,
  preview,
  engine,
  queue,
  acting,
  mounts,
  lists,
  bulk,
  readers,
  streams,
  episodes,
  durable,
  downloads,
  growth,
  events,
  million
} satisfies Record<string, Row>
export type RowName = keyof typeof rows

/** Rows that are measured only by their names. */
export const onlyByName: ReadonlySet<RowName> = new Set(["events", "million"])

/** The cursor of a page of 50, or of the last one if there are fewer. */
const cursorOf = async (server: Server, wanted: number) => {
  let cursor = ""
  for (let number = 1; ; number += 1) {
    const { nextCursor } = await server.call<{ nextCursor: string | null }>(
      "GET",
      `/items?limit=50${cursor === "" ? "" : `&cursor=${cursor}`}`
    )
    if (nextCursor === null || number >= wanted - 1)
      return { cursor: encodeURIComponent(nextCursor ?? cursor), number: number + 1 }
    cursor = encodeURIComponent(nextCursor)
  }
}

export const amount = (value: number): string => Math.round(value).toLocaleString("en-US")
