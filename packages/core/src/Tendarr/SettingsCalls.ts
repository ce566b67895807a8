/** Settings, by the names of the built-in groups, and the configuration as a document, for embedding programs. */
import { Effect } from "effect"
import { type GroupDescription, Settings, type SettingsState } from "../settings/Settings.ts"
import { type AllSettings, builtInSettings, type GroupName, type SettingsNamed } from "../system/BuiltInSettings.ts"
import { Configuration, type ImportReport } from "../system/Configuration.ts"
import { ConfigurationTransfer } from "../system/ConfigurationTransfer.ts"
import type { Calls } from "./Calls.ts"

/** Settings in typed groups: `general`, `library`, `capacity`, `scoring`, `removals`, `retention`, `backup`, `access`, `telemetry`, `artwork`. */
export interface SettingsCalls {
  /** Every group with its values, its version, and when it was last changed. */
  readonly list: () => Promise<AllSettings>
  /** Every group as JSON Schema with bounds, defaults and descriptions: enough to render a form. */
  readonly schemas: () => Promise<ReadonlyArray<GroupDescription>>
  /** The values of a group, including defaults. */
  readonly get: <G extends GroupName>(group: G) => Promise<SettingsNamed<G>>
  /**
   * Changes the given settings: keys replace, nested objects are merged, omitted keys are kept; all or nothing. Rejects
   * with `InvalidRequest`, which names each invalid key.
   */
  readonly patch: <G extends GroupName>(group: G, partial: SettingsPatch<SettingsNamed<G>>) => Promise<SettingsNamed<G>>
  /** Resets the group to its defaults. */
  readonly reset: <G extends GroupName>(group: G) => Promise<SettingsNamed<G>>
  /**
   * Exports the whole configuration as one document for another installation: settings, integrations, rules, disks,
   * protections, schedules, job settings. Secrets of integrations are included only with `secrets`, in clear text.
   */
  readonly export: (options?: { readonly secrets?: boolean }) => Promise<Configuration>
  /**
   * Imports such a document: its entries are added or changed, all of them or none; with `dryRun` changes are only
   * reported. Rejects with `InvalidRequest`, which names each error by its path.
   */
  readonly import: (
    configuration: typeof Configuration.Encoded,
    options?: { readonly dryRun?: boolean; readonly confirmSecretReuse?: boolean }
  ) => Promise<ImportReport>
}

/** Part of a group: any of its keys, and any keys of nested objects. */
export type SettingsPatch<A> =
  A extends ReadonlyArray<unknown> ? A : A extends object ? { readonly [K in keyof A]?: SettingsPatch<A[K]> } : A

export const settingsCalls = ({ run, write }: Calls): SettingsCalls => ({
  list: () => run(Settings.use((settings) => Effect.flatMap(settings.all, byName))),
  schemas: () => run(Settings.use((settings) => settings.describe)),
  get: (group) => run(Settings.use((settings) => settings.get(groupOf(group)))),
  patch: (group, partial) =>
    run(Settings.use((settings) => Effect.map(settings.patch(groupOf(group), partial), ({ value }) => value))),
  reset: (group) => run(Settings.use((settings) => Effect.map(settings.reset(groupOf(group)), ({ value }) => value))),
  export: ({ secrets = false } = {}) => run(ConfigurationTransfer.use((transfer) => transfer.export({ secrets }))),
  import: (configuration, { confirmSecretReuse = false, dryRun = false } = {}) =>
    write(Configuration, configuration, (valid) =>
      ConfigurationTransfer.use((transfer) => transfer.import(valid, { dryRun, confirmSecretReuse }))
    )
})

const groupOf = <G extends GroupName>(name: G) => builtInSettings[name]

const byName = (states: ReadonlyArray<SettingsState>) => {
  const all = Object.fromEntries(states.map((state) => [state.group, state]))
  return hasBuiltIn(all) ? Effect.succeed(all) : Effect.die(new Error("A group of settings is missing"))
}

const hasBuiltIn = (all: { readonly [name: string]: SettingsState }): all is AllSettings =>
  Object.keys(builtInSettings).every((name) => name in all)
