/** The parts of what is to be done about one download: what it is decided from, and how it is collected. */
import type { Rule } from "../../rules/Rule.ts"
import type { Downloading } from "../Downloading.ts"
import type { ToCommon } from "../files/ClientPaths.ts"
import type { DownloadChange } from "./Changes.ts"
import type { LimitField } from "./Habits.ts"
import type { Mark } from "./Marks.ts"
import type { SeedingVerdict } from "./SeedingJudging.ts"
import type { SeedingNote, SeedingOutcome, SeedingStepName } from "./SeedingReport.ts"

/** What the client of a download can do. */
export interface ClientTools {
  readonly limits: ReadonlyArray<LimitField>
  readonly ownLimits: ReadonlyArray<LimitField>
  readonly hasCategories: boolean
  readonly hasTags: boolean
  readonly hasQueue: boolean
  readonly removesData: boolean
}

/** A mark that is written with the intent of its act. */
export type NewMark = Omit<Mark, "actId" | "at" | "downloadId">

export interface PlannedStep {
  readonly step: SeedingStepName
  readonly rule: { readonly id: string | null; readonly name: string }
  readonly because: string
  readonly act:
    | { readonly type: "remove"; readonly withData: boolean }
    | { readonly type: "change"; readonly change: DownloadChange }
  readonly marks: ReadonlyArray<NewMark>
}

export interface Steps {
  readonly steps: ReadonlyArray<PlannedStep>
  readonly notes: ReadonlyArray<SeedingNote>
  /** Aspects that a person has changed: from now on, they are left to them. */
  readonly releases: ReadonlyArray<string>
  /** Aspects of which nothing is to be remembered any more. */
  readonly drops: ReadonlyArray<string>
}

export interface Situation {
  readonly one: Downloading
  readonly verdict: SeedingVerdict
  readonly marks: ReadonlyArray<Mark>
  readonly tools: ClientTools
  readonly all: ReadonlyArray<Downloading>
  readonly toCommon: ToCommon
  /** Why nothing may be removed with its data, since another client may use it; `null` = all were read. */
  readonly unread: string | null
  /** Whether a person has cancelled or undone its removal. */
  readonly isDecided: boolean
  readonly isBraked: boolean
  /** Epoch milliseconds. */
  readonly now: number
}

export const goalTag = (tag: string): string => `goal-tag/${tag.toLowerCase()}`
export const ownTag = (tag: string): string => `tag/${tag.toLowerCase()}`
export const limitAspect = (field: LimitField): string => `limit/${field}`
export const categoryAspect = "category"
export const goalPause = "pause/goal"
export const spacePause = "pause/space"
export const removalAspect = "removal"

/** The state of a mark before its act, for asking whether the act is still wanted. */
export const beforeItsAct = (marks: ReadonlyArray<Mark>): ReadonlyArray<Mark> =>
  marks.flatMap((mark): ReadonlyArray<Mark> => {
    if (mark.state === "restoring") return [{ ...mark, state: "ours" }]
    return mark.state === "setting" ? (mark.ours === null ? [] : [{ ...mark, state: "ours" }]) : [mark]
  })

export const braked = "deletions are switched off"

/** Collects steps and notes. */
export class StepBuilder {
  readonly steps: Array<PlannedStep> = []
  readonly notes: Array<SeedingNote> = []
  readonly releases: Array<string> = []
  readonly drops: Array<string> = []

  note(outcome: SeedingOutcome, step: SeedingStepName | null, rule: string | null, because: string): void {
    this.notes.push({ outcome, step, rule, because })
  }

  plan(
    step: SeedingStepName,
    rule: Pick<Rule, "id" | "name">,
    because: string,
    act: PlannedStep["act"],
    marks: ReadonlyArray<NewMark>
  ): void {
    this.steps.push({ step, rule: { id: rule.id, name: rule.name }, because, act, marks })
  }
}

export const markOf = (aspect: string, rule: Pick<Rule, "id" | "name">, found: unknown, wanted: unknown): NewMark => ({
  aspect,
  ruleId: rule.id,
  ruleName: rule.name,
  state: "setting",
  found,
  wanted,
  ours: null
})

export const isPending = (mark: Mark | undefined): boolean => mark?.state === "setting" || mark?.state === "restoring"

/** The rule that a mark is of, as far as a step needs it. */
export const ruleIn = (mark: Mark | undefined): Pick<Rule, "id" | "name"> => ({
  id: mark?.ruleId ?? "",
  name: mark?.ruleName ?? ""
})

export type Has = (aspect: string) => Mark | undefined
