/** Durations of HTTP requests, and the number of open event streams, as metrics of the process. */
import { type Context, type Effect, Metric } from "effect"
import type { RequestRecord } from "./RequestRecord.ts"

/** Boundaries according to the conventions of OpenTelemetry. */
const durations = Metric.histogram("http_server_request_duration_seconds", {
  description: "Time from a request until its answer was sent; for event streams, until they began",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
})

const openStreams = Metric.gauge("tendarr_open_event_streams", { description: "Number of open event streams" })

/** Every label has few values: every path that is not a route counts as `unknown`. */
export const countRequest = (
  { method, mount, route }: RequestRecord,
  status: number,
  seconds: number,
  context: Context.Context<never>
): void => {
  const labels = {
    mount,
    method: knownMethods.has(method) ? method : "OTHER",
    route: route ?? "unknown",
    status: `${Math.floor(status / 100)}xx`
  }
  const name = `${labels.status} ${labels.method} ${mount} ${labels.route}`
  const known = durationsOf.get(name) ?? Metric.withAttributes(durations, labels)
  durationsOf.set(name, known)
  known.updateUnsafe(seconds, context)
}

/** The series by its labels: to make one takes longer than to count with it. As many as there are series. */
const durationsOf = new Map<string, typeof durations>()

export const countOpenStream = ({ mount }: RequestRecord, change: 1 | -1): Effect.Effect<void> =>
  Metric.modify(Metric.withAttributes(openStreams, { mount }), change)

const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
