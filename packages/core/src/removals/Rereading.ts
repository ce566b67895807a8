/** Reads the facts of items again in their applications, before something is done to them. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Environment } from "../capacity/Decision.ts"
import type { RemovalTarget } from "../integrations/Kind.ts"
import type { Contents } from "../library/Contents.ts"
import type { LibraryItem } from "../library/Item.ts"
import { makeRecordDetails } from "../library/ItemDetails.ts"
import { type FreshItem, refresh, snapshotWith, type Unasked } from "../library/Refreshing.ts"
import { nowIso } from "../problems/Instants.ts"
import { storedIdentities } from "../viewers/Identities.ts"

export interface RereadItem {
  readonly item: LibraryItem
  readonly target: RemovalTarget
}

export type Reread =
  | { readonly _tag: "Wait"; readonly reason: string }
  | {
      readonly _tag: "Fresh"
      /** The library with the items in their current state. */
      readonly over: (environment: Environment) => Environment
    }

export const makeRereading = Effect.fnUntraced(function* (contents: Contents["Service"]) {
  const sql = yield* SqlClient.SqlClient
  const record = yield* makeRecordDetails(sql)

  /** `whyUnusable`: why a reading that cannot be repeated for a single item must not be relied on; `null` = it may. */
  return Effect.fn("Removals.reread")(function* (
    environment: Environment,
    wanted: ReadonlyArray<RereadItem>,
    whyUnusable: (unasked: Unasked) => string | null
  ): Effect.fn.Return<Reread> {
    const live = [...environment.live.values()]
    const identities = yield* storedIdentities(sql)
    const items = new Map<string, FreshItem>()
    const reread = new Set<string>()
    for (const { item, target } of wanted) {
      const asked = yield* Effect.result(refresh(item, target, environment.snapshot, live, identities))
      if (asked._tag === "Failure") return wait(`its facts could not be read again: ${asked.failure.message}`)
      if (asked.success === "gone")
        return wait(`the application says that "${item.title}" is there, and does not list it`)
      if ("doubt" in asked.success) return wait(asked.success.doubt)
      const { items: now, people, unasked } = asked.success
      for (const one of unasked) {
        const why = whyUnusable(one)
        if (why !== null) return wait(why)
      }
      for (const [id, each] of now) items.set(id, each)
      // Heavy facts are read from the database, by the checks that follow.
      const fresh = Array.from(now.values(), ({ files, known, plays }) => ({ item: known, files, plays }))
      yield* record(fresh, people, yield* nowIso)
      for (const { now: member } of now.values()) {
        if (member.data.contentsSign === undefined || reread.has(member.id)) continue
        reread.add(member.id)
        const read = yield* Effect.result(contents.reread(member))
        if (read._tag === "Failure") return wait(`its contents could not be read again: ${read.failure.message}`)
      }
    }
    return { _tag: "Fresh", over: (before) => ({ ...before, snapshot: snapshotWith(before.snapshot, items) }) }
  })
})

const wait = (reason: string): Reread => ({ _tag: "Wait", reason })
