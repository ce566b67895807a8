/** How the lists of wholes were last read. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { ContentsList } from "../../integrations/Observations.ts"
import { type UnknownReason, unknownReasons } from "../Facts.ts"
import type { ContentsState, LibraryItem } from "../Item.ts"

interface StateRow {
  readonly item_id: number
  readonly list: ContentsList
  readonly sign: string | null
  readonly read_at: string | null
  readonly attempted_at: string
  readonly failure_reason: string | null
  readonly failure_detail: string | null
}

export type ItemContents = NonNullable<LibraryItem["contents"]>

/** The states of the items whose ids are greater than `after`, up to `last`. */
export const contentsStates = (from: SqlClient.SqlClient, after: number, last: number) =>
  from<StateRow>`SELECT * FROM item_contents WHERE item_id > ${after} AND item_id <= ${last}`.pipe(
    Effect.map((rows) => {
      const states = new Map<number, ItemContents>()
      for (const row of rows) states.set(row.item_id, { ...states.get(row.item_id), [row.list]: toState(row) })
      return states
    })
  )

const toState = (row: StateRow): ContentsState => ({
  sign: row.sign,
  readAt: row.read_at,
  attemptedAt: row.attempted_at,
  failure:
    row.failure_reason === null
      ? null
      : { reason: reasonOf(row.failure_reason), detail: row.failure_detail ?? "it could not be read" }
})

const reasonOf = (text: string): UnknownReason => unknownReasons.find((reason) => reason === text) ?? "not-synced"
