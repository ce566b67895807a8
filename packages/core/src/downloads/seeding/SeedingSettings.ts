/** Whether rules about seeding change anything, how much at once, and the guard of free space. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../../settings/SettingsGroup.ts"
import { spaceOrders } from "./Space.ts"

export const SeedingSettings = settingsGroup(
  "seeding",
  Schema.Struct({
    enabled: flag({
      default: false,
      description:
        "Whether rules about seeding and the guard of free space change anything; while it is off, a run only reports what it would do"
    }),
    maxRemovalsPerRun: wholeNumber(1, 1000, {
      default: 20,
      description: "Downloads that one run removes at most after they have reached their goal"
    }),
    maxChangesPerRun: wholeNumber(1, 5000, {
      default: 100,
      description: "Downloads whose limits, category, tags or state one run changes at most"
    }),
    keepFreeGib: wholeNumber(0, 1_000_000, {
      default: 0,
      description: "GiB that stay free on the disks of download clients: downloads pause before; 0 = no guard"
    }),
    resumeMarginGib: wholeNumber(1, 100_000, {
      default: 5,
      description: "GiB of free space, in addition, that are needed before a paused download goes on"
    }),
    pauseFirst: Schema.Literals(spaceOrders).annotate({
      default: "largest",
      description:
        "Which downloads pause first for free space: those with the most bytes left, with the least progress, or the last of the queue"
    })
  }).annotate({ identifier: "SeedingSettings", title: "Seeding" })
)
export type SeedingSettings = SettingsOf<typeof SeedingSettings>
