/** Runs a history against the service of acts over a simulated application, and checks the stored rows after every command. */
import { Context, DateTime, Effect, Exit, Layer, Logger, Result, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { ActState } from "../../../src/acts/ActRecord.ts"
import { Acts } from "../../../src/acts/Acts.ts"
import { wait } from "../../../src/acts/Verdict.ts"
import { EventLogLive } from "../../../src/events/EventLogLive.ts"
import { ClockWatch } from "../../../src/jobs/ClockWatch.ts"
import { MayDestroy } from "../../../src/jobs/MayDestroy.ts"
import { RemovalsSettings } from "../../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { SettingsTest } from "../../support/SettingsTest.ts"
import { SqlTest } from "../../support/Sql.ts"
import { checkEnd, checkPreparations, checkRows } from "./Aftermath.ts"
import type { Command, History, Step } from "./Commands.ts"
import { Witness } from "./Witness.ts"
import { names, protectedThing, takeThing, World } from "./World.ts"

/** Returns the violations. */
export const playHistory = (history: History): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const world = new World()
    const witness = new Witness(world)
    const player = yield* makePlayer(world, witness)
    const { maxAttempts } = history
    yield* player.use(Settings.use((settings) => settings.patch(RemovalsSettings, { maxAttempts })))
    for (const [index, command] of history.commands.entries()) {
      yield* player.play(command)
      yield* player.use(checkRows(witness, maxAttempts))
      if (witness.violations.length > 0) return [`${index}: ${JSON.stringify(command)}`, ...witness.violations]
    }
    yield* player.comeToRest
    yield* player.use(checkRows(witness, maxAttempts))
    yield* player.use(checkEnd(world, witness, DateTime.formatIso(yield* DateTime.now)))
    return witness.violations
  }).pipe(Effect.scoped, Effect.orDie, Effect.provide(Logger.layer([])), Effect.provide(TestClock.layer()))

const startOfTest = Date.UTC(2026, 0, 15, 12)
const silent = { progress: () => Effect.void, log: () => Effect.void }

/** A client that may be interrupted within each transaction, before the commit, and right after it. */
const tickingClient = (client: SqlClient.SqlClient, tick: Effect.Effect<void>): SqlClient.SqlClient => {
  const withTransaction: SqlClient.SqlClient["withTransaction"] = (work) =>
    Effect.tap(client.withTransaction(Effect.tap(work, () => tick)), () => tick)
  return new Proxy(client, {
    get: (target, name) => (name === "withTransaction" ? withTransaction : Reflect.get(target, name))
  })
}

const makePlayer = Effect.fnUntraced(function* (world: World, witness: Witness) {
  yield* TestClock.setTime(startOfTest)
  const outer = yield* Effect.scope
  let ticksLeft = 0
  const tick = Effect.suspend(() => (ticksLeft > 0 && --ticksLeft === 0 ? Effect.interrupt : Effect.void))
  const plain = yield* Layer.build(SqlTest)
  const database = Context.add(plain, SqlClient.SqlClient, tickingClient(Context.get(plain, SqlClient.SqlClient), tick))
  const start = Effect.gen(function* () {
    const scope = yield* Scope.fork(outer)
    const layer = Acts.layer.pipe(
      Layer.provideMerge(ClockWatch.layer),
      Layer.provideMerge(SettingsTest),
      Layer.provideMerge(EventLogLive),
      Layer.provideMerge(Layer.succeedContext(database))
    )
    const context = yield* Layer.buildWithMemoMap(layer, yield* Layer.makeMemoMap, scope)
    const acts = Context.get(context, Acts)
    const own = yield* acts.define(takeThing(world))
    return { scope, context, acts, own }
  })
  let current = yield* start
  const use = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => Effect.provideContext(effect, current.context))
  const restart = Effect.gen(function* () {
    ticksLeft = 0
    yield* Scope.close(current.scope, Exit.void)
    current = yield* start
  })
  const run = Effect.suspend(() => Effect.provideService(current.own.carryOutDue(silent), MayDestroy, true))

  const all = Effect.suspend(() => Effect.map(current.acts.page({ limit: 200 }), ({ items }) => items.toReversed()))
  /** An act in one of the states. Some numbers select any act, and so do all if no act is in these states. */
  const actAt = (index: number, ...states: ReadonlyArray<ActState>) =>
    Effect.map(all, (acts) => {
      const fitting = index % 5 === 4 ? [] : acts.filter(({ state }) => states.includes(state))
      const chosen = fitting.length === 0 ? acts : fitting
      return chosen[index % Math.max(1, chosen.length)]
    })

  world.onAllowed = (call, name) => use(witness.allowed(call, name))
  world.onArrival = (call, name) => use(witness.arrived(call, name))

  const step = (given: Step): Effect.Effect<void> =>
    Effect.gen(function* () {
      switch (given._tag) {
        case "intend": {
          const dueAt = DateTime.formatIso(DateTime.add(yield* DateTime.now, { hours: given.inHours }))
          const planned = yield* Effect.result(
            current.own.intend({ name: given.name }, { because: "it is over", dueAt })
          )
          if (Result.isSuccess(planned) && witness.braked !== null)
            witness.report("An intent was stored under the brake")
          return
        }
        case "cancel": {
          const act = yield* actAt(given.act, "planned", "executing", "failed")
          if (act === undefined) return
          const done = yield* Effect.result(current.acts.cancel(act.id))
          if (Result.isSuccess(done)) witness.cancelled.add(act.id)
          else if (done.failure._tag === "ActBeyondRecall") witness.recalled.add(act.id)
          return
        }
        case "retry": {
          const act = yield* actAt(given.act, "failed")
          if (act === undefined) return
          const done = yield* Effect.result(current.acts.retry(act.id))
          if (Result.isFailure(done)) return
          if (witness.braked !== null) witness.report("An act was retried under the brake")
          witness.recalled.delete(act.id)
          return
        }
        case "undo": {
          const act = yield* actAt(given.act, "done")
          if (act === undefined) return
          if (given.how !== null) world.next("give", given.how)
          const done = yield* Effect.result(current.acts.undo(act.id))
          const asked = world.journal.findLast(({ call, name }) => name === act.key && call === "presence")
          if (Result.isSuccess(done) && !world.things.has(act.key) && asked?.answer !== "failed")
            witness.report(`act ${act.id} on ${act.key}: is logged as undone, and its subject does not exist`)
          return
        }
        case "brake": {
          const { deletionsEnabled } = given
          yield* use(Settings.use((settings) => settings.patch(RemovalsSettings, { deletionsEnabled })))
          witness.braked = deletionsEnabled ? null : new Set(yield* current.acts.beyondBrake)
          return
        }
        case "dryRun":
          world.isDryRun = given.on
          return
        case "verdict":
          if (given.verdict === "go") world.verdicts.delete(given.name)
          else world.verdicts.set(given.name, given.verdict === "spare" ? protectedThing : wait("it is in use"))
          return
        case "vanish":
          return world.remove(given.name)
        case "refill": {
          const sql = Context.get(plain, SqlClient.SqlClient)
          const unsettled = yield* sql`SELECT id FROM acts WHERE key = ${given.name} AND step IS NOT NULL`
          if (unsettled.length > 0 && !world.things.has(given.name)) witness.confused.add(given.name)
          return world.add(given.name)
        }
        case "down":
          world.isDown = true
          return
        case "up":
          world.isDown = false
          return
        case "fail":
          return world.next(given.call, given.how)
        case "secondRun":
          yield* run
      }
    }).pipe(Effect.orDie)

  /** Runs until the process ends at a tick, if it does, and starts again. */
  const crashing = Effect.fnUntraced(function* (effect: Effect.Effect<unknown, unknown>, ticks: number) {
    ticksLeft = ticks
    yield* Effect.exit(effect)
    yield* restart
  })

  const passTime = Effect.fnUntraced(function* (hours: number) {
    yield* TestClock.adjust(`${Math.round(hours * 3600)} seconds`)
    world.timePassed(yield* Effect.map(DateTime.now, DateTime.toEpochMillis))
  })

  const play = (command: Command): Effect.Effect<void> =>
    Effect.gen(function* () {
      world.onMoment = () => tick
      switch (command._tag) {
        case "run":
          yield* run
          return
        case "runMeanwhile": {
          let isPending = true
          world.onMoment = (moment) =>
            Effect.suspend(() => {
              if (!isPending || moment !== command.at) return Effect.void
              isPending = false
              return step(command.step)
            })
          yield* run
          return
        }
        case "crash":
          return yield* crashing(run, command.ticks)
        case "undoCrash": {
          const act = yield* actAt(command.act, "done")
          return act === undefined ? undefined : yield* crashing(current.acts.undo(act.id), command.ticks)
        }
        case "restart":
          return yield* restart
        case "time":
          return yield* passTime(command.hours)
        default:
          return yield* step(command)
      }
    }).pipe(Effect.orDie)

  const rounds = Effect.gen(function* () {
    for (const hours of [26, 26, 26, 0.1, 0.1]) {
      yield* passTime(hours)
      yield* play({ _tag: "run" })
    }
  })

  /**
   * The application answers again, deletions are on, and time passes until no attempt is left. Then the acts that wait
   * for a person are retried, and everything that exists is taken: nothing that happened before may prevent that.
   */
  const comeToRest = Effect.gen(function* () {
    world.behave()
    yield* step({ _tag: "brake", deletionsEnabled: true })
    yield* restart
    yield* rounds
    yield* use(checkPreparations(world, witness))
    for (const act of yield* all) if (act.state === "failed") yield* current.acts.retry(act.id)
    for (const name of names) yield* step({ _tag: "intend", name, inHours: 0 })
    yield* rounds
  })

  return { use, play, comeToRest }
})
