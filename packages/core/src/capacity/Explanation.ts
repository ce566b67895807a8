/** Explains the rank of an item, or why it is not a candidate: facts, factors, rules, protection, and a summary. */
import { Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import type { Fact, FactName, FactSheet } from "../library/Facts.ts"
import { factNames, heavyFactNames } from "../library/ItemFacts.ts"
import type { LibraryItem } from "../library/Item.ts"
import { Protection } from "../library/Protections.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { FactReading, readFact } from "../rules/FactReading.ts"
import { RuleTrace, traceRules } from "../rules/RuleTrace.ts"
import { ActingTrace } from "./Acting.ts"
import { RemovalMode } from "./RemovalMode.ts"
import { allowedUnknownOf, decide, type Decision, decisionStatuses, type Environment, sheetOf } from "./Decision.ts"
import { elsewhere } from "./SamePlace.ts"
import { ScoreTrace, traceScore } from "./ScoreTrace.ts"
import { inUnit } from "./UnitRank.ts"

export const Explanation = Schema.Struct({
  item: Schema.Struct({
    id: Schema.String,
    integrationId: Schema.String,
    externalId: Schema.String,
    kind: Schema.Literals(itemKinds),
    title: Schema.String,
    year: Schema.NullOr(Schema.Int),
    path: Schema.NullOr(Schema.String),
    sizeBytes: Schema.Finite
  }),
  /** Time of the decision. */
  at: Schema.String,
  status: Schema.Literals(decisionStatuses),
  /** The decision in one sentence. */
  summary: Schema.String,
  undecidedBecause: Schema.Array(Schema.Literals(factNames)),
  rank: Schema.Finite,
  /** Product of the modifiers of the rules that apply. */
  modifier: Schema.Finite,
  score: ScoreTrace,
  rules: Schema.Array(RuleTrace),
  /** How acting rules stand to the item; of a removal that an acting rule has queued, that rule. */
  acting: Schema.optionalKey(Schema.Array(ActingTrace)),
  protection: Schema.NullOr(Protection),
  /**
   * Further copies of the same title, in this application or another: each copy is an item of its own, with its own
   * decision.
   */
  copies: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        itemId: Schema.String,
        integrationId: Schema.String,
        path: Schema.NullOr(Schema.String),
        sizeBytes: Schema.Finite
      })
    )
  ),
  /** The same file, managed by other applications too; bytes and protections are shared. */
  sameFile: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({ itemId: Schema.String, integrationId: Schema.String, path: Schema.NullOr(Schema.String) })
    )
  ),
  diskGroup: Schema.NullOr(
    Schema.Struct({
      id: Schema.String,
      mountPath: Schema.String,
      mode: RemovalMode,
      usedPercent: Schema.Finite,
      breached: Schema.Boolean,
      bytesToFree: Schema.Finite
    })
  ),
  facts: Schema.Array(FactReading)
}).annotate({ identifier: "Explanation" })
export type Explanation = typeof Explanation.Type

/** Of the heavy facts, it contains those that were loaded. */
export const explain = (environment: Environment, item: LibraryItem): Explanation => {
  const sheet = remembering(sheetOf(environment, item))
  const allowed = allowedUnknownOf(environment, item)
  const decision = inUnit(environment, decide(environment, item), (id) => {
    const other = environment.snapshot.byId.get(id)
    return other === undefined ? undefined : decide(environment, other)
  })
  const rules = traceRules(environment.rules, item, sheet, environment.now, allowed)
  const group = item.diskGroupId === null ? undefined : environment.groups.get(item.diskGroupId)
  const copies = environment.snapshot.copiesOf(item)
  return {
    item: {
      id: item.id,
      integrationId: item.integrationId,
      externalId: item.externalId,
      kind: item.kind,
      title: item.title,
      year: item.year,
      path: item.path,
      sizeBytes: item.sizeBytes
    },
    at: isoOfMillis(environment.now),
    status: decision.status,
    summary: [summaryOf(decision, rules.modifier, group?.mountPath), ...elsewhere(environment, item)].join("; "),
    undecidedBecause: decision.undecidedBecause,
    rank: decision.rank,
    modifier: rules.modifier,
    score: traceScore(sheet, item.kind, environment.weights, environment.factors, environment.now, allowed),
    rules: rules.rules,
    protection: environment.protecting(item) ?? null,
    copies: copies.map(({ id, integrationId, path, sizeBytes }) => ({ itemId: id, integrationId, path, sizeBytes })),
    sameFile: environment.snapshot
      .sameFileAs(item)
      .map(({ id, integrationId, path }) => ({ itemId: id, integrationId, path })),
    diskGroup:
      group === undefined
        ? null
        : {
            id: group.id,
            mountPath: group.mountPath,
            mode: group.mode,
            usedPercent: group.usedPercent,
            breached: group.breached,
            bytesToFree: group.bytesToFree
          },
    facts: factNames
      .filter((name) => !isHeavy.has(name) || environment.loaded?.names.includes(name) === true)
      .map((name) => readFact(sheet, name))
      .filter((reading) => reading.state !== "inapplicable")
  }
}

/** Reads each fact once: factors, rules and the list of facts need the same ones. */
const remembering = (sheet: FactSheet): FactSheet => {
  const facts = new Map<FactName, Fact>()
  return {
    get: (name) => {
      const known = facts.get(name)
      if (known !== undefined) return known
      const read = sheet.get(name)
      facts.set(name, read)
      return read
    }
  }
}

const isHeavy: ReadonlySet<FactName> = new Set(heavyFactNames)

const summaryOf = (
  { because, rank, rankedBy, score }: Decision,
  modifier: number,
  mount: string | undefined
): string => {
  if (because !== null) return because
  const own =
    modifier === 1
      ? `score ${score.toFixed(3)}`
      : `score ${score.toFixed(3)} × ${Number(modifier.toPrecision(4))} by rules = ${shown(score * modifier)}`
  const ranked = rankedBy === null ? own : `${own}, ranked at ${shown(rank)} by "${rankedBy}", which is removed with it`
  return mount === undefined ? `A candidate (${ranked}), on no known disk` : `A candidate for ${mount}: ${ranked}`
}

/** Three decimals, unless they would hide the number or make the line too long. */
const shown = (rank: number): string =>
  rank === 0 || (rank >= 0.001 && rank < 1e9) ? rank.toFixed(3) : rank.toExponential(2)
