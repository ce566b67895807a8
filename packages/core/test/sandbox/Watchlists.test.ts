import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { connectSandbox } from "../../src/server/SandboxServing.ts"
import { Services } from "../../src/Services.ts"
import { SqlTest } from "../support/Sql.ts"
import { connect, itemsOf, silent } from "./Reading.ts"
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

it.effect("lists by the keys of a media server belong to the items that have these keys, and to their accounts", () =>
  withSandbox(
    { items: 300, kinds: ["radarr", "sonarr", "jellyfin", "seerr", "streamystats"] },
    Effect.gen(function* () {
      yield* connectSandbox()
      const { read } = yield* connect("streamystats", { watchlists: "public" })
      const listed = yield* read.watchlists!(silent, new OddRecords())
      assert.isAbove(listed.length, 10)
      const idsOf = new Map((yield* itemsOf("jellyfin")).map(({ ids, serverItemId }) => [serverItemId, ids]))
      const integrations = yield* Integrations
      const statistics = (yield* integrations.list).find(({ kind }) => kind === "streamystats")!
      yield* integrations.update(statistics.id, { config: { watchlists: "public" } })
      yield* (yield* Sync).run()
      const snapshots = yield* Snapshots
      const { items } = yield* snapshots.get
      for (const { holderNames, serverItemId } of listed) {
        const ids = idsOf.get(serverItemId ?? "") ?? []
        const item = items.find((one) => one.ids.some((id) => ids.includes(id)))
        if (ids.length === 0 || item === undefined) continue
        const holders = item.data.watchlistedBy ?? []
        assert.isTrue(
          holders.some(({ names }) => names.includes(holderNames[0] ?? "") && names.length > 1),
          `${item.title} is on the list of an account that plays too`
        )
      }
      const known = items.filter(({ data }) => data.onServers.length > 0)
      const unlisted = known.filter(({ data }) => (data.watchlistedBy ?? []).length === 0)
      assert.isAbove(unlisted.length, 10)
      assert.isTrue(unlisted.every(({ data }) => data.watchlistsOpen !== true))
      // What was not found on the server may be there under a key that nothing connects to it.
      const elsewhere = items.filter(({ data }) => data.onServers.length === 0)
      assert.isAbove(elsewhere.length, 0)
      assert.isTrue(elsewhere.every(({ data }) => data.watchlistsOpen === true))
      yield* integrations.update(statistics.id, { config: { watchlists: "certain" } })
      yield* (yield* Sync).run()
      assert.isTrue((yield* snapshots.get).items.every(({ data }) => data.watchlistsOpen === true))
    }).pipe(Effect.provide(Services.pipe(Layer.provideMerge(SqlTest))))
  )
)
