/** What happens to the entry of a show after its last season was removed. */
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

/** A full disk with a show of one season and a show of two seasons. */
const stock = (): FakeLibrary => {
  const library = new FakeLibrary()
  library.addShow("One", [20 * gib], { requestedBy: ["bob"] })
  library.addShow("Two", [20 * gib, 20 * gib])
  return library
}

const prepared = (emptyEntries: EmptyEntries) => planned("approval", { options: { emptyEntries } })

/** Requests the removal of a season as a person, and waits until it is removed. */
const removeSeason = Effect.fnUntraced(function* (title: string) {
  const service = yield* Removals
  yield* service.request(yield* itemIdOf(title))
  yield* passTime("31 seconds")
  yield* runDue
})

const messages = Effect.map(audit, (events) =>
  events.filter((event) => event.type === "removal.entry-settled").map((event) => event.message)
)

describe("The entry of a show whose last season was removed", () => {
  it.effect("is unchanged unless an option says otherwise", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("keep")
      yield* removeSeason("One, season 1")
      assert.strictEqual((yield* states)["One, season 1"], "removed")
      assert.deepStrictEqual(library.settled, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const choice of ["unmonitor", "remove"] as const) {
    it.effect(`is settled once, after its files were removed, and this is logged (${choice})`, () => {
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
        const [message] = yield* messages
        assert.match(message ?? "", choice === "remove" ? /"One" was taken off/ : /"One" is no longer monitored/)
        assert.strictEqual(library.byTitle("One") === undefined, choice === "remove")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is unchanged while other seasons have files: no request is sent and nothing is logged", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      yield* removeSeason("Two, season 2")
      assert.strictEqual((yield* states)["Two, season 2"], "removed")
      assert.deepStrictEqual([library.settled, yield* messages], [[], []])
      assert.isDefined(library.byTitle("Two"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays if the application has files that were added since the last sync", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      library.add({ title: "One, season 2", kind: "season", externalId: "1:s2", parentExternalId: "1" })
      yield* removeSeason("One, season 1")
      assert.lengthOf(library.settled, 1)
      assert.match((yield* messages)[0] ?? "", /"One" stays as it is: it still has files/)
      assert.isDefined(library.byTitle("One"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays if a person protects the show while its last season is being removed", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("remove")
      const protections = yield* Protections
      const show = yield* itemIdOf("One")
      library.onRemove = () => Effect.orDie(Effect.asVoid(protections.add({ itemId: show, reason: "hers" })))
      yield* removeSeason("One, season 1")
      assert.deepStrictEqual(library.settled, [])
      assert.match((yield* messages)[0] ?? "", /"One" stays as it is: Protected by .*hers/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays if it is unknown whether a rule keeps the show", () => {
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
      assert.match((yield* messages)[0] ?? "", /"One" stays as it is: a rule may keep it: .*playCount.* unknown/)
      assert.isDefined(library.byTitle("One"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays if deletions are switched off while its last season is being removed", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("unmonitor")
      const settings = yield* Settings
      library.onRemove = () =>
        Effect.orDie(Effect.asVoid(settings.patch(RemovalsSettings, { deletionsEnabled: false })))
      yield* removeSeason("One, season 1")
      assert.deepStrictEqual(library.settled, [])
      assert.match((yield* messages)[0] ?? "", /"One" stays as it is: deletions are switched off/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays if the application refuses, and the season still counts as removed", () => {
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
      assert.match((yield* messages)[0] ?? "", /"One" stays as it is: .*locked/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays if the removal of the season is only confirmed after an interruption", () => {
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

  it.effect("stays with the request for the season, and the event names who requested it", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* prepared("keep")
      yield* removeSeason("One, season 1")
      const [removed] = (yield* audit).filter((event) => event.type === "removal.removed")
      assert.match(removed?.message ?? "", /requested by bob in .*, where the request stays$/)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
