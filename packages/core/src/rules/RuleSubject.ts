/**
 * What rules can be about: items of the library, and whatever else a room or a program registers (RuleSubjects.ts). A
 * subject defines its facts, from which its fields are derived, and the effects that its rules may have. Conditions are
 * checked, evaluated and explained in the same way for all subjects.
 */
import type { Effect } from "effect"
import type { FactSheet } from "../library/Facts.ts"
import type { FactDefinitions } from "../library/Facts/Definition.ts"
import type { ReadSql } from "../storage/Database.ts"
import { type Field, fieldsOf, namesIn } from "./Field.ts"
import { listedThings } from "./SubjectSheets.ts"
import { nameTable, nearestName } from "../problems/Names.ts"
import type { AnyRuleAction } from "./Rule.ts"
import type { Truth } from "./Truth.ts"

/** The effect of a rule on a thing that matches its condition. The room of the subject decides what is done then. */
export interface EffectDefinition<Name extends string = string> {
  readonly name: Name
  readonly description: string
  readonly aliases?: ReadonlyArray<string>
  /**
   * Whether it spares the thing from what other rules or the room would do. If its condition is unknown, such a rule is
   * undecided, and nothing may be done that it might forbid; any other effect requires a condition that is true.
   */
  readonly keeps: boolean
  /**
   * The actions of its rules, if these act by themselves: each of them has one of these actions and a priority, and no
   * other rule has.
   */
  readonly acts?: ReadonlyArray<AnyRuleAction["type"]>
}

/** How rules of a subject can be narrowed in addition to their condition. Omitted parts are refused in a rule. */
export interface SubjectScope {
  /** The integration that the thing belongs to. */
  readonly integrationIds?: true
  /** The kind of item. */
  readonly itemKinds?: true
  /** The field that must equal one of the given texts. */
  readonly collections?: string
  readonly libraries?: string
}

/**
 * How all things of a subject are listed: for previews of its rules, and to notice that no thing has a name any more that
 * a rule refers to.
 */
export interface ThingListing<Thing, Context> {
  /** All things, and what is needed to read their facts. It reads what is stored, and asks no application. */
  readonly list: Effect.Effect<{ readonly things: ReadonlyArray<Thing>; readonly context: Context }, never, ReadSql>
  /** A thing has the same id for as long as it exists, and no other thing has it. */
  readonly idOf: (thing: Thing) => string
  /** Name of the thing, for people. */
  readonly titleOf: (thing: Thing) => string
  /** Id of the integration that the thing belongs to, and its kind. */
  readonly targetOf: (thing: Thing) => { readonly integrationId: string; readonly kind: string }
  /** Bytes. Absent = the things have no size. */
  readonly sizeOf?: (thing: Thing) => number
}

/** A listed thing. */
export interface ListedThing {
  readonly id: string
  readonly title: string
  readonly integrationId: string
  readonly kind: string
  /** Bytes; `null` = the things of the subject have no size. */
  readonly sizeBytes: number | null
}

/** Calls `visit` for each thing of a subject with its sheet. Heavy facts are loaded only if `facts` contains them. */
export type ListedThings = (
  facts: Iterable<string>,
  visit: (thing: ListedThing, sheet: FactSheet<string>) => void
) => Effect.Effect<void, never, ReadSql>

/** The parts of a subject. Its facts are read from `Thing` and `Context`. */
export interface SubjectParts<Fact extends string, Effect extends string, Thing, Context> {
  /** The name that rules use for it: `item`. A letter, then letters, digits, `_` or `-`. */
  readonly name: string
  /** The plural, for use in a sentence: "items". */
  readonly title: string
  readonly facts: FactDefinitions<Fact, Thing, Context>
  /** The fact that contains the kind of a thing; needed if some facts exist only for some kinds. */
  readonly kind?: Fact
  readonly effects: ReadonlyArray<EffectDefinition<Effect>>
  readonly scope?: SubjectScope
  /** Absent = its rules cannot be previewed, and lost names in them are not noticed. */
  readonly things?: ThingListing<Thing, Context>
}

/** The part of a subject that conditions and rules need, which read no facts themselves. */
export interface RuleLanguage<Fact extends string = string, Effect extends string = string> {
  readonly name: string
  readonly title: string
  readonly fields: ReadonlyArray<Field<Fact>>
  /** The field with a name or alias. */
  readonly fieldNamed: (name: string) => Field<Fact> | undefined
  /** The field that an unknown name probably refers to. */
  readonly nearestField: (name: string) => string | null
  readonly effects: ReadonlyArray<EffectDefinition<Effect>>
  /** The effect with a name or alias, in any spelling. */
  readonly effectNamed: (name: string) => EffectDefinition<Effect> | undefined
  readonly nearestEffect: (name: string) => string | null
  readonly scope: SubjectScope
}

export interface RuleSubject<Fact extends string, Effect extends string, Thing, Context> extends RuleLanguage<
  Fact,
  Effect
> {
  readonly facts: FactDefinitions<Fact, Thing, Context>
  /** The fact that contains the kind of a thing. */
  readonly kind: Fact | null
  /** The fact with a name, or with an alias of the field that contains it unchanged. */
  readonly factNamed: (name: string) => Fact | undefined
  readonly nearestFact: (name: string) => string | null
  /** `null` = its things are not listed. */
  readonly listed: ListedThings | null
}

/** Any subject, for code that does not read its things. */
export type AnyRuleSubject = RuleSubject<string, string, never, never>

/** Creates a subject from its parts. Throws if two fields or two effects have the same name. */
export const ruleSubject = <Fact extends string, Effect extends string, Thing, Context>(
  parts: SubjectParts<Fact, Effect, Thing, Context>
): RuleSubject<Fact, Effect, Thing, Context> => {
  const { effects, facts, kind = null, name, scope = {}, things, title } = parts
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
    scope,
    listed: things === undefined ? null : listedThings(facts, things)
  }
}

const nearestIn = (table: ReturnType<typeof nameTable<{ readonly name: string }>>, text: string): string | null => {
  const nearest = nearestName(text, table.names())
  return nearest === null ? null : (table.get(nearest)?.name ?? null)
}

export type Application =
  /** The rule has its effect. */
  | "applies"
  /** A rule that keeps could not be evaluated: until it can be, nothing may be done that it might forbid. */
  | "undecided"
  | "does-not-apply"

/** How a rule applies. An effect that keeps applies to true and is undecided on unknown; any other applies only to true. */
export const applicationOf = ({ keeps }: Pick<EffectDefinition, "keeps">, truth: Truth): Application => {
  if (truth === "true") return "applies"
  return truth === "unknown" && keeps ? "undecided" : "does-not-apply"
}
