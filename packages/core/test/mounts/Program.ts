/** The program of the suite: a server with mounts that requests switch on and off. */
import { Effect, Exit, Result, Scope, Stream } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { edgeWith } from "../../src/api/Edge.ts"
import type { Mount } from "../../src/api/Mount.ts"
import { type MountPlace, Mounts, type MountServices } from "../../src/server/Mounts.ts"
import type { ServeExtensions } from "../../src/server/Serve.ts"

export const dialectMount: Mount<MountServices> = {
  name: "dialect",
  prefix: "/dialect",
  load: () => import("./Dialect.ts").then(({ dialect }) => dialect)
}

/** Three hundred endpoints that are not requested. */
const manyMount: Mount<MountServices> = {
  name: "many",
  prefix: "/many",
  load: () => import("./ManyEndpoints.ts").then(({ manyEndpoints }) => manyEndpoints)
}

const unloadable: Mount<MountServices> = {
  name: "unloadable",
  prefix: "/unloadable",
  load: () => Promise.reject(new Error("its module is damaged"))
}

/** Sends one line at once, and then nothing. */
const endless = Stream.concat(Stream.make(new TextEncoder().encode(": here\n\n")), Stream.never)

const slow: Mount<MountServices> = {
  name: "slow",
  prefix: "/slow",
  load: () =>
    Promise.resolve({
      routes: HttpRouter.addAll([
        HttpRouter.route("GET", "/never", Effect.as(Effect.never, HttpServerResponse.empty())),
        HttpRouter.route(
          "GET",
          "/stream",
          Effect.sync(() => HttpServerResponse.stream(endless, { contentType: "text/event-stream" }))
        )
      ]),
      edge: edgeWith({ methodsOf: () => ({ methods: [], own: false }) })
    })
}

const mountsByName: Readonly<Record<string, Mount<MountServices>>> = {
  dialect: dialectMount,
  many: manyMount,
  unloadable,
  slow,
  shadow: { ...slow, name: "shadow", prefix: "/api" },
  odd: { ...slow, name: "odd", prefix: "odd/" }
}

const scopes = new Map<string, Scope.Closeable>()

/** `POST /switch/{name}/on?port=`, `POST /switch/{name}/off`, `GET /switch`. Without authentication, since it is only for tests. */
const control: Mount<MountServices> = {
  name: "control",
  prefix: "/switch",
  load: () =>
    Promise.resolve({
      routes: HttpRouter.addAll([
        HttpRouter.route("GET", "/", state),
        HttpRouter.route("POST", "/:name/on", on),
        HttpRouter.route("POST", "/:name/off", off)
      ]),
      edge: edgeWith({ methodsOf: () => ({ methods: [], own: false }), access: "by-routes" })
    })
}

const state = Effect.gen(function* () {
  const mounts = yield* Mounts
  return HttpServerResponse.jsonUnsafe({
    loaded: Reflect.get(globalThis, "dialectLoaded") === true,
    manyLoaded: Reflect.get(globalThis, "manyLoaded") === true,
    running: yield* mounts.running
  })
})

const on = Effect.gen(function* () {
  const mounts = yield* Mounts
  const { name = "" } = yield* HttpRouter.params
  const port = new URL((yield* HttpServerRequest.HttpServerRequest).url, "http://any.test").searchParams.get("port")
  const place: MountPlace = port === null ? "shared" : { host: "127.0.0.1", port: Number(port) }
  const scope = yield* Scope.make()
  const mount = mountsByName[name] ?? slow
  const started = yield* Effect.result(Scope.provide(mounts.start(mount, place), scope))
  if (Result.isFailure(started)) {
    yield* Scope.close(scope, Exit.void)
    return HttpServerResponse.jsonUnsafe({ refused: started.failure.message }, { status: 409 })
  }
  scopes.set(name, scope)
  return HttpServerResponse.jsonUnsafe({ url: started.success })
})

const off = Effect.gen(function* () {
  const { name = "" } = yield* HttpRouter.params
  const scope = scopes.get(name)
  if (scope !== undefined) yield* Scope.close(scope, Exit.void)
  return HttpServerResponse.empty()
})

export const extensions: ServeExtensions = { mounts: [{ mount: control }] }
