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
export const seedEffect = "seed"
export const hitAndRunEffect = "hit-and-run"
export const arrangeEffect = "arrange"
export type DownloadEffect =
  typeof ignoreEffect | typeof strikeEffect | typeof seedEffect | typeof hitAndRunEffect | typeof arrangeEffect

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
    },
    {
      name: seedEffect,
      description: "The download has a goal of seeding, and something happens once it is reached.",
      keeps: false,
      acts: ["seed"]
    },
    {
      name: hitAndRunEffect,
      description: "The download owes its tracker time or ratio: nothing ends its seeding before that is met.",
      keeps: true,
      acts: ["hit-and-run"]
    },
    {
      name: arrangeEffect,
      description: "The download gets limits, a category, tags or a place in the queue in its client.",
      keeps: false,
      acts: ["arrange"]
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
    .toSorted(byPrecedence)

/** Higher priorities first, of equal ones the older rule. */
export const byPrecedence = (a: { readonly rule: Rule }, b: { readonly rule: Rule }): number =>
  (b.rule.priority ?? 0) - (a.rule.priority ?? 0) || Number(a.rule.id) - Number(b.rule.id)
