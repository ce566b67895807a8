/** Every removal that matches a query. */
import type { Removal, RemovalsListData } from "@tendarr/sdk-client"
import type { Effect } from "effect"
import type { Connection } from "./connection/Connection.ts"
import type { CommandFailure } from "./Failure.ts"

export const allRemovals = (
  use: Connection["use"],
  query: NonNullable<RemovalsListData["query"]>
): Effect.Effect<ReadonlyArray<Removal>, CommandFailure> =>
  use(async (client, signal) => {
    const found: Array<Removal> = []
    for await (const removal of client.all(client.removals.list, { query, signal })) found.push(removal)
    return found
  })
