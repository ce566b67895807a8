/** Setting the clock shortens no notice and stops no removal; both are logged. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { ClockWatch, startClockWatch } from "../../src/jobs/ClockWatch.ts"
import { MachineTime } from "../../src/jobs/MachineTime.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Protections } from "../../src/library/Protections.ts"
import { startRemovalLoop } from "../../src/removals/RemovalLoop.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { housekeepingJob } from "../../src/jobs/JobNames.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import { withSettableClock } from "../support/SettableClock.ts"
import { itemIdOf, makeStackInMemory, passTime, stackTest } from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const day = 86_400_000

const times = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ title: string; scheduled_at: string | null; snoozed_until: string | null }>`
    SELECT title, scheduled_at, snoozed_until FROM removals ORDER BY title`
  return Object.fromEntries(rows.map((row) => [row.title, Date.parse(row.scheduled_at ?? row.snoozed_until ?? "")]))
})

const clockEvents = Effect.gen(function* () {
  const log = yield* EventLog
  return (yield* log.page({ category: "system" })).items.filter(({ type }) => type.startsWith("clock."))
})

const minutes = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => passTime("1 minute"), { discard: true })

/** A week of notice for two films, with the loop that starts due removals. */
const noticed = (library: FakeLibrary) =>
  Effect.gen(function* () {
    yield* planned("sunset")
    yield* startClockWatch
    yield* startRemovalLoop
    yield* minutes(2)
    assert.lengthOf(library.removed, 0)
  })

describe("A clock that is set forward", () => {
  it.effect("makes no removal due: the notice keeps its length", () => {
    const library = fullDisk()
    return withSettableClock((set) =>
      Effect.gen(function* () {
        yield* noticed(library)
        const before = yield* times
        set(60 * day)
        yield* minutes(5)
        assert.lengthOf(library.removed, 0)
        const after = yield* times
        for (const [title, at] of Object.entries(after)) {
          assert.approximately(at - (before[title] ?? 0), 60 * day, 1000, title)
        }
        const [event, ...others] = yield* clockEvents
        assert.lengthOf(others, 0)
        assert.deepInclude(event, { type: "clock.set-forward", severity: "warning" })
        assert.match(
          event?.message ?? "",
          /^The clock was set forward by 60 days; the times of 2 removals were shifted/
        )
        // After the clock is corrected, everything is as before.
        set(-60 * day)
        yield* minutes(2)
        for (const [title, at] of Object.entries(yield* times)) assert.approximately(at, before[title] ?? 0, 2000)
        assert.strictEqual((yield* clockEvents)[0]?.type, "clock.set-back")
      }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
    )
  })

  it.effect("makes no removal due for a run that is started by hand at that moment", () => {
    const library = fullDisk()
    return withSettableClock((set) =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        const settings = yield* Settings
        // Less than the age at which facts are too old to act on.
        yield* settings.patch(RemovalsSettings, { delaySeconds: 7200 })
        yield* planned("auto")
        yield* Effect.flatMap(ClockWatch, (clock) => clock.look)
        yield* passTime("1 minute")
        set(3 * 3_600_000)
        const run = yield* jobs.start("removals", { startedBy: "person" })
        yield* minutes(1)
        assert.strictEqual((yield* jobs.await(run.id)).status, "completed")
        assert.lengthOf(library.removed, 0)
      }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
    )
  })

  it.effect("ends neither a protection nor a snooze", () => {
    const library = fullDisk()
    return withSettableClock((set) =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        const protections = yield* Protections
        const removals = yield* Removals
        yield* planned("approval")
        const clock = yield* ClockWatch
        yield* clock.look
        const itemId = yield* itemIdOf("Movie 9")
        const inDays = (days: number) =>
          Effect.map(DateTime.now, (now) => DateTime.formatIso(DateTime.add(now, { days })))
        yield* protections.add({ itemId, reason: "", expiresAt: yield* inDays(7) })
        const [first] = (yield* removals.page({ limit: 1 })).items
        yield* removals.reject(first?.id ?? "", yield* inDays(7))
        const before = yield* times
        yield* passTime("1 minute")
        set(60 * day)
        const run = yield* jobs.start(housekeepingJob, { startedBy: "person" })
        yield* minutes(1)
        yield* jobs.await(run.id)
        assert.lengthOf(yield* protections.list, 1)
        const title = first?.title ?? ""
        assert.approximately(((yield* times)[title] ?? 0) - (before[title] ?? 0), 60 * day, 1000)
      }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
    )
  })
})

describe("A clock that is set back", () => {
  it.effect("does not delay a removal beyond its notice", () => {
    const library = fullDisk()
    return withSettableClock((set) =>
      Effect.gen(function* () {
        yield* planned("auto")
        yield* startClockWatch
        const before = yield* times
        const now = yield* Effect.map(DateTime.now, DateTime.toEpochMillis)
        set(-400 * day)
        yield* startRemovalLoop
        const waits = Math.max(...Object.values(before)) - now
        yield* minutes(Math.ceil(waits / 60_000) + 5)
        assert.lengthOf(library.removed, 2)
        assert.include((yield* clockEvents)[0]?.message, "The clock was set back by 400 days")
      }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
    )
  })
})

describe("Time while Tendarr does not run", () => {
  /** A machine whose uptime is advanced by hand. */
  const machine = () => {
    let reading = { millis: 1_000_000, boot: "first" }
    return {
      time: Effect.sync(() => reading),
      pass: (millis: number) => void (reading = { ...reading, millis: reading.millis + millis }),
      restart: (millis: number) => void (reading = { millis, boot: `${reading.boot}, and another` })
    }
  }

  const lookOnce = Effect.flatMap(ClockWatch, (clock) => clock.look)

  const whileOff = (
    off: (machine_: ReturnType<typeof machine>, set: (millis: number) => void) => Effect.Effect<void>,
    check: (moved: number, types: ReadonlyArray<string>) => void
  ) =>
    withSettableClock((set) => {
      const counted = machine()
      return Effect.gen(function* () {
        const stack = yield* makeStackInMemory(fullDisk())
        yield* stack.use(planned("sunset"))
        yield* stack.use(lookOnce)
        const before = yield* stack.use(times)
        yield* off(counted, set)
        yield* stack.restart
        yield* stack.use(lookOnce)
        const after = yield* stack.use(times)
        const types = (yield* stack.use(clockEvents)).map(({ type }) => type)
        check(Math.round(((after["Movie 1"] ?? 0) - (before["Movie 1"] ?? 0)) / 1000), types)
      }).pipe(Effect.scoped, Effect.provideService(MachineTime, counted.time))
    })

  it.effect("counts towards the notice if the machine kept running", () =>
    whileOff(
      ({ pass }) =>
        Effect.gen(function* () {
          pass(3 * day)
          yield* passTime("3 days")
        }),
      (moved, types) => {
        assert.strictEqual(moved, 0)
        assert.deepStrictEqual(types, [])
      }
    )
  )

  it.effect("does not count as far as the clock was set forward in that time", () =>
    whileOff(
      ({ pass }, set) =>
        Effect.gen(function* () {
          pass(day)
          yield* passTime("1 day")
          set(30 * day)
        }),
      (moved, types) => {
        assert.strictEqual(moved, (30 * day) / 1000)
        assert.deepStrictEqual(types, ["clock.set-forward"])
      }
    )
  )

  it.effect("does not count while the machine was off, except for its uptime since then", () =>
    whileOff(
      ({ restart }) =>
        Effect.gen(function* () {
          restart(3_600_000)
          yield* passTime("3 days")
        }),
      (moved, types) => {
        assert.strictEqual(moved, (3 * day - 3_600_000) / 1000)
        assert.deepStrictEqual(types, ["clock.time-unseen"])
      }
    )
  )

  it.effect("shifts the notice back if the clock starts in the past", () =>
    whileOff(
      ({ restart }, set) =>
        Effect.sync(() => {
          restart(0)
          set(-9000 * day)
        }),
      (moved, types) => {
        assert.strictEqual(moved, (-9000 * day) / 1000)
        assert.deepStrictEqual(types, ["clock.set-back"])
      }
    )
  )
})
