import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Schema } from "effect"
import type { NewEvent } from "../../src/events/EventType.ts"
import { EventCheck, expectFits } from "../../src/events/EventCheck.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import { eventType, NoPayload } from "../../src/events/EventType.ts"
import { SqlTest } from "../support/Sql.ts"

const Watered = eventType("plant.watered", {
  category: "library",
  severity: "warning",
  subject: "plant",
  description: "A plant was given water.",
  payload: Schema.Struct({ litres: Schema.Finite, by: Schema.optionalKey(Schema.String) })
})
const Aired = eventType("house.aired", { category: "library", description: "Somebody aired.", payload: NoPayload })
const Moved = eventType("plant.moved", {
  category: "library",
  subject: ["plant", "shelf"],
  description: "A plant was moved.",
  payload: NoPayload
})

const CheckedLog = EventLogLive.pipe(
  Layer.provideMerge(Layer.succeed(EventCheck, expectFits)),
  Layer.provideMerge(SqlTest)
)

const refusalOf = (event: NewEvent) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const exit = yield* Effect.exit(log.append(event))
    assert.deepStrictEqual((yield* log.page({})).items, [])
    return Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
  })

describe("Types of events", () => {
  it.effect("set category, severity and subject of their events, unless an event has another severity", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(
        Watered.make({ subject: "7", message: "Watered the fern", payload: { litres: 0.5 } }),
        Watered.make({
          severity: "info",
          subject: null,
          message: "Watered something",
          payload: { litres: 1, by: "ann" }
        }),
        Aired.make({ message: "Aired" }),
        Moved.make({ subject: { type: "shelf", id: "2" }, message: "Moved to the shelf" })
      )
      assert.deepStrictEqual(
        (yield* log.page({})).items.map(({ payload, severity, subject, type }) => ({
          type,
          severity,
          subject,
          payload
        })),
        [
          { type: "plant.moved", severity: "info", subject: { type: "shelf", id: "2" }, payload: {} },
          { type: "house.aired", severity: "info", subject: null, payload: {} },
          { type: "plant.watered", severity: "info", subject: null, payload: { litres: 1, by: "ann" } },
          { type: "plant.watered", severity: "warning", subject: { type: "plant", id: "7" }, payload: { litres: 0.5 } }
        ]
      )
    }).pipe(Effect.provide(CheckedLog))
  )

  it.effect("refuse an invalid event when it is checked, and it is not stored", () =>
    Effect.gen(function* () {
      const given = { litres: 1, colour: "green" }
      const excess = Watered.make({ subject: "7", message: "Watered", payload: given })
      assert.include(yield* refusalOf(excess), "The payload of plant.watered does not fit")
      const endless = Watered.make({ subject: "7", message: "Watered", payload: { litres: Number.NaN } })
      assert.include(yield* refusalOf(endless), "The payload of plant.watered does not fit")
    }).pipe(Effect.provide(CheckedLog))
  )

  it.effect("distinguish their own events in the log from others", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(
        Aired.make({ message: "Aired" }),
        Watered.make({ subject: "7", message: "Watered the fern", payload: { litres: 0.5 } })
      )
      const litres = (yield* log.page({})).items.filter(Watered.is).map(({ payload }) => payload.litres)
      assert.deepStrictEqual(litres, [0.5])
    }).pipe(Effect.provide(CheckedLog))
  )

  it("have a name of two words or more", () => {
    const define = (type: string) => () => eventType(type, { category: "library", description: "", payload: NoPayload })
    assert.throws(define("watered"), /cannot be the type of an event/)
    assert.throws(define("plant.watered\nid: 3"), /cannot be the type of an event/)
    assert.doesNotThrow(define("my-plants.fern.watered"))
  })

  it("are the only way to create an event that compiles", () => {
    const made: NewEvent = Aired.make({ message: "Aired" })
    // @ts-expect-error A bare object, however alike, is no event.
    const bare: NewEvent = { ...made, type: "house.arid" }
    assert.notStrictEqual(bare, made)
    // @ts-expect-error This type has no payload.
    Aired.make({ message: "Aired", payload: { windows: 2 } })
    // @ts-expect-error This type is about nothing in particular.
    Aired.make({ message: "Aired", subject: "3" })
    // @ts-expect-error A number is wanted.
    Watered.make({ message: "Watered", subject: "3", payload: { litres: "1" } })
    // @ts-expect-error There is no such field.
    Watered.make({ message: "Watered", subject: "3", payload: { litres: 1, litre: 1 } })
    // @ts-expect-error Which of both it is about has to be said.
    Moved.make({ message: "Moved", subject: "3" })
  })
})
