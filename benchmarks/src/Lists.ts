/** Rows of lists: the preview as a whole, searches and filters, and actions on many removals at once. */
import { startBare } from "./Bare.ts"
import { type Context, timed } from "./Context.ts"
import { connections, requestsPerSecond } from "./Load.ts"
import { atLeast, below, type Measure, measure } from "./Measure.ts"
import { queueUp, removalsOf } from "./Queueing.ts"
import { apiKey, type Server } from "./Stack.ts"

export const lists = async (context: Context): Promise<ReadonlyArray<Measure>> => {
  const measures: Array<Measure> = []
  const { runs } = context
  const preview = "the whole ranked list"
  {
    const server = await context.synced(context.items)
    const bare = await startBare(await context.library(context.items))
    const first = await timed(1, () => server.call("GET", "/preview"))
    measures.push(measure("lists", "first preview after a start", "ms", first, { goal: below(200) }))
    const stream = () => textOf(server, "/preview/items")
    measures.push(measure("lists", `${preview}, every reason written for the first time`, "ms", await timed(1, stream)))
    measures.push(
      measure("lists", `${preview}, as one stream`, "ms", await timed(Math.max(5, runs), stream), {
        goal: below(150),
        comparison: "Capacitarr 120 ms"
      })
    )
    const pages = () => allPages(server, "/preview?limit=200")
    measures.push(
      measure("lists", "… in pages of 200", "ms", await timed(Math.max(5, runs), pages), { goal: below(300) })
    )
    for (const clients of [connections, 50]) {
      const perSecond = await requestsPerSecond(`${server.url}/api/v1/preview`, runs, clients)
      measures.push(
        measure("lists", `\`preview\`, first page, ${clients} connections`, "req/s", perSecond, {
          goal: atLeast(2500),
          comparison: "Capacitarr 19",
          bare: await bare.perSecond("first", clients)
        })
      )
    }
    const found = async (what: string, query: string, bareOne: string, comparison?: string) => {
      const perSecond = await requestsPerSecond(`${server.url}/api/v1/items?limit=50&${query}`, runs)
      measures.push(
        measure("lists", what, "req/s", perSecond, {
          goal: atLeast(2000),
          bare: await bare.perSecond(bareOne),
          ...(comparison === undefined ? {} : { comparison })
        })
      )
    }
    await found("search with a common word", "search=the", "common-word", "Prunerr 124")
    await found("… with a rare one", "search=brammanstad", "rare-word")
    await found("items of a kind, of which there are few", "kind=album", "kind")
    await found("items of a collection that nothing is in", "collection=Nobody", "collection")
    await found("items above a size that nothing has", "minSizeBytes=900000000000000", "size")
    await bare.stop()
    await server.stop()
  }
  const server = await context.synced(context.items)
  await queueUp(server, removalsOf(context))
  const bare = await startBare(server.dataDir)
  const removals = async (what: string, path: string, bareOne: string) => {
    const perSecond = await requestsPerSecond(`${server.url}/api/v1${path}`, runs)
    measures.push(
      measure("lists", what, "req/s", perSecond, { goal: atLeast(1500), bare: await bare.perSecond(bareOne) })
    )
  }
  await removals("removals by rank", "/removals?order=rank", "removals-by-rank")
  await removals("removals with a rare word", "/removals?search=brammanstad", "removals-word")
  await removals("event log, the removals of one hour", `/event-log?category=audit&since=${anHourAgo()}`, "events-hour")
  await removals("event log with a rare word", "/event-log?search=brammanstad", "events-word")
  await bare.stop()
  await server.stop()
  return measures
}

export const bulk = async (context: Context): Promise<ReadonlyArray<Measure>> => {
  const samples: Array<number> = []
  const last: Array<number> = []
  for (let run = 0; run < context.runs; run += 1) {
    const server = await context.synced(context.items)
    await queueUp(server, removalsOf(context))
    // Nothing becomes due meanwhile.
    await server.call("PATCH", "/settings/removals", { delaySeconds: 86_400 })
    const ids = (await allPages<{ id: string }>(server, "/removals?state=proposed&limit=200")).map(({ id }) => id)
    const calls: Array<number> = []
    for (let start = 0; start < ids.length; start += 1000) {
      const some = ids.slice(start, start + 1000)
      calls.push(...(await timed(1, () => server.call("POST", "/removals/bulk", { action: "approve", ids: some }))))
    }
    samples.push(...calls)
    last.push(...calls.slice(-1))
    await server.stop()
  }
  return [
    measure("bulk", "approving 1,000 removals in one call", "ms", samples, {
      goal: below(150),
      comparison: "Prunerr 230 ms"
    }),
    measure("bulk", "… the last of the calls", "ms", last)
  ]
}

const anHourAgo = () => new Date(Date.now() - 3_600_000).toISOString()

const textOf = async (server: Server, path: string): Promise<string> => {
  const response = await fetch(`${server.url}/api/v1${path}`, { headers: { "x-api-key": apiKey } })
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`)
  return response.text()
}

/** Every entry of a list, page after page. */
const allPages = async <Entry>(server: Server, path: string): Promise<ReadonlyArray<Entry>> => {
  const entries: Array<Entry> = []
  for (let cursor: string | null = null; ;) {
    const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`
    const page: { readonly items: ReadonlyArray<Entry>; readonly nextCursor: string | null } = await server.call(
      "GET",
      `${path}${more}`
    )
    entries.push(...page.items)
    cursor = page.nextCursor
    if (cursor === null) return entries
  }
}
