/** The groups of settings of this installation: the built-in ones, and those of a program that embeds Tendarr. */
import { Context, Effect, Layer } from "effect"
import { nearestName } from "../problems/Names.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import type { SettingsGroup } from "./SettingsGroup.ts"

/** Groups of a program that embeds Tendarr. */
export const FurtherSettings = Context.Reference<ReadonlyArray<SettingsGroup>>("tendarr/settings/FurtherSettings", {
  defaultValue: () => []
})

export class SettingsGroups extends Context.Service<SettingsGroups, ReadonlyArray<SettingsGroup>>()(
  "tendarr/settings/SettingsGroups"
) {
  /** These groups, and then `FurtherSettings`. Building the layer ends the program if two groups have the same name. */
  static readonly layerOf = (groups: ReadonlyArray<SettingsGroup>): Layer.Layer<SettingsGroups> =>
    Layer.effect(
      SettingsGroups,
      Effect.map(FurtherSettings, (further) => checked([...groups, ...further]))
    )
}

const checked = (groups: ReadonlyArray<SettingsGroup>): ReadonlyArray<SettingsGroup> => {
  const names = new Set<string>()
  for (const { name } of groups) {
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) {
      throw new Error(`"${name}" cannot name a group of settings: a small letter, then small letters, digits and -`)
    }
    if (names.has(name)) throw new Error(`Two groups of settings are named "${name}"`)
    names.add(name)
  }
  return groups
}

/** The group with a name from a request; the issue is reported under `params.group`. */
export const groupNamed = (
  groups: ReadonlyArray<SettingsGroup>,
  name: string
): Effect.Effect<SettingsGroup, InvalidRequest> => {
  const group = groups.find((one) => one.name === name)
  return group === undefined
    ? Effect.fail(invalidField(["params", "group"], whyNoGroup(groups, name)))
    : Effect.succeed(group)
}

export const whyNoGroup = (groups: ReadonlyArray<SettingsGroup>, name: string): string => {
  const names = groups.map((group) => group.name)
  const meant = nearestName(name, names)
  return meant === null
    ? `is no group of settings; there are ${names.join(", ")}`
    : `is no group of settings; did you mean "${meant}"?`
}
