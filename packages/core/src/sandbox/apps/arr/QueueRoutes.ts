/** The queue of an arr: reading it, and removing rows with or without their downloads. */
import { Schema } from "effect"
import { json } from "../Reply.ts"
import { type Call, destroy, type Route, route } from "../SandboxApp.ts"
import { paged } from "./ArrPages.ts"
import type { ArrQueueRow } from "./ArrQueue.ts"
import { arrBadBody, arrBody, arrFailure, arrFlag, arrNotFound } from "./ArrReplies.ts"

export const queueRoutes = (api: string, queue: () => ReadonlyArray<ArrQueueRow>): ReadonlyArray<Route> => {
  const answer = ({ id, record }: ArrQueueRow) => ({ ...record(), id })

  /** All rows of a download go together: the arr removes the download, not a part of it. */
  const remove = (call: Call, rows: ReadonlyArray<ArrQueueRow>) =>
    destroy(
      call,
      () => {
        for (const { queued } of rows) {
          if (arrFlag(call.query, "removeFromClient")) queued.client.remove(queued.download)
          // The arr no longer follows what has none of its categories.
          else queued.download.category = ""
          queued.client.changed()
        }
      },
      () => json(call, {}),
      () => arrFailure(call, "The download client did not answer")
    )

  return [
    route("GET", `${api}/queue`, (call) => paged(call, "timeleft", "ascending", queue(), answer)),
    route("GET", `${api}/queue/status`, (call) => {
      const rows = queue()
      const warned = rows.some(({ record }) => record()["trackedDownloadStatus"] === "warning")
      return json(call, {
        totalCount: rows.length,
        count: rows.length,
        unknownCount: 0,
        errors: false,
        warnings: warned,
        unknownErrors: false,
        unknownWarnings: false
      })
    }),
    route("GET", `${api}/queue/details`, (call) => json(call, queue().map(answer))),
    route("DELETE", `${api}/queue/bulk`, async (call) => {
      const body = await arrBody(call, BulkBody)
      if (body === undefined) return arrBadBody(call)
      return remove(
        call,
        queue().filter(({ id }) => body.value.ids.includes(id))
      )
    }),
    route("DELETE", `${api}/queue/:id`, (call) => {
      const found = queue().filter(({ id }) => id === Number(call.params["id"]))
      return found.length === 0 ? arrNotFound(call) : remove(call, found)
    })
  ]
}

const BulkBody = Schema.Struct({ ids: Schema.Array(Schema.Number) })
