/**
 * Finds the integration that leads to the same application as another connection. If the stored rows do not decide it,
 * because two installations may have the same key, both are asked at the same moment.
 */
import { Effect, Option } from "effect"
import { passedMillis } from "../problems/Instants.ts"
import { fromBit } from "../storage/Rows.ts"
import { AlreadyConnected } from "./Integration.ts"
import type { Row } from "./IntegrationRow.ts"
import type { Connected, Probe } from "./Kind.ts"
import { type Appearance, areApart, type Likeness, likeness, likenessWords } from "./Sameness.ts"
import { urgently } from "./Upstream.ts"

/** An integration to compare with. */
export interface Other {
  readonly row: Row
  readonly appearance: Appearance
  /** `undefined` if it is disabled or cannot be connected. */
  readonly connect: () => Connected | undefined
}

export interface Comparison {
  readonly appearance: Appearance
  /** The application's current response; `null` = none. */
  readonly probe: Probe | null
  readonly others: ReadonlyArray<Other>
  /** `ask`: over the network. `look`: use only recent responses, for callers that hold the write connection. */
  readonly means: "ask" | "look"
}

/** How long a response counts as being of the same moment. */
const momentMillis = 60_000
/** How long storing an integration waits for the application to identify itself. */
const patience = "10 seconds"

/** The current response of a connection; `null` if there is none, or if its kind is defective. */
export const askNow = (connect: () => Connected | undefined): Effect.Effect<Probe | null> =>
  Effect.suspend(() => connect()?.probe ?? Effect.succeed(null)).pipe(
    urgently,
    Effect.timeoutOption(patience),
    Effect.map(Option.getOrNull),
    Effect.catch(() => Effect.succeed(null)),
    Effect.catchDefect(() => Effect.succeed(null))
  )

export const makeRecognition = () => {
  const answers = new Map<number, { readonly probe: Probe; readonly at: number }>()

  /** Keeps a response as recent. */
  const remember = Effect.fnUntraced(function* (id: number, probe: Probe | null) {
    if (probe !== null) answers.set(id, { probe, at: yield* passedMillis })
  })

  const answerOf = Effect.fnUntraced(function* ({ connect, row }: Other, means: Comparison["means"]) {
    if (means === "ask") {
      const probe = yield* askNow(connect)
      yield* remember(row.id, probe)
      return probe
    }
    const answer = answers.get(row.id)
    return answer !== undefined && (yield* passedMillis) - answer.at <= momentMillis ? answer.probe : null
  })

  /** `whenOpen` decides about a connection with the same key if one of the two did not answer. */
  const twinOf = Effect.fnUntraced(function* (
    { appearance, means, others, probe }: Comparison,
    whenOpen: (other: Row) => boolean
  ): Effect.fn.Return<{ readonly row: Row; readonly like: Likeness } | null> {
    const one: Appearance = { ...appearance, identity: probe?.identity ?? appearance.identity }
    for (const other of others) {
      const like = likeness(one, other.appearance)
      if (like === null) continue
      if (like !== "key") return { row: other.row, like }
      const answer = probe === null ? null : yield* answerOf(other, means)
      const same = probe === null || answer === null ? whenOpen(other.row) : !areApart(probe, answer)
      if (same) return { row: other.row, like }
    }
    return null
  })

  /** Fails if the application is already connected. */
  const refuseTwin = Effect.fnUntraced(function* (comparison: Comparison) {
    const twin = yield* twinOf(comparison, () => true)
    if (twin === null) return
    const { enabled, id, name } = twin.row
    const off = fromBit(enabled) ? "" : ", which is disabled"
    return yield* new AlreadyConnected({
      integrationId: String(id),
      name,
      detail: `already connected as "${name}" (integration ${id})${off}: ${likenessWords[twin.like]}`
    })
  })

  return { remember, twinOf, refuseTwin }
}
export type Recognition = ReturnType<typeof makeRecognition>
