/** Every simulated arr works with its real kind: removed items are gone with their bytes, and can be restored. */
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { RemovalTarget } from "../../src/integrations/Kind.ts"
import type { ItemKind } from "../../src/integrations/Observations.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { connect, silent } from "./Reading.ts"
import { ask, withSandbox } from "./SandboxTest.ts"

const cases: ReadonlyArray<readonly [app: string, unit: ItemKind, root: string]> = [
  ["radarr", "movie", "/data/movies"],
  ["sonarr", "show", "/data/shows"],
  ["sonarr", "season", "/data/shows"],
  ["lidarr", "artist", "/data/music"],
  ["lidarr", "album", "/data/music"],
  ["readarr", "author", "/data/books"],
  ["readarr", "book", "/data/books"],
  ["whisparr-v2", "show", "/data/sites"],
  ["whisparr-v2", "season", "/data/sites"],
  ["whisparr-v3", "movie", "/data/scenes"]
]

describe("An item that its kind removes from a simulated arr", () => {
  for (const [app, unit, root] of cases) {
    it.effect(`is removed with its bytes and can be restored: a ${unit} of ${app}`, () =>
      withSandbox(
        { items: 200, kinds: [app] },
        Effect.gen(function* () {
          const { controls, world } = yield* Sandbox
          const connected = yield* connect(app)
          const catalog = Effect.map(connected.read.catalog!(silent, new OddRecords()), (all) =>
            all.filter((item) => item.kind === unit && item.facts.monitored === true && item.ids.length > 0)
          )
          const [item] = yield* catalog
          if (item === undefined) return assert.fail(`no ${unit}`)
          const target: RemovalTarget = { externalId: item.externalId, kind: unit, title: item.title, ids: item.ids }
          const removal = connected.removal!
          const free = () => world.disks.freeBytes(world.disks.mountOf(root)!)
          const before = free()
          const presence = yield* removal.presence(target)
          if (presence._tag === "Absent") return assert.fail("it is there")
          assert.deepStrictEqual([presence.title, presence.sizeBytes], [item.title, item.sizeBytes])

          yield* removal.remove(target, { addImportExclusion: true })
          assert.strictEqual(free() - before, item.sizeBytes)
          assert.strictEqual((yield* removal.presence(target))._tag, "Absent")
          assert.notInclude(
            (yield* catalog).map((each) => each.externalId),
            item.externalId
          )
          const asked = (yield* controls.journal).filter((entry) => entry.destructive)
          assert.deepStrictEqual([...new Set(asked.map((entry) => entry.app))], [app])

          const { externalId } = yield* removal.restore(presence.restore)
          yield* TestClock.adjust("10 minutes")
          const again = (yield* catalog).find((each) => each.externalId === externalId)
          assert.deepStrictEqual(again?.ids, item.ids)
          assert.isAbove(again?.sizeBytes ?? 0, 0)
          assert.deepStrictEqual(yield* removal.restore(presence.restore), { externalId }, "once is enough")
        })
      )
    )
  }

  it.effect("is not removed if the application only reports success", () =>
    withSandbox(
      { items: 200, kinds: ["readarr", "whisparr"] },
      Effect.gen(function* () {
        const { faults } = yield* Sandbox
        for (const app of ["readarr", "whisparr-v2", "whisparr-v3"]) {
          const connected = yield* connect(app)
          const [item] = (yield* connected.read.catalog!(silent, new OddRecords())).filter(
            (each) => each.parentExternalId === null
          )
          const target = { externalId: item!.externalId, kind: item!.kind, title: item!.title, ids: item!.ids }
          yield* faults.replace([{ kind: "lies", how: "kept", app }])
          yield* connected.removal!.remove(target, { addImportExclusion: false })
          assert.strictEqual((yield* connected.removal!.presence(target))._tag, "Present", app)
          yield* faults.replace([{ kind: "unauthorized", app }])
          const error = yield* Effect.flip(connected.removal!.presence(target))
          assert.strictEqual(error._tag, "UpstreamUnauthorized", app)
          yield* faults.replace([{ kind: "halfPages", how: "fail", app }])
          assert.notStrictEqual(
            (yield* Effect.exit(connected.read.catalog!(silent, new OddRecords())))._tag,
            "Success",
            app
          )
          yield* faults.clear()
        }
      })
    )
  )

  it.effect("keeps the posters of other items", () =>
    withSandbox(
      { items: 200, kinds: ["radarr", "whisparr", "lidarr"] },
      Effect.gen(function* () {
        for (const app of ["radarr", "whisparr-v2", "whisparr-v3", "lidarr"]) {
          const connected = yield* connect(app)
          const [item] = yield* connected.read.catalog!(silent, new OddRecords())
          const { applications } = yield* Sandbox
          const { url } = applications.find((each) => each.app === app)!.integration
          const path = item?.posterUrl?.slice(url.length) ?? ""
          const answer = yield* ask(app, path, { key: null })
          assert.deepStrictEqual([answer.status, answer.headers.get("content-type")], [200, "image/png"], app)
        }
      })
    )
  )
})
