import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Tracer } from "effect"
import { withTelemetry } from "../../../src/server/Telemetry.ts"

/** Whether work of a server can see the span of what called it. */
const isTraced = withTelemetry(
  Effect.option(Effect.currentSpan).pipe(
    Effect.map((span) => Option.isSome(span) && span.value.traceId !== "noop"),
    Effect.withSpan("work")
  )
)

describe("The spans of a server", () => {
  it.effect("are not made if nothing collects them", () =>
    Effect.gen(function* () {
      assert.isFalse(yield* Effect.scoped(isTraced))
    })
  )

  it.effect("are made for the tracer of a program that embeds it", () =>
    Effect.gen(function* () {
      const names: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          names.push(options.name)
          return Tracer.nativeTracer.span(options)
        }
      })
      assert.isTrue(yield* Effect.scoped(isTraced).pipe(Effect.provideService(Tracer.Tracer, tracer)))
      assert.deepStrictEqual(names, ["work"])
    })
  )
})
