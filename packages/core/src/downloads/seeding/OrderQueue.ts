/** The act that puts downloads first in the queue of their client, in the order that the rules want. */
import { Effect, Schema } from "effect"
import type { ActKind, Standing } from "../../acts/ActKind.ts"
import type { Verdict } from "../../acts/Verdict.ts"
import type { Download } from "../../integrations/Downloads.ts"
import { CurrentFinalCheck } from "../../integrations/FinalCheck.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { type UpstreamError, UpstreamHeldBack, UpstreamRefused } from "../../integrations/UpstreamErrors.ts"
import { connectedClient } from "../ConnectedClient.ts"

export const OrderedQueue = Schema.Struct({
  integrationId: Schema.String,
  client: Schema.String,
  /** Ids in the client, in the order in which they are to be at the front. */
  clientIds: Schema.Array(Schema.String)
})
export type OrderedQueue = typeof OrderedQueue.Type

const Kept = Schema.Struct({ clientIds: Schema.Array(Schema.String) })

/** The kind of the acts. */
export const orderQueueAct = "order-queue"

/** Downloads that one act moves: each is a request of its own. */
export const mostMoved = 50

/** Those that are in the queue, by their places in it. */
export const queued = (downloads: ReadonlyArray<Download>): ReadonlyArray<Download> =>
  downloads
    .filter(({ queuePosition }) => queuePosition !== null)
    .toSorted((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0))

/** Whether these are in this order, as far as they are in the queue. Others between them are not asked for. */
export const isInOrder = (downloads: ReadonlyArray<Download>, clientIds: ReadonlyArray<string>): boolean => {
  const places = new Map(queued(downloads).map(({ id }, place) => [id, place]))
  const known = clientIds.flatMap((id) => places.get(id) ?? [])
  return known.every((place, index) => index === 0 || (known[index - 1] ?? 0) < place)
}

export const makeOrderQueue = Effect.fnUntraced(function* (checks: {
  readonly look: (subject: OrderedQueue) => Effect.Effect<Verdict>
}) {
  const integrations = yield* Integrations

  const presence = Effect.fn("OrderQueue.presence")(function* (
    subject: OrderedQueue
  ): Effect.fn.Return<Standing<typeof Kept.Type>, UpstreamError> {
    const { downloads } = yield* connectedClient(integrations, subject.integrationId)
    const now = yield* downloads.readSome(subject.clientIds)
    if (isInOrder(now, subject.clientIds)) return { _tag: "Absent" }
    return { _tag: "Present", kept: { clientIds: queued(now).map(({ id }) => id) } }
  })

  const moveToFront = Effect.fnUntraced(function* (integrationId: string, clientIds: ReadonlyArray<string>) {
    const { downloads, name } = yield* connectedClient(integrations, integrationId)
    const refuse = (detail: string) => new UpstreamRefused({ integration: name, call: "queue", status: 422, detail })
    const { setQueuePosition } = downloads
    if (setQueuePosition === null) return yield* refuse("the client has no queue that can be ordered")
    // The last one first, so that the first one ends at the front.
    for (const id of clientIds.toReversed()) {
      const {
        refused: [first]
      } = yield* setQueuePosition([id], "top")
      if (first !== undefined) return yield* refuse(first.reason)
    }
  })

  const kind: ActKind<OrderedQueue, typeof Kept.Type> = {
    name: orderQueueAct,
    subject: OrderedQueue,
    kept: Kept,
    keyOf: ({ integrationId }) => integrationId,
    titleOf: ({ client, clientIds }) => `${client}: order of ${clientIds.length} downloads`,
    destroys: false,
    presence,
    look: checks.look,
    send: Effect.fn("OrderQueue.send")(function* (subject) {
      const look = yield* CurrentFinalCheck
      const why = look === null ? null : yield* look.whyNot(true)
      if (why !== null) {
        return yield* new UpstreamHeldBack({ integration: subject.client, call: "queue", detail: why })
      }
      yield* moveToFront(subject.integrationId, subject.clientIds)
    }),
    undo: (subject, kept) => moveToFront(subject.integrationId, kept.clientIds),
    undoDays: 1,
    isForgotten: ({ integrationId }) =>
      Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))
  }
  return kind
})
