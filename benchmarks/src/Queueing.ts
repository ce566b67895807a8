/** Libraries of which a run queues a large part. */
import type { Context } from "./Context.ts"
import { runJob, type Server } from "./Stack.ts"

/** How many removals a run queues in the rows that need many. */
export const removalsOf = ({ items }: Context): number => Math.min(8000, Math.floor(items * 0.4))

/** Makes every disk full, so that the next run proposes that many removals. */
export const fillDisks = async (server: Server, wanted: number): Promise<void> => {
  const { items: groups } = await server.call<{ items: ReadonlyArray<{ id: string }> }>("GET", "/disk-groups")
  await server.call("PATCH", "/settings/removals", { caps: { maxItems: wanted, maxBytes: null, maxLibraryShare: 1 } })
  for (const { id } of groups) {
    await server.call("PATCH", `/disk-groups/${id}`, {
      mode: "approval",
      limits: { type: "percent", threshold: 2, target: 1 }
    })
  }
}

/** Proposes that many removals. */
export const queueUp = async (server: Server, wanted: number): Promise<void> => {
  await fillDisks(server, wanted)
  const { result } = await runJob<{ proposed: number }>(server, "capacity", { sync: false })
  if (result.proposed !== wanted) throw new Error(`${result.proposed} removals were queued, not ${wanted}`)
}
