/**
 * The interface of a simulated application: a name, credentials, and routes over the world. To add one, create a file
 * in this folder and add a line to `Apps.ts`.
 */
import type { FaultBoard, FaultPlan } from "../Faults.ts"
import type { SandboxWorld } from "../SandboxWorld.ts"
import type { RemovalMode } from "../world/Shelf.ts"
import type { MediaRequest, Play } from "../world/WorldModel.ts"

export interface SandboxApp {
  /** Its name for starting and for faults; the second instance is `<id>-2`. */
  readonly id: string
  /** Id of the kind of integration that reads it. */
  readonly kind: string
  readonly name: string
  /** Set for applications that a stack needs only instead of another one: they are started only when named. */
  readonly onlyWhenNamed?: boolean
  /** Its role if several share it: plays take place on one media server, requests in one request manager. */
  readonly part?: "mediaServer" | "requestManager"
  /** The media server whose plays it records, if it is not a media server itself. */
  readonly keepsPlaysOf?: (context: Servers) => MediaServer | undefined
  /** The values that a user enters in addition to the address. */
  readonly config: (secret: string, context: AppContext) => Readonly<Record<string, string>>
  /** The path of a request for faults, without URL base; the plain path by default. */
  readonly faultPath?: (path: string, query: URLSearchParams) => string
  /** Whether a request other than DELETE is destructive. */
  readonly destructive?: (query: URLSearchParams, path: string) => boolean
  readonly authorized: (call: Call, secret: string) => boolean
  /** The response to a wrong or missing key. */
  readonly unauthorized: (call: Call) => Response
  readonly routes: (context: AppContext) => ReadonlyArray<Route>
  /** The response if no route matches. */
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

/** An application among the started media servers. */
export interface Servers {
  /** 1 for the first of its kind, 2 for the second. */
  readonly number: number
  readonly mediaServers: ReadonlyArray<MediaServer>
}

/** The context of an application while it runs. */
export interface AppContext extends Servers {
  /** The requests made in this application. */
  readonly requests: () => ReadonlyArray<MediaRequest>
  readonly world: SandboxWorld
  readonly faults: FaultBoard
  readonly secret: string
  readonly urlBase: string
}

/** The media server of this kind that belongs to an application: the one with the same number. */
export const serverOfKind =
  (kind: string) =>
  ({ mediaServers, number }: Servers): MediaServer | undefined =>
    mediaServers.find((server) => server.kind === kind && server.number === number)

/** The plays on it; all plays if it was not started. */
export const playsOn = (context: AppContext, kind: string): ReadonlyArray<Play> =>
  serverOfKind(kind)(context)?.plays() ?? context.world.plays

/** What is being played on it: people play on the first media server. */
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
  /** The values of `:name` parts in the route. */
  readonly params: Readonly<Record<string, string>>
  /** Scheme, host, port and URL base of this application as the client reaches it. */
  readonly origin: string
  readonly fault: FaultPlan
  /** Name of the fault that distorts values in this response. */
  readonly distortion: "strings" | "object" | "record" | null
}

export interface Route {
  readonly method: string
  /** The segments of the path; a segment that starts with `:` matches anything. */
  readonly parts: ReadonlyArray<string>
  /** Responds without a key. */
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

/** The `:name` parts of `path` if it has this form. */
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

/** Whether a media server deletes media for its clients. */
export const deletesMedia = ({ number, world }: AppContext, kind: string): boolean =>
  !world.keepMedia.has(`${kind}-${number}`)

/** Changes that setting. */
export const allowDeletion = ({ number, world }: AppContext, kind: string, allowed: boolean): void => {
  if (allowed) world.keepMedia.delete(`${kind}-${number}`)
  else world.keepMedia.add(`${kind}-${number}`)
}

/** Carries out a destructive request and responds with `done`, unless a fault makes the application lie. */
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
