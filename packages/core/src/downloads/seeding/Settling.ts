/** Compares what Tendarr has set with what the clients report now, before anything new is planned. */
import { Effect } from "effect"
import type { ActRecord } from "../../acts/ActRecord.ts"
import type { LimitSetting } from "../../integrations/DownloadsCapability.ts"
import type { Count } from "../../events/TimedCounts.ts"
import type { NewEvent } from "../../events/EventType.ts"
import { DownloadEvents } from "../DownloadEvents.ts"
import type { Downloading } from "../Downloading.ts"
import { isComplete } from "../Observation.ts"
import { isPaused, limitIn } from "./Changes.ts"
import type { LimitField } from "./Habits.ts"
import { isSetTo } from "./Limits.ts"
import type { Mark, MarkStore } from "./Marks.ts"
import { categoryAspect, goalPause, removalAspect, spacePause } from "./StepBuilder.ts"

export interface SettlingParts {
  readonly marks: MarkStore
  /** `null` = the act is no longer stored. */
  readonly actOf: (id: string) => Effect.Effect<ActRecord | null>
  readonly append: (event: NewEvent, ...counts: ReadonlyArray<Count>) => Effect.Effect<void>
}

const fieldOf = (aspect: string): LimitField => aspect.slice("limit/".length) as LimitField

const hasTag = ({ download }: Downloading, tag: unknown): boolean =>
  download.tags?.some((one) => one.toLowerCase() === String(tag).toLowerCase()) === true

/** What the client reports now of an aspect, if it is as it was set; `undefined` = it is not. */
const setNow = ({ aspect, wanted }: Mark, one: Downloading): unknown => {
  if (aspect.startsWith("limit/")) {
    const current = limitIn(one.download, fieldOf(aspect))
    return isSetTo(fieldOf(aspect), current, wanted as LimitSetting) ? current : undefined
  }
  if (aspect.startsWith("tag/") || aspect.startsWith("goal-tag/")) return hasTag(one, wanted) ? wanted : undefined
  if (aspect === categoryAspect) {
    return one.download.category?.toLowerCase() === String(wanted).toLowerCase() ? wanted : undefined
  }
  return isPaused(one.download) ? true : undefined
}

/** Of what is ours: whether a person has changed it since. Limits are compared where they are planned. */
const isChangedSince = (mark: Mark, one: Downloading): boolean =>
  !mark.aspect.startsWith("limit/") && setNow(mark, one) === undefined

/** What a count of a step is called. */
const countName = ({ aspect, state, wanted }: Mark): string => {
  if (aspect === removalAspect) return String(wanted)
  if (aspect.startsWith("limit/")) return state === "restoring" ? "limits-restored" : "limits"
  if (aspect === goalPause || aspect === spacePause) return state === "restoring" ? "resume" : "pause"
  return aspect === categoryAspect ? "category" : "tags"
}

export const makeSettling = ({ actOf, append, marks }: SettlingParts) => {
  /** The mark as it is from now on; `null` = nothing is to be remembered; the same = it stays. */
  const settled = (mark: Mark, act: ActRecord | null, one: Downloading | undefined): Mark | null => {
    if (act !== null && ["planned", "executing", "failed", "undoing"].includes(act.state)) return mark
    if (act?.state === "cancelled" || act?.state === "undone") return { ...mark, state: "released" }
    const isDone = act?.state === "done"
    if (mark.aspect === removalAspect) return null
    if (mark.state === "restoring") return isDone ? null : { ...mark, state: "ours" }
    if (!isDone) return mark.ours === null ? null : { ...mark, state: "ours" }
    // A reading from before says nothing about what was set.
    if (one === undefined || (act.endedAt !== null && one.at < act.endedAt)) return mark
    const ours = setNow(mark, one)
    return ours === undefined ? { ...mark, state: "released" } : { ...mark, state: "ours", ours }
  }

  const released = (mark: Mark, one: Downloading) =>
    append(
      DownloadEvents.leftToPerson.make({
        subject: one.id,
        message: `"${one.download.name}": ${mark.aspect} was changed by somebody else, and is left to them`,
        payload: { name: one.download.name, client: one.clientName, aspect: mark.aspect, rule: mark.ruleName }
      })
    )

  /** Stores the new state of marks that have changed. `current`: only downloads whose clients were read well. */
  const settle = Effect.fn("Seeding.settle")(function* (
    before: ReadonlyMap<string, ReadonlyArray<Mark>>,
    current: ReadonlyMap<string, Downloading>,
    at: string
  ) {
    for (const [id, own] of before) {
      const one = current.get(id)
      for (const mark of own) {
        const isOpen = mark.state === "setting" || mark.state === "restoring"
        if (!isOpen && one === undefined) continue
        // What has become complete no longer waits for space.
        const isOver = mark.aspect === spacePause && one !== undefined && isComplete(one.download)
        let next: Mark | null = mark
        let isDone = false
        if (isOpen) {
          const act = mark.actId === null ? null : yield* actOf(mark.actId)
          isDone = act?.state === "done"
          next = settled(mark, act, one)
        } else if (isOver) next = null
        else if (mark.state === "ours" && one !== undefined && one.at >= mark.at && isChangedSince(mark, one)) {
          next = { ...mark, state: "released" }
        }
        if (next === mark) continue
        const name = countName(mark)
        yield* marks.transact(
          Effect.gen(function* () {
            yield* next === null ? marks.drop(mark) : marks.put({ ...next, at })
            if (isDone) {
              const count: Count = { figure: "seeding", name }
              yield* append(
                DownloadEvents.seeded.make({
                  subject: id,
                  message: `${mark.ruleName}: ${name} of download ${id} was carried out`,
                  payload: { step: name, rule: mark.ruleName }
                }),
                count
              )
            } else if (next?.state === "released" && one !== undefined) yield* released(mark, one)
          })
        )
      }
    }
  })

  /** Leaves aspects to a person from now on, or forgets them. */
  const conclude = Effect.fnUntraced(function* (
    one: Downloading,
    own: ReadonlyArray<Mark>,
    { drops, releases }: { readonly drops: ReadonlyArray<string>; readonly releases: ReadonlyArray<string> },
    at: string
  ) {
    for (const mark of own) {
      if (drops.includes(mark.aspect)) yield* marks.transact(marks.drop(mark))
      else if (releases.includes(mark.aspect)) {
        yield* marks.transact(
          Effect.andThen(marks.put({ ...mark, state: "released", ours: null, at }), released(mark, one))
        )
      }
    }
  })

  return { settle, conclude }
}
