/** How the files of downloads are read, and what is done to files that nothing knows. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../../settings/SettingsGroup.ts"

const Folder = Schema.String.check(Schema.isMaxLength(4096), Schema.isPattern(/^\//))

export const FilesSettings = settingsGroup(
  "files",
  Schema.Struct({
    linkFilesPerRun: wholeNumber(0, 100_000, {
      default: 5000,
      description: "Files of complete downloads whose hard links one run reads at most; 0 reads none"
    }),
    ignoredLinkFolders: Schema.Array(Folder).check(Schema.isMaxLength(20)).annotate({
      default: [],
      description:
        "Folders whose hard links do not count as a use of a download, such as a recycle bin, as Tendarr sees them"
    }),
    minimumSeedingHours: wholeNumber(0, 87_600, {
      default: 0,
      description:
        "Hours for which torrents of private trackers must seed before they, or files that they use, may be removed; 0 = for as long as they seed"
    }),
    orphans: flag({
      default: false,
      description:
        "Whether files in the folders of download clients that nothing knows are moved into quarantine; while it is off, they are only listed"
    }),
    orphanHours: wholeNumber(1, 8760, {
      default: 48,
      description:
        "Hours for which nothing in an orphaned file or folder may have changed, and for which it must have been found to be orphaned"
    }),
    quarantineDays: wholeNumber(1, 365, {
      default: 14,
      description: "Days after which orphaned files are deleted from quarantine; until then, they can be restored"
    }),
    maxOrphansPerRun: wholeNumber(1, 1000, {
      default: 20,
      description: "Orphaned files and folders that one run moves into quarantine at most"
    }),
    ignoredNames: Schema.Array(Schema.String.check(Schema.isBetweenLength(1, 200)))
      .check(Schema.isMaxLength(100))
      .annotate({
        default: ["*.torrent", "*.nzb", "*.magnet"],
        description:
          "Names of files and folders that are never orphaned, in any case of their letters; * stands for any characters. Names with a leading dot never are, either."
      })
  }).annotate({ identifier: "FilesSettings", title: "Files of downloads" })
)
export type FilesSettings = SettingsOf<typeof FilesSettings>
