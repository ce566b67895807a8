/**
 * The stored format of decisions: each reading once, and readings of one source at one time grouped together. That is a
 * third of the JSON, of which a run may write thousands.
 */
import type { Explanation } from "../../capacity/Explanation.ts"
import { factNames } from "../../library/ItemFacts.ts"
import type { FactReading } from "../../rules/FactReading.ts"
import { fromJson, toJson } from "../../storage/Rows.ts"

type Factor = Explanation["score"]["factors"][number]

interface Packed extends Omit<Explanation, "facts" | "score"> {
  readonly score: Omit<Explanation["score"], "factors"> & {
    /** A reading that is among the facts is referenced by name. */
    readonly factors: ReadonlyArray<Omit<Factor, "facts"> & { readonly facts: ReadonlyArray<string | FactReading> }>
  }
  /** Missing in decisions stored before this format: there, all readings are among the facts. */
  readonly known?: ReadonlyArray<Source>
  /** Unknown readings. */
  readonly facts: ReadonlyArray<FactReading>
}

interface Source {
  readonly source: string | null
  readonly at: string | null
  readonly values: Record<string, FactReading["value"]>
}

export const packDecision = (decision: Explanation): string => {
  const listed = new Set(decision.facts.map(({ fact }) => fact))
  const known: Array<Source> = []
  for (const { at, fact, source, state, value } of decision.facts) {
    if (state !== "known") continue
    let group = known.find((candidate) => candidate.source === source && candidate.at === at)
    if (group === undefined) known.push((group = { source, at, values: {} }))
    group.values[fact] = value
  }
  return toJson({
    ...decision,
    score: {
      ...decision.score,
      factors: decision.score.factors.map((factor) => ({
        ...factor,
        facts: factor.facts.map((reading) => (listed.has(reading.fact) ? reading.fact : reading))
      }))
    },
    known,
    facts: decision.facts.filter(({ state }) => state !== "known")
  } satisfies Packed)
}

export const unpackDecision = (text: string): Explanation => {
  const { known = [], ...decision } = fromJson<Packed>(text)
  const readings = new Map<string, FactReading>(decision.facts.map((reading) => [reading.fact, reading]))
  for (const { at, source, values } of known) {
    for (const fact of factNames) {
      const value = values[fact]
      if (value === undefined) continue
      readings.set(fact, { fact, state: "known", value, source, at, reason: null, detail: null })
    }
  }
  const readingsOf = (entries: ReadonlyArray<string | FactReading>) =>
    entries.flatMap((entry) => (typeof entry === "string" ? (readings.get(entry) ?? []) : [entry]))
  return {
    ...decision,
    score: {
      ...decision.score,
      factors: decision.score.factors.map((factor) => ({ ...factor, facts: readingsOf(factor.facts) }))
    },
    facts: factNames.flatMap((fact) => readings.get(fact) ?? [])
  }
}
