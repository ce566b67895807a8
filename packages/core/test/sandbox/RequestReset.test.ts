import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { connect, silent } from "./Reading.ts"
import { withSandbox } from "./SandboxTest.ts"

for (const app of ["seerr", "overseerr", "jellyseerr"]) {
  it.effect(`a simulated ${app} forgets a request that is reset, and no other one`, () =>
    withSandbox(
      { items: 400, kinds: ["radarr", "sonarr", app] },
      Effect.gen(function* () {
        const { read, requestReset } = yield* connect(app)
        const requests = read.requests!(silent, new OddRecords())
        const before = yield* requests
        for (const kind of ["movie", "show"] as const) {
          const wanted = before.find((request) => request.kind === kind && request.status !== "declined")
          if (wanted === undefined) return assert.fail(`no ${kind} is requested`)
          const isMeant = (request: (typeof before)[number]) =>
            request.kind === kind && request.ids.some((id) => wanted.ids.includes(id))
          const others = (yield* requests).filter((request) => !isMeant(request))
          const target = { kind, ids: wanted.ids, seasonNumber: null, is4k: null }
          const keys = yield* requestReset!.find(target)
          assert.strictEqual(keys.length, 1)
          yield* requestReset!.reset(keys[0]!)
          assert.deepStrictEqual(yield* requestReset!.find(target), [])
          assert.deepStrictEqual(yield* requests, others)
        }
      })
    )
  )
}
