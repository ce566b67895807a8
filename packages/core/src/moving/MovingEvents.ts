/** Events of moves from other products. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"
import { productNames } from "./MoveIn.ts"

const ofMove = { category: "system", subject: "move-in" } as const
const product = { product: Schema.Literals(productNames) }

const ofServer = { category: "integrations", subject: "integration" } as const

export const MovingEvents = {
  replaced: eventType("integration.server-replaced", {
    ...ofServer,
    description: "A person replaced a media server by another one; the former one is switched off.",
    payload: Schema.Struct({
      successorId: Schema.String,
      titles: Schema.Int.annotate({ description: "Titles whose plays on the former server go on counting." }),
      rules: Schema.Int.annotate({ description: "Rules that use names of the new server now." })
    })
  }),
  replacementUndone: eventType("integration.server-replacement-undone", {
    ...ofServer,
    description: "A person took back the replacement of a media server.",
    payload: NoPayload
  }),
  previewed: eventType("move-in.previewed", {
    ...ofMove,
    description: "A person uploaded a file of another product, to see what would be moved in.",
    payload: Schema.Struct({ ...product, bytes: Schema.Finite })
  }),
  removed: eventType("move-in.removed", {
    ...ofMove,
    description: "A person deleted the preview of a move; what was moved in stays.",
    payload: Schema.Struct(product)
  }),
  applied: eventType("move-in.applied", {
    ...ofMove,
    description:
      "A person moved in what another product knew: connections, rules, protections, its queue and its history.",
    payload: Schema.Struct({
      ...product,
      connections: Schema.optionalKey(Schema.Int),
      rules: Schema.Int,
      protections: Schema.Int,
      removals: Schema.Int,
      history: Schema.Int
    })
  }),
  history: eventType("move-in.history", {
    ...ofMove,
    description: "Something that another product did or noted before its history was moved in; Tendarr did not do it.",
    payload: Schema.Struct({
      ...product,
      what: Schema.Literals(["deletion", "activity"]),
      title: Schema.String,
      at: Schema.NullOr(Schema.String).annotate({ description: "When it happened; `null` = its record does not say." }),
      bytes: Schema.NullOr(Schema.Finite),
      by: Schema.NullOr(Schema.String)
    })
  })
}
