import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { connect, silent } from "./Reading.ts"
import { withSandbox } from "./SandboxTest.ts"

for (const app of ["seerr", "overseerr", "jellyseerr"]) {
  it.effect(`a simulated ${app} has watchlists of its users, over several pages`, () =>
    withSandbox(
      { items: 1000, kinds: ["radarr", "sonarr", app] },
      Effect.gen(function* () {
        const { read } = yield* connect(app, { watchlists: "certain" })
        const lists = yield* read.watchlists!(silent, new OddRecords())
        const requests = yield* read.requests!(silent, new OddRecords())
        const asked = new Map(requests.map(({ ids, requester }) => [`${requester?.id ?? ""} ${ids[0] ?? ""}`, ids]))
        const titles = lists.filter(({ unread }) => unread === undefined)
        assert.isNotEmpty(titles)
        for (const { holder, ids } of titles) assert.isTrue(asked.has(`${holder?.id ?? ""} ${ids[0] ?? ""}`))
        const most = Math.max(
          ...[...new Set(titles.map(({ holder }) => holder?.id))].map(
            (id) => titles.filter(({ holder }) => holder?.id === id).length
          )
        )
        assert.isAbove(most, 20, "more than a page")
      })
    )
  )
}
