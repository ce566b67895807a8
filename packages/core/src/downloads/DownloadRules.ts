/** Rules about downloads: the fields that they can use, and their effects. */
import { Effect } from "effect"
import type { Rule } from "../rules/Rule.ts"
import type { CompiledRule, CompiledRuleSet } from "../rules/RuleSet.ts"
import { ruleSubject } from "../rules/RuleSubject.ts"
import { listedThings } from "../rules/SubjectSheets.ts"
import type { StrikeAction } from "../rules/StrikeAction.ts"
import { downloadFacts, type DownloadFactName } from "./DownloadFacts.ts"
import type { Downloading } from "./Downloading.ts"

export const ignoreEffect = "ignore"
export const strikeEffect = "strike"
export type DownloadEffect = typeof ignoreEffect | typeof strikeEffect

export type DownloadRule = CompiledRule<DownloadFactName, DownloadEffect>

/** What a scope and the reports of rules need of a download. */
export const targetOf = ({ download, id, integrationId }: Downloading) => ({
  id,
  integrationId,
  kind: download.protocol
})

export const downloadRules = ruleSubject<DownloadFactName, DownloadEffect, Downloading, null>({
  name: "download",
  title: "downloads",
  facts: downloadFacts,
  effects: [
    { name: ignoreEffect, description: "Nothing is done to the download, whatever other rules say.", keeps: true },
    {
      name: strikeEffect,
      description:
        "The download gets strikes while it matches and its fault is that of the release, and is removed after the last.",
      keeps: false,
      acts: ["strike"]
    }
  ],
  scope: { integrationIds: true }
})

const things = {
  idOf: ({ id }: Downloading) => id,
  titleOf: ({ download }: Downloading) => download.name,
  targetOf,
  sizeOf: ({ download: { bytes } }: Downloading) => bytes.total ?? bytes.wanted ?? 0
}

/** The same rules with the downloads that are there. */
export const rulesAbout = (current: Effect.Effect<ReadonlyArray<Downloading>>): typeof downloadRules => ({
  ...downloadRules,
  listed: listedThings(downloadFacts, {
    list: Effect.map(current, (found) => ({ things: found, context: null })),
    ...things
  })
})

export interface StrikeRule {
  readonly compiled: DownloadRule
  readonly rule: Rule
  readonly action: StrikeAction
}

/** The rules that strike in their precedence: higher priorities first, of equal ones the older rule. */
export const strikeRules = ({ rules }: CompiledRuleSet<DownloadFactName, DownloadEffect>): ReadonlyArray<StrikeRule> =>
  rules
    .flatMap((compiled): ReadonlyArray<StrikeRule> => {
      const { action } = compiled.rule
      return compiled.effect.name === strikeEffect && action?.type === "strike"
        ? [{ compiled, rule: compiled.rule, action }]
        : []
    })
    .toSorted((a, b) => (b.rule.priority ?? 0) - (a.rule.priority ?? 0) || Number(a.rule.id) - Number(b.rule.id))
