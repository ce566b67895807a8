/** What a case is, and what it works with: a client, and a stage that misbehaves when it is told to. */
import type * as Sdk from "../src/TendarrClient.ts"

export interface Surroundings {
  /** Of the stage; see `Stage.ts`. */
  readonly url: string
  readonly apiKey: string
  readonly sdk: typeof Sdk
}

/** What becomes of one request. Empty, it is passed on. */
export interface Step {
  /** Waits until the stage is told to open. */
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
  /** The connection breaks within the event after so many. */
  readonly cutAfter?: number
  /** Nothing more comes after so many events. */
  readonly silentAfter?: number
  /** Every event comes twice. */
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

/** A client and what steers the stage. */
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
      throw new Error(`It failed with ${String(error)}, which is no TendarrError`, { cause: error })
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
