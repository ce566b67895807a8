/** What rules can use, as `GET /rules/fields` and the reference list it. */
import { Schema } from "effect"
import { fieldTypes } from "../library/Facts/Definition.ts"
import { OperatorDescription, operatorDescriptions, operatorsOf } from "./Operators.ts"
import { defaultSubject } from "./Rule.ts"
import type { AnyRuleSubject } from "./RuleSubject.ts"

export const FieldDescription = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  description: Schema.String,
  type: Schema.Literals(fieldTypes),
  unit: Schema.NullOr(Schema.String),
  operators: Schema.Array(Schema.String),
  aliases: Schema.Array(Schema.String),
  /** Facts it reads. */
  facts: Schema.Array(Schema.String),
  /** Kinds that can have it; `null` = every kind. */
  kinds: Schema.NullOr(Schema.Array(Schema.String)),
  values: Schema.Array(Schema.String),
  /** The applications that report it. */
  source: Schema.String,
  /** When it is unknown, apart from times when its source is unavailable. */
  unknown: Schema.String,
  /** Whether the field of a season, an album or a book is about the part or its whole; `null` = there are no parts. */
  ofPart: Schema.NullOr(Schema.Literals(["the part", "the whole", "both"]))
}).annotate({ identifier: "RuleField" })
export type FieldDescription = typeof FieldDescription.Type

export const EffectDescription = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  /** If its condition is unknown, nothing is done that it might forbid. */
  keeps: Schema.Boolean
}).annotate({ identifier: "RuleEffectDescription" })

/** What rules about a subject can use. */
export const RuleVocabulary = Schema.Struct({
  subject: Schema.String,
  /** All subjects of this installation. */
  subjects: Schema.Array(Schema.String),
  /** Whether rules about the subject can be previewed. */
  previewable: Schema.Boolean,
  fields: Schema.Array(FieldDescription),
  operators: Schema.Array(OperatorDescription),
  effects: Schema.Array(EffectDescription)
}).annotate({ identifier: "RuleVocabulary" })
export type RuleVocabulary = typeof RuleVocabulary.Type

export const vocabularyOf = (subject: AnyRuleSubject, all: ReadonlyArray<AnyRuleSubject>): RuleVocabulary => ({
  subject: subject.name,
  subjects: all.map(({ name }) => name),
  previewable: subject.listed !== null || subject.name === defaultSubject,
  fields: fieldDescriptions(subject),
  operators: operatorDescriptions,
  effects: subject.effects.map(({ description, keeps, name }) => ({ name, description, keeps }))
})

export const fieldDescriptions = ({ facts, fields }: AnyRuleSubject): ReadonlyArray<FieldDescription> =>
  fields.map((field) => {
    const definition = facts[field.fact]!
    return {
      name: field.name,
      title: field.title,
      description: field.description,
      type: field.type,
      unit: field.unit,
      operators: operatorsOf(field).map((operator) => operator.name),
      aliases: field.aliases,
      facts: [field.fact],
      kinds: field.kinds?.values ?? null,
      values: field.values,
      source: definition.source,
      unknown: definition.unknown,
      ofPart: definition.ofPart ?? null
    }
  })
