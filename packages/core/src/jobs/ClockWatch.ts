/**
 * Detects that the wall clock was set. Delays and notice periods count elapsed time, but stored times are wall-clock
 * times: when the clock jumps, each module that stores such times shifts them by the same amount, in the transaction
 * that appends the event about it. Code that is about to act because a time has come calls `look` first.
 */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import { dayMillis } from "../problems/Instants.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { JobEvents } from "./JobEvents.ts"
import { Loops } from "./Loops.ts"
import { type MachineReading, MachineTime } from "./MachineTime.ts"

export interface ClockChange {
  /** By how much the clock is ahead of where it would be had it not been set; negative if it was set back. */
  readonly millis: number
  /**
   * Whether it is certain that the clock was set; otherwise either the machine was off, or its clock was set in the
   * meantime, and the two cannot be distinguished.
   */
  readonly certain: boolean
  /**
   * Rows dated within this many milliseconds before now, by the current clock, may have been written with the changed
   * clock.
   */
  readonly unsureMillis: number
}

/**
 * Shifts the times that one module stores; returns a description of what was shifted, or `null`. Runs in the
 * transaction.
 */
export type ClockAdjustment = (change: ClockChange) => Effect.Effect<string | null>

export class ClockWatch extends Context.Service<
  ClockWatch,
  {
    /**
     * Compares the clock with the elapsed time. Cheap if nothing happened; completes once the stored times are shifted.
     */
    readonly look: Effect.Effect<void>
    readonly onSet: (adjustment: ClockAdjustment) => Effect.Effect<void>
  }
>()("tendarr/jobs/ClockWatch") {
  static readonly layer = Layer.effect(
    ClockWatch,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const events = yield* EventLog
      const machineNow = yield* MachineTime
      const single = yield* Semaphore.make(1)
      const adjustments: Array<ClockAdjustment> = []
      let last: Look | null = null

      const store = ({ boot, millis }: MachineReading, wall: number) =>
        sql`INSERT INTO clock_seen ${sql.insert({ id: 1, wall_millis: wall, machine_millis: millis, boot })}
          ON CONFLICT (id) DO UPDATE SET wall_millis = excluded.wall_millis, machine_millis = excluded.machine_millis,
            boot = excluded.boot`

      const apply = Effect.fn("ClockWatch.apply")(function* (
        change: ClockChange,
        machine: MachineReading,
        wall: number
      ) {
        yield* transact(
          Effect.gen(function* () {
            const moved: Array<string> = []
            for (const adjust of adjustments) {
              const words = yield* adjust(change)
              if (words !== null) moved.push(words)
            }
            yield* events.append(eventOf(change, moved))
            yield* store(machine, wall)
          })
        )
      })

      const looked = Effect.gen(function* () {
        const machine = yield* machineNow
        const wall = yield* Clock.currentTimeMillis
        const before = last ?? (yield* storedLook(sql))
        if (before === null) {
          yield* Effect.orDie(store(machine, wall))
          last = { machine, wall, storedAt: machine.millis }
          return
        }
        const certain = machine.boot === before.machine.boot && machine.millis >= before.machine.millis
        // After a reboot, only the time since boot is certain to have passed.
        const passed = certain ? machine.millis - before.machine.millis : machine.millis
        const millis = wall - before.wall - passed
        if (millis < -tolerance || millis > (certain ? tolerance : offTolerance)) {
          yield* apply(
            { millis, certain: certain || millis < 0, unsureMillis: last === null ? 0 : passed },
            machine,
            wall
          )
          last = { machine, wall, storedAt: machine.millis }
          return
        }
        // Where the clock would be without small corrections, so that many small ones add up and are detected.
        const expected = certain ? before.wall + passed : wall
        if (machine.millis - (last?.storedAt ?? -Infinity) < storedEvery) {
          last = { machine, wall: expected, storedAt: last?.storedAt ?? machine.millis }
          return
        }
        yield* Effect.orDie(store(machine, expected))
        last = { machine, wall: expected, storedAt: machine.millis }
      })

      return ClockWatch.of({
        look: Effect.flatMap(inTransaction(sql), (within) => (within ? Effect.void : single.withPermit(looked))),
        onSet: (adjustment) => Effect.sync(() => void adjustments.push(adjustment))
      })
    })
  )
}

/** Checks repeatedly until the scope closes. */
export const startClockWatch = Effect.gen(function* () {
  const { look } = yield* ClockWatch
  const loops = yield* Loops
  yield* look
  yield* loops.start({
    name: "clock-watch",
    title: "Comparing the clock",
    turn: Effect.andThen(Effect.sleep(lookEvery), look)
  })
})

/** Smaller corrections are normal clock synchronisation. */
const tolerance = 60_000
/** The time that a machine may take to restart. */
const offTolerance = 600_000
const lookEvery = "20 seconds"
const storedEvery = 60_000

interface Look {
  readonly machine: MachineReading
  readonly wall: number
  /** Time of the machine's own clock. */
  readonly storedAt: number
}

const storedLook = (sql: SqlClient.SqlClient): Effect.Effect<Look | null> =>
  sql<{ wall: number; millis: number; boot: string }>`SELECT wall_millis AS wall, machine_millis AS millis, boot
    FROM clock_seen`.pipe(
    Effect.orDie,
    Effect.map(([row]) =>
      row === undefined
        ? null
        : { machine: { millis: row.millis, boot: row.boot }, wall: row.wall, storedAt: -Infinity }
    )
  )

const eventOf = ({ certain, millis }: ClockChange, moved: ReadonlyArray<string>) => {
  const by = lengthOf(Math.abs(millis))
  const what = certain
    ? `The clock was set ${millis < 0 ? "back" : "forward"} by ${by}`
    : `${by} passed in which either the machine was off or its clock was set`
  const then =
    moved.length === 0
      ? ""
      : `; ${moved.join(" and ")} were shifted by the same amount, so that no notice or delay changes`
  const of = !certain ? JobEvents.timeUnseen : millis < 0 ? JobEvents.clockSetBack : JobEvents.clockSetForward
  return of.make({ message: `${what}${then}`, payload: { millis } })
}

const lengthOf = (millis: number): string => {
  const [unit, size] = units.find(([, length]) => millis >= 2 * length) ?? ["seconds", 1000]
  return `${Math.round(millis / size)} ${unit}`
}

const units: ReadonlyArray<readonly [string, number]> = [
  ["days", dayMillis],
  ["hours", 3_600_000],
  ["minutes", 60_000]
]
