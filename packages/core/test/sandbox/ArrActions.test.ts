/** What each arr reports after an action that keeps its entry, and after the action was undone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { actionsOf, type RemovalAction, type RemovalTarget } from "../../src/integrations/Kind.ts"
import { isWholeKind, type ItemKind, wholeKindOf } from "../../src/integrations/Observations.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { connect, silent } from "./Reading.ts"
import { withSandbox } from "./SandboxTest.ts"

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

const subject = Effect.fnUntraced(function* (app: string, unit: ItemKind, root: string) {
  const { world } = yield* Sandbox
  const connected = yield* connect(app)
  const catalog = Effect.map(connected.read.catalog!(silent, new OddRecords()), (all) =>
    all.filter((item) => item.kind === unit)
  )
  const item = (yield* catalog).find(({ facts, ids }) => facts.monitored === true && ids.length > 0)
  if (item === undefined) return assert.fail(`no ${unit}`)
  const target: RemovalTarget = { externalId: item.externalId, kind: unit, title: item.title, ids: item.ids }
  const removal = connected.removal!
  const presence = removal.presence(target)
  return {
    item,
    target,
    removal,
    free: () => world.disks.freeBytes(world.disks.mountOf(root)!),
    presence,
    flags: Effect.map(presence, (there) =>
      there._tag === "Absent" ? "absent" : { hasFiles: there.hasFiles, monitored: there.monitored }
    ),
    kept: Effect.map(presence, (there) => (there._tag === "Absent" ? assert.fail("it is there") : there.restore)),
    listed: Effect.map(catalog, (all) => all.find(({ externalId }) => externalId === item.externalId))
  }
})

for (const [app, unit, root] of cases) {
  const isPart = wholeKindOf(unit) !== null
  const sizeLeft = isWholeKind(unit) ? 0 : undefined
  const within = (
    name: string,
    test: (of: Effect.Success<ReturnType<typeof subject>>) => Effect.Effect<void, unknown>
  ) =>
    it.effect(name, () =>
      withSandbox(
        { items: 200, kinds: [app] },
        Effect.flatMap(subject(app, unit, root), (of) => Effect.orDie(test(of)))
      )
    )

  describe(`a ${unit} of ${app}`, () => {
    within(`allows ${isPart ? "all actions but the removal of an entry" : "every action"}`, ({ removal }) =>
      Effect.sync(() =>
        assert.deepStrictEqual(actionsOf(removal, unit), [
          "unmonitor",
          "delete-files",
          "unmonitor-and-delete-files",
          ...(isPart ? [] : (["remove-entry"] satisfies Array<RemovalAction>))
        ])
      )
    )

    within("is unmonitored and stays with its files, and is monitored again", (of) =>
      Effect.gen(function* () {
        const { flags, free, item, kept, listed, removal, target } = of
        const before = free()
        assert.deepStrictEqual(yield* flags, { hasFiles: true, monitored: true })
        const restore = yield* kept
        yield* removal.remove(target, { action: "unmonitor", addImportExclusion: true })
        assert.deepStrictEqual(yield* flags, { hasFiles: true, monitored: false })
        assert.strictEqual(free(), before)
        const now = yield* listed
        assert.deepStrictEqual([now?.facts.monitored, now?.sizeBytes], [false, item.sizeBytes])
        assert.isNull(yield* removal.isBack(restore, "unmonitor"))

        yield* removal.restore(restore, { action: "unmonitor" })
        assert.deepStrictEqual(yield* flags, { hasFiles: true, monitored: true })
        assert.isNotNull(yield* removal.isBack(restore, "unmonitor"))
      })
    )

    within("loses its files and stays monitored, and is searched for", (of) =>
      Effect.gen(function* () {
        const { flags, free, item, kept, listed, removal, target } = of
        const before = free()
        const restore = yield* kept
        yield* removal.remove(target, { action: "delete-files", addImportExclusion: true })
        assert.strictEqual(free() - before, item.sizeBytes)
        // The entry of a part is within its whole: without files it is gone.
        assert.deepStrictEqual(yield* flags, isPart ? "absent" : { hasFiles: false, monitored: true })
        assert.strictEqual((yield* listed)?.sizeBytes, sizeLeft)

        const came = yield* removal.restore(restore, { action: "delete-files" })
        assert.deepStrictEqual(came, { externalId: item.externalId })
        yield* TestClock.adjust("10 minutes")
        assert.isAbove((yield* listed)?.sizeBytes ?? 0, 0)
      })
    )

    within("loses its files and its flag, and gets both back", (of) =>
      Effect.gen(function* () {
        const { flags, free, item, kept, listed, removal, target } = of
        const before = free()
        const restore = yield* kept
        yield* removal.remove(target, { action: "unmonitor-and-delete-files", addImportExclusion: true })
        assert.strictEqual(free() - before, item.sizeBytes)
        assert.deepStrictEqual(yield* flags, isPart ? "absent" : { hasFiles: false, monitored: false })
        assert.strictEqual((yield* listed)?.sizeBytes, sizeLeft)
        assert.isNull(yield* removal.isBack(restore, "unmonitor-and-delete-files"))

        yield* removal.restore(restore, { action: "unmonitor-and-delete-files" })
        yield* TestClock.adjust("10 minutes")
        const again = yield* listed
        assert.isAbove(again?.sizeBytes ?? 0, 0)
        assert.isTrue(again?.facts.monitored)
      })
    )

    within("is monitored again if its removal stopped before anything was deleted", (of) =>
      Effect.gen(function* () {
        const { flags, kept, removal, target } = of
        const restore = yield* kept
        yield* removal.remove(target, { action: "unmonitor", addImportExclusion: true })
        yield* removal.putBack?.(target, restore, "unmonitor-and-delete-files") ?? Effect.void
        assert.deepStrictEqual(yield* flags, { hasFiles: true, monitored: true })
      })
    )
  })
}
