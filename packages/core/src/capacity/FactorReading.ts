/**
 * How a factor reads a fact. A fact that could not be determined is not "no": the factor then returns the name of the
 * fact, and the item is undecided. For a fact that no integration can know it returns `null`, and is left out of the
 * mean.
 */
import type { Fact, FactName, FactSheet } from "../library/Facts.ts"
import { factMillis } from "../problems/Instants.ts"
import type { FactorOutcome } from "./Factors.ts"

/** A number, or `null` if the upstream reports that there is none. A value of another type counts as unknown. */
export const onNumber = (name: FactName, sheet: FactSheet, raw: (value: number | null) => number): FactorOutcome => {
  const fact = sheet.get(name)
  if (fact._tag !== "Known") return lacking(name, fact)
  return fact.value === null || typeof fact.value === "number" ? raw(fact.value) : name
}

/** A text, or `null` if the upstream reports that there is none. */
export const onText = (name: FactName, sheet: FactSheet, raw: (value: string | null) => number): FactorOutcome => {
  const fact = sheet.get(name)
  if (fact._tag !== "Known") return lacking(name, fact)
  return fact.value === null || typeof fact.value === "string" ? raw(fact.value) : name
}

/** A boolean, or `null` if the upstream reports that there is none. */
export const onFlag = (name: FactName, sheet: FactSheet, raw: (value: boolean | null) => number): FactorOutcome => {
  const fact = sheet.get(name)
  if (fact._tag !== "Known") return lacking(name, fact)
  return fact.value === null || typeof fact.value === "boolean" ? raw(fact.value) : name
}

/** A time in epoch milliseconds, or `null` if the upstream reports that there is none. */
export const onDate = (name: FactName, sheet: FactSheet, raw: (millis: number | null) => number): FactorOutcome => {
  const fact = sheet.get(name)
  if (fact._tag !== "Known") return lacking(name, fact)
  if (fact.value === null) return raw(null)
  const millis = typeof fact.value === "string" ? factMillis(fact.value) : null
  return millis === null ? name : raw(millis)
}

/** The result of a factor for a fact that is not known. */
export const lacking = (name: FactName, fact: Fact): FactorOutcome => (fact._tag === "Inapplicable" ? null : name)

/** For the reason text: the number, or `null` if there is none. */
export const numberOf = (sheet: FactSheet, name: FactName): number | null => {
  const fact = sheet.get(name)
  return fact._tag === "Known" && typeof fact.value === "number" ? fact.value : null
}
