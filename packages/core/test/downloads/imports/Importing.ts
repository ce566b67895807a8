/** Runs of imports over the fakes of `FakeDownloads.ts`. */
import { Effect } from "effect"
import { Imports } from "../../../src/downloads/imports/Imports.ts"
import { ImportsSettings } from "../../../src/downloads/imports/ImportSettings.ts"
import { Actor } from "../../../src/events/Actor.ts"
import type { Download } from "../../../src/integrations/Downloads.ts"
import { MayDestroy } from "../../../src/jobs/MayDestroy.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { connected, live } from "../FakeDownloads.ts"

/** What a torrent that is complete and seeds looks like. */
export const seeding = {
  state: "seeding",
  rawState: "stalledUP",
  progress: 1,
  speeds: { down: 0, up: 0 },
  bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 0 }
} as const satisfies Partial<Download>

/** Connects both applications, and lets Tendarr hand downloads over. */
export const importing = (patch: Partial<typeof ImportsSettings.defaults> = {}) =>
  Effect.andThen(
    connected,
    Effect.flatMap(Settings, (settings) => settings.patch(ImportsSettings, { importing: true, ...patch }))
  )

/** A run of the job. */
export const handOverWith = (options: { readonly dryRun?: boolean }) =>
  Effect.flatMap(Imports, (service) =>
    service
      .run({ ...options, progress: () => Effect.void, log: () => Effect.void })
      .pipe(Effect.provideService(Actor, "job:download-imports"), Effect.provideService(MayDestroy, true))
  )
export const handOver = handOverWith({})

/** Time with a run every few minutes. */
export const goOn = (runs: number, minutes = 5) =>
  Effect.gen(function* () {
    for (let run = 0; run < runs; run++) {
      yield* live(minutes)
      yield* handOver
    }
  })

/** What becomes of each download now, and why, by its name. */
export const verdicts = Effect.map(
  Effect.flatMap(Imports, (service) => service.judge),
  (all) => Object.fromEntries(all.map((one) => [one.name, one]))
)
