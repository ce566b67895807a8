/** What Prunerr's clients say about a deletion, as the terms of a removal. */
import type { RequestOptions } from "../../removals/RemovalTerms.ts"
import type { Marking } from "./Bodies.ts"
import { removalActionOf, usual } from "../../moving/products/Prunerr/Terms.ts"

export const toRequest = ({
  deletionAction,
  gracePeriodDays,
  resetOverseerr
}: typeof Marking.Type): RequestOptions => ({
  action: removalActionOf(deletionAction ?? usual.deletionAction),
  graceDays: gracePeriodDays ?? usual.gracePeriodDays,
  resetRequest: resetOverseerr ?? usual.resetOverseerr
})
