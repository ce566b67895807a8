/**
 * Definition of a condition field: a name, a type, the one fact it reads, and how the fact is converted to a value.
 * Most fields are an unchanged fact; the others are derived from one (`sizeGb` from `sizeBytes`).
 */
import { Struct } from "effect"
import type { FactValue } from "../library/Facts.ts"
import type { FactDefinitions, FactType, FieldText, FieldType } from "../library/Facts/Definition.ts"
import { asBoolean, asList, asNumber, asString } from "../library/Facts/Derivations.ts"

/** `Fact` is the name of a fact of the subject that the field belongs to. */
export interface Field<Fact extends string = string> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly type: FieldType
  readonly unit: string | null
  readonly aliases: ReadonlyArray<string>
  readonly fact: Fact
  /** The field's value, or `undefined` if the fact's value does not have the expected type (it is then unknown). */
  readonly read: (value: FactValue, now: number) => FactValue | undefined
  /** See `FactDefinition`. */
  readonly never: boolean
  /** See `DerivedField`. */
  readonly elapsed: boolean
  /** See `FactDefinition`. */
  readonly timed: boolean
  /**
   * Kinds that can have it at all, and the fact that contains the kind; `null` = every kind. A movie has no show status;
   * that is known, not unknown.
   */
  readonly kinds: { readonly fact: Fact; readonly values: ReadonlyArray<string> } | null
  /** If its values are names that people give and change, the word for such a name: "tag". */
  readonly named: string | null
  readonly values: ReadonlyArray<string>
}

/** All fields of a subject, derived ones right after their fact. `kind` is the fact that contains the kind of a thing. */
export const fieldsOf = <Name extends string>(
  facts: FactDefinitions<Name, never, never>,
  kind: Name | null
): ReadonlyArray<Field<Name>> =>
  namesIn(facts).flatMap((fact) => {
    const definition = facts[fact]
    const { derived = {}, kinds, named, never, plain, timed, type } = definition
    const common = {
      fact,
      kinds: kinds === undefined || kind === null ? null : { fact: kind, values: kinds },
      named: named ?? null,
      never: never === true
    }
    const own: Field<Name> = {
      ...common,
      ...textOf(fact, definition),
      type: type === "plays" ? "viewer" : type,
      read: reads[type],
      elapsed: false,
      timed: timed === true
    }
    const others = Object.entries(derived).map(([name, one]): Field<Name> => ({
      ...common,
      ...textOf(name, one),
      type: one.type,
      read: one.read,
      elapsed: one.elapsed === true,
      timed: false
    }))
    return plain === false ? others : [own, ...others]
  })

/** The keys of a record, typed. */
export const namesIn = <Name extends string>(record: { readonly [N in Name]: unknown }): ReadonlyArray<Name> =>
  Struct.keys(record)

const reads: { readonly [T in FactType]: Field["read"] } = {
  string: asString,
  number: asNumber,
  boolean: asBoolean,
  date: asString,
  strings: asList,
  plays: asList
}

const textOf = (name: string, text: FieldText) => ({
  name,
  title: text.title,
  description: text.description,
  unit: text.unit ?? null,
  aliases: text.aliases ?? [],
  values: text.values ?? []
})
