/** What is to be done in a whole client: the guard of free space, and the order of its queue. */
import type { ClientState } from "../../integrations/Downloads.ts"
import type { Downloading } from "../Downloading.ts"
import { isInOrder, mostMoved, queued } from "./OrderQueue.ts"
import type { Mark } from "./Marks.ts"
import type { SeedingVerdict } from "./SeedingJudging.ts"
import type { SeedingSettings } from "./SeedingSettings.ts"
import { type SpacePlan, spacePlan } from "./Space.ts"
import { isPending, type PlannedStep, spacePause } from "./StepBuilder.ts"

const gibibyte = 1024 ** 3

/** The name under which the guard appears where rules do. */
export const guardName = "free space"

export interface SpaceSteps {
  readonly plan: SpacePlan
  readonly steps: ReadonlyMap<string, PlannedStep>
}

/** The guard over the downloads of one client. What is exempt by a rule or a tag, or was resumed by a person, is counted only. */
export const spaceSteps = (
  downloads: ReadonlyArray<Downloading>,
  client: ClientState,
  settings: SeedingSettings,
  verdicts: ReadonlyMap<string, SeedingVerdict>,
  marks: ReadonlyMap<string, ReadonlyArray<Mark>>
): SpaceSteps => {
  const markOf = (id: string) => marks.get(id)?.find(({ aspect }) => aspect === spacePause)
  const plan = spacePlan(
    downloads.map(({ download, id }) => {
      const mark = markOf(id)
      return {
        id,
        download,
        isOurs: mark?.state === "ours",
        isExempt: mark?.state === "released" || isPending(mark) || verdicts.get(id)?.held != null
      }
    }),
    client,
    {
      keepBytes: settings.keepFreeGib * gibibyte,
      marginBytes: settings.resumeMarginGib * gibibyte,
      order: settings.pauseFirst
    }
  )
  const steps = new Map<string, PlannedStep>()
  for (const { because, id, what } of plan.steps) {
    const mark = markOf(id)
    steps.set(id, {
      step: what,
      rule: { id: null, name: guardName },
      because,
      act: { type: "change", change: { type: what } },
      marks: [
        what === "resume" && mark !== undefined
          ? { ...mark, state: "restoring" }
          : {
              aspect: spacePause,
              ruleId: null,
              ruleName: guardName,
              state: "setting",
              found: null,
              wanted: null,
              ours: null
            }
      ]
    })
  }
  return { plan, steps }
}

export interface QueueOrder {
  /** Ids in the client. */
  readonly clientIds: ReadonlyArray<string>
  readonly because: string
}

/** The order that the rules want at the front of the queue of one client; `null` = it is so, or none is wanted. */
export const queueOrder = (
  downloads: ReadonlyArray<Downloading>,
  verdicts: ReadonlyMap<string, SeedingVerdict>
): QueueOrder | null => {
  const ranks = new Map<string, number>()
  for (const { download, id } of downloads) {
    const verdict = verdicts.get(id)
    const want = verdict?.held === null ? verdict.wants.queue : null
    // While it is not known whether an earlier rule matches, nothing is moved.
    if (want !== null && want !== undefined && want.unknown !== null) return null
    if (want !== null && want !== undefined) ranks.set(download.id, want.value)
  }
  if (ranks.size === 0) return null
  const line = queued(downloads.map(({ download }) => download))
  const rank = (id: string) => ranks.get(id) ?? 0
  const wanted = line.toSorted((a, b) => rank(b.id) - rank(a.id)).map(({ id }) => id)
  if (line.every(({ id }, place) => wanted[place] === id)) return null
  const ranked = wanted.filter((id) => ranks.has(id)).slice(0, mostMoved)
  // The next one shows whether all of them are in front of it.
  const clientIds = wanted.slice(0, ranked.length + 1)
  return isInOrder(line, clientIds)
    ? null
    : { clientIds, because: `the rules put ${ranked.length} of ${line.length} downloads first` }
}
