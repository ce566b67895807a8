/** The brake, set while acts are under way: the response names those for which it comes too late. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Acts } from "../../src/acts/Acts.ts"
import { MayDestroy } from "../../src/jobs/MayDestroy.ts"
import { StoppingDecisions } from "../../src/removals/StoppingDecisions.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { FakeLibrary } from "../support/FakeLibrary.ts"
import { stackTest } from "../support/Stack.ts"
import { makeServer, takeLabel } from "./Labels.ts"

const silent = { progress: () => Effect.void, log: () => Effect.void }

describe("The brake", () => {
  it.effect("names the destructive acts whose request has already been sent", () => {
    const [server, other] = [makeServer("leaving"), makeServer("leaving")]
    return Effect.gen(function* () {
      const acts = yield* Acts
      const decisions = yield* StoppingDecisions
      const run = Effect.fnUntraced(function* (kind: ReturnType<typeof takeLabel>) {
        const own = yield* acts.define(kind)
        const { id } = yield* own.intend({ label: "leaving" }, { because: "it is over" })
        yield* Effect.provideService(own.carryOutDue(silent), MayDestroy, true)
        return id
      })
      server.mode = "answer-never"
      other.mode = "answer-never"
      const id = yield* run(takeLabel(server))
      yield* run({ ...takeLabel(other), name: "move-label", destroys: false })
      const off = yield* decisions.set(RemovalsSettings, { deletionsEnabled: false })
      assert.deepStrictEqual([off.beyondRecall, off.actsBeyondRecall], [[], [id]])
      const on = yield* decisions.set(RemovalsSettings, { deletionsEnabled: true })
      assert.deepStrictEqual(on.actsBeyondRecall, [])
    }).pipe(Effect.provide(stackTest(new FakeLibrary())))
  })
})
