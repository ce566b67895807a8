/** The act by which a rule changes the entry of an item in its application: tags, quality profile, monitoring. */
import { Effect, Schema } from "effect"
import type { ActKind, Standing } from "../../acts/ActKind.ts"
import { go, spare, type Verdict, wait } from "../../acts/Verdict.ts"
import { judge } from "../../capacity/Acting.ts"
import { CapacitySettings } from "../../capacity/CapacitySettings.ts"
import type { Environment } from "../../capacity/Decision.ts"
import { Engine } from "../../capacity/Engine.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { Contents } from "../../library/Contents.ts"
import type { EntryChange, EntryState, RemovalTarget } from "../../integrations/Kind.ts"
import { itemKinds } from "../../integrations/Observations.ts"
import { type UpstreamError, UpstreamUnreachable } from "../../integrations/UpstreamErrors.ts"
import type { FactSheet } from "../../library/Facts.ts"
import type { LibraryItem } from "../../library/Item.ts"
import { ChangeAction } from "../../rules/RuleAction.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import { Settings } from "../../settings/Settings.ts"
import { toJson } from "../../storage/Rows.ts"
import { makeRereading } from "../Rereading.ts"
import { factsOf, whyNotChanged } from "./Evaluation.ts"

/** More changes than runs carry out at the same time: a run of a rule, and one of the removals job. */
const changedAtOnce = 4

const Names = Schema.Array(Schema.String)

const ChangedItem = Schema.Struct({
  integrationId: Schema.String,
  itemId: Schema.String,
  externalId: Schema.String,
  kind: Schema.Literals(itemKinds),
  title: Schema.String,
  ids: Names,
  ruleId: Schema.String,
  change: ChangeAction
})
export type ChangedItem = typeof ChangedItem.Type

const Kept = Schema.Struct({
  tags: Names,
  qualityProfile: Schema.NullOr(Schema.String),
  monitored: Schema.Boolean
})

export const changeOfItem = (item: LibraryItem, ruleId: string, change: ChangeAction): ChangedItem => ({
  integrationId: item.integrationId,
  itemId: item.id,
  externalId: item.externalId,
  kind: item.kind,
  title: item.title,
  ids: item.ids,
  ruleId,
  change
})

export const keyOfChange = ({
  externalId,
  integrationId,
  ruleId
}: Pick<ChangedItem, "externalId" | "integrationId" | "ruleId">) => `${integrationId}/${externalId}/rule-${ruleId}`

export const isSameChange = (one: ChangeAction, other: ChangeAction): boolean => toJson(one) === toJson(other)

const lower = (names: ReadonlyArray<string> = []): ReadonlyArray<string> => names.map((name) => name.toLowerCase())

const isProfile = (name: string | null, wanted: string): boolean => name?.toLowerCase() === wanted.toLowerCase()

/** What is left to change of an entry; `null` = it is as the rule wants it. */
export const missingOf = (state: EntryState, action: ChangeAction): EntryChange | null => {
  const has = new Set(lower(state.tags))
  const addTags = lower(action.addTags).filter((tag) => !has.has(tag))
  const removeTags = lower(action.removeTags).filter((tag) => has.has(tag))
  const { qualityProfile, search, unmonitor } = action
  const switched = qualityProfile !== undefined && !isProfile(state.qualityProfile, qualityProfile)
  const change: EntryChange = {
    ...(addTags.length === 0 ? {} : { addTags }),
    ...(removeTags.length === 0 ? {} : { removeTags }),
    ...(switched ? { qualityProfile, ...(search === true ? { search } : {}) } : {}),
    ...(unmonitor === true && state.monitored ? { monitored: false } : {})
  }
  return Object.keys(change).length === 0 ? null : change
}

/** The change that restores the state before a change of the rule. */
const inverseOf = (before: EntryState, action: ChangeAction): EntryChange => {
  const done = missingOf(before, action) ?? {}
  return {
    ...(done.addTags === undefined ? {} : { removeTags: done.addTags }),
    ...(done.removeTags === undefined ? {} : { addTags: done.removeTags }),
    ...(done.qualityProfile === undefined || before.qualityProfile === null
      ? {}
      : { qualityProfile: before.qualityProfile }),
    ...(done.monitored === undefined ? {} : { monitored: before.monitored })
  }
}

/** Whether the known facts of an item say that it is as the rule wants it; unknown facts say nothing. */
export const isAsWanted = (sheet: FactSheet, action: ChangeAction): boolean => {
  const [tags, profile, monitored] = [sheet.get("tags"), sheet.get("qualityProfile"), sheet.get("monitored")]
  const names = tags._tag === "Known" && Array.isArray(tags.value) ? tags.value : null
  const asksForTags = (action.addTags?.length ?? 0) + (action.removeTags?.length ?? 0) > 0
  if (asksForTags && names === null) return false
  if (action.qualityProfile !== undefined && profile._tag !== "Known") return false
  if (action.unmonitor === true && monitored._tag !== "Known") return false
  const state: EntryState = {
    tags: (names ?? []).filter((name) => typeof name === "string"),
    qualityProfile: profile._tag === "Known" && typeof profile.value === "string" ? profile.value : null,
    monitored: monitored._tag === "Known" && monitored.value === true
  }
  return missingOf(state, action) === null
}

/** What the change is, as part of a sentence. */
export const textOfChange = ({
  addTags = [],
  qualityProfile,
  removeTags = [],
  search,
  unmonitor
}: ChangeAction): string =>
  [
    ...(addTags.length === 0 ? [] : [`add the tag ${addTags.join(", ")}`]),
    ...(removeTags.length === 0 ? [] : [`take away the tag ${removeTags.join(", ")}`]),
    ...(qualityProfile === undefined
      ? []
      : [`switch to the quality profile ${qualityProfile}${search === true ? " and search" : ""}`]),
    ...(unmonitor === true ? ["unmonitor"] : [])
  ].join(", ")

export const makeChangeKind = Effect.gen(function* () {
  const engine = yield* Engine
  const integrations = yield* Integrations
  const settings = yield* Settings
  const reread = yield* makeRereading(yield* Contents)
  /** How the library is seen with the facts of an item that were just read again, of the items that are changed now. */
  const fresh = new Map<string, (before: Environment) => Environment>()

  const capabilityOf = Effect.fnUntraced(function* ({ integrationId }: ChangedItem) {
    const live = (yield* integrations.live).find(({ integration }) => integration.id === integrationId)
    const changes = live?.connected.changes
    if (changes !== undefined) return changes
    const integration = live?.integration.name ?? `integration ${integrationId}`
    return yield* new UpstreamUnreachable({ integration, call: "change", detail: "it is disabled, or was removed" })
  })

  const targetOf = ({ externalId, ids, kind, title }: ChangedItem): RemovalTarget => ({ externalId, ids, kind, title })

  const presence = Effect.fn("ChangedItem.presence")(function* (
    subject: ChangedItem
  ): Effect.fn.Return<Standing<typeof Kept.Type>, UpstreamError> {
    const state = yield* (yield* capabilityOf(subject)).state(targetOf(subject))
    return state === null || missingOf(state, subject.change) === null
      ? { _tag: "Absent" }
      : { _tag: "Present", kept: state }
  })

  const change = (subject: ChangedItem, wanted: EntryChange) =>
    Effect.flatMap(capabilityOf(subject), (changes) => changes.change(targetOf(subject), wanted))

  const look = Effect.fn("ChangedItem.look")(
    function* ({ change: planned, itemId, ruleId }: ChangedItem): Effect.fn.Return<Verdict, RulesUnreadable> {
      const known: Environment = yield* engine.environment
      const current = fresh.get(itemId)?.(known) ?? known
      const item = current.snapshot.byId.get(itemId)
      if (item === undefined) return spare("it is no longer in the library")
      const rule = current.rules.acting.find((one) => one.rule.id === ruleId)
      if (rule === undefined) return spare("its rule was deleted or switched off")
      if (rule.action.type !== "change" || !isSameChange(rule.action, planned)) {
        return spare(`the rule "${rule.rule.name}" has another action now`)
      }
      const environment = yield* engine.loaded(current, [item], factsOf(current, rule))
      const verdict = judge(environment, rule, item)
      if (verdict._tag === "Unknown") return wait(verdict.because)
      if (verdict._tag === "Kept") return spare(verdict.because)
      if (verdict._tag === "NoMatch") return spare(`the rule "${rule.rule.name}" no longer matches`)
      const { defaultMode } = yield* settings.get(CapacitySettings)
      const because = whyNotChanged(environment, item, rule.action, defaultMode)
      return because === null ? go : spare(because)
    },
    // Rules that cannot be read might keep anything.
    Effect.catchTag("RulesUnreadable", (error) => Effect.succeed(wait(error.detail)))
  )

  /** Returns why the change has to wait. Facts that cannot be read again count until they are too old. */
  const refresh = Effect.fn("ChangedItem.refresh")(
    function* (subject: ChangedItem): Effect.fn.Return<string | null, RulesUnreadable> {
      fresh.delete(subject.itemId)
      const environment = yield* engine.environment
      const item = environment.snapshot.byId.get(subject.itemId)
      if (item === undefined) return null
      const read = yield* reread(environment, [{ item, target: targetOf(subject) }], () => null)
      if (read._tag === "Wait") return read.reason
      fresh.set(item.id, read.over)
      const [oldest] = fresh.keys()
      if (fresh.size > changedAtOnce && oldest !== undefined) fresh.delete(oldest)
      return null
    },
    Effect.catchTag("RulesUnreadable", ({ detail }) => Effect.succeed(detail))
  )

  const kind: ActKind<ChangedItem, typeof Kept.Type> = {
    name: "change-item",
    subject: ChangedItem,
    kept: Kept,
    keyOf: keyOfChange,
    titleOf: ({ change: action, title }) => `${title}: ${textOfChange(action)}`,
    destroys: true,
    // The rule would do again what a person has undone.
    keepsDecisions: true,
    presence,
    look,
    refresh,
    send: (subject, state) => change(subject, missingOf(state, subject.change) ?? {}),
    undo: (subject, state) => change(subject, inverseOf(state, subject.change)),
    isForgotten: ({ integrationId }) =>
      Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))
  }
  return kind
})
