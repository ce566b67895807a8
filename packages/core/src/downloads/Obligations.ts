/**
 * What a download owes to its tracker: until when it has to stay in its client, with its files. Everything that removes
 * downloads, or files that they use, asks here.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { isoOfMillis } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import type { Downloading } from "./Downloading.ts"
import { FilesSettings } from "./files/FilesSettings.ts"
import { countsTime, isComplete } from "./Observation.ts"
import type { HitAndRun } from "./seeding/HitAndRun.ts"
import { Seeding } from "./seeding/Seeding.ts"

export const Obligation = Schema.Union([
  Schema.TaggedStruct("Owed", {
    until: Schema.NullOr(Schema.String).annotate({
      description: "ISO-8601, if it goes on seeding without a pause; null = not known."
    }),
    because: Schema.String
  }),
  Schema.TaggedStruct("Free", { because: Schema.String }),
  Schema.TaggedStruct("Unknown", { because: Schema.String })
]).annotate({ identifier: "Obligation" })
export type Obligation = typeof Obligation.Type

const owed = (until: string | null, because: string): Obligation => ({ _tag: "Owed", until, because })
const free = (because: string): Obligation => ({ _tag: "Free", because })
const unknown = (because: string): Obligation => ({ _tag: "Unknown", because })

/** `minimumHours`: for which torrents of private trackers must seed; 0 = for as long as they seed. */
export const obligationOf = (
  { at, download, observation }: Pick<Downloading, "at" | "download" | "observation">,
  minimumHours: number
): Obligation => {
  if (download.protocol === "usenet") return free("it is no torrent")
  if (download.private === false) return free("it is of no private tracker")
  if (download.private === null) return unknown("it is not known whether it is of a private tracker")
  const { done } = download.bytes
  if (!isComplete(download)) {
    return done === 0 && observation.bestDone === 0
      ? free("nothing of it was downloaded")
      : unknown("it is of a private tracker, and not complete")
  }
  if (minimumHours === 0) {
    return download.state === "completed"
      ? free("it is of a private tracker, and no longer seeds")
      : owed(null, "it seeds for a private tracker")
  }
  const seconds = observation.bestSeedingSeconds
  if (observation.counterFellAt !== null || !countsTime(observation) || seconds === null) {
    return unknown("it is of a private tracker, and its seeding time cannot be relied on")
  }
  const left = minimumHours * 3600 - seconds
  if (left <= 0) return free(`it has been seeding for ${minimumHours} hours`)
  const until = download.state === "seeding" ? isoOfMillis(Date.parse(at) + left * 1000) : null
  return owed(until, `it has been seeding for ${Math.floor(seconds / 3600)} of ${minimumHours} hours`)
}

/** `null` = no rule applies for certain, and none that may apply is still open. */
export const obligationByRules = (hitAndRuns: ReadonlyArray<HitAndRun>): Obligation | null => {
  const open = hitAndRuns.find(({ state }) => state !== "met")
  if (open !== undefined) {
    const because = `the rule "${open.rule.name}" keeps it: ${open.because}`
    return open.state === "owed" && open.truth === "true" ? owed(null, because) : unknown(because)
  }
  const met = hitAndRuns.find(({ truth }) => truth === "true")
  return met === undefined ? null : free(`what the rule "${met.rule.name}" asks for is met: ${met.because}`)
}

export class Obligations extends Context.Service<
  Obligations,
  {
    /**
     * By the last reading of the download: what the rules with the effect `hit-and-run` ask for or, if none of them
     * applies, the setting for all private trackers.
     */
    readonly of: (one: Downloading) => Effect.Effect<Obligation>
  }
>()("tendarr/downloads/Obligations") {
  static readonly layer = Layer.effect(
    Obligations,
    Effect.gen(function* () {
      const seeding = yield* Seeding
      const settings = yield* Settings
      return Obligations.of({
        of: Effect.fnUntraced(
          function* (one) {
            const byRules = obligationByRules(yield* seeding.hitAndRuns(one))
            if (byRules !== null) return byRules
            return obligationOf(one, (yield* settings.get(FilesSettings)).minimumSeedingHours)
          },
          Effect.catchTag("RulesUnreadable", ({ detail }) => Effect.succeed(unknown(detail)))
        )
      })
    })
  )
}
