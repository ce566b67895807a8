/** Counts and durations of calls to applications, for exporters of the process metrics. */
import { Effect, Exit, Metric } from "effect"
import { passedMillis } from "../../problems/Instants.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"

const calls = Metric.counter("tendarr_upstream_calls_total", {
  description: "Calls to applications by outcome, without retries",
  incremental: true
})

const durations = Metric.histogram("tendarr_upstream_call_duration_seconds", {
  description: "Time from the start of a call until its response was read, including waits and retries",
  boundaries: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60]
})

/** Counts an ended call; an interrupted call has no outcome. */
export const countCall = <A, E extends UpstreamError, R>(
  labels: { readonly integration: string; readonly method: string },
  call: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(passedMillis, (began) =>
    Effect.onExit(call, (exit) => {
      const failure = Exit.findErrorOption(exit)
      if (Exit.isFailure(exit) && failure._tag === "None") return Effect.void
      const outcome = failure._tag === "None" ? "answered" : outcomeOf(failure.value)
      return Effect.flatMap(passedMillis, (ended) =>
        Effect.andThen(
          Metric.update(Metric.withAttributes(calls, { ...labels, outcome }), 1),
          Metric.update(Metric.withAttributes(durations, { integration: labels.integration }), (ended - began) / 1000)
        )
      )
    })
  )

const outcomeOf = ({ _tag }: UpstreamError): string => _tag.replace(/^Upstream/, "").toLowerCase()
