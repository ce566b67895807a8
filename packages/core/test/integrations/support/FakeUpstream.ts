/**
 * An application in memory behind the real client: a test sets its responses and sees every request that a kind sends.
 */
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { Effect } from "effect"
import type { Connected, Kind, Progress } from "../../../src/integrations/Kind.ts"
import { KyUpstreamClient } from "../../../src/integrations/KyUpstreamClient.ts"
import { UpstreamClient } from "../../../src/integrations/Upstream.ts"

export interface Sent {
  readonly method: string
  /** Path below the base address. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Headers
  /** Parsed if it is JSON, otherwise the text. */
  readonly body: unknown
}

export type Answers = (sent: Sent) => unknown

export interface Fake {
  readonly connected: Connected
  readonly sent: Array<Sent>
  /** `METHOD path` of every request so far, without query. */
  readonly calls: () => ReadonlyArray<string>
}

const base = "http://127.0.0.1:9/below/here"

/** Results other than a `Response` are sent as JSON; `undefined` is a 404 like that of the Servarr applications. */
export const connect = <Config>(kind: Kind<Config>, config: Config, answers: Answers): Effect.Effect<Fake> =>
  Effect.gen(function* () {
    const sent: Array<Sent> = []
    const fetch: typeof globalThis.fetch = async (input) => {
      const request = input instanceof Request ? input : new Request(input)
      const url = new URL(request.url)
      const text = await request.text()
      const one: Sent = {
        method: request.method,
        path: url.pathname.slice("/below/here".length),
        query: url.searchParams,
        headers: request.headers,
        body: text === "" ? undefined : /^[[{"]/.test(text) ? JSON.parse(text) : text
      }
      sent.push(one)
      const answer = answers(one)
      if (answer instanceof Response) return answer
      return answer === undefined ? Response.json({ message: "NotFound" }, { status: 404 }) : Response.json(answer)
    }
    const client = yield* UpstreamClient.pipe(Effect.provide(KyUpstreamClient.layerWith({ fetch, retries: 0 })))
    const connected = kind.connect(client, { integrationId: "7", name: "Test", url: `${base}/`, config })
    return { connected, sent, calls: () => sent.map(({ method, path }) => `${method} ${path}`) }
  })

export const silent: Progress = () => Effect.void

/** The result of one observation that the kind must be able to read. */
export const read = <O extends keyof Connected["read"]>(
  fake: Fake,
  observation: O,
  odd: OddRecords = new OddRecords()
): ReturnType<NonNullable<Connected["read"][O]>> => {
  const reading = fake.connected.read[observation]
  if (reading === undefined) throw new Error(`this kind does not read ${observation}`)
  return reading(silent, odd) as ReturnType<NonNullable<Connected["read"][O]>>
}
