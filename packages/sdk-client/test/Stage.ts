/**
 * A proxy between the client and a real server, which forwards requests and misbehaves on command. It is controlled over
 * HTTP, so that a page in a browser can control it like a program.
 */
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import type { Step } from "./Case.ts"
import { type SandboxServer, startSandboxServer } from "./SandboxServer.ts"

export interface Stage {
  readonly url: string
  /** Address of the server itself, which is another origin for a page of the stage. */
  readonly server: () => string
  readonly apiKey: string
  readonly stop: () => Promise<void>
}

/** Files that are served next to the API: the page of the browser and its modules. */
export type Files = (path: string) => { readonly type: string; readonly text: string } | undefined

export const startStage = async (files: Files = () => undefined): Promise<Stage> => {
  const server = await startSandboxServer(60)
  const state = newState()
  const listener = createServer((request, response) => {
    answer(server, state, files, request, response).catch((error: unknown) => {
      response.statusCode = 500
      response.end(String(error))
    })
  })
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    server: server.url,
    apiKey: server.apiKey,
    stop: async () => {
      listener.closeAllConnections()
      listener.close()
      await server.stop()
    }
  }
}

const newState = () => ({
  /** How the next requests of a path are handled, in order. */
  steps: new Map<string, Array<Step>>(),
  asked: new Array<string>(),
  streams: new Set<ServerResponse>(),
  whenClosed: new Array<() => void>(),
  gates: new Array<() => void>()
})
type State = ReturnType<typeof newState>

const answer = async (
  server: SandboxServer,
  state: State,
  files: Files,
  request: IncomingMessage,
  response: ServerResponse
) => {
  const { pathname } = new URL(request.url ?? "/", "http://stage")
  if (pathname.startsWith("/stage/")) {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify((await control(server, state, pathname.slice(7), await bodyOf(request))) ?? null))
    return
  }
  const file = files(pathname)
  if (file !== undefined) {
    response.setHeader("content-type", file.type)
    response.end(file.text)
    return
  }
  // A browser also requests the icon of a page, at any time.
  if (pathname.startsWith("/api/")) state.asked.push(`${request.method} ${request.url}`)
  const step = state.steps.get(pathname)?.shift() ?? {}
  if (step.gate === true) await new Promise<void>((opened) => state.gates.push(opened))
  if (step.hold === true) return
  if (step.destroy === true) request.socket.destroy()
  else if (step.answer !== undefined) {
    response.writeHead(step.answer.status, step.answer.headers)
    response.write(step.answer.body ?? "")
    if (step.answer.breaks === true) setImmediate(() => request.socket.destroy())
    else response.end()
  } else forward(server, state, step, request, response)
}

const control = async (server: SandboxServer, state: State, command: string, body: string): Promise<unknown> => {
  switch (command) {
    case "steps": {
      const { path, steps } = JSON.parse(body) as { readonly path: string; readonly steps: Array<Step> }
      state.steps.set(path, steps)
      return
    }
    case "asked":
      return state.asked.splice(0)
    case "open":
      for (const open of state.gates.splice(0)) open()
      return
    case "closed":
      if (state.streams.size > 0) await new Promise<void>((closed) => state.whenClosed.push(closed))
      return
    case "restart":
      return server.restart()
    default:
      throw new Error(`The stage does not know "${command}"`)
  }
}

const forward = (
  server: SandboxServer,
  state: State,
  step: Step,
  request: IncomingMessage,
  response: ServerResponse
) => {
  const { host: _host, ...headers } = request.headers
  const upstream = ask(`${server.url()}${request.url}`, { method: request.method ?? "GET", headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers)
    if (answered.headers["content-type"]?.startsWith("text/event-stream") !== true) {
      answered.pipe(response)
      return
    }
    state.streams.add(response)
    response.once("close", () => {
      state.streams.delete(response)
      if (state.streams.size === 0) for (const closed of state.whenClosed.splice(0)) closed()
    })
    frames(answered, step, request, response)
  })
  upstream.on("error", () => request.socket.destroy())
  response.once("close", () => upstream.destroy())
  request.pipe(upstream)
}

/** Forwards whole frames, so that a step can break the stream after a number of events. */
const frames = (answered: IncomingMessage, step: Step, request: IncomingMessage, response: ServerResponse) => {
  let text = ""
  let passed = 0
  answered.on("data", (chunk: Buffer) => {
    text += chunk.toString()
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const frame = text.slice(0, end + 2)
      text = text.slice(end + 2)
      const isEvent = /^id:/m.test(frame)
      if (step.silentAfter !== undefined && passed >= step.silentAfter) continue
      if (isEvent && step.cutAfter !== undefined && passed >= step.cutAfter) {
        // Half an event is sent, then the connection breaks.
        response.write(frame.slice(0, frame.length / 2), () => request.socket.destroy())
        return
      }
      if (isEvent) passed++
      response.write(frame)
      if (step.twice === true && isEvent) response.write(frame)
    }
  })
  answered.on("end", () => response.end())
  answered.on("error", () => request.socket.destroy())
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}
