/**
 * Switches dialects on and off as the settings and the flags of the server say, while it runs. A dialect that cannot be
 * served (its port is taken) is reported, and does not affect the others or the server.
 */
import { Cause, Effect, Exit, Scope, Semaphore, Stream } from "effect"
import { DialectKeys } from "../access/DialectKeys.ts"
import type { Mount } from "../api/Mount.ts"
import { type DialectName, DialectsSettings, type DialectSwitch } from "../settings/DialectsSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { Dialects } from "../system/Dialects.ts"
import { Mounts, type MountServices } from "./Mounts.ts"
import type { DialectFlags } from "./ServeOptions.ts"

export interface Dialect {
  readonly name: DialectName
  readonly mount: Mount<MountServices>
}

export interface DialectServing {
  readonly dialects: ReadonlyArray<Dialect>
  readonly flags: DialectFlags
  /** The address on which ports of their own are opened. */
  readonly host: string
}

/** Between attempts to open a port that is taken. */
const retryInterval = "30 seconds"

interface Running {
  readonly wanted: DialectSwitch
  readonly scope: Scope.Closeable
}

/** Returns when those that are on are served; changes of the settings apply until the scope closes. */
export const serveDialects = Effect.fn("DialectServing.serve")(function* ({ dialects, flags, host }: DialectServing) {
  const settings = yield* Settings
  const mounts = yield* Mounts
  const keys = yield* DialectKeys
  const states = yield* Dialects
  const single = yield* Semaphore.make(1)
  const parent = yield* Effect.scope
  const running = new Map<DialectName, Running>()

  const start = Effect.fnUntraced(function* ({ mount, name }: Dialect, wanted: DialectSwitch) {
    const scope = yield* Scope.fork(parent)
    running.set(name, { wanted, scope })
    yield* keys.key(name)
    const problems: Array<string> = []
    /** What an attempt that fails has opened is closed at once. */
    const attempt = Effect.fnUntraced(function* (place?: { readonly host: string; readonly port: number }) {
      const own = yield* Scope.fork(scope)
      return yield* mounts.start(mount, place).pipe(
        Effect.provideService(Scope.Scope, own),
        Effect.onError(() => Scope.close(own, Exit.void))
      )
    })
    const at = (place?: { readonly host: string; readonly port: number }) =>
      attempt(place).pipe(
        Effect.catch(({ message }) => {
          problems.push(message)
          return Effect.as(Effect.logWarning(`The dialect ${name} is not served: ${message}`), null)
        })
      )
    const byFlag = flags[name] !== undefined
    const url = yield* at()
    const place = wanted.port === null ? null : { host, port: wanted.port }
    const ownUrl = place === null ? null : yield* at(place)
    yield* states.report(name, { url, ownUrl, problem: problems.length === 0 ? null : problems.join("; "), byFlag })
    if (place === null || ownUrl !== null) return
    // Whoever has the port may leave it: the former container of this server, for example.
    yield* Effect.sleep(retryInterval).pipe(
      Effect.andThen(attempt(place)),
      Effect.eventually,
      Effect.flatMap((found) =>
        Effect.when(
          states.report(name, { url, ownUrl: found, problem: url === null ? (problems[0] ?? null) : null, byFlag }),
          Effect.sync(() => running.get(name)?.scope === scope)
        ).pipe(single.withPermit)
      ),
      Effect.forkIn(scope)
    )
  })

  /** A defect, or a database that cannot be written, affects neither the other dialects nor the server. */
  const failed = (name: DialectName) => (cause: Cause.Cause<never>) =>
    Cause.hasInterruptsOnly(cause)
      ? Effect.failCause(cause)
      : Effect.andThen(
          Effect.logError(`The dialect ${name} could not be started`, cause),
          states.report(name, {
            url: null,
            ownUrl: null,
            problem: "it could not be started; the log of the server says why",
            byFlag: flags[name] !== undefined
          })
        )

  const stop = Effect.fnUntraced(function* (name: DialectName, { scope }: Running) {
    running.delete(name)
    yield* states.report(name, null)
    yield* Scope.close(scope, Exit.void)
  })

  const apply = Effect.gen(function* () {
    const configured = yield* settings.get(DialectsSettings)
    for (const dialect of dialects) {
      const { name } = dialect
      const flag = flags[name]
      const { enabled, port } = configured[name]
      const wanted: DialectSwitch = {
        enabled: enabled || flag !== undefined,
        port: flag?.port ?? (enabled ? port : null)
      }
      const before = running.get(name)
      if (before !== undefined && before.wanted.enabled === wanted.enabled && before.wanted.port === wanted.port)
        continue
      if (before !== undefined) yield* stop(name, before)
      if (wanted.enabled) yield* Effect.catchCause(start(dialect, wanted), failed(name))
    }
  }).pipe(single.withPermit)

  yield* settings.changes.pipe(
    Stream.filter((group) => group === DialectsSettings.name),
    Stream.runForEach(() => apply),
    Effect.forkScoped({ startImmediately: true })
  )
  yield* apply
})
