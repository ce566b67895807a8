/**
 * What rules can be about: items of the library, and whatever else a room or a program registers (RuleSubjects.ts). A
 * subject brings its facts, from which its fields follow, and says which effects its rules may have. Conditions are checked,
 * evaluated and explained alike for all of them.
 */
import type { FactDefinitions } from "../library/Facts/Definition.ts"
import { type Field, fieldsOf, namesIn } from "./Field.ts"
import { nameTable, nearestName } from "../problems/Names.ts"
import type { Truth } from "./Truth.ts"

/** What follows for a thing that meets the condition of a rule. What is done then is up to the room of the subject. */
export interface EffectDefinition<Name extends string = string> {
  readonly name: Name
  readonly description: string
  readonly aliases?: ReadonlyArray<string>
  /**
   * It spares the thing from what other rules or the room would do. Where the condition is unknown such a rule is undecided,
   * and nothing may be done that it might forbid; any other effect needs a condition that is true.
   */
  readonly keeps: boolean
}

/** How rules of a subject may be narrowed beside their condition. What is left out cannot be given. */
export interface SubjectScope {
  /** The integration that the thing stands in. */
  readonly integrationIds?: true
  /** The kind of item. */
  readonly itemKinds?: true
  /** The field that must be one of the given texts. */
  readonly collections?: string
  readonly libraries?: string
}

/** What a subject is made of. `Thing` and `Context` are what its facts are read from. */
export interface SubjectParts<Fact extends string, Effect extends string, Thing, Context> {
  /** By which rules name it: `item`. A letter, then letters, digits, `_` or `-`. */
  readonly name: string
  /** In a sentence, of several: "items". */
  readonly title: string
  readonly facts: FactDefinitions<Fact, Thing, Context>
  /** The fact that tells the kind of a thing, where some facts are of some kinds alone. */
  readonly kind?: Fact
  readonly effects: ReadonlyArray<EffectDefinition<Effect>>
  readonly scope?: SubjectScope
}

/** A subject as conditions and rules see it, who read no facts themselves. */
export interface RuleLanguage<Fact extends string = string, Effect extends string = string> {
  readonly name: string
  readonly title: string
  readonly fields: ReadonlyArray<Field<Fact>>
  /** The field with a name or alias. */
  readonly fieldNamed: (name: string) => Field<Fact> | undefined
  /** The field that an unknown name probably refers to. */
  readonly nearestField: (name: string) => string | null
  readonly effects: ReadonlyArray<EffectDefinition<Effect>>
  /** The effect of a name in any spelling. */
  readonly effectNamed: (name: string) => EffectDefinition<Effect> | undefined
  readonly nearestEffect: (name: string) => string | null
  readonly scope: SubjectScope
}

export interface RuleSubject<Fact extends string, Effect extends string, Thing, Context> extends RuleLanguage<
  Fact,
  Effect
> {
  readonly facts: FactDefinitions<Fact, Thing, Context>
  /** The fact that tells the kind of a thing. */
  readonly kind: Fact | null
  /** The fact of a name, or of an alias of the field that shows it as it stands. */
  readonly factNamed: (name: string) => Fact | undefined
  readonly nearestFact: (name: string) => string | null
}

/** Any subject, for those who do not read its things. */
export type AnyRuleSubject = RuleSubject<string, string, never, never>

/** Makes a subject of its parts. Two fields or two effects of one name are a mistake of the program. */
export const ruleSubject = <Fact extends string, Effect extends string, Thing, Context>(
  parts: SubjectParts<Fact, Effect, Thing, Context>
): RuleSubject<Fact, Effect, Thing, Context> => {
  const { effects, facts, kind = null, name, scope = {}, title } = parts
  const fields = fieldsOf<Fact>(facts, kind)
  const byName = nameTable(fields, (field) => [field.name, ...field.aliases])
  const factTable = nameTable(namesIn<Fact>(facts), (fact) => [
    fact,
    ...(facts[fact].plain === false ? [] : (facts[fact].aliases ?? []))
  ])
  const effectTable = nameTable(effects, (effect) => [effect.name, ...(effect.aliases ?? [])])
  return {
    name,
    title,
    facts,
    kind,
    factNamed: factTable.get,
    nearestFact: (text) => {
      const nearest = nearestName(text, factTable.names())
      return nearest === null ? null : (factTable.get(nearest) ?? null)
    },
    fields,
    fieldNamed: byName.get,
    nearestField: (text) => nearestIn(byName, text),
    effects,
    effectNamed: effectTable.get,
    nearestEffect: (text) => nearestIn(effectTable, text),
    scope
  }
}

const nearestIn = (table: ReturnType<typeof nameTable<{ readonly name: string }>>, text: string): string | null => {
  const nearest = nearestName(text, table.names())
  return nearest === null ? null : (table.get(nearest)?.name ?? null)
}

export type Application =
  /** The effect of the rule follows. */
  | "applies"
  /** A rule that keeps could not be asked: nothing may be done that it might forbid, before it can be. */
  | "undecided"
  | "does-not-apply"

/** How a rule applies at this truth. What keeps applies on true and is undecided on unknown, anything else applies on true alone. */
export const applicationOf = ({ keeps }: Pick<EffectDefinition, "keeps">, truth: Truth): Application => {
  if (truth === "true") return "applies"
  return truth === "unknown" && keeps ? "undecided" : "does-not-apply"
}
