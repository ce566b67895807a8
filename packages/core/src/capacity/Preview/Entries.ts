/** The entries of a preview, and its pages, as JSON. */
import { applyRules } from "../../rules/RuleOutcome.ts"
import { allowedUnknownOf, type Decision, type Environment, sheetOf } from "../Decision.ts"
import type { PreviewQuery } from "../Preview.ts"
import { largestContributions } from "../ScoreTrace.ts"
import type { PreviewedItem } from "./PreviewedItem.ts"
import type { PreviewView } from "./WholePreview.ts"

export const entryOf = (environment: Environment, decision: Decision, planned: boolean): PreviewedItem => {
  const { item } = decision
  return {
    itemId: item.id,
    integrationId: item.integrationId,
    diskGroupId: item.diskGroupId,
    kind: item.kind,
    title: item.title,
    year: item.year,
    sizeBytes: item.sizeBytes,
    status: decision.status,
    planned,
    score: decision.score,
    rank: decision.rank,
    undecidedBecause: decision.undecidedBecause,
    reason: decision.because ?? whyRanked(environment, decision)
  }
}

/** The factors with the largest contributions, and the rules that apply. */
const whyRanked = (environment: Environment, { item }: Decision): string => {
  const sheet = sheetOf(environment, item)
  const { factors, now, rules, weights } = environment
  const weighty = largestContributions(sheet, item.kind, weights, factors, now, 3)
  const allowed = allowedUnknownOf(environment, item)
  const matched = rules.rules.length === 0 ? [] : applyRules(rules, item, sheet, now, allowed).matched
  return [
    ...weighty.map(({ contribution, name, reason }) => `${reason} (${name} ${(contribution * 100).toFixed(0)} %)`),
    ...rules.rules.flatMap(({ rule }) => (matched.includes(rule.id) ? [`rule "${rule.name}": ${rule.effect}`] : []))
  ].join("; ")
}

export const encodeEntry = (entry: PreviewedItem): string => JSON.stringify(entry)

/** What `encodeEntry` has made needs no validation. */
export const decodeEntry: (entry: string) => PreviewedItem = JSON.parse

const encoder = new TextEncoder()

/** The page with these entries; its shape is `PreviewPage`. */
export const encodePage = (
  { computedAt, summary }: PreviewView,
  entries: ReadonlyArray<string>,
  nextCursor: string | null
): Uint8Array =>
  encoder.encode(
    `{"summary":${JSON.stringify(summary)},"items":[${entries.join(",")}],"nextCursor":${JSON.stringify(nextCursor)},"computedAt":"${computedAt}"}`
  )

export const encodeLines = (entries: ReadonlyArray<string>): Uint8Array =>
  encoder.encode(entries.map((entry) => `${entry}\n`).join(""))

/** Pages kept per view, the most recently requested ones; they have up to 80 KB each. */
const pagesKept = 16

/** The page if it is in memory, and what keeps it there. */
export const inMemoryOf = ({ pages }: PreviewView, { cursor, status }: PreviewQuery, limit: number) => {
  const key = `${status ?? ""}/${limit}/${cursor ?? ""}`
  const keep = (page: Uint8Array): Uint8Array => {
    pages.delete(key)
    pages.set(key, page)
    if (pages.size > pagesKept) {
      const [oldest = ""] = pages.keys()
      pages.delete(oldest)
    }
    return page
  }
  const page = pages.get(key)
  return { page: page === undefined ? null : keep(page), keep }
}
