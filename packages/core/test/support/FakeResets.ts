/** The entries of a request manager that can be reset, with a journal, and how resets misbehave. */
import { Effect } from "effect"
import type { RequestReset, ResetTarget } from "../../src/integrations/Kind.ts"
import { CurrentFinalCheck } from "../../src/integrations/FinalCheck.ts"
import { type UpstreamError, UpstreamHeldBack } from "../../src/integrations/UpstreamErrors.ts"
import { denied, refused, unreachable } from "./FakeAnswers.ts"

/** As of a removal: see `Misbehaviours`. */
export type ResetMisbehaviour = "deny" | "refuse" | "timeout-done" | "lie" | "hang" | "hang-done"

export type FakeRequest = Pick<ResetTarget, "ids" | "kind" | "seasonNumber"> & { readonly is4k?: boolean }

export class FakeResets implements RequestReset {
  /** By key. */
  readonly entries = new Map<string, FakeRequest>()
  readonly sent: Array<string> = []
  readonly next: Array<ResetMisbehaviour> = []
  down = false
  hanging = 0
  /** Runs when a reset arrives, before anything is done about it. */
  onReset: (key: string) => void = () => undefined
  readonly #isDown: () => boolean

  constructor(isDown: () => boolean) {
    this.#isDown = isDown
  }

  readonly find = (target: ResetTarget): Effect.Effect<ReadonlyArray<string>, UpstreamError> =>
    Effect.suspend(() => {
      if (this.down || this.#isDown()) return Effect.fail(unreachable("GET /requests"))
      const isMeant = ({ ids, is4k = false, kind, seasonNumber }: FakeRequest) =>
        kind === target.kind &&
        (target.is4k === null || is4k === target.is4k) &&
        (target.seasonNumber === null || seasonNumber === target.seasonNumber) &&
        ids.some((id) => target.ids.includes(id))
      return Effect.succeed([...this.entries].flatMap(([key, entry]) => (isMeant(entry) ? [key] : [])))
    })

  readonly reset = (key: string): Effect.Effect<void, UpstreamError> =>
    Effect.gen({ self: this }, function* () {
      const look = yield* CurrentFinalCheck
      const detail = yield* look?.whyNot(true) ?? Effect.succeed(null)
      if (detail !== null) return yield* new UpstreamHeldBack({ integration: "Wishes", call: "reset", detail })
      this.onReset(key)
      this.sent.push(key)
      const how = this.next.shift()
      if (how === "deny") return yield* denied("reset")
      if (how === "refuse") return yield* refused("reset")
      if (how !== "lie" && how !== "hang") this.entries.delete(key)
      if (how === "timeout-done") return yield* unreachable("reset")
      if (how === "hang" || how === "hang-done") {
        this.hanging++
        return yield* Effect.ensuring(
          Effect.never,
          Effect.sync(() => void this.hanging--)
        )
      }
    })
}
