/** Which backups are made and kept. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../settings/Fields.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const BackupSettings = settingsGroup(
  "backup",
  Schema.Struct({
    enabled: flag({
      default: true,
      description: "Whether the job `backup` makes backups; others can be made either way"
    }),
    keep: wholeNumber(1, 100, {
      default: 7,
      description: "Scheduled backups kept; those that people or migrations made stay until they are removed"
    }),
    maxUploadMebibytes: wholeNumber(1, 65_536, {
      default: 2048,
      description: "The largest backup that may be uploaded, in MiB"
    })
  }).annotate({ identifier: "BackupSettings", title: "Backup" })
)
export type BackupSettings = SettingsOf<typeof BackupSettings>
