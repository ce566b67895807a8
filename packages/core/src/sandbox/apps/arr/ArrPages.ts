/** Pages of lists as the arrs send them. */
import { listing, page, queryInt } from "../Reply.ts"
import type { Call } from "../SandboxApp.ts"
import { arrFailure } from "./ArrReplies.ts"

/** A page in the arrs' envelope; ten rows by default. */
export const paged = <A>(
  call: Call,
  sortKey: string,
  sortDirection: "ascending" | "descending",
  rows: ReadonlyArray<A>,
  render: (row: A) => unknown
): Response => {
  const number = Math.max(1, queryInt(call.query, "page", 1))
  const pageSize = Math.max(1, queryInt(call.query, "pageSize", 10))
  const direction =
    call.query.get("sortDirection") === "ascending" ? "ascending" : (call.query.get("sortDirection") ?? sortDirection)
  const ordered = direction === sortDirection ? rows : rows.toReversed()
  const found = page(call, ordered, (number - 1) * pageSize, pageSize)
  if (found === undefined) return arrFailure(call, "database is locked")
  const head = {
    page: number,
    pageSize,
    sortKey: call.query.get("sortKey") ?? sortKey,
    sortDirection: direction,
    totalRecords: found.total
  }
  return listing(call, {
    before: `${JSON.stringify(head).slice(0, -1)},"records":[`,
    after: "]}",
    rows: found.rows,
    render
  })
}
