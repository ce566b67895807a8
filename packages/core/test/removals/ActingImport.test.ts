/** A configuration that is imported over acting rules whose removals wait. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { sqlFile, temporaryDatabase } from "../support/Sql.ts"
import { makeStack, removals, states } from "../support/Stack.ts"
import { acting, badOnes, halfEmpty, ready, runRule } from "./ActingRun.ts"

it.effect("withdraws the removals of a rule that it switches off, and changes nothing else about them", () =>
  Effect.gen(function* () {
    const { use } = yield* makeStack(halfEmpty(), sqlFile(yield* temporaryDatabase))
    yield* use(
      Effect.gen(function* () {
        yield* ready
        const rule = yield* acting(badOnes)
        yield* runRule(rule.id)
        const transfer = yield* ConfigurationTransfer
        const same = yield* transfer.export({ secrets: false })
        const before = yield* removals
        assert.deepStrictEqual((yield* transfer.import(same, { dryRun: false })).changes, [])
        assert.deepStrictEqual(yield* removals, before)
        const off = { ...same, rules: same.rules?.map((one) => ({ ...one, enabled: false })) ?? [] }
        yield* transfer.import(off, { dryRun: true })
        assert.deepStrictEqual(yield* removals, before)
        yield* transfer.import(off, { dryRun: false })
        assert.deepStrictEqual(yield* states, { "Movie 1": "spared", "Movie 2": "spared" })
      })
    )
  })
)
