/**
 * What a simulated application is to the sandbox: a name, credentials, and routes over the world. A new one is a file
 * beside this and a line in `Apps.ts`.
 */
import type { FaultBoard, FaultPlan } from "../Faults.ts"
import type { SandboxWorld } from "../SandboxWorld.ts"
import type { RemovalMode } from "../world/Shelf.ts"
import type { MediaRequest, Play } from "../world/WorldModel.ts"

export interface SandboxApp {
  /** What it is started by and faults know it by; the second of a sort is `<id>-2`. */
  readonly id: string
  /** Id of the kind of integration that reads it. */
  readonly kind: string
  readonly name: string
  /** Set for what a stack needs only in the place of another application: started when it is asked for by its kind. */
  readonly onlyWhenNamed?: boolean
  /** What people do with it that others of its part do not see: plays take place on one media server, requests in one place. */
  readonly part?: "mediaServer" | "requestManager"
  /** The media server whose plays it keeps, where it is no media server itself. */
  readonly keepsPlaysOf?: (context: Servers) => MediaServer | undefined
  /** What a user enters beside the address. */
  readonly config: (secret: string, context: AppContext) => Readonly<Record<string, string>>
  /** The path by which faults know a request, without url base; the plain path where absent. */
  readonly faultPath?: (path: string, query: URLSearchParams) => string
  /** Whether a request that is not a DELETE takes something away all the same. */
  readonly destructive?: (query: URLSearchParams) => boolean
  readonly authorized: (call: Call, secret: string) => boolean
  /** The answer to a wrong or missing key. */
  readonly unauthorized: (call: Call) => Response
  readonly routes: (context: AppContext) => ReadonlyArray<Route>
  /** The answer where no route matches. */
  readonly notFound: (call: Call) => Response
}

/** A media server that was started, with what was watched on it. */
export interface MediaServer {
  /** As `Instance.id`. */
  readonly id: string
  readonly kind: string
  readonly name: string
  /** 1 for the first of its kind. */
  readonly number: number
  readonly plays: () => ReadonlyArray<Play>
}

/** An application among the media servers that were started. */
export interface Servers {
  /** 1 for the first of its sort, 2 for the second. */
  readonly number: number
  readonly mediaServers: ReadonlyArray<MediaServer>
}

/** What an application works with while it runs. */
export interface AppContext extends Servers {
  /** What people asked for in this application. */
  readonly requests: () => ReadonlyArray<MediaRequest>
  readonly world: SandboxWorld
  readonly faults: FaultBoard
  readonly secret: string
  readonly urlBase: string
}

/** The media server of this kind that belongs to an application: the one with its number. */
export const serverOfKind =
  (kind: string) =>
  ({ mediaServers, number }: Servers): MediaServer | undefined =>
    mediaServers.find((server) => server.kind === kind && server.number === number)

/** What was watched on it; everything where it was not started. */
export const playsOn = (context: AppContext, kind: string): ReadonlyArray<Play> =>
  serverOfKind(kind)(context)?.plays() ?? context.world.plays

/** What is being played on it: people play on the first of the media servers. */
export const playingOn = (context: AppContext, kind: string): ReadonlyArray<Play> =>
  context.mediaServers.length === 0 || serverOfKind(kind)(context) === context.mediaServers[0]
    ? context.world.playing
    : []

export interface Call {
  readonly request: Request
  readonly method: string
  /** Path without url base and without trailing slash. */
  readonly path: string
  readonly query: URLSearchParams
  /** What stands in the place of `:name` in the route. */
  readonly params: Readonly<Record<string, string>>
  /** Scheme, host, port and url base of this application as the client reaches it. */
  readonly origin: string
  readonly fault: FaultPlan
  /** Name of the fault by which values are distorted in this answer. */
  readonly distortion: "strings" | "object" | "record" | null
}

export interface Route {
  readonly method: string
  /** The parts of the path; one that starts with `:` matches anything. */
  readonly parts: ReadonlyArray<string>
  /** Answers without a key. */
  readonly open: boolean
  readonly answer: (call: Call) => Response | Promise<Response>
}

export const route = (method: string, path: string, answer: Route["answer"]): Route => ({
  method,
  parts: path.split("/"),
  open: false,
  answer
})

export const openRoute = (method: string, path: string, answer: Route["answer"]): Route => ({
  ...route(method, path, answer),
  open: true
})

/** The `:name` parts of `path` when it is of this shape. */
export const matchPath = (parts: ReadonlyArray<string>, path: string): Record<string, string> | undefined => {
  const actual = path.split("/")
  if (actual.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const value = actual[index] ?? ""
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return undefined
  }
  return params
}

/** Does what a destructive request asks and answers `done`, unless a fault makes the application lie. */
export const destroy = (
  call: Call,
  act: (mode: Pick<RemovalMode, "freesBytes">) => void,
  done: () => Response,
  failed: () => Response
): Response => {
  const lie = call.fault.take("lies")
  if (lie?.how !== "kept") act({ freesBytes: lie?.how !== "hardlinked" })
  return lie?.how === "failed" ? failed() : done()
}
