/** Capacity, for embedding programs: disks, rules, and the factors of the score. */
import { Effect } from "effect"
import { type DiskGroup, DiskGroupPatch, type UsagePoint, UsageQuery } from "../capacity/DiskGroup.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import {
  type RulePreview,
  RulePreviewRequest,
  type RulesEvaluation,
  RulesEvaluationRequest,
  RuleTrial
} from "../capacity/RuleTrial.ts"
import type { ScoreTrace } from "../capacity/ScoreTrace.ts"
import { WeightsInput } from "../capacity/ScoreWeights.ts"
import { type FactorInForce, ScoreRequest, Scoring } from "../capacity/Scoring.ts"
import { ruleJob } from "../jobs/JobNames.ts"
import { RuleRunReport } from "../capacity/ActingReport.ts"
import { type RuleTemplate, RuleTemplates } from "../capacity/RuleTemplates.ts"
import { ActingRules } from "../removals/ActingRules.ts"
import type { RuleRunOptions } from "../removals/ActingRules/RuleRunOptions.ts"
import type { ImportReport } from "../system/Configuration.ts"
import { SharedRules } from "../system/SharedRules.ts"
import { type RuleVocabulary, vocabularyOf } from "../rules/Vocabulary.ts"
import { defaultSubject, RuleDefinition } from "../rules/Rule.ts"
import { RulePatch, Rules, type StoredRule } from "../rules/Rules.ts"
import { type RuleView, RuleViews } from "../rules/RuleViews.ts"
import type { Calls, Ended, RunCallOptions } from "./Calls.ts"

/** Disk groups: one for each mount that the applications report. Sizes are bytes, limits percent or bytes. */
export interface DiskCalls {
  readonly list: () => Promise<ReadonlyArray<DiskGroup>>
  /** Rejects with `DiskGroupNotFound`. */
  readonly get: (id: string) => Promise<DiskGroup>
  /**
   * Changes limits, mode, capacity, or the facts that may be unknown here. Rejects with `DiskGroupNotFound`, or with
   * `InvalidRequest`, which names each invalid field.
   */
  readonly update: (id: string, patch: typeof DiskGroupPatch.Encoded) => Promise<DiskGroup>
  /** Resumes planning after it has stopped because removals freed nothing. Rejects with `DiskGroupNotFound`. */
  readonly resume: (id: string) => Promise<DiskGroup>
  /** Reads the disks from the applications now; disks of applications that do not answer keep their last figures. */
  readonly refresh: () => Promise<ReadonlyArray<DiskGroup>>
  /**
   * Usage over time, oldest first: every reading (`raw`), or the last of each hour, day or week. Returns the newest
   * points, 1000 unless `limit` says otherwise. Rejects with `DiskGroupNotFound` or `InvalidRequest`.
   */
  readonly usage: (id: string, query?: UsageQuery) => Promise<ReadonlyArray<UsagePoint>>
}

/** Rules: conditions over facts, and their effects. */
export interface RuleCalls {
  /**
   * All rules, or those about one subject, in their order, with the lost names that they refer to. Rejects with
   * `InvalidRequest` if there is no such subject.
   */
  readonly list: (subject?: string) => Promise<ReadonlyArray<RuleView>>
  /** Rejects with `RuleNotFound`. */
  readonly get: (id: string) => Promise<RuleView>
  /** Rejects with `InvalidRequest`, which names every error by its path, or `RuleNameTaken`. */
  readonly create: (draft: typeof RuleDefinition.Encoded) => Promise<RuleView>
  /** Changes the given fields. Rejects with `RuleNotFound`, `InvalidRequest` or `RuleNameTaken`. */
  readonly update: (id: string, patch: typeof RulePatch.Encoded) => Promise<RuleView>
  /**
   * Records that a person has reviewed the lost names of a rule: from now on it keeps items only by the names that
   * exist. Rejects with `RuleNotFound`.
   */
  readonly acknowledge: (id: string) => Promise<RuleView>
  /** Rejects with `RuleNotFound`. */
  readonly remove: (id: string) => Promise<void>
  /** Puts the rules about a subject into the order of `ids`, which must name each exactly once. Rejects with `InvalidRequest`. */
  readonly reorder: (ids: ReadonlyArray<string>, subject?: string) => Promise<ReadonlyArray<RuleView>>
  /** What rules about a subject can use: fields with their types, units and aliases, operators, and effects. */
  readonly fields: (subject?: string) => Promise<RuleVocabulary>
  /**
   * Counts, bytes and a page of the items, or of the things of another `subject`, that a condition matches, each with its
   * reason. Stores nothing. Rejects with `InvalidRequest` if the subject does not list its things.
   */
  readonly preview: (request: typeof RulePreviewRequest.Encoded) => Promise<RulePreview>
  /**
   * Runs an acting rule and waits for the end. One that is switched off is only evaluated. Rejects with `RuleNotFound`,
   * `RuleDoesNotAct`, or `RunQueuedOtherwise` while a run with other options is waiting.
   */
  readonly run: (id: string, options?: RuleRunOptions & RunCallOptions) => Promise<Ended<RuleRunReport>>
  /** Templates of rules with what each matches now, those that match most bytes first. */
  readonly templates: (options?: { readonly matching?: boolean }) => Promise<ReadonlyArray<RuleTemplate>>
  /** The rules with these ids, or all of them, as YAML. Rejects with `RuleNotFound`. */
  readonly share: (ids?: ReadonlyArray<string>) => Promise<string>
  /**
   * Adds the rules of a YAML document, or changes those of the same names; all or nothing. Rejects with `InvalidRequest`,
   * which names every unknown field. `dryRun`: only reports what would change.
   */
  readonly import: (document: string, options?: { readonly dryRun?: boolean }) => Promise<ImportReport>
  /**
   * The truth value of a condition on given facts: a value, `null` for "none", `{ unknown: "why" }` for "not known". An
   * omitted fact counts as one that no integration can know.
   */
  readonly evaluate: (request: typeof RulesEvaluationRequest.Encoded) => Promise<RulesEvaluation>
}

/** The factors of the score and their weights. */
export interface ScoringCalls {
  /** Each factor with its weight (0..10) and its default. */
  readonly factors: () => Promise<ReadonlyArray<FactorInForce>>
  /** By key or alias; other weights are kept. Rejects with `InvalidRequest`. */
  readonly setWeights: (weights: typeof WeightsInput.Encoded) => Promise<ReadonlyArray<FactorInForce>>
  /** The score of given facts, with the contribution of each factor. Facts as in `rules.evaluate`. */
  readonly evaluate: (request: typeof ScoreRequest.Encoded) => Promise<ScoreTrace>
}

export const diskCalls = ({ run, write }: Calls): DiskCalls => ({
  list: () => run(DiskGroups.use((disks) => disks.list)),
  get: (id) => run(DiskGroups.use((disks) => disks.get(id))),
  update: (id, patch) => write(DiskGroupPatch, patch, (valid) => DiskGroups.use((disks) => disks.update(id, valid))),
  resume: (id) => run(DiskGroups.use((disks) => disks.resume(id))),
  refresh: () => run(DiskGroups.use((disks) => disks.refresh)),
  usage: (id, query = {}) => write(UsageQuery, query, (valid) => DiskGroups.use((disks) => disks.usage(id, valid)))
})

const viewOf = (rule: StoredRule) => RuleViews.use((views) => views.one(rule))

const subjectOf = (name = defaultSubject) => Rules.use((rules) => rules.subject(name, ["subject"]))

export const ruleCalls = ({ job, run, write }: Calls): RuleCalls => ({
  list: (subject) =>
    run(
      subject === undefined
        ? RuleViews.use((views) => views.list())
        : Effect.flatMap(subjectOf(subject), ({ name }) => RuleViews.use((views) => views.list(name)))
    ),
  get: (id) => run(RuleViews.use((views) => views.get(id))),
  create: (draft) =>
    write(RuleDefinition, draft, (valid) =>
      Effect.flatMap(
        Rules.use((rules) => rules.create(valid)),
        viewOf
      )
    ),
  update: (id, patch) =>
    write(RulePatch, patch, (valid) =>
      Effect.flatMap(
        Rules.use((rules) => rules.update(id, valid)),
        viewOf
      )
    ),
  acknowledge: (id) =>
    run(
      Effect.flatMap(
        Rules.use((rules) => rules.acknowledge(id)),
        viewOf
      )
    ),
  remove: (id) => run(Rules.use((rules) => rules.remove(id))),
  reorder: (ids, subject) =>
    run(
      Effect.flatMap(
        Rules.use((rules) => rules.reorder(ids, subject)),
        (all) => RuleViews.use((views) => views.of(all))
      )
    ),
  fields: (subject) =>
    run(
      Effect.flatMap(subjectOf(subject), (found) =>
        Rules.use((rules) => Effect.succeed(vocabularyOf(found, rules.subjects)))
      )
    ),
  preview: (request) =>
    write(RulePreviewRequest, request, (valid) => ActingRules.use((acting) => acting.preview(valid))),
  run: (id, { onProgress, signal, ...options } = {}) =>
    run(ActingRules.use((acting) => acting.find(id))).then(() =>
      job(ruleJob, RuleRunReport, options, { subject: id, onProgress, signal })
    ),
  templates: (options = {}) => run(RuleTemplates.use((templates) => templates.list(options))),
  share: (ids) => run(SharedRules.use((shared) => shared.share(ids))),
  import: (document, { dryRun = false } = {}) => run(SharedRules.use((shared) => shared.import(document, { dryRun }))),
  evaluate: (request) =>
    write(RulesEvaluationRequest, request, (valid) => RuleTrial.use((trial) => trial.evaluate(valid)))
})

export const scoringCalls = ({ run, write }: Calls): ScoringCalls => ({
  factors: () => run(Scoring.use((scoring) => scoring.inForce)),
  setWeights: (weights) => write(WeightsInput, weights, (valid) => Scoring.use((scoring) => scoring.setWeights(valid))),
  evaluate: (request) => write(ScoreRequest, request, (valid) => Scoring.use((scoring) => scoring.evaluate(valid)))
})
