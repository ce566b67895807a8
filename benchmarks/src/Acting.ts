/** A rule that acts: its preview over the library, and a run that queues a large part of it. */
import { type Context, timed } from "./Context.ts"
import { below, type Measure, measure, spreadOf } from "./Measure.ts"
import { pausesOf } from "./Pauses.ts"
import { removalsOf } from "./Queueing.ts"
import { type Pauses, runJob, type Server } from "./Stack.ts"

interface Sized {
  readonly sizeBytes: number
}

interface RuleReport {
  readonly queued: { readonly items: number }
}

/** The size above which there are about that many items. */
const sizeOfRank = async (server: Server, rank: number): Promise<number> => {
  let cursor: string | null = null
  for (let seen = 0; ;) {
    const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`
    const page: { readonly items: ReadonlyArray<Sized>; readonly nextCursor: string | null } = await server.call(
      "GET",
      `/items?sort=size&order=desc&limit=200${after}`
    )
    seen += page.items.length
    const last = page.items.at(-1)
    if (last !== undefined && (seen >= rank || page.nextCursor === null)) return last.sizeBytes
    cursor = page.nextCursor
  }
}

const leaf = (field: string, operator: string, value?: unknown, params?: object) => ({
  kind: "condition",
  field,
  operator,
  ...(value === undefined ? {} : { value }),
  ...(params === undefined ? {} : { params })
})
const group = (logic: string, ...children: ReadonlyArray<object>) => ({ kind: "group", logic, children })

/** Nested, with people and collections. */
const conditionAbove = (bytes: number) =>
  group(
    "AND",
    leaf("sizeBytes", "greaterThan", bytes),
    group(
      "OR",
      leaf("playCount", "lessThan", 100_000),
      group("NOT", leaf("watchedByUser", "everWatched", undefined, { user: "somebody" }))
    ),
    group("NOT", leaf("collections", "equals", "No such collection"))
  )

export const acting = async (context: Context): Promise<ReadonlyArray<Measure>> => {
  const wanted = removalsOf(context)
  const previews: Array<number> = []
  const samples: Array<number> = []
  const pauses: Array<Pauses> = []
  let queued = 0
  for (let run = 0; run < context.runs; run += 1) {
    const server = await context.synced(context.items)
    await server.call("PATCH", "/settings/rules", { maxActingShare: 1 })
    const condition = conditionAbove(await sizeOfRank(server, wanted))
    const ask = () => server.call("POST", "/rules/preview", { condition })
    await timed(3, ask)
    previews.push(spreadOf(await timed(10, ask)).median)
    const action = { type: "remove", graceDays: 30 }
    const rule = await server.call<{ id: string }>("POST", "/rules", {
      name: "Large",
      effect: "act",
      action,
      condition
    })
    const runRule = (options: object) => runJob<RuleReport>(server, "rule", options, rule.id)
    await timed(3, () => runRule({ dryRun: true }))
    const without = spreadOf(await timed(5, () => runRule({ dryRun: true }))).median
    const started = performance.now()
    const { pauses: seen, value } = await server.watching(() => runRule({}))
    samples.push(performance.now() - started - without)
    queued = value.result.queued.items
    if (queued === 0) throw new Error("The rule queued nothing")
    pauses.push(seen)
    await server.stop()
  }
  return [
    measure("acting", "preview of a rule with nested groups, people and collections", "ms", previews, {
      goal: below(40),
      comparison: "Prunerr 198–460 ms"
    }),
    measure("acting", `queueing ${queued.toLocaleString("en")} removals by a rule that acts`, "ms", samples, {
      goal: below(500),
      comparison: "Prunerr 3,700 ms"
    }),
    ...pausesOf("acting", "while a rule queues", pauses)
  ]
}
