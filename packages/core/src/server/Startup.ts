/** The steps between building the services and serving: access, background work, the banner. */
import { Effect, type Scope } from "effect"
import type { ApiKeyNameTaken, ApiKeyNotFound } from "../access/AccessErrors.ts"
import { ApiKeys } from "../access/ApiKeys.ts"
import { Setup } from "../access/Setup.ts"
import { Downloads } from "../downloads/Downloads.ts"
import { HealthMonitor } from "../integrations/HealthMonitor.ts"
import { startClockWatch } from "../jobs/ClockWatch.ts"
import { capacityJob, cleaningJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { Loops } from "../jobs/Loops.ts"
import { Execution } from "../removals/Execution.ts"
import { startRemovalLoop } from "../removals/RemovalLoop.ts"
import { ExportedFigures, refill } from "../system/Metrics.ts"
import type { DialectState } from "../system/Dialects.ts"
import { System } from "../system/System.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { TendarrServices } from "../Services.ts"
import type { ServeOptions } from "./ServeOptions.ts"

export interface Access {
  /** Shown once, and only if it was created for this start. */
  readonly apiKey: string | null
  readonly setupKey: string | null
}

const sandboxKeyName = "sandbox"

/**
 * Access from the environment; for a sandbox, its own key, which ends with it; otherwise a one-time set-up key while
 * nobody can sign in.
 */
export const prepareAccess = Effect.fn("Startup.prepareAccess")(function* (
  options: ServeOptions
): Effect.fn.Return<Access, ApiKeyNameTaken | ApiKeyNotFound | InvalidRequest, TendarrServices | Scope.Scope> {
  const keys = yield* ApiKeys
  const setup = yield* Setup
  yield* keys.presetKey(options.apiKey, "TENDARR_API_KEY")
  // Left by a sandbox that was killed.
  const old = options.sandbox === null ? [] : (yield* keys.list).filter((key) => key.name === sandboxKeyName)
  yield* Effect.forEach(old, ({ id }) => keys.revoke(id), { discard: true })
  if (options.adminUsername !== null && options.adminPassword !== null) {
    yield* setup.presetAccount(options.adminUsername, options.adminPassword)
  }
  if (options.apiKey !== null) return { apiKey: options.apiKey, setupKey: null }
  if (options.sandbox !== null) {
    const { key } = yield* Effect.acquireRelease(keys.create({ name: sandboxKeyName, scope: "admin" }), ({ apiKey }) =>
      Effect.ignoreCause(keys.revoke(apiKey.id))
    )
    return { apiKey: key, setupKey: null }
  }
  return { apiKey: null, setupKey: yield* setup.ensureSetupKey }
})

/** Checks the clock, recovers from a crash, then starts health checks, schedules and the execution of due removals. */
export const startBackground: Effect.Effect<void, never, TendarrServices | Scope.Scope> = Effect.gen(function* () {
  const execution = yield* Execution
  const health = yield* HealthMonitor
  const jobs = yield* Jobs
  const loops = yield* Loops
  yield* startClockWatch
  yield* execution.reconcile
  yield* loops.start({ name: "health-checks", title: "Checking the applications", turn: health.turn })
  yield* jobs.startSchedules
  yield* startRemovalLoop
  const downloads = yield* Downloads
  yield* loops.start({ name: "download-clients", title: "Reading the download clients", turn: downloads.turn })
  yield* measureForExport
})

const measureForExport = Effect.gen(function* () {
  const figures = yield* ExportedFigures
  if (figures === null) return
  const { everyMillis, registry } = figures
  const system = yield* System
  const measured = Effect.flatMap(system.status, (status) => refill(registry, status))
  yield* (yield* Loops).start({
    name: "exported-figures",
    title: "Measuring for the collector of metrics",
    turn: Effect.andThen(measured, Effect.sleep(everyMillis))
  })
})

/** Runs the main jobs once, so that a sandbox has candidates, a plan and strikes from the start. */
export const runMainJobsOnce = Effect.gen(function* () {
  const jobs = yield* Jobs
  const run = yield* jobs.start(capacityJob, { startedBy: "start" })
  const { subjects = [] } = yield* jobs.get(cleaningJob)
  for (const { id } of subjects) {
    const cleaning = yield* jobs.start(cleaningJob, { startedBy: "start", subject: id })
    yield* jobs.await(cleaning.id)
  }
  yield* jobs.await(run.id)
})

/** Printed when the server is up. The first line is meant for programs and people alike. */
export const announcement = (
  url: string,
  access: Access,
  options: ServeOptions,
  dialects: ReadonlyArray<DialectState>
): string =>
  [
    `Tendarr is listening on ${url}`,
    ...(access.apiKey !== null && options.apiKey === null ? [`API key: ${access.apiKey}`] : []),
    ...(access.setupKey === null
      ? []
      : [`Set-up key: ${access.setupKey} (once, for the first account: POST ${url}/api/v1/setup)`]),
    `API reference: ${url}/docs`,
    ...dialects.flatMap(({ ownUrl, title, url: shared }) => {
      const places = [shared, ownUrl].filter((place) => place !== null)
      return places.length === 0 ? [] : [`API of ${title}: ${places.join(" and ")}`]
    })
  ].join("\n")

/** Three commands that show the main job, printed for a sandbox. */
export const firstSteps = (url: string, access: Access, options: ServeOptions, itemId: string): string => {
  const key = options.apiKey === null ? (access.apiKey ?? "") : "$TENDARR_API_KEY"
  const curl = (rest: string) => `  curl -s -H "X-Api-Key: ${key}" ${rest}`
  return [
    "What could be removed, with the reasons:",
    curl(`"${url}/api/v1/preview?status=planned&limit=5"`),
    "Plan a run and see its outcome:",
    curl(`-H "Content-Type: application/json" -d "{}" "${url}/api/v1/jobs/${capacityJob}/runs?wait=60"`),
    "Why one of them:",
    curl(`"${url}/api/v1/items/${itemId}/explanation"`)
  ].join("\n")
}
