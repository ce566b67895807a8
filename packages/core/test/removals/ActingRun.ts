/** Short ways to create acting rules and to run them. */
import { Effect, Schema } from "effect"
import { Actor } from "../../src/events/Actor.ts"
import { MayDestroy } from "../../src/jobs/MayDestroy.ts"
import { ActingRules, type ActingRunOptions } from "../../src/removals/ActingRules.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { RuleDefinition } from "../../src/rules/Rule.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { connectFakes, setDisk, sync } from "../support/Stack.ts"
import { leaf } from "../rules/Samples.ts"

/** Nine movies of 10 GiB on a disk of which they fill 9 %, rated 1 to 9. */
export const halfEmpty = (): FakeLibrary => {
  const library = new FakeLibrary({ "/media": 1000 * gib })
  for (let n = 1; n <= 9; n++) library.add({ title: `Movie ${n}`, facts: { rating: n } })
  return library
}

/** Connected and read, with all disks in the mode `auto`. */
export const ready = Effect.gen(function* () {
  yield* connectFakes()
  yield* sync
  yield* setDisk({ mode: "auto" })
})

const decode = Schema.decodeUnknownSync(RuleDefinition)

/** A rule that queues what is rated below 3: "Movie 1" and "Movie 2". */
export const badOnes = {
  name: "Bad ones",
  condition: leaf("rating", "<", 3),
  action: { type: "remove", graceDays: 10 }
} as const

export const acting = (given: { readonly name: string; readonly condition: Condition; readonly action: unknown }) =>
  Effect.flatMap(Rules, (rules) => Effect.orDie(rules.create(decode({ effect: "act", ...given }))))

/** One run as that of the job. */
export const runRule = (id: string, options: Partial<ActingRunOptions> = {}) =>
  Effect.flatMap(ActingRules, (rules) =>
    rules
      .run(id, { runId: null, ...options })
      .pipe(Effect.provideService(Actor, "job:rule"), Effect.provideService(MayDestroy, true))
  )
