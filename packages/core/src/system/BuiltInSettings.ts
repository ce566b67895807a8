/** The built-in groups of settings, in the order in which they are shown. A new group needs a line here. */
import { AccessSettings } from "../access/AccessSettings.ts"
import { ArtworkSettings } from "../artwork/ArtworkSettings.ts"
import { CapacitySettings } from "../capacity/CapacitySettings.ts"
import { ScoringSettings } from "../capacity/ScoringSettings.ts"
import { DownloadsSettings } from "../downloads/DownloadsSettings.ts"
import { FilesSettings } from "../downloads/files/FilesSettings.ts"
import { ImportsSettings } from "../downloads/imports/ImportSettings.ts"
import { SeedingSettings } from "../downloads/seeding/SeedingSettings.ts"
import { MalwareSettings } from "../downloads/malware/MalwareSettings.ts"
import { LibrarySettings } from "../library/LibrarySettings.ts"
import { MovingSettings } from "../moving/MovingSettings.ts"
import { RulesSettings } from "../rules/RulesSettings.ts"
import { DialectsSettings } from "../settings/DialectsSettings.ts"
import { GeneralSettings } from "../settings/GeneralSettings.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { RetentionSettings } from "../settings/RetentionSettings.ts"
import type { SettingsState } from "../settings/Settings.ts"
import type { SettingsGroup, SettingsOf } from "../settings/SettingsGroup.ts"
import { SettingsGroups } from "../settings/SettingsGroups.ts"
import { BackupSettings } from "./BackupSettings.ts"
import { TelemetrySettings } from "./TelemetrySettings.ts"

const groups = {
  general: GeneralSettings,
  library: LibrarySettings,
  capacity: CapacitySettings,
  scoring: ScoringSettings,
  removals: RemovalsSettings,
  rules: RulesSettings,
  downloads: DownloadsSettings,
  files: FilesSettings,
  seeding: SeedingSettings,
  malware: MalwareSettings,
  imports: ImportsSettings,
  retention: RetentionSettings,
  backup: BackupSettings,
  access: AccessSettings,
  telemetry: TelemetrySettings,
  artwork: ArtworkSettings,
  dialects: DialectsSettings,
  moving: MovingSettings
}

/** Name of a built-in group. */
export type GroupName = keyof typeof groups
export type SettingsNamed<N extends GroupName> = SettingsOf<(typeof groups)[N]>

export const builtInSettings: { readonly [N in GroupName]: SettingsGroup<N, SettingsNamed<N>> } = groups

export const BuiltInSettings = SettingsGroups.layerOf(Object.values<SettingsGroup>(builtInSettings))

/** The state of every group by its name; it also contains the groups of a program that embeds Tendarr. */
export type AllSettings = { readonly [N in GroupName]: SettingsState<SettingsNamed<N>> }
