/** What becomes of the entry of a show when its last season was removed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { EmptyEntries } from "../../src/integrations/Kind.ts"
import { UpstreamRefused } from "../../src/integrations/UpstreamErrors.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { leaf } from "../rules/Samples.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { audit, itemIdOf, passTime, reconcile, runDue, stackTest, states, sync } from "../support/Stack.ts"
import { planned } from "./Stocks.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

/** A show with one season on a disk that it fills, and another with two. */
const stock = (): FakeLibrary => {
  const library = new FakeLibrary()
  library.addShow("One", [20 * gib], { requestedBy: ["bob"] })
  library.addShow("Two", [20 * gib, 20 * gib])
  return library
}

const prepared = (emptyEntries: EmptyEntries) => planned("approval", { options: { emptyEntries } })

/** Lets a person have a season removed, and waits until it is. */
const removeSeason = Effect.fnUntraced(function* (title: string) {
  const service = yield* Removals
  yield* service.request(yield* itemIdOf(title))
  yield* passTime("31 seconds")
  yield* runDue
})

const saidOf = Effect.map(audit, (events) =>
  events.filter((event) => event.type === "removal.entry-settled").map((event) => event.message)
)

describe("the entry of a show whose last season was removed", () => {
  it.effect("stays untouched unless an option says otherwise", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("keep")
      yield* removeSeason("One, season 1")
      assert.strictEqual((yield* states)["One, season 1"], "removed")
      assert.deepStrictEqual(library.settled, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const choice of ["unmonitor", "remove"] as const) {
    it.effect(`is settled once, after its files have gone, and told of (${choice})`, () => {
      const library = stock()
      return Effect.gen(function* () {
        yield* prepared(choice)
        library.onSettle = () =>
          Effect.sync(() => assert.isUndefined(library.byTitle("One, season 1"), "its files are gone by then"))
        yield* removeSeason("One, season 1")
        yield* passTime("1 hour")
        yield* runDue
        yield* reconcile
        assert.deepStrictEqual(library.settled, [{ externalId: "1", choice }])
        const [said] = yield* saidOf
        assert.match(said ?? "", choice === "remove" ? /"One" was taken off/ : /"One" is no longer monitored/)
        assert.strictEqual(library.byTitle("One") === undefined, choice === "remove")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is left alone while other seasons have files: nobody is asked, and nothing is told", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      yield* removeSeason("Two, season 2")
      assert.strictEqual((yield* states)["Two, season 2"], "removed")
      assert.deepStrictEqual([library.settled, yield* saidOf], [[], []])
      assert.isDefined(library.byTitle("Two"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays when the application knows of files that came since the last sync", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      library.add({ title: "One, season 2", kind: "season", externalId: "1:s2", parentExternalId: "1" })
      yield* removeSeason("One, season 1")
      assert.lengthOf(library.settled, 1)
      assert.match((yield* saidOf)[0] ?? "", /"One" stays as it is: it still has files/)
      assert.isDefined(library.byTitle("One"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays when somebody protects the show while its last season is being removed", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      const protections = yield* Protections
      const show = yield* itemIdOf("One")
      library.onRemove = () => Effect.orDie(Effect.asVoid(protections.add({ itemId: show, reason: "hers" })))
      yield* removeSeason("One, season 1")
      assert.deepStrictEqual(library.settled, [])
      assert.match((yield* saidOf)[0] ?? "", /"One" stays as it is: Protected by .*hers/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays when nobody can say whether a rule keeps the show", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      const rules = yield* Rules
      const name = "what is watched stays"
      const condition = leaf("playCount", ">", 0)
      const service = yield* Sync
      library.onRemove = () => {
        library.down.add("server")
        return Effect.orDie(
          Effect.andThen(
            rules.create({ name, enabled: true, effect: "always-keep", condition }),
            Effect.asVoid(service.run())
          )
        )
      }
      yield* removeSeason("One, season 1")
      assert.deepStrictEqual(library.settled, [])
      assert.match((yield* saidOf)[0] ?? "", /"One" stays as it is: a rule may keep it: .*playCount.* unknown/)
      assert.isDefined(library.byTitle("One"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays when deletions are switched off while its last season is being removed", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("unmonitor")
      const settings = yield* Settings
      library.onRemove = () =>
        Effect.orDie(Effect.asVoid(settings.patch(RemovalsSettings, { deletionsEnabled: false })))
      yield* removeSeason("One, season 1")
      assert.deepStrictEqual(library.settled, [])
      assert.match((yield* saidOf)[0] ?? "", /"One" stays as it is: deletions are switched off/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays when the application refuses, and the season counts as removed all the same", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      library.onSettle = () =>
        Effect.fail(new UpstreamRefused({ integration: "Shelf", call: "DELETE", status: 500, detail: "locked" }))
      yield* removeSeason("One, season 1")
      yield* passTime("1 hour")
      yield* runDue
      assert.strictEqual((yield* states)["One, season 1"], "removed")
      assert.strictEqual(library.settled.length, 1, "it is not asked again")
      assert.match((yield* saidOf)[0] ?? "", /"One" stays as it is: .*locked/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays when what became of the season is found out after an interruption", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      library.next("remove", "timeout-done")
      library.next("presence", null, "timeout")
      yield* removeSeason("One, season 1")
      assert.strictEqual((yield* states)["One, season 1"], "executing")
      yield* reconcile
      assert.strictEqual((yield* states)["One, season 1"], "removed")
      yield* sync
      assert.deepStrictEqual(library.settled, [])
      assert.isDefined(library.byTitle("One"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("and who asked for the season is told of, since the request stays", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("keep")
      yield* removeSeason("One, season 1")
      const [removed] = (yield* audit).filter((event) => event.type === "removal.removed")
      assert.match(removed?.message ?? "", /requested by bob in .*, where the request stays$/)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
