/** A subject as an embedding program might define it: samples with facts that are known, unknown or heavy. */
import { Effect, Ref } from "effect"
import { type Fact, type FactValue, inapplicable, known } from "../../../src/library/Facts.ts"
import { countOf } from "../../../src/library/Facts/Derivations.ts"
import { ruleSubject } from "../../../src/rules/RuleSubject.ts"

export interface Sample {
  readonly id: string
  readonly label: string
  /** `undefined` = unknown. */
  readonly weight: number | null | undefined
}

export interface Laboratory {
  readonly at: string
}

type SampleFact = "label" | "weight" | "notes"
type SampleEffect = "spare" | "throw-away" | "mark"

/** `asked` records the ids whose heavy fact was loaded, batch by batch. */
export const sampleSubject = (
  asked: Ref.Ref<ReadonlyArray<ReadonlyArray<string>>>,
  notes: ReadonlyMap<string, FactValue> = new Map()
) =>
  ruleSubject<SampleFact, SampleEffect, Sample, Laboratory>({
    name: "sample",
    title: "samples",
    effects: [
      { name: "spare", description: "It is not touched.", keeps: true },
      { name: "throw-away", description: "It is thrown away.", keeps: false },
      { name: "mark", description: "It is marked.", keeps: false }
    ],
    facts: {
      label: {
        type: "string",
        title: "Label",
        description: "What stands on it.",
        aliases: ["inscription"],
        source: "the shelf",
        unknown: "never",
        read: ({ label }, { at }) => known(label, "shelf", at)
      },
      weight: {
        type: "number",
        title: "Weight",
        description: "Its weight.",
        unit: "g",
        source: "the scales",
        unknown: "nobody weighed it",
        read: ({ weight }, { at }): Fact =>
          weight === undefined
            ? { _tag: "Unknown", reason: "not-told", detail: "nobody weighed it", source: "scales" }
            : known(weight, "scales", at)
      },
      notes: {
        type: "strings",
        title: "Notes",
        description: "All that was ever written of it.",
        source: "the archive",
        unknown: "never",
        heavy: {
          load: (ids) =>
            Effect.as(
              Ref.update(asked, (all) => [...all, ids]),
              new Map(ids.flatMap((id) => (notes.has(id) ? [[id, notes.get(id) ?? null] as const] : [])))
            )
        },
        read: (_, { at }, loaded) => (loaded === undefined ? inapplicable : known(loaded, "archive", at)),
        derived: {
          noteCount: { type: "number", title: "Number of notes", description: "How many notes.", read: countOf }
        }
      }
    }
  })
