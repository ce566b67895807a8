/** Removing single episodes from the real kinds, and undoing that, against the simulated applications. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { RemovalTarget } from "../../src/integrations/Kind.ts"
import { nowIso } from "../../src/problems/Instants.ts"
import { whileTimePasses } from "../support/PassingTime.ts"
import { connect } from "./Reading.ts"
import { again, catalogOf } from "./Rereads.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

interface Episode {
  readonly id: number
  readonly monitored: boolean
  readonly hasFile: boolean
}

/** An episode of a monitored show with several, as an item. */
const oneEpisode = Effect.fnUntraced(function* (app: string) {
  const connected = yield* connect(app)
  const shows = (yield* catalogOf(connected)).filter(({ facts, kind }) => kind === "show" && facts.monitored === true)
  const show = shows.find(({ facts }) => (facts.episodeCount ?? 0) > 3)!
  const { episodes, files, items } = connected.contents!
  const contents = { episodes: yield* episodes!(show), files: yield* files!(show) }
  const all = yield* items!(show, contents, yield* nowIso)
  const item = all.find(({ facts }) => facts.monitored === true)!
  const target: RemovalTarget = { externalId: item.externalId, kind: "episode", title: item.title, ids: item.ids }
  const id = Number(item.externalId.split(":e")[1])
  const state = read<Episode>(app, `/api/v3/episode/${id}`)
  const filesLeft = Effect.map(
    read<ReadonlyArray<unknown>>(app, `/api/v3/episodefile?seriesId=${show.externalId}`),
    (left) => left.length
  )
  return { all, connected, filesLeft, id, item, removal: connected.removal!, show, state, target }
})

describe("A single episode", () => {
  for (const app of ["sonarr", "whisparr-v2"]) {
    const sandboxed = (body: Effect.Effect<unknown, unknown, Effect.Services<ReturnType<typeof oneEpisode>>>) =>
      withSandbox({ items: 120, kinds: [app] }, body)

    it.effect(`of ${app} is as many items as there are files, with their bytes`, () =>
      sandboxed(
        Effect.gen(function* () {
          const { all, filesLeft, show } = yield* oneEpisode(app)
          assert.strictEqual(all.length, yield* filesLeft)
          assert.strictEqual(
            all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            show.sizeBytes
          )
          const ranks = all.flatMap(({ facts }) => facts.episodeRank ?? []).toSorted((one, other) => one - other)
          assert.deepStrictEqual(
            ranks,
            ranks.map((_, index) => index + 1)
          )
        })
      )
    )

    it.effect(`of ${app} is read again with its show and its season`, () =>
      sandboxed(
        Effect.gen(function* () {
          const { connected, item, show } = yield* oneEpisode(app)
          const family = yield* again.catalog(connected, item)
          assert.deepStrictEqual(
            family.find(({ externalId }) => externalId === item.externalId),
            item
          )
          assert.include(
            family.map(({ externalId }) => externalId),
            show.externalId
          )
          assert.lengthOf(
            family.filter(({ kind }) => kind === "episode"),
            1
          )
        })
      )
    )

    for (const action of ["unmonitor", "delete-files", "unmonitor-and-delete-files"] as const) {
      it.effect(`of ${app} is removed by \`${action}\`, and comes back`, () =>
        sandboxed(
          Effect.gen(function* () {
            const { filesLeft, item, removal, state, target } = yield* oneEpisode(app)
            const files = yield* filesLeft
            const presence = yield* removal.presence(target)
            if (presence._tag === "Absent") return assert.fail("it is there")
            assert.deepInclude(presence, { title: item.title, ids: item.ids, hasFiles: true, monitored: true })
            assert.strictEqual(presence.sizeBytes, item.sizeBytes)
            yield* removal.remove(target, { action, addImportExclusion: true })
            assert.deepStrictEqual(yield* Effect.map(state, ({ hasFile, monitored }) => ({ hasFile, monitored })), {
              hasFile: action === "unmonitor",
              monitored: action === "delete-files"
            })
            assert.strictEqual(yield* filesLeft, action === "unmonitor" ? files : files - 1)
            const after = yield* removal.presence(target)
            assert.strictEqual(after._tag, action === "unmonitor" ? "Present" : "Absent")
            const kept: unknown = JSON.parse(JSON.stringify(presence.restore))
            assert.strictEqual((yield* removal.isBack(kept, action)) === null, action !== "delete-files")
            const back = yield* whileTimePasses(removal.restore(kept, { action }))
            assert.deepStrictEqual(back, { externalId: item.externalId })
            assert.deepStrictEqual(yield* removal.isBack(kept, action), { externalId: item.externalId })
            yield* TestClock.adjust("10 minutes")
            assert.deepInclude(yield* state, { hasFile: true, monitored: true })
          })
        )
      )
    }

    it.effect(`of ${app} is monitored again if its deletion was not carried out`, () =>
      sandboxed(
        Effect.gen(function* () {
          const { id, removal, state, target } = yield* oneEpisode(app)
          const presence = yield* removal.presence(target)
          if (presence._tag === "Absent") return assert.fail("it is there")
          yield* ask(app, "/api/v3/episode/monitor", {
            method: "PUT",
            body: { episodeIds: [id], monitored: false }
          })
          yield* removal.putBack!(target, presence.restore, "unmonitor-and-delete-files")
          assert.deepInclude(yield* state, { monitored: true, hasFile: true })
        })
      )
    )

    it.effect(`of ${app} is absent once the application says that it has no such episode`, () =>
      sandboxed(
        Effect.gen(function* () {
          const { removal, show, target } = yield* oneEpisode(app)
          const presence = yield* removal.presence({ ...target, externalId: `${show.externalId}:e99999999` })
          assert.strictEqual(presence._tag, "Absent")
        })
      )
    )

    it.effect(`of ${app} is another one if its place in the show is another one`, () =>
      sandboxed(
        Effect.gen(function* () {
          const { item, removal, target } = yield* oneEpisode(app)
          const title = item.title.replace(/S\d+E\d+|\d{4}-\d\d-\d\d/, "S99E99")
          const presence = yield* removal.presence({ ...target, title })
          assert.deepInclude(presence, { _tag: "Present", ids: [] })
        })
      )
    )
  }
})
