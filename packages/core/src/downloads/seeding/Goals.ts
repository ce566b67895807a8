/** Whether a goal of seeding is reached, and whether what is owed to a tracker is met, in three values. */
import type { HitAndRunAction, SeedAction } from "../../rules/SeedingActions.ts"
import type { Downloading } from "../Downloading.ts"
import { countsTime, creditedSeconds, isComplete } from "../Observation.ts"

/** `unknown`: a value that it depends on is not known, and the rest does not decide. */
export type Met = "met" | "not-met" | "unknown"

export interface Finding {
  readonly met: Met
  /** For people, as part of a sentence. */
  readonly because: string
}

/** What counts for goals and obligations; `null` = not known. */
export interface Counted {
  readonly ratio: number | null
  /** Seconds of seeding, by its client. */
  readonly seconds: number | null
  /** Those that a tracker has probably counted. */
  readonly credited: number | null
  /** Percent of the download. */
  readonly percent: number | null
}

export const countedOf = ({ download, observation }: Downloading): Counted => {
  const isReliable = observation.counterFellAt === null
  return {
    ratio: isReliable && download.ratio !== "infinite" ? observation.bestRatio : null,
    seconds: isReliable && countsTime(observation) ? observation.bestSeedingSeconds : null,
    credited: creditedSeconds(observation),
    percent:
      isComplete(download) || observation.everComplete
        ? 100
        : download.state === "metadata" && observation.bestDone === 0
          ? 0
          : percentOf(download.progress, observation.bestProgress)
  }
}

/** A check may have set it back: what was once downloaded is owed for. */
const percentOf = (progress: number | null, best: number): number | null =>
  progress === null && best === 0 ? null : Math.max(progress ?? 0, best) * 100

const atLeast = (value: number | null, least: number): Met =>
  value === null ? "unknown" : value >= least ? "met" : "not-met"

const both = (...all: ReadonlyArray<Met>): Met =>
  all.includes("not-met") ? "not-met" : all.includes("unknown") ? "unknown" : "met"

const either = (...all: ReadonlyArray<Met>): Met =>
  all.includes("met") ? "met" : all.includes("unknown") ? "unknown" : "not-met"

const hourSeconds = 3600

const hoursText = (seconds: number | null): string => {
  if (seconds === null) return "an unknown time"
  return `${Number((seconds / hourSeconds).toFixed(1))} h`
}

const ratioText = (ratio: number | null): string => (ratio === null ? "unknown" : Number(ratio.toFixed(3)).toString())

/** Whether the goal is reached. Its minimum time comes first, whatever the ratio. */
export const goalOf = (
  { maximumHours, minimumHours, needs, ratio }: Omit<SeedAction, "type" | "reached">,
  counted: Counted
): Finding => {
  const parts: Array<{ readonly met: Met; readonly text: string }> = []
  if (ratio !== undefined) {
    parts.push({ met: atLeast(counted.ratio, ratio), text: `its ratio is ${ratioText(counted.ratio)} of ${ratio}` })
  }
  if (maximumHours !== undefined) {
    const met = atLeast(counted.seconds, maximumHours * hourSeconds)
    parts.push({ met, text: `it has been seeding for ${hoursText(counted.seconds)} of ${maximumHours} h` })
  }
  const goal = needs === "all" ? both(...parts.map(({ met }) => met)) : either(...parts.map(({ met }) => met))
  const least = minimumHours === undefined ? "met" : atLeast(counted.credited, minimumHours * hourSeconds)
  const met = parts.length === 0 ? "not-met" : both(goal, least)
  const tooEarly =
    minimumHours === undefined || least === "met"
      ? []
      : [`${hoursText(counted.credited)} of at least ${minimumHours} h of seeding count`]
  // What decides comes first.
  const telling = met === "met" ? parts.filter((part) => part.met === "met") : parts
  return { met, because: [...tooEarly, ...telling.map(({ text }) => text)].join(", ") }
}

/** Whether what a tracker asks for is met. Below its least share of the download, nothing is owed. */
export const hitAndRunOf = (
  { fromPercent, hours, marginHours, needs, partialRatio, ratio }: Omit<HitAndRunAction, "type">,
  counted: Counted
): Finding => {
  const { credited, percent } = counted
  if (percent === null) return { met: "unknown", because: "it is not known how much of it was downloaded" }
  if (percent < fromPercent) {
    return { met: "met", because: `nothing is owed for ${Number(percent.toFixed(1))} percent of it` }
  }
  if (percent < 100) {
    const met = atLeast(counted.ratio, partialRatio)
    return { met, because: `its ratio is ${ratioText(counted.ratio)} of the ${partialRatio} that are owed for a part` }
  }
  const parts: Array<{ readonly met: Met; readonly text: string }> = []
  if (ratio !== undefined) {
    parts.push({
      met: atLeast(counted.ratio, ratio),
      text: `its ratio is ${ratioText(counted.ratio)} of the ${ratio} that are owed`
    })
  }
  if (hours !== undefined) {
    const margin = marginHours === 0 ? "" : ` and ${marginHours} h of margin`
    parts.push({
      met: atLeast(credited, (hours + marginHours) * hourSeconds),
      text: `${hoursText(credited)} of the ${hours} h${margin} that are owed count`
    })
  }
  const all = parts.map(({ met }) => met)
  const met = needs === "all" ? both(...all) : either(...all)
  const open = parts.filter((part) => part.met !== "met")
  return { met, because: (met === "met" ? parts : open).map(({ text }) => text).join(", ") }
}
