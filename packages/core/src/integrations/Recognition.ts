/**
 * Finds the integration that leads to the same application as another connection. What the stored rows leave open, a key
 * that stands in two installations, is settled by asking both at the same moment.
 */
import { Effect, Option } from "effect"
import { passedMillis } from "../problems/Instants.ts"
import { fromBit } from "../storage/Rows.ts"
import { AlreadyConnected } from "./Integration.ts"
import type { Row } from "./IntegrationRow.ts"
import type { Connected, Probe } from "./Kind.ts"
import { type Appearance, areApart, type Likeness, likeness, likenessWords } from "./Sameness.ts"
import { urgently } from "./Upstream.ts"

/** An integration that another connection is compared with. */
export interface Other {
  readonly row: Row
  readonly appearance: Appearance
  /** `undefined` for one that is switched off or cannot be connected. */
  readonly connect: () => Connected | undefined
}

export interface Comparison {
  readonly appearance: Appearance
  /** What the application answered just now; `null` = nothing. */
  readonly probe: Probe | null
  readonly others: ReadonlyArray<Other>
  /** `ask`: over the network. `look`: only at what was answered a moment ago, for who holds the connection that writes. */
  readonly means: "ask" | "look"
}

/** An answer is of "the same moment" for so long. */
const momentMillis = 60_000
/** Whoever stores an integration waits no longer for the application to say what it is. */
const patience = "10 seconds"

/** What a connection answers at once; `null` when it does not, or its kind is defective. */
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

  /** Keeps an answer for the moment. */
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

  /** `whenOpen` decides about one with the same key when one of the two did not answer. */
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

  /** Fails when the application is connected already. */
  const refuseTwin = Effect.fnUntraced(function* (comparison: Comparison) {
    const twin = yield* twinOf(comparison, () => true)
    if (twin === null) return
    const { enabled, id, name } = twin.row
    const off = fromBit(enabled) ? "" : ", which is switched off"
    return yield* new AlreadyConnected({
      integrationId: String(id),
      name,
      detail: `already connected as "${name}" (integration ${id})${off}: ${likenessWords[twin.like]}`
    })
  })

  return { remember, twinOf, refuseTwin }
}
export type Recognition = ReturnType<typeof makeRecognition>
