/** The requested part of the preview, over all of its pages. */
import type { CapacityPreviewResponse, PreviewedItem as Item } from "@tendarr/sdk-client"
import { Effect } from "effect"
import type { Ask } from "./connection/Connection.ts"

export const previewStatuses = ["planned", "candidate", "undecided", "kept", "protected", "irremovable"] as const
const pageSize = 200

/** Reads pages until there are enough rows; `nextCursor` is that of the last page. */
export const previewed = Effect.fnUntraced(function* (
  ask: Ask,
  wanted: number,
  query: { readonly diskGroupId?: string; readonly status?: (typeof previewStatuses)[number] }
) {
  const items: Array<Item> = []
  let cursor: string | null = null
  for (;;) {
    const limit = Math.min(pageSize, wanted - items.length)
    const page: CapacityPreviewResponse = yield* ask((client) =>
      client.capacity.preview({ query: { ...query, limit, ...(cursor === null ? {} : { cursor }) } })
    )
    items.push(...page.items)
    cursor = page.nextCursor
    if (cursor === null || items.length >= wanted) return { ...page, items }
  }
})
