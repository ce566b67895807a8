/** Which backups are made and kept. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const BackupSettings = settingsGroup(
  "backup",
  Schema.Struct({
    enabled: flag({
      default: true,
      description: "Whether the job `backup` makes backups; backups can be made by hand either way"
    }),
    keep: wholeNumber(1, 100, {
      default: 7,
      description:
        "Number of scheduled backups to keep; backups made by people or by migrations stay until they are deleted"
    }),
    maxUploadMebibytes: wholeNumber(1, 65_536, {
      default: 2048,
      description: "Largest backup that may be uploaded, in MiB"
    })
  }).annotate({ identifier: "BackupSettings", title: "Backup" })
)
export type BackupSettings = SettingsOf<typeof BackupSettings>
