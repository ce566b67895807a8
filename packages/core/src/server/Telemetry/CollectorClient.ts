/**
 * The HTTP client of one signal. An unavailable or slow collector does not affect the server: requests have a time limit,
 * few are in progress at once, any more are dropped, and one warning is logged until the collector answers again.
 */
import { Effect, Layer, References } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import type { SignalExport } from "./Environment.ts"

/** Maximum number of batches in progress. */
const mostUnderWay = 4

/** `what` names the signal for people. */
export const collectorClient = (
  what: string,
  { timeoutMillis, url }: Pick<SignalExport, "timeoutMillis" | "url">
): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      let underWay = 0
      let troubled = false
      const trouble = (reason: string) =>
        Effect.suspend(() => {
          if (troubled) return Effect.void
          troubled = true
          return inOwnName(
            Effect.logWarning(
              `${what} do not reach the collector at ${url.origin}: ${reason}. Tendarr drops them and keeps trying; it logs when they arrive again`
            )
          )
        })
      const arrived = Effect.suspend(() => {
        if (!troubled) return Effect.void
        troubled = false
        return inOwnName(Effect.logInfo(`${what} reach the collector at ${url.origin} again`))
      })
      return HttpClient.transform(client, (answer, request) =>
        Effect.suspend(() => {
          if (underWay >= mostUnderWay) {
            return Effect.as(
              trouble("it accepts them more slowly than they are produced"),
              HttpClientResponse.fromWeb(request, new Response())
            )
          }
          underWay += 1
          return answer.pipe(
            Effect.timeoutOrElse({
              duration: timeoutMillis,
              orElse: () => Effect.fail(unanswered(request, `no answer within ${timeoutMillis} ms`))
            }),
            Effect.tap(({ status }) => (status < 300 ? arrived : trouble(`it answers with status ${status}`))),
            Effect.tapError((error) => trouble(reasonOf(error))),
            Effect.ensuring(
              Effect.sync(() => {
                underWay -= 1
              })
            )
          )
        })
      )
    })
  ).pipe(
    Layer.provide(FetchHttpClient.layer),
    // The headers may contain a key for this collector, which must not be sent to the target of a redirect.
    Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" }))
  )

/** Without the names of the exporter's modules, which mean nothing to people. */
const inOwnName = <A>(effect: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.provideService(effect, References.CurrentLogAnnotations, {})

const unanswered = (
  request: ConstructorParameters<typeof HttpClientError.TransportError>[0]["request"],
  description: string
) => new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, description }) })

/** The innermost message: fetch wraps it in "fetch failed". */
const reasonOf = (error: HttpClientError.HttpClientError): string => {
  const { reason } = error
  if ("description" in reason && reason.description !== undefined) return reason.description
  let current: unknown = "cause" in reason ? reason.cause : undefined
  let words = "no answer"
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if (current.message !== "") words = current.message
    else if ("code" in current && typeof current.code === "string") words = current.code
    current = current.cause
  }
  return words
}
