/**
 * The final check directly before each request of one act. The act defines what is checked; storing the results and
 * marking the request as sent are the same for all acts.
 */
import { Effect } from "effect"
import type { Held, ActChecks, ActCheckResults } from "./CarryOut.ts"
import type { Verdict } from "./Verdict.ts"

export const withdrawn = "a person has withdrawn it"

export interface ActCheckParts<Row> {
  /** The row as it is stored now, or why it may not be carried out any more. `row` is the one that was last seen. */
  readonly current: (row: Row) => Effect.Effect<Row | { readonly withdrawnBecause: string }>
  readonly look: (row: Row) => Effect.Effect<Verdict>
  /** Marks that the request that carries it out is being sent; `null` = somebody has changed the row. */
  readonly markSent: (row: Row) => Effect.Effect<Row | null>
  /** The check and the mark are one transaction: an earlier decision is respected, and a later one fails as too late. */
  readonly transact: <A>(effect: Effect.Effect<A>) => Effect.Effect<A>
}

export const makeActChecks = <Row extends object>(claimed: Row, parts: ActCheckParts<Row>): ActChecks<Row> => {
  let found: ActCheckResults<Row> = { row: claimed, prepared: false, sent: false, held: null }
  const hold = (held: Held) => {
    found = { ...found, held }
    return held.reason
  }
  const whyNot = Effect.fnUntraced(function* (destroys: boolean) {
    const row = yield* parts.current(found.row)
    if ("withdrawnBecause" in row) return hold({ _tag: "Taken", reason: row.withdrawnBecause })
    const verdict = yield* parts.look(row)
    if (verdict._tag !== "Go") return hold(verdict)
    if (!destroys) {
      found = { ...found, prepared: true }
      return null
    }
    const marked = yield* parts.markSent(row)
    if (marked === null) return hold({ _tag: "Taken", reason: withdrawn })
    found = { ...found, row: marked, sent: true }
    return null
  })
  return { look: { whyNot: (destroys) => parts.transact(whyNot(destroys)) }, found: () => found }
}
