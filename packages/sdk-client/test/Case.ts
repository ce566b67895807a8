/** A test case, and what it uses: a client, and a stage (a proxy that misbehaves on command). */
import type * as Sdk from "../src/TendarrClient.ts"

export interface Surroundings {
  /** The address of the stage; see `Stage.ts`. */
  readonly url: string
  readonly apiKey: string
  readonly sdk: typeof Sdk
}

/** How the stage handles one request. If it is empty, the request is forwarded. */
export interface Step {
  /** The request waits for the command `open`. */
  readonly gate?: boolean
  readonly hold?: boolean
  readonly destroy?: boolean
  readonly answer?: {
    readonly status: number
    readonly headers?: Record<string, string>
    readonly body?: string
    /** The connection breaks after the body. */
    readonly breaks?: boolean
  }
  /** The connection breaks within an event, after this number of events. */
  readonly cutAfter?: number
  /** Nothing more is sent after this number of events. */
  readonly silentAfter?: number
  /** Every event is sent twice. */
  readonly twice?: boolean
}

export interface Case {
  readonly name: string
  readonly run: (surroundings: Surroundings) => Promise<void>
}

export const equal = (seen: unknown, wanted: unknown, what = "") => {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(wanted)]
  if (left !== right) throw new Error(`${what} is ${left} and not ${right}`)
}

/** A client, and functions that control the stage. */
export const setUp = ({ apiKey, sdk, url }: Surroundings, options: Partial<Sdk.TendarrClientOptions> = {}) => {
  const tendarr = sdk.createTendarrClient({ baseUrl: url, apiKey, retries: 0, ...options })
  const stage = async (command: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/stage/${command}`, { method: "POST", body: JSON.stringify(body ?? null) })
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
  const rename = (instanceName: string) =>
    tendarr.settings.patch({ path: { group: "general" }, body: { instanceName } })
  const failure = async (work: Promise<unknown>): Promise<Sdk.TendarrError> => {
    try {
      await work
    } catch (error) {
      if (sdk.isTendarrError(error)) return error
      throw new Error(`It failed with ${String(error)}, which is not a TendarrError`, { cause: error })
    }
    throw new Error("It did not fail")
  }
  return {
    tendarr,
    stage,
    rename,
    failure,
    steps: (path: string, ...steps: ReadonlyArray<Step>) => stage("steps", { path, steps }),
    asked: async () => (await stage("asked")) as Array<string>,
    newest: async () => (await tendarr.events.list({ query: { limit: 1 } })).data.items[0]?.id ?? "0"
  }
}
