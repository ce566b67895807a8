import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { read, withSandbox } from "./SandboxTest.ts"

describe("A sandbox of twenty thousand items", () => {
  it.effect("returns its largest lists completely", () =>
    withSandbox(
      { items: 20_000 },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        assert.lengthOf(yield* read<ReadonlyArray<unknown>>("radarr", "/api/v3/movie"), 14_000)
        assert.lengthOf(yield* read<ReadonlyArray<unknown>>("sonarr", "/api/v3/series"), world.shows.size)
      })
    )
  )
})
