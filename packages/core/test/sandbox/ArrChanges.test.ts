/** Every simulated arr obeys its real kind: what is changed about an entry is changed there, and can be changed back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CurrentFinalCheck, type FinalCheck } from "../../src/integrations/FinalCheck.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import type { RemovalTarget } from "../../src/integrations/Kind.ts"
import type { ItemKind } from "../../src/integrations/Observations.ts"
import { connect, silent } from "./Reading.ts"
import { withSandbox } from "./SandboxTest.ts"

const entries: ReadonlyArray<readonly [app: string, kind: ItemKind]> = [
  ["radarr", "movie"],
  ["sonarr", "show"],
  ["lidarr", "artist"],
  ["readarr", "author"],
  ["whisparr-v2", "show"],
  ["whisparr-v3", "movie"]
]

const parts: ReadonlyArray<readonly [app: string, kind: ItemKind]> = [
  ["lidarr", "album"],
  ["readarr", "book"]
]

const someItem = Effect.fnUntraced(function* (app: string, kind: ItemKind) {
  const connected = yield* connect(app)
  const catalog = connected.read.catalog!(silent, new OddRecords())
  const find = Effect.map(catalog, (all) =>
    all.filter((item) => item.kind === kind && item.facts.monitored === true && item.ids.length > 0)
  )
  const [item] = yield* find
  if (item === undefined) throw new Error(`no ${kind}`)
  const target: RemovalTarget = { externalId: item.externalId, kind, title: item.title, ids: item.ids }
  const factsNow = Effect.map(catalog, (all) => all.find(({ externalId }) => externalId === item.externalId)!.facts)
  return { changes: connected.changes!, target, factsNow, before: item.facts }
})

describe("what its kind changes in a simulated arr", () => {
  for (const [app, kind] of entries) {
    it.effect(`is changed and changed back: tags, profile and monitoring of a ${kind} of ${app}`, () =>
      withSandbox(
        { items: 200, kinds: [app] },
        Effect.gen(function* () {
          const { before, changes, factsNow, target } = yield* someItem(app, kind)
          const state = yield* changes.state(target)
          if (state === null) return assert.fail("it is there")
          assert.isTrue(state.monitored)
          assert.deepStrictEqual(
            state.tags,
            (before.tags ?? []).map((tag) => tag.toLowerCase())
          )
          assert.strictEqual(state.qualityProfile, before.qualityProfile)
          const refused = yield* Effect.flip(changes.change(target, { qualityProfile: "No such profile" }))
          const names = /there are (.*)$/.exec(refused.message)?.[1]?.split(", ") ?? []
          const profile = names.find((name) => name !== state.qualityProfile) ?? names[0]!

          yield* changes.change(target, {
            addTags: ["tended"],
            removeTags: state.tags,
            qualityProfile: profile,
            monitored: false,
            search: true
          })
          assert.deepStrictEqual(yield* changes.state(target), {
            tags: ["tended"],
            qualityProfile: profile,
            monitored: false
          })
          const facts = yield* factsNow
          assert.deepStrictEqual([facts.tags, facts.qualityProfile, facts.monitored], [["tended"], profile, false])

          yield* changes.change(target, {
            addTags: state.tags,
            removeTags: ["tended"],
            monitored: true,
            ...(state.qualityProfile === null ? {} : { qualityProfile: state.qualityProfile })
          })
          const again = yield* changes.state(target)
          assert.deepStrictEqual({ ...again, tags: again?.tags.toSorted() }, { ...state, tags: state.tags.toSorted() })
        })
      )
    )
  }

  for (const how of ["adds", "removes"] as const) {
    it.effect(`keeps a tag that somebody adds while a rule ${how} another`, () =>
      withSandbox(
        { items: 50, kinds: ["radarr"] },
        Effect.gen(function* () {
          const { changes, target } = yield* someItem("radarr", "movie")
          if (how === "removes") yield* changes.change(target, { addTags: ["tended"] })
          const change = how === "adds" ? { addTags: ["tended"] } : { removeTags: ["tended"] }
          const inBetween: FinalCheck = {
            whyNot: () =>
              changes
                .change(target, { addTags: ["keep"] })
                .pipe(Effect.provideService(CurrentFinalCheck, null), Effect.orDie, Effect.as(null))
          }
          yield* changes.change(target, change).pipe(Effect.provideService(CurrentFinalCheck, inBetween))
          const tags = (yield* changes.state(target))?.tags ?? []
          assert.include(tags, "keep")
          assert.strictEqual(tags.includes("tended"), how === "adds")
        })
      )
    )
  }

  for (const [app, kind] of parts) {
    it.effect(`is unmonitored alone: a ${kind} of ${app}`, () =>
      withSandbox(
        { items: 200, kinds: [app] },
        Effect.gen(function* () {
          const { changes, factsNow, target } = yield* someItem(app, kind)
          yield* changes.change(target, { monitored: false })
          assert.strictEqual((yield* changes.state(target))?.monitored, false)
          assert.strictEqual((yield* factsNow).monitored, false)
          yield* changes.change(target, { monitored: true })
          assert.strictEqual((yield* changes.state(target))?.monitored, true)
        })
      )
    )
  }

  it.effect("is nothing if the id belongs to another title now, or the entry is gone", () =>
    withSandbox(
      { items: 50, kinds: ["radarr"] },
      Effect.gen(function* () {
        const { changes, target } = yield* someItem("radarr", "movie")
        const other = { ...target, ids: ["tmdb-movie:1"] as const }
        assert.match((yield* Effect.flip(changes.change(other, { monitored: false }))).message, /another title/)
        assert.match((yield* Effect.flip(changes.state(other))).message, /another title/)
        assert.isNull(yield* changes.state({ ...target, externalId: "999999" }))
        assert.strictEqual((yield* changes.state(target))?.monitored, true)
      })
    )
  )
})
